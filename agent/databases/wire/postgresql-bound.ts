import type { Bound, BoundAnswer } from './bound.ts';
import type { ServerError } from './link.ts';
import { ended, errorOf, int16, int32, valuesOf, type Messages } from './postgresql.ts';

/** The extended way of asking: each value goes through the input of its type, and no further. Throws `ServerError`. */
export async function boundPostgresql(messages: Messages, sql: string, values: readonly Bound[]): Promise<BoundAnswer> {
  const texts = values.map((each) => (each === null ? null : encoded(each)));
  await messages.send('P', ended(''), ended(sql), int16(0));
  await messages.send(
    'B',
    ended(''),
    ended(''),
    int16(0),
    int16(texts.length),
    ...texts.flatMap((bytes) => (bytes === null ? [int32(-1)] : [int32(bytes.length), bytes])),
    int16(0),
  );
  await messages.send('E', ended(''), int32(0));
  await messages.send('S');
  const rows: (string | null)[][] = [];
  let affectedRows: number | null = null;
  let refusal: ServerError | undefined;
  for (let { type, body } = await messages.read(); type !== 'Z'; { type, body } = await messages.read()) {
    if (type === 'E') refusal ??= errorOf(body);
    else if (type === 'D') rows.push(valuesOf(body).map((value) => value?.toString('utf8') ?? null));
    else if (type === 'C') affectedRows = affectedBy(body);
  }
  if (refusal !== undefined) throw refusal;
  return { rows, affectedRows, warnings: 0 };
}

const encoded = ({ type, value }: NonNullable<Bound>): Buffer => Buffer.from(type === 'bytes' ? `\\x${value}` : value);

/** From what the server says at the end of a command. */
export function affectedBy(body: Buffer): number | null {
  const last = /(\d+)\0$/.exec(body.toString('latin1'))?.[1];
  return last === undefined ? null : Number(last);
}
