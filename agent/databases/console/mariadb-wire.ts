import { createHash } from 'node:crypto';
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
 * The protocol of MariaDB, as much of it as a console needs: https://mariadb.com/docs/server/reference/clientserver-protocol
 * Two abilities are left out on purpose, and without them the server refuses: files of the client (`LOAD DATA LOCAL`) and
 * several statements in one.
 */

const can = {
  longPassword: 1,
  longFlag: 1 << 2,
  withDatabase: 1 << 3,
  protocol41: 1 << 9,
  transactions: 1 << 13,
  secureConnection: 1 << 15,
  multiResults: 1 << 17,
  pluginAuth: 1 << 19,
} as const;
const abilities = Object.values(can).reduce((all, each) => all | each, 0);
const utf8mb4 = 45;
const connectMs = 8_000;

export type MariadbAddress = {
  readonly socketPath: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
};

type Connection = Pick<Wire, 'close'> & {
  readonly threadId: number;
  readonly send: (sql: string) => void;
  readonly packet: () => Promise<Buffer>;
};

async function open({ socketPath, user, password, database }: MariadbAddress): Promise<Connection> {
  const socket = connect({ path: socketPath });
  // Whoever reads learns of it there.
  socket.on('error', () => undefined);
  const timer = setTimeout(() => socket.destroy(), connectMs);
  try {
    await connected(socket);
    const { read } = createReader(socket);
    let sequence = 0;
    const packet = async (): Promise<Buffer> => {
      const head = await read(4);
      const length = head.readUIntLE(0, 3);
      sequence = (head[3] ?? 0) + 1;
      // The longest there is says that more of the same follows.
      if (length > mostMessageBytes) throw new TooLong();
      return await read(length);
    };
    const write = (body: Buffer): void => {
      const head = Buffer.alloc(4);
      head.writeUIntLE(body.length, 0, 3);
      head[3] = sequence;
      socket.write(Buffer.concat([head, body]));
    };
    const hello = helloOf(await packet());
    write(
      Buffer.concat([
        numbers(abilities, mostMessageBytes),
        Buffer.from([utf8mb4]),
        Buffer.alloc(23),
        ended(user),
        short(nativeProof(password, hello.salt)),
        ended(database),
        ended('mysql_native_password'),
      ]),
    );
    await admitted(packet, write, password);
    return {
      threadId: hello.threadId,
      packet,
      close: () => socket.destroy(),
      send(sql) {
        sequence = 0;
        write(Buffer.concat([Buffer.from([3]), Buffer.from(sql)]));
      },
    };
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

class TooLong extends Error {}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('error', reject);
    socket.once('close', () => reject(new WireBroken('the connection was closed')));
  });
}

const ended = (text: string): Buffer => Buffer.concat([Buffer.from(text), Buffer.from([0])]);
const short = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([bytes.length]), bytes]);

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => bytes.writeUInt32LE(value, at * 4));
  return bytes;
}

function helloOf(bytes: Buffer): { threadId: number; salt: Buffer } {
  if (bytes[0] === 0xff) throw refusalOf(bytes);
  if (bytes[0] !== 10) throw new WireBroken('no greeting of MariaDB');
  const afterVersion = bytes.indexOf(0, 1) + 1;
  const first = bytes.subarray(afterVersion + 4, afterVersion + 12);
  const second = bytes.subarray(afterVersion + 31, afterVersion + 43);
  return { threadId: bytes.readUInt32LE(afterVersion), salt: Buffer.concat([first, second]) };
}

async function admitted(packet: () => Promise<Buffer>, write: (body: Buffer) => void, password: string): Promise<void> {
  let answer = await packet();
  if (answer[0] === 0xfe) {
    const nameEnd = answer.indexOf(0, 1);
    const plugin = answer.toString('latin1', 1, nameEnd);
    // Any other way in would tell the server more than a proof for this one moment.
    if (plugin !== 'mysql_native_password') throw new WireRefusal('1045', 'another way to sign in is wanted');
    write(nativeProof(password, answer.subarray(nameEnd + 1, nameEnd + 21)));
    answer = await packet();
  }
  if (answer[0] === 0xff) throw refusalOf(answer);
  if (answer[0] !== 0) throw new WireBroken('the sign-in was not answered');
}

