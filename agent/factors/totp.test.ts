import { describe, expect, it } from 'vitest';
import { decodeBase32, findStep, hotp, stepAt } from './totp.ts';

const key = Buffer.from('12345678901234567890');
/** The same in base 32. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('RFC 4226, appendix D', () => {
  it.each(
    ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'].map(
      (code, counter) => [counter, code] as const,
    ),
  )('the code of counter %i is %s', (counter, code) => {
    expect(hotp(key, counter)).toBe(code);
  });
});

describe('RFC 6238, appendix B (SHA-1, the last six of its eight digits)', () => {
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('at second %i', (second, eight) => {
    expect(hotp(key, stepAt(second * 1000))).toBe(eight.slice(2));
    expect(findStep(secret, eight.slice(2), second * 1000, 0)).toBe(Math.floor(second / 30));
  });
});

it('RFC 4648, 10: base 32 is read', () => {
  expect(decodeBase32(secret)).toEqual(key);
  expect(decodeBase32('MZXW6YTBOI').toString()).toBe('foobar');
  expect(() => decodeBase32('MZXW6YTBO1')).toThrow(TypeError);
});

describe('a code', () => {
  const now = 1_700_000_000_000;
  const codeAt = (steps: number): string => hotp(key, stepAt(now) + steps);

  it('of the step before and after is taken, of two away not', () => {
    for (const steps of [-1, 0, 1]) expect(findStep(secret, codeAt(steps), now, 0)).toBe(stepAt(now) + steps);
    for (const steps of [-2, 2]) expect(findStep(secret, codeAt(steps), now, 0)).toBeUndefined();
  });

  it('is taken once, and none older than one that was taken', () => {
    const taken = findStep(secret, codeAt(0), now, 0) ?? 0;
    expect(findStep(secret, codeAt(0), now, taken)).toBeUndefined();
    expect(findStep(secret, codeAt(-1), now, taken)).toBeUndefined();
    expect(findStep(secret, codeAt(1), now, taken)).toBe(taken + 1);
  });

  it.each(['', '12345', '1234567', 'abcdef', '١٢٣٤٥٦', '-12345'])('%j is none', (code) => {
    expect(findStep(secret, code, now, 0)).toBeUndefined();
  });
});
