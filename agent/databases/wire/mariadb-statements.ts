import type { Login, ServerLink } from './link.ts';
import { ServerError } from './link.ts';
import { errorOf, lengthAt, moreResults, openMariadb, sign, type Packets } from './mariadb.ts';

/** Whatever is sent is done, also several statements at once. */
export async function connectMariadb(login: Login): Promise<ServerLink> {
  const { id, packets, close } = await openMariadb(login, { takesSeveral: true });
  try {
    const [[most = ''] = []] = await query(packets, Buffer.from('select @@max_allowed_packet'));
    return {
      id,
      // The first byte of a packet says what it is.
      mostBytes: Number(most) - 1,
      run: async (sql) => void (await query(packets, sql)),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Rows of the last result that had any, as text; only of our own small questions is more than a moment of it kept. */
async function query(packets: Packets, sql: Buffer): Promise<string[][]> {
  await packets.send([Buffer.from([3]), sql], true);
  let rows: string[][] = [];
  for (let done = 0; ; done += 1) {
    const said = await packets.read();
    if (said[0] === sign.error) throw errorOf(said, done);
    if (said[0] === sign.localFile) {
      // Never offered: whoever asks all the same gets an empty one.
      await packets.send([Buffer.alloc(0)]);
      await packets.read();
      throw new ServerError('4166', 'The server asked for a file of this machine.', done);
    }
    let status: number;
    if (said[0] === sign.ok) {
      const afterId = lengthAt(said, lengthAt(said, 1).next).next;
      status = said.readUInt16LE(afterId);
    } else {
      const columns = lengthAt(said, 0).value ?? 0;
      for (let column = 0; column <= columns; column += 1) await packets.read();
      rows = [];
      for (;;) {
        const row = await packets.read();
        if (row[0] === sign.error) throw errorOf(row, done);
        if (row[0] === sign.end && row.length < 9) {
          status = row.readUInt16LE(3);
          break;
        }
        if (rows.length === 0) rows.push(fieldsOf(row));
      }
    }
    if ((status & moreResults) === 0) return rows;
  }
}

function fieldsOf(row: Buffer): string[] {
  const fields: string[] = [];
  for (let at = 0; at < row.length && fields.length < 64; ) {
    const { value, next } = lengthAt(row, at);
    at = next + (value ?? 0);
    fields.push(value === null ? 'NULL' : row.toString('utf8', next, Math.min(at, next + 1024)));
  }
  return fields;
}
