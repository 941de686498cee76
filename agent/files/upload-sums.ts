import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { createBlockSum, type BlockSum } from '#shared/block-sum.ts';

/** Of all files: it is used up before another one has its turn. Small enough for a processor's own memory. */
const bytes = Buffer.allocUnsafeSlow(256 * 1024);

/** Whether this file, all of which is read now, has this sum (`uploadSum`). Throws when it cannot be read. */
export async function hasSum(fd: number, sizeBytes: number, sum: string): Promise<boolean> {
  const found = sum.startsWith('sha256:') ? createSha256() : createBlockSum();
  for (let at = 0; at < sizeBytes; ) {
    const count = readSync(fd, bytes, 0, Math.min(bytes.length, sizeBytes - at), at);
    if (count === 0) break;
    found.add(bytes.subarray(0, count));
    at += count;
    await turn();
  }
  return sum === found.end();
}

function createSha256(): BlockSum {
  const hash = createHash('sha256');
  return { add: (piece) => void hash.update(piece), end: () => `sha256:${hash.digest('hex')}` };
}
