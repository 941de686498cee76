import type { ConsoleResult } from '#shared/database-console.ts';
import type { TableCell } from '#shared/database-browse.ts';
import { boundMariadb } from './mariadb-bound.ts';
import { MessageTooLong, ServerError, type Login } from './link.ts';
import { errorOf, lengthAt, moreResults, openMariadb, sign } from './mariadb.ts';
import { cellOf, collectRows, failed, mostMessageBytes, type QueryLimits, type Wire } from './query.ts';

const names: Readonly<Record<number, string>> = {
  0: 'decimal',
  1: 'tinyint',
  2: 'smallint',
  3: 'int',
  4: 'float',
  5: 'double',
  6: 'null',
  7: 'timestamp',
  8: 'bigint',
  9: 'mediumint',
  10: 'date',
  11: 'time',
  12: 'datetime',
  13: 'year',
  15: 'varchar',
  16: 'bit',
  245: 'json',
  246: 'decimal',
  247: 'enum',
  248: 'set',
  249: 'text',
  250: 'text',
  251: 'text',
  252: 'text',
  253: 'varchar',
  254: 'char',
  255: 'geometry',
};
const bytesNames: Readonly<Record<string, string>> = { text: 'blob', varchar: 'varbinary', char: 'binary' };

type Column = { readonly name: string; readonly type: string; readonly isBinary: boolean };

function columnOf(bytes: Buffer): Column {
  let at = 0;
  const texts: string[] = [];
  for (let each = 0; each < 6; each += 1) {
    const { value, next } = lengthAt(bytes, at);
    at = next + (value ?? 0);
    texts.push(bytes.toString('utf8', next, at));
  }
  const charset = bytes.readUInt16LE(at + 1);
  const kind = bytes[at + 7] ?? 0;
  const flags = bytes.readUInt16LE(at + 8);
  const named = flags & 0x100 ? 'enum' : flags & 0x800 ? 'set' : (names[kind] ?? 'unknown');
  const isBytes = charset === 63 && named in bytesNames;
  const type = isBytes ? (bytesNames[named] ?? named) : named;
  const isUnsigned = (flags & 0x20) !== 0 && /int$|decimal|float|double/.test(type);
  return {
    name: texts[4] ?? '',
    type: isUnsigned ? `${type} unsigned` : type,
    isBinary: isBytes || kind === 16 || kind === 255,
  };
}

function rowOf(bytes: Buffer, columns: readonly Column[]): TableCell[] {
  let at = 0;
  return columns.map(({ isBinary }) => {
    const { value, next } = lengthAt(bytes, at);
    at = next + (value ?? 0);
    return value === null ? null : cellOf(bytes.subarray(next, at), isBinary);
  });
}

const isEnd = (bytes: Buffer): boolean => bytes[0] === sign.end && bytes.length < 9;

const options = { takesSeveral: false, mostBytes: mostMessageBytes } as const;

/** The server refuses more than one statement at once. Throws `ServerError` when the account does not come in. */
export async function queryMariadb(login: Login): Promise<Wire> {
  const { id, packets, close } = await openMariadb(login, options);

  async function readRows(columns: readonly Column[], limits: QueryLimits, size: { bytes: number }) {
    const shown = columns.map(({ name, type }) => ({ name, type }));
    const { add, end } = collectRows(shown, limits.maxRows, size);
    for (;;) {
      let bytes: Buffer;
      try {
        bytes = await packets.read();
      } catch (error) {
        if (error instanceof MessageTooLong) return { result: end('bytes'), hasMore: false, isWhole: false };
        throw error;
      }
      if (bytes[0] === sign.error) throw errorOf(bytes);
      if (isEnd(bytes)) return { result: end(), hasMore: (bytes.readUInt16LE(3) & moreResults) !== 0, isWhole: true };
      if (!add(rowOf(bytes, columns))) return { result: end(), hasMore: false, isWhole: false };
    }
  }

  /** Ends with a connection that is of no more use unless all was read. */
  async function ask(sql: string, limits: QueryLimits): Promise<ConsoleResult[]> {
    const results: ConsoleResult[] = [];
    const size = { bytes: 0 };
    await packets.send([Buffer.from([3]), Buffer.from(sql)], true);
    for (;;) {
      const first = await packets.read();
      if (first[0] === sign.error) throw errorOf(first);
      if (first[0] === sign.localFile)
        throw new ServerError('4166', 'a file of the client is wanted', 0, { isCopy: true });
      if (first[0] === sign.ok) {
        const affected = lengthAt(first, 1);
        const { next } = lengthAt(first, affected.next);
        results.push({ outcome: 'done', affectedRows: affected.value });
        if ((first.readUInt16LE(next) & moreResults) === 0) return results;
        continue;
      }
      const columns: Column[] = [];
      const count = lengthAt(first, 0).value ?? 0;
      while (columns.length < count) columns.push(columnOf(await packets.read()));
      await packets.read();
      const { result, hasMore, isWhole } = await readRows(columns, limits, size);
      results.push(result);
      if (isWhole && hasMore && results.length < mostResults) continue;
      if (!isWhole || hasMore) await stop();
      return results;
    }
  }

  async function stop(): Promise<void> {
    close();
    try {
      const second = await openMariadb(login, options);
      await second.packets.send([Buffer.from([3]), Buffer.from(`kill hard connection ${id}`)], true);
      await second.packets.read();
      second.close();
    } catch {
      // It has ended by itself, or the server is gone.
    }
  }

  const ours = { maxRows: 10_000, signal: new AbortController().signal };
  return {
    prepare: async (sql) => void (await ask(sql, ours)),
    rows: async (sql) =>
      (await ask(sql, ours)).flatMap((result) =>
        result.outcome === 'rows'
          ? result.rows.map((row) => row.map((cell) => (cell === null || typeof cell === 'string' ? cell : cell.text)))
          : [],
      ),
    bound: (sql, values) => boundMariadb(packets, sql, values),
    async query(sql, limits) {
      limits.signal.throwIfAborted();
      const onAbort = (): void => close();
      limits.signal.addEventListener('abort', onAbort, { once: true });
      try {
        return await ask(sql, limits);
      } catch (error) {
        if (!(error instanceof ServerError)) throw error;
        if (error.more.isCopy === true) await stop();
        return [failed(error)];
      } finally {
        limits.signal.removeEventListener('abort', onAbort);
      }
    },
    stop,
    close,
  };
}

/** Of a procedure that answers again and again. */
const mostResults = 20;
