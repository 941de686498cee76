import { expect, it } from 'vitest';
import { changesOf, failureOf, otherDetail } from './audit-detail.ts';

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

it('before and after are shown as what differs, and not once more as data', () => {
  const detail = {
    before: { role: 'viewer', isDisabled: false, siteIds: [], mustHaveSecondFactor: true },
    after: { role: 'operator', isDisabled: false, siteIds: ['a'], displayName: 'Omar' },
    name: 'omar',
  };
  expect(changesOf(detail)).toEqual([
    { name: 'role', before: 'viewer', after: 'operator' },
    { name: 'siteIds', before: '[]', after: '["a"]' },
    { name: 'displayName', before: null, after: 'Omar' },
  ]);
  expect(otherDetail(detail)).toBe('{\n  "name": "omar"\n}');
  expect(changesOf({ before: { name: 'shop' } })).toEqual([{ name: 'name', before: 'shop', after: null }]);
});

it('invisible characters of a stranger are written out in the data', () => {
  expect(otherDetail({ name: 'a\u202eb\u001b' })).toBe('{\n  "name": "a\\u202eb\\u001b"\n}');
});
