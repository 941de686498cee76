import { createHash, type Hash } from 'node:crypto';
import { closeSync, readSync } from 'node:fs';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';

/*
 * SHA-256 of files that are still being written, by whoever else, one byte behind the other: what there is of one is read while
 * the rest comes. It was in the kernel's memory a moment ago, and what is summed up is what will stand in the site.
 */

/** Small enough for a processor's own memory; between two of them others have their turn. */
const bytes = Buffer.allocUnsafeSlow(256 * 1024);
/** With nothing more to read it is looked again after so long … */
const lookMs = 5;
/** … and for so long. Whoever sends slower says so again with the next piece. */
const patienceMs = 500;

type Sum = {
  /** Of the first `at` bytes. */
  readonly hash: Hash;
  at: number;
  /** Until when it is looked whether there is more, by `performance.now()`. */
  until: number;
  reading: Promise<void> | undefined;
  isOver: boolean;
};

export type UploadSums = {
  /** It is written now, and what there is stays. Not waited for; `open` gives a handle to read by, which is closed. */
  follow(id: string, open: () => Promise<number>): void;
  /** Whether the whole file has this sum, hex. Throws when it cannot be read. */
  isOf(id: string, fd: number, sizeBytes: number, sha256: string): Promise<boolean>;
  forget(id: string): void;
};

/** What was read is known to this process only: the next one reads the file from its beginning. */
export function createUploadSums(): UploadSums {
  const sums = new Map<string, Sum>();

  function sumOf(id: string): Sum {
    const known = sums.get(id) ?? { hash: createHash('sha256'), at: 0, until: 0, reading: undefined, isOver: false };
    sums.set(id, known);
    return known;
  }

  return {
    follow(id, open) {
      const sum = sumOf(id);
      sum.until = performance.now() + patienceMs;
      sum.reading ??= (async () => {
        try {
          const fd = await open();
          try {
            await readAlong(sum, fd);
          } finally {
            closeSync(fd);
          }
        } catch {
          // Whoever needs the sum is told what is wrong.
          if (sums.get(id) === sum) sums.delete(id);
        } finally {
          sum.reading = undefined;
        }
      })();
    },
    async isOf(id, fd, sizeBytes, sha256) {
      const sum = sumOf(id);
      sum.until = 0;
      await sum.reading;
      // Otherwise somebody has cut the file, and may have written something else there since.
      const isTrusted = sum.at > 0 && sum.at <= sizeBytes;
      if (isTrusted && (await wholeOf(sum, fd, sizeBytes)) === sha256) return true;
      sums.delete(id);
      return (await wholeOf(sumOf(id), fd, sizeBytes)) === sha256;
    },
    forget(id) {
      const sum = sums.get(id);
      if (sum !== undefined) Object.assign(sum, { until: 0, isOver: true });
      sums.delete(id);
    },
  };
}

async function readAlong(sum: Sum, fd: number): Promise<void> {
  while (performance.now() < sum.until) {
    if (!(await readTo(sum, fd, Number.POSITIVE_INFINITY))) await wait(lookMs);
    // Unless somebody asks for the sum meanwhile.
    else if (sum.until > 0) sum.until = performance.now() + patienceMs;
  }
}

async function wholeOf(sum: Sum, fd: number, sizeBytes: number): Promise<string> {
  await readTo(sum, fd, sizeBytes);
  return sum.hash.copy().digest('hex');
}

/** As far as there is something; false: nothing more than before. */
async function readTo(sum: Sum, fd: number, end: number): Promise<boolean> {
  const from = sum.at;
  while (sum.at < end && !sum.isOver) {
    // Of all sums: it is used up before another one has its turn.
    const count = readSync(fd, bytes, 0, Math.min(bytes.length, end - sum.at), sum.at);
    if (count === 0) break;
    sum.hash.update(bytes.subarray(0, count));
    sum.at += count;
    await turn();
  }
  return sum.at > from;
}
