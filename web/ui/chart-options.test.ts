import { expect, it } from 'vitest';
import { roundTop } from './chart-options.ts';

it('the axis of a chart ends at a round size above the highest value, and never below the least', () => {
  expect(roundTop(0, 16_384)).toBe(16_384);
  expect(roundTop(16_385, 16_384)).toBe(32_768);
  expect(roundTop(5_000_000, 1024)).toBe(8 * 1024 * 1024);
  expect(roundTop(0, 0)).toBe(1);
  expect(roundTop(3, 0)).toBe(4);
});
