import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { encodeFrame, fromTerminal, maxFrameBytes } from '#shared/terminal-frames.ts';
import { relay } from './terminal-relay.ts';

it('TERM-3 much output goes through the web process in the same few pieces of memory, and comes as it was', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'aapanel-relay-'));
  const count = 200;
  const contentOf = (number: number): Buffer => Buffer.alloc(maxFrameBytes - (number % 3), number);
  const terminal = createServer((socket) => {
    for (let number = 0; number < count; number++) socket.write(encodeFrame(fromTerminal.output, contentOf(number)));
    socket.end(encodeFrame(fromTerminal.exit, Buffer.from('{}')));
  }).listen(join(folder, 'socket'));
  try {
    const memory = new Set<ArrayBufferLike>();
    let wrong = 0;
    let seen = 0;
    const browser = Object.assign(new EventEmitter(), {
      bufferedAmount: 0,
      close: () => undefined,
      // Each is sent while the next one comes.
      send(message: Uint8Array, done: () => void) {
        memory.add(message.buffer);
        const isLast = message[0] === fromTerminal.exit;
        const wanted = isLast ? Buffer.from('{}') : contentOf(seen++);
        setImmediate(() => {
          if (!wanted.equals(message.subarray(1))) wrong++;
          done();
        });
      },
    });
    const { reason } = await relay(browser as unknown as WebSocket, join(folder, 'socket')).ended;
    await new Promise((resolve) => setImmediate(resolve));
    expect([reason, seen, wrong]).toEqual(['ended', count, 0]);
    expect(memory.size).toBeLessThan(8);
  } finally {
    terminal.close();
    rmSync(folder, { recursive: true });
  }
});
