import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { ConsoleResult } from '#shared/database-console.ts';
import type { TableCell } from '#shared/database-browse.ts';
import {
  cellOf,
  collectRows,
  createReader,
  failed,
  mostMessageBytes,
  WireBroken,
  WireRefusal,
  type QueryLimits,
  type Wire,
} from './wire.ts';

/*
 * The protocol of PostgreSQL, as much of it as a console needs: https://www.postgresql.org/docs/current/protocol.html
 * Statements of people go the extended way, where the server itself refuses more than one and hands out rows in portions.
 */

const connectMs = 8_000;

export type PostgresqlAddress = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
};

type Message = { readonly type: string; readonly body: Buffer };
/** `body` of a message that is too long is not read: nothing can be read after it. */
class TooLong extends Error {}

function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(type.length + 4);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, type.length);
  return Buffer.concat([head, body]);
}

const ended = (text: string): Buffer => Buffer.concat([Buffer.from(text), Buffer.from([0])]);

function int32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => bytes.writeInt32BE(value, at * 4));
  return bytes;
}

const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

async function dial({ host, port }: PostgresqlAddress): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  // Whoever reads learns of it there.
  socket.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('error', reject);
    socket.once('close', () => reject(new WireBroken('the connection was closed')));
  });
  return socket;
}

/** Throws WireRefusal when the account does not come in. */
export async function openPostgresql(address: PostgresqlAddress): Promise<Wire> {
  const socket = await dial(address);
  const timer = setTimeout(() => socket.destroy(), connectMs);
  const { read } = createReader(socket);
  const close = (): void => void socket.destroy();
  const send = (...messages: readonly Buffer[]): void => void socket.write(Buffer.concat(messages));

  const next = async (): Promise<Message> => {
    const head = await read(5);
    const length = head.readInt32BE(1) - 4;
    if (length < 0) throw new WireBroken('no message of PostgreSQL');
    if (length > mostMessageBytes) throw new TooLong();
    return { type: head.toString('latin1', 0, 1), body: await read(length) };
  };

  let key: Buffer = Buffer.alloc(8);
  try {
    const settings = { user: address.user, database: address.database, client_encoding: 'UTF8', ...ourName };
    const words = Object.entries(settings).flatMap(([name, value]) => [ended(name), ended(value)]);
    send(message('', int32(196_608), ...words, Buffer.from([0])));
    await signIn(next, send, address.password);
    for (let each = await next(); each.type !== 'Z'; each = await next()) {
      if (each.type === 'E') throw refusalOf(each.body);
      if (each.type === 'K') key = Buffer.from(each.body);
    }
  } catch (error) {
    close();
    throw error;
  } finally {
    clearTimeout(timer);
  }

  async function stop(): Promise<void> {
    try {
      const second = await dial(address);
      const gone = new Promise((resolve) => second.once('close', resolve));
      second.resume();
      second.end(message('', int32(80_877_102), key));
      await gone;
    } catch {
      // The server is gone.
    }
    close();
  }

  /** Statements of our own, which have no values of others in them. */
  async function simple(sql: string): Promise<(string | null)[][]> {
    send(message('Q', ended(sql)));
    const rows: (string | null)[][] = [];
    let refusal: WireRefusal | undefined;
    for (let each = await next(); each.type !== 'Z'; each = await next()) {
      if (each.type === 'E') refusal = refusalOf(each.body);
      if (each.type === 'D') rows.push(valuesOf(each.body).map((value) => value?.toString('utf8') ?? null));
    }
    if (refusal !== undefined) throw refusal;
    return rows;
  }

  async function ask(sql: string, limits: QueryLimits): Promise<ConsoleResult> {
    send(
      message('P', ended(''), ended(sql), int16(0)),
      message('B', ended(''), ended(''), int16(0), int16(0), int16(0)),
      message('D', Buffer.from('P'), ended('')),
      message('E', ended(''), int32(limits.maxRows + 1)),
      message('S'),
    );
    let columns: Column[] | undefined;
    let rows: ReturnType<typeof collectRows> | undefined;
    let result: ConsoleResult = { outcome: 'done', affectedRows: null };
    let refusal: WireRefusal | undefined;
    for (let isFull = false; ; ) {
      let each: Message;
      try {
        each = await next();
      } catch (error) {
        if (!(error instanceof TooLong) || rows === undefined) throw error;
        await stop();
        return rows.end('bytes');
      }
      const { type, body } = each;
      if (type === 'Z') break;
      if (type === 'E') refusal ??= refusalOf(body);
      else if (type === 'T') {
        columns = columnsOf(body);
        rows = collectRows(columns, limits.maxRows, { bytes: 0 });
      } else if (type === 'D' && rows !== undefined && !isFull) {
        isFull = !rows.add(rowOf(body, columns ?? []));
        if (isFull && rows.end().outcome === 'rows' && rows.end().cut === 'bytes') {
          await stop();
          return rows.end();
        }
      } else if (type === 'C') result = { outcome: 'done', affectedRows: affectedBy(body) };
      else if (type === 'G') {
        refusal = new WireRefusal('0A000', 'COPY from the client is not possible here', null, true);
        send(message('f', ended('not possible here')), message('S'));
      } else if (type === 'H') {
        await stop();
        throw new WireRefusal('0A000', 'COPY to the client is not possible here', null, true);
      }
    }
    if (refusal !== undefined) throw refusal;
    if (rows === undefined || columns === undefined) return result;
    await nameTypes(columns, simple);
    const shown = rows.end();
    return { ...shown, columns: columns.map(({ name, type }) => ({ name, type })) };
  }

  return {
    prepare: async (sql) => void (await simple(sql)),
    rows: simple,
    async query(sql, limits) {
      limits.signal.throwIfAborted();
      const onAbort = (): void => close();
      limits.signal.addEventListener('abort', onAbort, { once: true });
      try {
        return [await ask(sql, limits)];
      } catch (error) {
        if (error instanceof WireRefusal) return [failed(error)];
        throw error;
      } finally {
        limits.signal.removeEventListener('abort', onAbort);
      }
    },
    stop,
    close,
  };
}

