import { expect, it } from 'vitest';
import { roundAges, roundTop } from './chart-options.ts';

it('the axis of a chart ends at a round size above the highest value, and never below the least', () => {
  expect(roundTop(0, 16_384)).toBe(16_384);
  expect(roundTop(16_385, 16_384)).toBe(32_768);
  expect(roundTop(5_000_000, 1024)).toBe(8 * 1024 * 1024);
  expect(roundTop(0, 0)).toBe(1);
  expect(roundTop(3, 0)).toBe(4);
});

it('the axis of time names round ages, whatever the length of time', () => {
  const [minute, hour, day] = [60, 3_600, 86_400];
  expect(roundAges(300)).toEqual([4, 3, 2, 1, 0].map((each) => each * minute));
  expect(roundAges(4 * hour)).toEqual([3, 2, 1, 0].map((each) => each * hour));
  expect(roundAges(23 * hour)).toEqual([18, 12, 6, 0].map((each) => each * hour));
  expect(roundAges(6 * day + 23 * hour)).toEqual([6, 4, 2, 0].map((each) => each * day));
  expect(roundAges(29 * day)).toEqual([28, 21, 14, 7, 0].map((each) => each * day));
  expect(roundAges(2 * hour, hour)).toEqual([hour, 0]);
  expect(roundAges(hour, hour)).toEqual([0]);
  for (let window = 1; window < 400 * day; window = Math.ceil(window * 1.37)) {
    const ages = roundAges(window);
    expect(ages.length).toBeGreaterThan(0);
    expect(ages.length).toBeLessThanOrEqual(5);
    expect(Math.max(...ages)).toBeLessThan(window);
    expect(ages.at(-1)).toBe(0);
  }
});
