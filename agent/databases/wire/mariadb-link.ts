import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { ByteReader } from './byte-reader.ts';
import { openSocket, ServerError, write, type Login, type ServerLink } from './link.ts';

/*
 * The protocol of MariaDB, as much of it as statements need (https://mariadb.com/kb/en/clientserver-protocol/). That files
 * of this machine may be sent (LOAD DATA LOCAL) is not offered, so no server asks for one.
 */

const can = {
  longPassword: 1,
  longFlag: 4,
  withDatabase: 8,
  protocol41: 0x200,
  transactions: 0x2000,
  secureConnection: 0x8000,
  multiStatements: 0x10000,
  multiResults: 0x20000,
  pluginAuth: 0x80000,
} as const;
const capabilities = Object.values(can).reduce((all, each) => all | each, 0);
const utf8mb4 = 45;
const moreResults = 8;
const mostInPacket = 0xffffff;
const nativePassword = 'mysql_native_password';
const [okSign, localFile, endSign, errorSign] = [0x00, 0xfb, 0xfe, 0xff];

export async function connectMariadb(login: Login): Promise<ServerLink> {
  const socket = await openSocket(login);
  try {
    const packets = new Packets(socket);
    const id = await signIn(packets, login);
    const [[most = ''] = []] = await query(packets, Buffer.from('select @@max_allowed_packet'));
    return {
      id,
      // The first byte of a packet says what it is.
      mostBytes: Number(most) - 1,
      run: async (sql) => void (await query(packets, sql)),
      close: () => socket.destroy(),
    };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

class Packets {
  readonly #socket: Socket;
  readonly #reader: ByteReader;
  #sequence = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#reader = new ByteReader(socket);
  }

  async read(): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (;;) {
      const head = await this.#reader.take(4);
      const length = head.readUIntLE(0, 3);
      this.#sequence = ((head[3] ?? 0) + 1) & 0xff;
      parts.push(await this.#reader.take(length));
      if (length < mostInPacket) return parts.length === 1 ? (parts[0] ?? head) : Buffer.concat(parts);
    }
  }

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

async function signIn(packets: Packets, { user, password, database }: Login): Promise<number> {
  const hello = await packets.read();
  if (hello[0] === errorSign) throw errorOf(hello, 0);
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
  if (said[0] === endSign) {
    const end = said.indexOf(0, 1);
    const plugin = said.toString('latin1', 1, end);
    if (plugin !== nativePassword) throw new ServerError('1045', `the account signs in by ${plugin}`, 0);
    await packets.send([nativeAnswer(password, said.subarray(end + 1, end + 21))]);
    said = await packets.read();
  }
  if (said[0] !== okSign) throw errorOf(said, 0);
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

/** Rows of the last result that had any, as text; only of our own small questions is more than a moment of it kept. */
async function query(packets: Packets, sql: Buffer): Promise<string[][]> {
  await packets.send([Buffer.from([3]), sql], true);
  let rows: string[][] = [];
  for (let done = 0; ; done += 1) {
    const said = await packets.read();
    if (said[0] === errorSign) throw errorOf(said, done);
    if (said[0] === localFile) {
      // Never offered: whoever asks all the same gets an empty one.
      await packets.send([Buffer.alloc(0)]);
      await packets.read();
      throw new ServerError('4166', 'The server asked for a file of this machine.', done);
    }
    let status: number;
    if (said[0] === okSign) {
      const afterId = lengthAt(said, lengthAt(said, 1).next).next;
      status = said.readUInt16LE(afterId);
    } else {
      const columns = lengthAt(said, 0).value;
      for (let column = 0; column <= columns; column += 1) await packets.read();
      rows = [];
      for (;;) {
        const row = await packets.read();
        if (row[0] === errorSign) throw errorOf(row, done);
        if (row[0] === endSign && row.length < 9) {
          status = row.readUInt16LE(3);
          break;
        }
        if (rows.length === 0) rows.push(fieldsOf(row));
      }
    }
    if ((status & moreResults) === 0) return rows;
  }
}

function lengthAt(bytes: Buffer, at: number): { value: number; next: number } {
  const first = bytes[at] ?? 0;
  if (first < 0xfb) return { value: first, next: at + 1 };
  if (first === 0xfc) return { value: bytes.readUInt16LE(at + 1), next: at + 3 };
  if (first === 0xfd) return { value: bytes.readUIntLE(at + 1, 3), next: at + 4 };
  return { value: Number(bytes.readBigUInt64LE(at + 1)), next: at + 9 };
}

function fieldsOf(row: Buffer): string[] {
  const fields: string[] = [];
  for (let at = 0; at < row.length && fields.length < 64; ) {
    if (row[at] === 0xfb) {
      fields.push('NULL');
      at += 1;
      continue;
    }
    const { value, next } = lengthAt(row, at);
    fields.push(row.toString('utf8', next, Math.min(next + value, next + 1024)));
    at = next + value;
  }
  return fields;
}

function errorOf(packet: Buffer, done: number): ServerError {
  const code = packet.length < 3 ? 0 : packet.readUInt16LE(1);
  const from = packet[3] === 0x23 ? 9 : 3;
  return new ServerError(String(code), packet.toString('utf8', from), done);
}