const ourName = { application_name: 'aapanel console' } as const;

async function signIn(
  next: () => Promise<Message>,
  send: (...messages: readonly Buffer[]) => void,
  password: string,
): Promise<void> {
  const expect = async (): Promise<Buffer> => {
    const { type, body } = await next();
    if (type === 'E') throw refusalOf(body);
    if (type !== 'R') throw new WireBroken('the sign-in was not answered');
    return body;
  };
  const offer = await expect();
  const kind = offer.readInt32BE(0);
  if (kind === 0) return;
  // Any other way in would tell whoever listens more than a proof for this one moment.
  if (kind !== 10 || !offer.toString('latin1', 4).split('\0').includes('SCRAM-SHA-256'))
    throw new WireRefusal('28000', 'another way to sign in is wanted');
  const nonce = randomBytes(18).toString('base64');
  const bare = `n=,r=${nonce}`;
  const begin = Buffer.from(`n,,${bare}`);
  send(message('p', ended('SCRAM-SHA-256'), int32(begin.length), begin));
  const told = await expect();
  if (told.readInt32BE(0) !== 11) throw new WireBroken('the sign-in was not answered');
  const { text, signature } = scramProof(password, nonce, bare, told.toString('utf8', 4));
  send(message('p', Buffer.from(text)));
  const last = await expect();
  const proof = /^v=(.+)$/.exec(last.toString('utf8', 4))?.[1] ?? '';
  const given = Buffer.from(proof, 'base64');
  if (given.length !== signature.length || !timingSafeEqual(given, signature))
    throw new WireBroken('the server does not know the password');
  await expect();
}

/** RFC 5802. */
function scramProof(password: string, nonce: string, bare: string, told: string): { text: string; signature: Buffer } {
  const {
    r = '',
    s = '',
    i = '',
  } = Object.fromEntries(told.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
  const rounds = Number(i);
  if (!r.startsWith(nonce) || !(rounds >= 1 && rounds <= 1_000_000))
    throw new WireBroken('the sign-in is not in order');
  const salted = pbkdf2Sync(password, Buffer.from(s, 'base64'), rounds, 32, 'sha256');
  const keyed = (secret: Buffer, text: string): Buffer => createHmac('sha256', secret).update(text).digest();
  const client = keyed(salted, 'Client Key');
  const without = `c=biws,r=${r}`;
  const whole = `${bare},${told},${without}`;
  const mask = keyed(createHash('sha256').update(client).digest(), whole);
  const proof = Buffer.from(client.map((byte, at) => byte ^ (mask[at] ?? 0))).toString('base64');
  return { text: `${without},p=${proof}`, signature: keyed(keyed(salted, 'Server Key'), whole) };
}

function refusalOf(body: Buffer): WireRefusal {
  const fields = new Map(
    body
      .toString('utf8')
      .split('\0')
      .filter((field) => field !== '')
      .map((field) => [field.slice(0, 1), field.slice(1)]),
  );
  const position = Number(fields.get('P') ?? Number.NaN);
  const hint = fields.get('H');
  const text = [fields.get('M') ?? '', ...(hint === undefined ? [] : [hint])].join('\n');
  return new WireRefusal(fields.get('C') ?? 'XX000', text, Number.isInteger(position) ? position : null);
}

type Column = { readonly name: string; type: string; readonly oid: number; readonly modifier: number };

const bytea = 17;

function columnsOf(body: Buffer): Column[] {
  const columns: Column[] = [];
  const count = body.readInt16BE(0);
  for (let at = 2; columns.length < count; ) {
    const end = body.indexOf(0, at);
    const name = body.toString('utf8', at, end);
    columns.push({ name, type: '', oid: body.readUInt32BE(end + 7), modifier: body.readInt32BE(end + 13) });
    at = end + 19;
  }
  return columns;
}

/** Numbers of types are different for types that somebody made. Not known in a transaction that has failed. */
async function nameTypes(columns: Column[], ask: (sql: string) => Promise<(string | null)[][]>): Promise<void> {
  if (columns.length === 0) return;
  const types = columns.map(({ oid, modifier }) => `pg_catalog.format_type(${oid}::oid, ${modifier})`);
  const [row = []] = await ask(`select pg_catalog.unnest(array[${types.join(', ')}]::text[])`).then(
    (rows) => [rows.map(([name]) => name)],
    () => [],
  );
  columns.forEach((column, at) => (column.type = row[at] ?? ''));
}

function valuesOf(body: Buffer): (Buffer | null)[] {
  const values: (Buffer | null)[] = [];
  const count = body.readInt16BE(0);
  for (let at = 2; values.length < count; ) {
    const length = body.readInt32BE(at);
    at += 4;
    values.push(length < 0 ? null : body.subarray(at, at + length));
    at += Math.max(0, length);
  }
  return values;
}

function rowOf(body: Buffer, columns: readonly Column[]): TableCell[] {
  return valuesOf(body).map((value, at) => {
    if (value === null) return null;
    if (columns[at]?.oid !== bytea) return cellOf(value, false);
    const text = value.toString('latin1');
    return cellOf(text.startsWith('\\x') ? Buffer.from(text.slice(2), 'hex') : value, true);
  });
}

function affectedBy(body: Buffer): number | null {
  const last = /(\d+)\0$/.exec(body.toString('latin1'))?.[1];
  return last === undefined ? null : Number(last);
}
