import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { ByteReader } from './byte-reader.ts';
import { openSocket, ServerError, write, type Login, type ServerLink } from './link.ts';

/*
 * The protocol of PostgreSQL, version 3, as much of it as statements need
 * (https://www.postgresql.org/docs/current/protocol.html): sign in by SCRAM, simple queries, data of COPY.
 */

const derive = promisify(pbkdf2);
/** Of one field that is built in memory by the server. */
const mostBytes = 1024 ** 3 - 1024;
const mostRounds = 1_000_000;

type Message = { readonly type: string; readonly body: Buffer };

export async function connectPostgresql(login: Login): Promise<ServerLink> {
  const socket = await openSocket(login);
  try {
    const messages = new Messages(socket);
    const id = await signIn(messages, login);
    return { id, mostBytes, run: (sql, rows) => query(messages, sql, rows), close: () => socket.destroy() };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

class Messages {
  readonly #socket: Socket;
  readonly #reader: ByteReader;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#reader = new ByteReader(socket);
  }

  get hasSome(): boolean {
    return this.#reader.hasSome;
  }

  async read(): Promise<Message> {
    const head = await this.#reader.take(5);
    const body = await this.#reader.take(head.readInt32BE(1) - 4);
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

const text = (value: string): Buffer => Buffer.from(`${value}\0`);

async function signIn(messages: Messages, { user, password, database }: Login): Promise<number> {
  const version = Buffer.from([0, 3, 0, 0]);
  const settings = { user, database, client_encoding: 'UTF8', application_name: 'aapanel' };
  await messages.send('', version, ...Object.entries(settings).flatMap((each) => each.map(text)), Buffer.from([0]));
  let scram: Scram | undefined;
  let id = 0;
  for (;;) {
    const { type, body } = await messages.read();
    if (type === 'E') throw errorOf(body, 0);
    if (type === 'Z') return id;
    if (type === 'K') id = body.readInt32BE(0);
    if (type !== 'R') continue;
    const kind = body.readInt32BE(0);
    const said = body.toString('utf8', 4);
    if (kind === 0) continue;
    if (kind === 10 && said.split('\0').includes('SCRAM-SHA-256')) {
      scram = new Scram(password);
      const first = Buffer.from(scram.first);
      const length = Buffer.alloc(4);
      length.writeInt32BE(first.length);
      await messages.send('p', text('SCRAM-SHA-256'), length, first);
    } else if (kind === 11 && scram !== undefined) await messages.send('p', Buffer.from(await scram.answer(said)));
    else if (kind === 12 && scram !== undefined) scram.check(said);
    else throw new ServerError('28000', 'The server wants another way of signing in.', 0);
  }
}

/** RFC 5802 without channel binding. The server has to show that it knows the password too. */
class Scram {
  readonly #password: string;
  readonly #nonce = randomBytes(18).toString('base64');
  #serverSignature: Buffer = Buffer.alloc(0);

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
      throw new ServerError('28000', 'The server answered something else than it was asked.', 0);
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
    if (shown.length === this.#serverSignature.length && timingSafeEqual(shown, this.#serverSignature)) return;
    throw new ServerError('28000', 'The server does not know the password.', 0);
  }
}

async function query(messages: Messages, sql: Buffer, rows?: () => AsyncIterable<Buffer>): Promise<void> {
  await messages.send('Q', sql, Buffer.from([0]));
  let failure: unknown;
  let done = 0;
  for (;;) {
    const { type, body } = await messages.read();
    if (type === 'C') done += 1;
    else if (type === 'E') {
      failure ??= errorOf(body, done);
      // A connection that ends says nothing more.
      if (/^(57P0[1-3]|08)/.test((failure as ServerError).code)) throw failure;
    } else if (type === 'G') failure ??= await sendRows(messages, rows);
    else if (type === 'Z') {
      if (failure !== undefined) throw failure;
      return;
    }
  }
}

/** Answers why the data could not be read; the server is told that it ends there. */
async function sendRows(messages: Messages, rows: (() => AsyncIterable<Buffer>) | undefined): Promise<unknown> {
  try {
    if (rows === undefined) throw new ServerError('57014', 'There is no data for this statement.', 0);
    for await (const piece of rows()) {
      // Notices may come at any time; after an error it takes no more of them.
      while (messages.hasSome) {
        const { type, body } = await messages.read();
        if (type === 'E') return errorOf(body, 0);
      }
      await messages.send('d', piece);
    }
    await messages.send('c');
    return undefined;
  } catch (error) {
    await messages.send('f', text('the data ended early'));
    return error;
  }
}

function errorOf(body: Buffer, done: number): ServerError {
  const fields = new Map(
    body
      .toString('utf8')
      .split('\0')
      .flatMap((field) => (field === '' ? [] : ([[field[0] ?? '', field.slice(1)]] as const))),
  );
  const character = Number(fields.get('P') ?? Number.NaN);
  const row = Number(/^COPY .*?, line (\d+)/.exec(fields.get('W') ?? '')?.[1] ?? Number.NaN);
  const detail = fields.get('D');
  const message = [fields.get('M') ?? 'refused', ...(detail === undefined ? [] : [detail])].join(' – ');
  return new ServerError(fields.get('C') ?? 'XX000', message, done, {
    ...(Number.isNaN(character) ? {} : { character }),
    ...(Number.isNaN(row) ? {} : { row }),
  });
}
