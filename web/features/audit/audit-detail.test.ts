import { expect, it } from 'vitest';
import { failureOf, otherDetail } from './audit-detail.ts';

it('a refusal is shown with its code and reason, apart from the other data', () => {
  const detail = { failure: { code: 'rate_limited', reason: 'sign_in_rate_limited' }, name: 'shop' };
  expect(failureOf(detail)).toEqual({ code: 'rate_limited', words: 'rate_limited / sign_in_rate_limited' });
  expect(otherDetail(detail)).toBe('{\n  "name": "shop"\n}');
});

it('a line without a failure has none, whatever else it holds', () => {
  expect(failureOf({})).toBeUndefined();
  expect(failureOf({ failure: 'text' })).toBeUndefined();
  expect(failureOf({ failure: { code: 'internal', reason: null } })?.words).toBe('internal');
  expect(otherDetail({ failure: { code: 'internal' } })).toBeUndefined();
});
