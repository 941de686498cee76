import { connect } from 'node:net';
import type { WebSocket } from 'ws';
import { createFrameReader, encodeFrame, fromTerminal, maxFrameBytes, toTerminal } from '#shared/terminal-frames.ts';
import { terminalCloseCodes } from '#shared/terminals.ts';

/*
 * Carries frames between the WebSocket of a browser and the Unix socket of a terminal. It looks at nothing but their first
 * byte; the terminal decides by the browser's key whether it listens.
 */

/** A browser that takes this much too slowly is cut off; the terminal sends no more than a mebibyte ahead. */
const mostBehindBytes = 4 * 1024 * 1024;
const mostTypedBytes = 1024 * 1024;
/** Of one reading of a socket. */
const readBytes = 64 * 1024;
/** Frames that are kept to be used again: what a browser that keeps up has on its way. */
const mostFree = 8;
const types: readonly number[] = Object.values(toTerminal);

export type RelayEnd = { readonly reason: keyof typeof terminalCloseCodes | 'left'; readonly sentBytes: number };

export type Relay = {
  readonly ended: Promise<RelayEnd>;
  close(reason: keyof typeof terminalCloseCodes): void;
};

export function relay(browser: WebSocket, socketPath: string): Relay {
  const over = Promise.withResolvers<RelayEnd>();
  /** Sent and free again: with new memory for each the process grew by megabytes until the collector came. */
  const free: ArrayBuffer[] = [];
  let sentBytes = 0;
  let isOver = false;
  const end = (reason: RelayEnd['reason']): void => {
    if (isOver) return;
    isOver = true;
    terminal.destroy();
    // 1006 is no code that may be sent: whoever left hears nothing.
    if (reason !== 'left') browser.close(terminalCloseCodes[reason]);
    over.resolve({ reason, sentBytes });
  };

  const read = createFrameReader(
    (type, rest) => {
      if (type === fromTerminal.displaced) return end('displaced');
      if (type === fromTerminal.refused) return end('key');
      sentBytes += rest.length;
      const { buffer } = rest as Uint8Array<ArrayBuffer>;
      // The byte before it says what it is, in the message as in the frame: nothing is copied.
      browser.send(new Uint8Array(buffer, 0, rest.length + 1), () => {
        if (free.length < mostFree) free.push(buffer);
      });
      if (browser.bufferedAmount > mostBehindBytes) end('goingAway');
      if (type === fromTerminal.exit) end('ended');
    },
    (length) => new Uint8Array(free.pop() ?? new ArrayBuffer(maxFrameBytes + 1), 0, length),
  );
  const terminal = connect({
    path: socketPath,
    onread: {
      buffer: Buffer.allocUnsafeSlow(readBytes),
      callback(length, chunk) {
        try {
          read(chunk.subarray(0, length));
        } catch {
          end('protocol');
        }
        return true;
      },
    },
  });
  // Nobody listens there any more, or it ended without a word.
  terminal.on('error', () => end('gone'));
  terminal.on('close', () => end('gone'));

  browser.on('message', (data: Buffer, isBinary: boolean) => {
    const type = data[0];
    if (!isBinary || type === undefined || !types.includes(type) || data.length - 1 > maxFrameBytes)
      return end('protocol');
    terminal.write(encodeFrame(type, data.subarray(1)));
    if (terminal.writableLength < mostTypedBytes) return;
    browser.pause();
    terminal.once('drain', () => browser.resume());
  });
  browser.on('error', () => end('left'));
  browser.on('close', () => end('left'));
  return { ended: over.promise, close: end };
}
