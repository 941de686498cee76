import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import {
  createFrameReader,
  encodeFrame,
  encodeJsonFrame,
  fromTerminal,
  maxFrameBytes,
  toTerminal,
} from '#shared/terminal-frames.ts';
import { createTerminalServer, hashOf, terminalLimits } from './terminal-server.ts';

const key = randomBytes(32).toString('base64url');
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server without a shell, and a reader that acknowledges when it is told to. */
async function begin(limits: Parameters<typeof createTerminalServer>[0]['limits'] = terminalLimits) {
  const told: string[] = [];
  const server = createTerminalServer({
    held: () => ({
      write: (bytes) => told.push(Buffer.from(bytes).toString()),
      waitingBytes: 0,
      onDrain: () => undefined,
      calm: () => undefined,
      resize: () => undefined,
      pause: () => told.push('pause'),
      resume: () => told.push('resume'),
    }),
    keyHash: hashOf(key),
    limits,
    onSeenToTheEnd: () => undefined,
  });
  const folder = mkdtempSync(join(tmpdir(), 'aapanel-terminal-'));
  const listening = createServer((socket) => server.accept(socket)).listen(join(folder, 'io'));
  const socket = connect({ path: join(folder, 'io') });
  closing.push(() => {
    socket.destroy();
    server.close();
    listening.close();
    rmSync(folder, { recursive: true });
  });
  const came = { bytes: 0, hash: createHash('sha256'), text: '', longest: 0 };
  let onFrame = (): void => undefined;
  const read = createFrameReader((type, rest) => {
    if (type === fromTerminal.output) {
      came.bytes += rest.length;
      came.longest = Math.max(came.longest, rest.length);
      came.hash.update(rest);
      came.text = (came.text + Buffer.from(rest).toString('latin1')).slice(-20);
    }
    onFrame();
  });
  socket.on('data', read);
  const until = async (is: () => boolean): Promise<void> =>
    await new Promise((resolve) => {
      onFrame = () => (is() ? resolve() : undefined);
      onFrame();
    });
  socket.write(encodeJsonFrame(toTerminal.attach, { key, from: null, cols: 80, rows: 24 }));
  await until(() => server.isAttached);
  return {
    server,
    told,
    came,
    until,
    type: (text: string) => socket.write(encodeFrame(toTerminal.input, Buffer.from(text))),
    acknowledge: () => socket.write(encodeJsonFrame(toTerminal.acknowledge, came.bytes)),
  };
}

it('TERM-2 what is read into one buffer again and again comes whole, in frames that are used again', async () => {
  const { server, told, came, until, acknowledge } = await begin();
  const sent = createHash('sha256');
  const buffer = Buffer.alloc(4_096);
  let bytes = 0;
  for (let round = 0; round < 40; round++) {
    for (let read = 0; read < 40; read++) {
      randomBytes(1 + ((round * 131 + read * 977) % 4_096)).copy(buffer);
      const chunk = buffer.subarray(0, 1 + ((round * 131 + read * 977) % 4_096));
      sent.update(chunk);
      bytes += chunk.length;
      server.output(chunk);
    }
    await until(() => came.bytes === bytes);
    acknowledge();
  }
  expect(came.hash.digest('hex')).toBe(sent.digest('hex'));
  expect(came.longest).toBeLessThanOrEqual(maxFrameBytes);
  // Whoever reads as fast as it comes lets nobody wait.
  expect(told).toEqual([]);
});

it('TERM-3 output is gathered, and the echo of a key is not', async () => {
  const hour = 3_600_000;
  const { server, told, came, until, type } = await begin({ ...terminalLimits, gatherMs: hour, eagerMs: hour });
  server.output(Buffer.from('so far '));
  type('Z');
  while (!told.includes('Z')) await new Promise(setImmediate);
  expect(came.text).toBe('');
  server.output(Buffer.from('Z'));
  await until(() => came.text !== '');
  expect(came.text).toBe('so far Z');
});

it('TERM-3 what is on its way to a reader stays little: the echo of a key is never behind more', async () => {
  const { server, told, came, until, acknowledge } = await begin();
  const chunk = Buffer.alloc(4_096, 'x');
  let bytes = 0;
  for (; !told.includes('pause'); bytes += chunk.length) server.output(chunk);
  expect(bytes).toBe(terminalLimits.pauseBytes);
  await until(() => came.bytes === bytes);
  expect(told).toEqual(['pause']);
  acknowledge();
  while (!told.includes('resume')) await new Promise(setImmediate);
});

it('TERM-3 while somebody types into a flood, less is on its way, and a command typed before one takes no part of it', async () => {
  const { server, told, came, until, type, acknowledge } = await begin({ ...terminalLimits, typedMs: 3_600_000 });
  const chunk = Buffer.alloc(4_096, 'x');
  let bytes = 0;
  const flood = (upTo: number): void => {
    for (; bytes < upTo && !told.includes('pause'); bytes += chunk.length) server.output(chunk);
  };
  type('cat\r');
  while (!told.includes('cat\r')) await new Promise(setImmediate);
  flood(200 * 1_024);
  expect(told).toEqual(['cat\r']);
  await until(() => came.bytes === bytes);
  acknowledge();
  const before = bytes;
  flood(before + 100 * 1_024);
  type('Z');
  while (!told.includes('Z')) await new Promise(setImmediate);
  flood(Infinity);
  expect(told).toEqual(['cat\r', 'Z', 'pause']);
  expect(bytes - before).toBe(terminalLimits.typedPauseBytes);
  await until(() => came.bytes === bytes);
  acknowledge();
  while (!told.includes('resume')) await new Promise(setImmediate);
});
