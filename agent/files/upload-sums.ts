import { createHash, type Hash } from 'node:crypto';
import { closeSync, readSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

/*
 * SHA-256 of files that are still being written, by whoever else: what is known to be written is read while the rest comes.
 * It was in the kernel's memory a moment ago, and what is summed up is what will stand in the site.
 */

/** Small enough for a processor's own memory; between two of them others have their turn. */
const readBytes = 256 * 1024;

type Sum = {
  /** Of the first `at` bytes. */
  hash: Hash;
  at: number;
  /** All before it is written. */
  upTo: number;
  reading: Promise<void> | undefined;
};

export type UploadSums = {
  /** Everything before `upTo` is written and stays. Not waited for; `open` gives a handle to read by, which is closed. */
  follow(id: string, upTo: number, open: () => Promise<number>): void;
  /** Of the whole file, as hex. Throws when it cannot be read. */
  of(id: string, fd: number, sizeBytes: number): Promise<string>;
  forget(id: string): void;
};

/** What was read is known to this process only: the next one reads the file from its beginning. */
export function createUploadSums(): UploadSums {
  const sums = new Map<string, Sum>();

  function sumOf(id: string): Sum {
    const known = sums.get(id) ?? { hash: createHash('sha256'), at: 0, upTo: 0, reading: undefined };
    sums.set(id, known);
    return known;
  }

  /** One reads at a time: it takes what is said meanwhile along. */
  async function alone(sum: Sum, read: () => Promise<void>): Promise<void> {
    sum.reading = read();
    try {
      await sum.reading;
    } finally {
      sum.reading = undefined;
    }
  }

  return {
    follow(id, upTo, open) {
      const sum = sumOf(id);
      sum.upTo = Math.max(sum.upTo, upTo);
      if (sum.reading !== undefined) return;
      alone(sum, async () => {
        const fd = await open();
        try {
          await readOn(sum, fd);
        } finally {
          closeSync(fd);
        }
        // Whoever needs the sum is told what is wrong.
      }).catch(() => sums.delete(id));
    },
    async of(id, fd, sizeBytes) {
      await sums.get(id)?.reading?.catch(() => undefined);
      // More than there is: somebody has cut the file.
      if ((sums.get(id)?.at ?? 0) > sizeBytes) sums.delete(id);
      const sum = sumOf(id);
      sum.upTo = sizeBytes;
      await alone(sum, async () => await readOn(sum, fd));
      return sum.hash.copy().digest('hex');
    },
    forget(id) {
      // Who just reads for it stops.
      const sum = sums.get(id);
      if (sum !== undefined) sum.upTo = 0;
      sums.delete(id);
    },
  };
}

async function readOn(sum: Sum, fd: number): Promise<void> {
  const bytes = Buffer.allocUnsafeSlow(readBytes);
  while (sum.at < sum.upTo) {
    const count = readSync(fd, bytes, 0, Math.min(bytes.length, sum.upTo - sum.at), sum.at);
    if (count === 0) return;
    sum.hash.update(bytes.subarray(0, count));
    sum.at += count;
    await turn();
  }
}
