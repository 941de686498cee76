import { IncomingMessage } from 'node:http';
import { writev, writevSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { BlockSum } from '#shared/block-sum.ts';
import { forgetSent } from '#shared/sent-bytes.ts';
import type { WriteTurns } from './write-turns.ts';

/**
 * Written together: many small writes cost more than the bytes. The larger they are, the larger the pages that the kernel looks
 * for: with 256 KiB some uploads took half as much processor time again as with 64 KiB, from 2 MiB on ten times (ext4, Linux 6.18).
 */
const togetherBytes = 64 * 1024;
/** Held at most, beside what another thread is just writing; the sender waits then. */
const mostHeldBytes = 4 * togetherBytes;

/** `broken`: the sender went away. What came until then is written in every case but an error. */
export type StreamEnd = 'whole' | 'broken' | 'stopped' | Error;

export type Writing = {
  readonly stream: Readable;
  /** Ends it early. */
  readonly signal: AbortSignal;
  readonly turns: WriteTurns;
  /** Knows what stands before the position, and then what was written too, up to an error. */
  readonly sum?: BlockSum | undefined;
};

export type Written = {
  /** So many bytes are there from the position on; after an error others may be behind them. */
  readonly written: number;
  readonly end: StreamEnd;
};

/** Writes what a stream gives into an open file from a position on, one piece after another. Never throws. */
export async function writeStream(
  fd: number,
  position: number,
  { stream, signal, turns, sum }: Writing,
): Promise<Written> {
  const { promise, resolve } = Promise.withResolvers<Written>();
  // What a browser sends is nobody else's.
  const onGone = stream instanceof IncomingMessage ? forgetSent : (): void => undefined;
  let held: Buffer[] = [];
  let heldBytes = 0;
  let written = 0;
  let isWriting = false;
  let end: StreamEnd | undefined;

  function step(): void {
    const isDue = heldBytes >= togetherBytes || (heldBytes > 0 && end !== undefined);
    if (isDue && !isWriting && !(end instanceof Error)) put();
    if (end !== undefined && !isWriting) leave(end);
  }

  function put(): void {
    const pieces = held;
    [held, heldBytes] = [[], 0];
    // A moment ago it came through this processor's own memory: read from the file it would take three times as long.
    if (sum !== undefined) for (const piece of pieces) sum.add(piece);
    const done = (bytes: number, error: Error | null): void => {
      written += bytes;
      for (const piece of pieces) onGone(piece);
      if (error !== null) end = error;
    };
    if (turns.isHere()) return turns.take(() => writeHere(fd, pieces, position + written, done));
    isWriting = true;
    writeElsewhere(fd, pieces, position + written, (bytes, error) => {
      isWriting = false;
      done(bytes, error);
      if (end === undefined) stream.resume();
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
    resolve({ written, end: how });
  }

  stream.on('end', onEnd).on('error', onBroken).on('close', onBroken);
  signal.addEventListener('abort', onStop, { once: true });
  if (signal.aborted) onStop();
  else if (stream.readableEnded) onEnd();
  else if (stream.destroyed) onBroken();
  else stream.on('data', onData);
  return await promise;
}

type Done = (bytes: number, error: Error | null) => void;

/** All of it, however much the kernel takes at once; `done` is called before it returns. */
function writeHere(fd: number, pieces: readonly Buffer[], position: number, done: Done): void {
  let bytes = 0;
  let failed: Error | null = null;
  try {
    for (let rest = pieces; rest.length > 0; ) {
      const taken = writevSync(fd, rest, position + bytes);
      bytes += taken;
      rest = behind(rest, taken);
    }
  } catch (error) {
    failed = error as Error;
  }
  done(bytes, failed);
}

/** The same by another thread. */
function writeElsewhere(fd: number, pieces: readonly Buffer[], position: number, done: Done, before = 0): void {
  writev(fd, pieces, position, (error, bytes) => {
    if (error !== null) return done(before, error);
    const rest = behind(pieces, bytes);
    if (rest.length === 0) return done(before + bytes, null);
    writeElsewhere(fd, rest, position + bytes, done, before + bytes);
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
