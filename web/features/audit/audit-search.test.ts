import { expect, it } from 'vitest';
import { auditSearch } from './audit-search.ts';

it('an address with filters gives them back, and what does not fit is left out', () => {
  const whole = { action: 'signIn', actor: 'omar', outcome: 'refused', search: '203', from: '2026-03-01', page: 3 };
  expect(auditSearch(whole)).toEqual(whole);
  expect(
    auditSearch({ action: 7, outcome: 'maybe', from: '1.3.2026', to: '2026-13-01', page: -2, orderBy: 'id' }),
  ).toEqual({});
  expect(auditSearch({ page: 1, search: '' })).toEqual({});
});
