import { IncomingMessage } from 'node:http';
import { writev } from 'node:fs';
import type { Readable } from 'node:stream';
import { forgetSent } from '#shared/sent-bytes.ts';

/**
 * Written together: many small writes cost more than the bytes. The larger they are, the larger the pages that the kernel looks
 * for: with 1 MiB a write took twice the processor time of one of 256 KiB, from 2 MiB on ten times (ext4, Linux 6.18).
 */
const togetherBytes = 256 * 1024;
/** Held at most, beside what is just being written; the sender waits then. */
const mostHeldBytes = 4 * togetherBytes;
/** On a busy machine a write waits longer for its turn than it takes. */
const mostAtOnce = 4;

/** `broken`: the sender went away. What came until then is written in every case but an error. */
export type StreamEnd = 'whole' | 'broken' | 'stopped' | Error;

/**
 * Writes what a stream gives into an open file from a position on. While the kernel takes some of it, the next pieces come.
 * Never throws: `written` bytes are there from the position on, all in a row; after an error others may be behind them.
 */
export async function writeStream(
  fd: number,
  position: number,
  stream: Readable,
  signal: AbortSignal,
): Promise<{ written: number; end: StreamEnd }> {
  const { promise, resolve } = Promise.withResolvers<{ written: number; end: StreamEnd }>();
  // What a browser sends is nobody else's.
  const onGone = stream instanceof IncomingMessage ? forgetSent : (): void => undefined;
  let held: Buffer[] = [];
  let heldBytes = 0;
  /** Everything before it is written, or being written. */
  let next = position;
  /** Where the first error left a gap. */
  let gapAt = Number.POSITIVE_INFINITY;
  let writes = 0;
  let end: StreamEnd | undefined;

  function step(): void {
    const isDue = heldBytes >= togetherBytes || (heldBytes > 0 && end !== undefined);
    if (isDue && writes < mostAtOnce && !(end instanceof Error)) put();
    if (end !== undefined && writes === 0) leave(end);
  }

  function put(): void {
    const [pieces, at] = [held, next];
    next += heldBytes;
    [held, heldBytes] = [[], 0];
    writes++;
    writeAll(fd, pieces, at, (error, bytes) => {
      writes--;
      for (const piece of pieces) onGone(piece);
      if (error !== null) {
        gapAt = Math.min(gapAt, at + bytes);
        end = error;
      } else if (end === undefined) stream.resume();
      step();
    });
  }

  function onData(piece: Buffer): void {
    held.push(piece);
    heldBytes += piece.length;
    step();
    if (heldBytes >= mostHeldBytes) stream.pause();
  }
  function over(how: StreamEnd): void {
    end ??= how;
    if (end !== 'whole') stream.pause();
    step();
  }
  const onEnd = (): void => over('whole');
  const onBroken = (): void => over('broken');
  const onStop = (): void => over('stopped');

  function leave(how: StreamEnd): void {
    stream.off('data', onData).off('end', onEnd).off('close', onBroken);
    signal.removeEventListener('abort', onStop);
    stream.pause();
    resolve({ written: Math.min(next, gapAt) - position, end: how });
  }

  stream.on('end', onEnd).on('error', onBroken).on('close', onBroken);
  signal.addEventListener('abort', onStop, { once: true });
  if (signal.aborted) onStop();
  else if (stream.readableEnded) onEnd();
  else if (stream.destroyed) onBroken();
  else stream.on('data', onData);
  return await promise;
}

/** All of it, however much the kernel takes at once. */
function writeAll(
  fd: number,
  pieces: readonly Buffer[],
  position: number,
  done: (error: Error | null, bytes: number) => void,
  before = 0,
): void {
  writev(fd, pieces, position, (error, bytes) => {
    if (error !== null) return done(error, before);
    const rest = behind(pieces, bytes);
    if (rest.length === 0) return done(null, before + bytes);
    writeAll(fd, rest, position + bytes, done, before + bytes);
  });
}

function behind(pieces: readonly Buffer[], bytes: number): Buffer[] {
  let left = bytes;
  return pieces.flatMap((piece) => {
    const taken = Math.min(left, piece.length);
    left -= taken;
    return taken === piece.length ? [] : [piece.subarray(taken)];
  });
}