function nativeProof(password: string, salt: Buffer): Buffer {
  const sha = (...parts: readonly Buffer[]): Buffer =>
    parts.reduce((hash, part) => hash.update(part), createHash('sha1')).digest();
  const once = sha(Buffer.from(password));
  const mask = sha(salt, sha(once));
  return Buffer.from(once.map((byte, at) => byte ^ (mask[at] ?? 0)));
}

function refusalOf(bytes: Buffer, isCopy = false): WireRefusal {
  const hasState = bytes[3] === 0x23;
  return new WireRefusal(String(bytes.readUInt16LE(1)), bytes.toString('utf8', hasState ? 9 : 3), null, isCopy);
}

/** A number whose length is in its first byte; null: NULL. */
function lengthAt(bytes: Buffer, at: number): { value: number | null; next: number } {
  const first = bytes[at] ?? 0;
  if (first < 0xfb) return { value: first, next: at + 1 };
  if (first === 0xfb) return { value: null, next: at + 1 };
  const width = { 0xfc: 2, 0xfd: 3 }[first];
  if (width !== undefined) return { value: bytes.readUIntLE(at + 1, width), next: at + 1 + width };
  return { value: Number(bytes.readBigUInt64LE(at + 1)), next: at + 9 };
}

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

const moreFollow = 8;
const isEnd = (bytes: Buffer): boolean => bytes[0] === 0xfe && bytes.length < 9;

/** Throws WireRefusal when the account does not come in. */
export async function openMariadb(address: MariadbAddress): Promise<Wire> {
  const connection = await open(address);
  const { packet, send, close } = connection;

  async function readRows(columns: readonly Column[], limits: QueryLimits, size: { bytes: number }) {
    const shown = columns.map(({ name, type }) => ({ name, type }));
    const { add, end } = collectRows(shown, limits.maxRows, size);
    for (;;) {
      let bytes: Buffer;
      try {
        bytes = await packet();
      } catch (error) {
        if (error instanceof TooLong) return { result: end('bytes'), hasMore: false, isWhole: false };
        throw error;
      }
      if (bytes[0] === 0xff) throw refusalOf(bytes);
      if (isEnd(bytes)) return { result: end(), hasMore: (bytes.readUInt16LE(3) & moreFollow) !== 0, isWhole: true };
      if (!add(rowOf(bytes, columns))) return { result: end(), hasMore: false, isWhole: false };
    }
  }

  /** Ends with a connection that is of no more use unless all was read. */
  async function ask(sql: string, limits: QueryLimits): Promise<ConsoleResult[]> {
    const results: ConsoleResult[] = [];
    const size = { bytes: 0 };
    send(sql);
    for (;;) {
      const first = await packet();
      if (first[0] === 0xff) throw refusalOf(first);
      if (first[0] === 0xfb) throw new WireRefusal('4166', 'a file of the client is wanted', null, true);
      if (first[0] === 0) {
        const affected = lengthAt(first, 1);
        const { next } = lengthAt(first, affected.next);
        results.push({ outcome: 'done', affectedRows: affected.value });
        if ((first.readUInt16LE(next) & moreFollow) === 0) return results;
        continue;
      }
      const columns: Column[] = [];
      const count = lengthAt(first, 0).value ?? 0;
      while (columns.length < count) columns.push(columnOf(await packet()));
      await packet();
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
      const second = await open(address);
      second.send(`kill hard connection ${connection.threadId}`);
      await second.packet();
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
    async query(sql, limits) {
      limits.signal.throwIfAborted();
      const onAbort = (): void => close();
      limits.signal.addEventListener('abort', onAbort, { once: true });
      try {
        return await ask(sql, limits);
      } catch (error) {
        if (!(error instanceof WireRefusal)) throw error;
        if (error.isCopy) await stop();
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
