import { crc32 } from 'node:zlib';
import { expect, it } from 'vitest';
import { addCrc32 } from './crc32.ts';

it('FILE-4 the sum of a file is the same in the browser, however its pieces fall', () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7919) % 256);
  for (const length of [0, 1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 4_096, 70_000]) {
    const whole = bytes.subarray(0, length);
    for (const step of [1, 3, 8, 13, 64, 1_000, 70_000]) {
      let sum = 0;
      for (let at = 0; at < length; at += step) sum = addCrc32(sum, whole.subarray(at, at + step));
      expect([length, step, sum]).toEqual([length, step, crc32(whole)]);
    }
  }
});
