import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { createSha256 } from './sha256.ts';

it('FILE-4 the sum of a file is the same in the browser, however its pieces fall', () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7919) % 251);
  for (const length of [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 4_096, 70_000]) {
    const whole = bytes.subarray(0, length);
    const wanted = createHash('sha256').update(whole).digest('hex');
    for (const step of [1, 13, 64, 1_000, 70_000]) {
      if (step === 1 && length > 5_000) continue;
      const sum = createSha256();
      for (let at = 0; at < length; at += step) sum.update(whole.subarray(at, at + step));
      expect([length, step, sum.hex()]).toEqual([length, step, wanted]);
    }
  }
});
