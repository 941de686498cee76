import { expect, it } from 'vitest';
import { endOf } from './site-end.ts';

it.each([
  [null, undefined],
  ['2026-01-01T00:00:00.000Z', 'ended'],
  ['2026-06-01T00:00:00.000Z', 'ended'],
  ['2026-06-01T00:00:01.000Z', 'soon'],
  ['2026-06-15T00:00:00.000Z', 'soon'],
  ['2026-06-15T00:00:00.001Z', undefined],
])('a site that ends at %s is on the first of June: %s', (endsAt, end) => {
  const reach = {
    isDefault: false,
    front: null,
    endsAt,
    page: { title: '', text: '' },
    offPage: { title: '', text: '' },
  };
  expect(endOf({ reach }, Date.parse('2026-06-01T00:00:00.000Z'))).toBe(end);
});
