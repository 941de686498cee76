import { describe, expect, it } from 'vitest';
import { pagesBetween } from './site-pages.ts';

describe('the pages of the rows in sight', () => {
  it('are one, or two at a seam, wherever the list is scrolled to', () => {
    expect(pagesBetween(0, 0, 200)).toEqual([1]);
    expect(pagesBetween(10, 199, 200)).toEqual([1]);
    expect(pagesBetween(190, 210, 200)).toEqual([1, 2]);
    expect(pagesBetween(9_980, 9_999, 200)).toEqual([50]);
  });
});
