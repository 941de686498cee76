import type { Socket } from 'node:net';
import { ByteReader } from './byte-reader.ts';
import { enter, MessageTooLong, ServerError, write, type Login } from './link.ts';

/*
 * The protocol of Redis, version 2 (https://redis.io/docs/latest/develop/reference/protocol-spec/). Commands are arrays of
 * bytes whose lengths are told beforehand: nothing in a key or a value is ever read as a command. Answers come from a server
 * whose content strangers write: a long value is dropped behind its beginning, and an answer without end is cut off.
 */

/** Bytes of a value: all of them, or only the first. */
export type Bulk = { readonly bytes: Buffer; readonly length: number };
/** A refusal of one command among several is an answer. */
export type Reply = number | string | null | Bulk | ServerError | readonly Reply[];
export type Command = readonly [string, ...(string | Buffer)[]];

export type RedisLink = {
  /** Sends commands behind each other and reads an answer to each. `mostKept`: of each value, in bytes. */
  ask(commands: readonly Command[], mostKept?: number): Promise<Reply[]>;
  close(): void;
};

const mostLine = 64 * 1024;
/** Of one round of answers, in bytes and in things. */
const mostBytes = 64 * 1024 * 1024;
const mostThings = 200_000;
const mostDeep = 8;
const dropAtOnce = 64 * 1024;

type Budget = { bytes: number; things: number };

/** Rejects when nobody answers there. `patienceMs`: in which a round must have come to its end. */
export async function openRedis(at: Login['at'], patienceMs = 15_000): Promise<RedisLink> {
  const socket = await enter({ user: '', password: '', database: '', at }, (given) => Promise.resolve(given));
  const reader = new ByteReader(socket);
  return {
    async ask(commands, mostKept = 64 * 1024) {
      const timer = setTimeout(() => socket.destroy(new Error('Redis takes too long')), patienceMs);
      try {
        return await round(socket, reader, commands, mostKept);
      } catch (error) {
        // Nothing can be read after half an answer.
        socket.destroy();
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => socket.destroy(),
  };
}

async function round(
  socket: Socket,
  reader: ByteReader,
  commands: readonly Command[],
  mostKept: number,
): Promise<Reply[]> {
  await write(socket, ...commands.map(packed));
  const budget: Budget = { bytes: mostBytes, things: mostThings };
  const replies: Reply[] = [];
  for (let each = 0; each < commands.length; each += 1) replies.push(await read(reader, budget, mostKept, 0));
  return replies;
}

function packed(command: Command): Buffer {
  const parts = command.flatMap((part) => {
    const bytes = Buffer.from(part);
    return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')];
  });
  return Buffer.concat([Buffer.from(`*${command.length}\r\n`), ...parts]);
}

async function read(reader: ByteReader, budget: Budget, mostKept: number, depth: number): Promise<Reply> {
  budget.things -= 1;
  if (budget.things < 0 || depth > mostDeep) throw new MessageTooLong('an answer of too many things');
  const line = await readLine(reader, budget);
  const rest = line.slice(1);
  switch (line[0]) {
    case '+':
      return rest;
    case '-':
      return new ServerError(/^[A-Z]+/.exec(rest)?.[0] ?? 'ERR', rest.slice(0, 300));
    case ':':
      return numberOf(rest);
    case '$':
      return await readBulk(reader, budget, mostKept, numberOf(rest));
    case '*': {
      const count = numberOf(rest);
      if (count < 0) return null;
      const all: Reply[] = [];
      for (let each = 0; each < count; each += 1) all.push(await read(reader, budget, mostKept, depth + 1));
      return all;
    }
    default:
      throw new Error('this is no answer of Redis');
  }
}

async function readBulk(reader: ByteReader, budget: Budget, mostKept: number, length: number): Promise<Bulk | null> {
  if (length < 0) return null;
  budget.bytes -= length;
  if (budget.bytes < 0) throw new MessageTooLong('an answer of too many bytes');
  const bytes = await reader.take(Math.min(length, mostKept));
  for (let left = length - bytes.length; left > 0; left -= dropAtOnce) await reader.take(Math.min(left, dropAtOnce));
  if ((await reader.take(2)).toString('latin1') !== '\r\n') throw new Error('this is no answer of Redis');
  return { bytes, length };
}

async function readLine(reader: ByteReader, budget: Budget): Promise<string> {
  const bytes: number[] = [];
  for (;;) {
    const [byte = 0] = await reader.take(1);
    if (byte === 0x0a && bytes.at(-1) === 0x0d) break;
    bytes.push(byte);
    if (bytes.length > mostLine) throw new MessageTooLong('a line without end');
  }
  budget.bytes -= bytes.length;
  return Buffer.from(bytes.slice(0, -1)).toString('utf8');
}

function numberOf(text: string): number {
  if (!/^-?\d{1,19}$/.test(text)) throw new Error('this is no answer of Redis');
  return Number(text);
}
