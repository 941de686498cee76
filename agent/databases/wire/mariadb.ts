import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { ByteReader } from './byte-reader.ts';
import { enter, MessageTooLong, ServerError, write, type Login } from './link.ts';

/*
 * The protocol of MariaDB, as much of it as statements need (https://mariadb.com/kb/en/clientserver-protocol/). That files
 * of this machine may be sent (LOAD DATA LOCAL) is not offered, so no server asks for one.
 */

const protocolVersion = 10;
const can = {
  longPassword: 1,
  longFlag: 4,
  withDatabase: 8,
  protocol41: 0x200,
  transactions: 0x2000,
  secureConnection: 0x8000,
  multiResults: 0x20000,
  pluginAuth: 0x80000,
} as const;
const usual = Object.values(can).reduce((all, each) => all | each, 0);
const multiStatements = 0x10000;
const utf8mb4 = 45;
const mostInPacket = 0xffffff;
const nativePassword = 'mysql_native_password';

/** First byte of an answer. */
export const sign = { ok: 0x00, localFile: 0xfb, end: 0xfe, error: 0xff } as const;
/** In the state of a server: another result follows. */
export const moreResults = 8;

export type MariadbConnection = {
  /** By which the server knows this connection. */
  readonly id: number;
  readonly packets: Packets;
  readonly close: () => void;
};

/** Without `takesSeveral` the server refuses more than one statement at once. Throws `ServerError`. */
export function openMariadb(
  login: Login,
  {
    takesSeveral,
    mostBytes = Number.POSITIVE_INFINITY,
  }: { readonly takesSeveral: boolean; readonly mostBytes?: number },
): Promise<MariadbConnection> {
  return enter(login, async (socket) => {
    const packets = new Packets(socket, mostBytes);
    const id = await signIn(packets, login, takesSeveral ? usual | multiStatements : usual);
    return { id, packets, close: () => socket.destroy() };
  });
}

/** What both sides say, piece by piece. */
export class Packets {
  readonly #socket: Socket;
  readonly #reader: ByteReader;
  readonly #mostBytes: number;
  #sequence = 0;

  constructor(socket: Socket, mostBytes: number) {
    this.#socket = socket;
    this.#mostBytes = mostBytes;
    this.#reader = new ByteReader(socket);
  }

  /** Throws `MessageTooLong`. */
  async read(): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let total = 0; ; ) {
      const head = await this.#reader.take(4);
      const length = head.readUIntLE(0, 3);
      total += length;
      if (total > this.#mostBytes) throw new MessageTooLong();
      this.#sequence = ((head[3] ?? 0) + 1) & 0xff;
      parts.push(await this.#reader.take(length));
      if (length < mostInPacket) return parts.length === 1 ? (parts[0] ?? head) : Buffer.concat(parts);
    }
  }

  /** `isNew`: the first of a question. */
  async send(payload: readonly Buffer[], isNew = false): Promise<void> {
    if (isNew) this.#sequence = 0;
    const whole = payload.length === 1 ? (payload[0] ?? Buffer.alloc(0)) : undefined;
    const length = payload.reduce((sum, { length }) => sum + length, 0);
    if (length < mostInPacket) return await write(this.#socket, this.#head(length), ...payload);
    const bytes = whole ?? Buffer.concat(payload);
    // One that fills the last packet to its end is followed by an empty one.
    for (let at = 0; at <= length; at += mostInPacket) {
      const part = bytes.subarray(at, at + mostInPacket);
      await write(this.#socket, this.#head(part.length), part);
    }
  }

  #head(length: number): Buffer {
    const head = Buffer.alloc(4);
    head.writeUIntLE(length, 0, 3);
    head[3] = this.#sequence;
    this.#sequence = (this.#sequence + 1) & 0xff;
    return head;
  }
}

async function signIn(packets: Packets, { user, password, database }: Login, capabilities: number): Promise<number> {
  const hello = await packets.read();
  if (hello[0] === sign.error) throw errorOf(hello);
  if (hello[0] !== protocolVersion) throw new Error('no greeting of MariaDB');
  const afterVersion = hello.indexOf(0, 1) + 1;
  const id = hello.readUInt32LE(afterVersion);
  const first = hello.subarray(afterVersion + 4, afterVersion + 12);
  const rest = hello.subarray(afterVersion + 31, afterVersion + 43);
  const answer = nativeAnswer(password, Buffer.concat([first, rest]));
  const head = Buffer.alloc(32);
  head.writeUInt32LE(capabilities, 0);
  head.writeUInt32LE(0x40000000, 4);
  head[8] = utf8mb4;
  const text = (value: string): Buffer => Buffer.from(`${value}\0`);
  await packets.send([head, text(user), Buffer.from([answer.length]), answer, text(database), text(nativePassword)]);
  let said = await packets.read();
  if (said[0] === sign.end) {
    const end = said.indexOf(0, 1);
    // Any other way in would tell the server more than a proof for this one moment.
    const plugin = said.toString('latin1', 1, end);
    if (plugin !== nativePassword) throw new ServerError('1045', `the account signs in by ${plugin}`);
    await packets.send([nativeAnswer(password, said.subarray(end + 1, end + 21))]);
    said = await packets.read();
  }
  if (said[0] !== sign.ok) throw errorOf(said);
  return id;
}

function nativeAnswer(password: string, salt: Buffer): Buffer {
  const sha1 = (...parts: readonly (Buffer | string)[]): Buffer => {
    const hash = createHash('sha1');
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const once = sha1(password);
  const mask = sha1(salt, sha1(once));
  return Buffer.from(once.map((byte, at) => byte ^ (mask[at] ?? 0)));
}

/** A number whose length is in its first byte; null: NULL. */
export function lengthAt(bytes: Buffer, at: number): { value: number | null; next: number } {
  const first = bytes[at] ?? 0;
  if (first < 0xfb) return { value: first, next: at + 1 };
  if (first === 0xfb) return { value: null, next: at + 1 };
  if (first === 0xfc) return { value: bytes.readUInt16LE(at + 1), next: at + 3 };
  if (first === 0xfd) return { value: bytes.readUIntLE(at + 1, 3), next: at + 4 };
  return { value: Number(bytes.readBigUInt64LE(at + 1)), next: at + 9 };
}

/** What an error packet says. */
export function errorOf(packet: Buffer, done = 0): ServerError {
  const code = packet.length < 3 ? 0 : packet.readUInt16LE(1);
  const from = packet[3] === 0x23 ? 9 : 3;
  return new ServerError(String(code), packet.toString('utf8', from), done);
}
