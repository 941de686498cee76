import { createCipheriv, createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { createBlockSum } from '#shared/block-sum.ts';
import { blockSumOf } from './block-sum.ts';

const mib = 1024 ** 2;
const { signal } = new AbortController();

it('FILE-4 the sum of a file is the same in the browser and here, however its pieces fall, and another one after any change', async () => {
  const bytes = Buffer.alloc(9 * mib + 12_345);
  for (let at = 0; at < bytes.length - 4; at += 4) bytes.writeUInt32LE(Math.imul(at, 0x9e3779b1) >>> 0, at);
  const sums = new Set<string>();
  const lengths = [0, 1, 15, 16, mib - 1, mib, mib + 1, 8 * mib, bytes.length];
  for (const length of lengths) {
    const whole = bytes.subarray(0, length);
    const inBrowser = await blockSumOf(new Blob([whole]), signal);
    sums.add(inBrowser);
    for (const step of [65_536, 100_001, mib, 3 * mib, bytes.length]) {
      const sum = createBlockSum();
      for (let at = 0; at < length; at += step) sum.add(whole.subarray(at, at + step));
      expect([length, step, sum.end()]).toEqual([length, step, inBrowser]);
    }
  }
  expect(sums.size).toBe(lengths.length);
  const all = await blockSumOf(new Blob([bytes]), signal);
  const [first, second, rest] = [bytes.subarray(0, mib), bytes.subarray(mib, 2 * mib), bytes.subarray(2 * mib)];
  for (const parts of [
    // Two blocks in each other's place, one twice, one bit.
    [second, first, rest],
    [first, first, rest],
    [first, second, Buffer.concat([rest.subarray(0, -1), Buffer.from([(rest.at(-1) ?? 0) ^ 1])])],
  ])
    expect(await blockSumOf(new Blob(parts), signal)).not.toBe(all);
});

it('FILE-4 the sum is what its description says: the tags of GMAC with a key and a nonce of zeros', async () => {
  const blocks = [Buffer.alloc(mib, 'ا'), Buffer.from('the rest')];
  const tags = blocks.map((block) => {
    const cipher = createCipheriv('aes-128-gcm', Buffer.alloc(16), Buffer.alloc(12)).setAAD(block);
    cipher.final();
    return cipher.getAuthTag();
  });
  const expected = `gmac:${createHash('sha256').update(Buffer.concat(tags)).digest('hex')}`;
  expect(await blockSumOf(new Blob(blocks), signal)).toBe(expected);
  // NIST SP 800-38D, test case 1 of McGrew and Viega: no text at all.
  const none = createCipheriv('aes-128-gcm', Buffer.alloc(16), Buffer.alloc(12));
  none.final();
  expect(none.getAuthTag().toString('hex')).toBe('58e2fccefa7e3061367f1d57a4e7455a');
});
