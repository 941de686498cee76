import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { ByteReader } from './byte-reader.ts';
import { enter, MessageTooLong, ServerError, write, type Login } from './link.ts';

/*
 * The protocol of PostgreSQL, version 3, as much of it as statements need
 * (https://www.postgresql.org/docs/current/protocol.html): sign in by SCRAM, queries, data of COPY.
 */

const derive = promisify(pbkdf2);
const mostRounds = 1_000_000;

export type Message = { readonly type: string; readonly body: Buffer };

export type PostgresqlConnection = {
  /** By which the server knows this connection. */
  readonly id: number;
  readonly messages: Messages;
  /** Over a second connection: the server stops what this one has it do. */
  readonly cancel: () => Promise<void>;
  readonly close: () => void;
};

/** Throws `ServerError` when the account does not come in. */
export function openPostgresql(login: Login, mostBytes = Number.POSITIVE_INFINITY): Promise<PostgresqlConnection> {
  return enter(login, async (socket) => {
    const messages = new Messages(socket, mostBytes);
    const { id, key } = await signIn(messages, login);
    const cancel = (): Promise<void> =>
      enter(login, async (second) => {
        const gone = new Promise<void>((resolve) => second.once('close', () => resolve()));
        second.on('error', () => undefined);
        second.resume();
        second.end(Buffer.concat([int32(key.length + 8, cancelRequest), key]));
        await gone;
      });
    return { id, messages, cancel, close: () => socket.destroy() };
  });
}

const cancelRequest = 80_877_102;

/** What both sides say, message by message. */
export class Messages {
  readonly #socket: Socket;
  readonly #reader: ByteReader;
  readonly #mostBytes: number;

  constructor(socket: Socket, mostBytes: number) {
    this.#socket = socket;
    this.#mostBytes = mostBytes;
    this.#reader = new ByteReader(socket);
  }

  /** Whether the server has said something that nobody has read yet. */
  get hasSome(): boolean {
    return this.#reader.hasSome;
  }

  /** Throws `MessageTooLong`. */
  async read(): Promise<Message> {
    const head = await this.#reader.take(5);
    const length = head.readInt32BE(1) - 4;
    if (length < 0) throw new Error('no message of PostgreSQL');
    if (length > this.#mostBytes) throw new MessageTooLong();
    const body = await this.#reader.take(length);
    return { type: String.fromCharCode(head[0] ?? 0), body };
  }

  /** An empty type: the first message of a connection has none. */
  async send(type: string, ...body: readonly Buffer[]): Promise<void> {
    const head = Buffer.alloc(type.length + 4);
    head.write(type, 'latin1');
    head.writeInt32BE(
      body.reduce((sum, { length }) => sum + length, 4),
      type.length,
    );
    await write(this.#socket, head, ...body);
  }
}

/** A text as the protocol ends it. */
export const ended = (value: string): Buffer => Buffer.from(`${value}\0`);

export function int32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => bytes.writeInt32BE(value, at * 4));
  return bytes;
}

/** A small number as the protocol counts. */
export const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

