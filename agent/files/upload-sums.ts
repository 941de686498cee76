import { createHash } from 'node:crypto';
import { closeSync, readSync } from 'node:fs';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { crc32 } from 'node:zlib';

/*
 * CRC-32 of files that are still being written, by whoever else, one byte behind the other: what there is of one is read while
 * the rest comes. It was in the kernel's memory a moment ago, and what is summed up is what will stand in the site.
 */

/** Small enough for a processor's own memory; between two of them others have their turn. */
const bytes = Buffer.allocUnsafeSlow(256 * 1024);
/** With nothing more to read it is looked again after so long … */
const lookMs = 5;
/** … and for so long. Whoever sends slower says so again with the next piece. */
const patienceMs = 500;

type Running = {
  /** CRC-32 of the first `at` bytes. */
  crc: number;
  at: number;
  /** Until when it is looked whether there is more, by `performance.now()`. */
  until: number;
  reading: Promise<void> | undefined;
  isOver: boolean;
};

export type UploadSums = {
  /** It is written now, and what there is stays. Not waited for; `open` gives a handle to read by, which is closed. */
  follow(id: string, open: () => Promise<number>): void;
  /** Whether the whole file has this sum (`uploadSum`). Throws when it cannot be read. */
  isOf(id: string, fd: number, sizeBytes: number, sum: string): Promise<boolean>;
  forget(id: string): void;
};

/** What was read is known to this process only: the next one reads the file from its beginning. */
export function createUploadSums(): UploadSums {
  const all = new Map<string, Running>();

  function runningOf(id: string): Running {
    const known = all.get(id) ?? { crc: 0, at: 0, until: 0, reading: undefined, isOver: false };
    all.set(id, known);
    return known;
  }

  return {
    follow(id, open) {
      const running = runningOf(id);
      running.until = performance.now() + patienceMs;
      running.reading ??= (async () => {
        try {
          const fd = await open();
          try {
            await readAlong(running, fd);
          } finally {
            closeSync(fd);
          }
        } catch {
          // Whoever needs the sum is told what is wrong.
          if (all.get(id) === running) all.delete(id);
        } finally {
          running.reading = undefined;
        }
      })();
    },
    async isOf(id, fd, sizeBytes, sum) {
      const running = runningOf(id);
      running.until = 0;
      await running.reading;
      const [kind, wanted] = sum.split(':');
      if (kind === 'sha256') return (await sha256Of(running, fd, sizeBytes)) === wanted;
      // Otherwise somebody has cut the file, and may have written something else there since.
      const isTrusted = running.at > 0 && running.at <= sizeBytes;
      if (isTrusted && (await crc32Of(running, fd, sizeBytes)) === wanted) return true;
      all.delete(id);
      return (await crc32Of(runningOf(id), fd, sizeBytes)) === wanted;
    },
    forget(id) {
      const running = all.get(id);
      if (running !== undefined) Object.assign(running, { until: 0, isOver: true });
      all.delete(id);
    },
  };
}

async function readAlong(running: Running, fd: number): Promise<void> {
  while (performance.now() < running.until) {
    if (!(await addTo(running, fd, Number.POSITIVE_INFINITY))) await wait(lookMs);
    // Unless somebody asks for the sum meanwhile.
    else if (running.until > 0) running.until = performance.now() + patienceMs;
  }
}

async function crc32Of(running: Running, fd: number, sizeBytes: number): Promise<string> {
  await addTo(running, fd, sizeBytes);
  return running.crc.toString(16).padStart(8, '0');
}

async function sha256Of(running: Running, fd: number, sizeBytes: number): Promise<string> {
  const hash = createHash('sha256');
  await read(fd, { from: 0, end: sizeBytes, isOver: () => running.isOver }, (piece) => hash.update(piece));
  return hash.digest('hex');
}

/** As far as there is something; false: nothing more than before. */
async function addTo(running: Running, fd: number, end: number): Promise<boolean> {
  const from = running.at;
  await read(fd, { from, end, isOver: () => running.isOver }, (piece) => {
    running.crc = crc32(piece, running.crc);
    running.at += piece.length;
  });
  return running.at > from;
}

type Range = { readonly from: number; readonly end: number; readonly isOver: () => boolean };

async function read(fd: number, { from, end, isOver }: Range, take: (piece: Buffer) => void): Promise<void> {
  for (let at = from; at < end && !isOver(); ) {
    // Of all sums: it is used up before another one has its turn.
    const count = readSync(fd, bytes, 0, Math.min(bytes.length, end - at), at);
    if (count === 0) return;
    take(bytes.subarray(0, count));
    at += count;
    await turn();
  }
}
