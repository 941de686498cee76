import type { Bound, BoundAnswer } from './bound.ts';
import { errorOf, lengthAt, sign, type Packets } from './mariadb.ts';

/*
 * Prepared statements (https://mariadb.com/kb/en/3-binary-protocol-prepared-statements/): prepared, carried out and
 * forgotten at once. Every column of their results has to be a text, which all of ours are.
 */

const command = { prepare: 0x16, execute: 0x17, close: 0x19 } as const;
const typeOf = { bytes: 0xfc, decimal: 0xf6, integer: 0x08, null: 0x06, text: 0xfd } as const;
const unsigned = 0x80;

/** Throws `ServerError`. */
export async function boundMariadb(packets: Packets, sql: string, values: readonly Bound[]): Promise<BoundAnswer> {
  await packets.send([Buffer.from([command.prepare]), Buffer.from(sql)], true);
  const ready = await packets.read();
  if (ready[0] === sign.error) throw errorOf(ready);
  const statement = Buffer.from(ready.subarray(1, 5));
  for (const count of [ready.readUInt16LE(7), ready.readUInt16LE(5)]) if (count > 0) await skip(packets, count + 1);
  try {
    if (ready.readUInt16LE(7) !== values.length) throw new TypeError('as many values as places for them');
    await packets.send(
      [Buffer.from([command.execute]), statement, Buffer.from([0, 1, 0, 0, 0]), ...given(values)],
      true,
    );
    return await answerOf(packets);
  } finally {
    // The server says nothing to this.
    await packets.send([Buffer.from([command.close]), statement], true);
  }
}

async function skip(packets: Packets, count: number): Promise<void> {
  for (let each = 0; each < count; each += 1) await packets.read();
}

/** Which are NULL, of what types they are, and those that are not NULL. */
function given(values: readonly Bound[]): Buffer[] {
  if (values.length === 0) return [];
  const nulls = Buffer.alloc((values.length + 7) >> 3);
  values.forEach((value, at) => {
    if (value === null) nulls[at >> 3] = (nulls[at >> 3] ?? 0) | (1 << (at & 7));
  });
  const types = values.flatMap((value) => [
    typeOf[value === null ? 'null' : value.type],
    value?.type === 'integer' && !value.value.startsWith('-') ? unsigned : 0,
  ]);
  return [nulls, Buffer.from([1, ...types]), ...values.flatMap((value) => (value === null ? [] : encoded(value)))];
}

function encoded({ type, value }: NonNullable<Bound>): Buffer[] {
  if (type === 'integer') {
    const eight = Buffer.alloc(8);
    if (value.startsWith('-')) eight.writeBigInt64LE(BigInt(value));
    else eight.writeBigUInt64LE(BigInt(value));
    return [eight];
  }
  const bytes = Buffer.from(value, type === 'bytes' ? 'hex' : 'utf8');
  const head = Buffer.alloc(9);
  head[0] = 0xfe;
  head.writeBigUInt64LE(BigInt(bytes.length), 1);
  return [head, bytes];
}

async function answerOf(packets: Packets): Promise<BoundAnswer> {
  const first = await packets.read();
  if (first[0] === sign.error) throw errorOf(first);
  if (first[0] === sign.ok) {
    const affected = lengthAt(first, 1);
    const { next } = lengthAt(first, affected.next);
    return { rows: [], affectedRows: affected.value, warnings: first.readUInt16LE(next + 2) };
  }
  const count = lengthAt(first, 0).value ?? 0;
  await skip(packets, count + 1);
  const rows: (string | null)[][] = [];
  for (;;) {
    const row = await packets.read();
    if (row[0] === sign.error) throw errorOf(row);
    if (row[0] === sign.end && row.length < 9) return { rows, affectedRows: null, warnings: row.readUInt16LE(1) };
    rows.push(textsOf(row, count));
  }
}

function textsOf(row: Buffer, count: number): (string | null)[] {
  const nullBytes = (count + 9) >> 3;
  let at = 1 + nullBytes;
  return Array.from({ length: count }, (_, column) => {
    const bit = column + 2;
    if (((row[1 + (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0) return null;
    const { value, next } = lengthAt(row, at);
    at = next + (value ?? 0);
    return row.toString('utf8', next, at);
  });
}
