import { expect, it } from 'vitest';
import { idPattern } from '#shared/http.ts';
import { newId, newToken } from './id.ts';

it('a token is 256 random bits, an id 80, and no two are alike', () => {
  const tokens = Array.from({ length: 2_000 }, () => newToken());
  const ids = Array.from({ length: 2_000 }, () => newId());
  for (const token of tokens) expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  for (const id of ids) expect(id).toMatch(idPattern);
  expect(new Set(tokens).size).toBe(tokens.length);
  expect(new Set(ids).size).toBe(ids.length);
  // Every bit is one about half of the time: six standard deviations of 2,000 tosses are 134.
  for (let bit = 0; bit < 256; bit += 1) {
    const ones = tokens.filter((token) => ((Buffer.from(token, 'base64url')[bit >> 3] ?? 0) >> (bit & 7)) & 1).length;
    expect(Math.abs(ones - 1_000), `bit ${bit}`).toBeLessThan(150);
  }
});
