import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { crc32Sum } from '#shared/file-transfers.ts';

/** Of all files: it is used up before another one has its turn. Small enough for a processor's own memory. */
const bytes = Buffer.allocUnsafeSlow(256 * 1024);

/** Whether this file, all of which is read now, has this sum (`uploadSum`). Throws when it cannot be read. */
export async function hasSum(fd: number, sizeBytes: number, sum: string): Promise<boolean> {
  const hash = sum.startsWith('sha256:') ? createHash('sha256') : undefined;
  let crc = 0;
  for (let at = 0; at < sizeBytes; ) {
    const count = readSync(fd, bytes, 0, Math.min(bytes.length, sizeBytes - at), at);
    if (count === 0) break;
    const piece = bytes.subarray(0, count);
    if (hash === undefined) crc = crc32(piece, crc);
    else hash.update(piece);
    at += count;
    await turn();
  }
  return sum === (hash === undefined ? crc32Sum(crc) : `sha256:${hash.digest('hex')}`);
}