/** The values of a row. */
export function valuesOf(body: Buffer): (Buffer | null)[] {
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

async function signIn(messages: Messages, { user, password, database }: Login): Promise<{ id: number; key: Buffer }> {
  const version = Buffer.from([0, 3, 0, 0]);
  const settings = { user, database, client_encoding: 'UTF8', application_name: 'aapanel' };
  await messages.send('', version, ...Object.entries(settings).flatMap((each) => each.map(ended)), Buffer.from([0]));
  let scram: Scram | undefined;
  let isKnown = false;
  let key: Buffer = Buffer.alloc(8);
  for (;;) {
    const { type, body } = await messages.read();
    if (type === 'E') throw errorOf(body);
    if (type === 'Z' && isKnown) return { id: key.readInt32BE(0), key };
    if (type === 'K') key = Buffer.from(body);
    if (type !== 'R') continue;
    const kind = body.readInt32BE(0);
    const said = body.toString('utf8', 4);
    if (kind === 0) {
      // A server that asked for a proof has to give one too.
      if (scram?.isProven === false) break;
      isKnown = true;
      continue;
    }
    if (kind === 10 && said.split('\0').includes('SCRAM-SHA-256')) {
      scram = new Scram(password);
      const first = Buffer.from(scram.first);
      const length = Buffer.alloc(4);
      length.writeInt32BE(first.length);
      await messages.send('p', ended('SCRAM-SHA-256'), length, first);
    } else if (kind === 11 && scram !== undefined) await messages.send('p', Buffer.from(await scram.answer(said)));
    else if (kind === 12 && scram !== undefined) scram.check(said);
    // Any other way in would tell whoever listens more than a proof for this one moment.
    else break;
  }
  throw new ServerError('28000', 'The server wants another way of signing in.');
}

/** RFC 5802 without channel binding. The server has to show that it knows the password too. */
class Scram {
  readonly #password: string;
  readonly #nonce = randomBytes(18).toString('base64');
  #serverSignature: Buffer | undefined;
  isProven = false;

  constructor(password: string) {
    this.#password = password;
  }

  get first(): string {
    return `n,,${this.#firstBare}`;
  }

  get #firstBare(): string {
    return `n=,r=${this.#nonce}`;
  }

  async answer(serverFirst: string): Promise<string> {
    const [, nonce = '', salt = '', rounds = ''] = /^r=([^,]+),s=([^,]+),i=(\d+)/.exec(serverFirst) ?? [];
    const count = Number(rounds);
    if (!nonce.startsWith(this.#nonce) || count < 1 || count > mostRounds)
      throw new ServerError('28000', 'The server answered something else than it was asked.');
    const salted = await derive(this.#password, Buffer.from(salt, 'base64'), count, 32, 'sha256');
    const hmac = (key: Buffer, value: string): Buffer => createHmac('sha256', key).update(value).digest();
    const clientKey = hmac(salted, 'Client Key');
    const withoutProof = `c=biws,r=${nonce}`;
    const all = `${this.#firstBare},${serverFirst},${withoutProof}`;
    const signature = hmac(createHash('sha256').update(clientKey).digest(), all);
    this.#serverSignature = hmac(hmac(salted, 'Server Key'), all);
    const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0)));
    return `${withoutProof},p=${proof.toString('base64')}`;
  }

  check(serverFinal: string): void {
    const shown = Buffer.from(/^v=([^,]+)/.exec(serverFinal)?.[1] ?? '', 'base64');
    const wanted = this.#serverSignature;
    this.isProven = wanted !== undefined && shown.length === wanted.length && timingSafeEqual(shown, wanted);
    if (!this.isProven) throw new ServerError('28000', 'The server does not know the password.');
  }
}

/** What an error message says. */
export function errorOf(body: Buffer, done = 0): ServerError {
  const fields = new Map(
    body
      .toString('utf8')
      .split('\0')
      .flatMap((field) => (field === '' ? [] : ([[field[0] ?? '', field.slice(1)]] as const))),
  );
  const character = Number(fields.get('P') ?? Number.NaN);
  const column = fields.get('c');
  const row = Number(/^COPY .*?, line (\d+)/.exec(fields.get('W') ?? '')?.[1] ?? Number.NaN);
  const hint = fields.get('H');
  const detail = fields.get('D');
  const message = [fields.get('M') ?? 'refused', ...(detail === undefined ? [] : [detail])].join(' – ');
  return new ServerError(fields.get('C') ?? 'XX000', message, done, {
    ...(Number.isNaN(character) ? {} : { character }),
    ...(Number.isNaN(row) ? {} : { row }),
    ...(column === undefined ? {} : { column }),
    ...(hint === undefined ? {} : { hint }),
  });
}
