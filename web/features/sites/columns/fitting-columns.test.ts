import { expect, it } from 'vitest';
import { siteColumns, usualSiteColumns } from '#shared/site-columns.ts';
import { fitColumns } from './fitting-columns.ts';

it('all columns have a place where there is room; what has none stands below, and names keep theirs', () => {
  expect(fitColumns(siteColumns, 1_600, false)).toMatchObject({ shown: siteColumns, below: [] });
  expect(fitColumns(usualSiteColumns, 976, false).below).toEqual([]);
  const narrow = fitColumns(siteColumns, 976, false);
  expect([...narrow.shown, ...narrow.below].toSorted()).toEqual(siteColumns.toSorted());
  expect(narrow.below.length).toBeGreaterThan(0);
  const taken = [...narrow.template.matchAll(/(\d+)px/g)].reduce((sum, [, pixels]) => sum + Number(pixels) + 16, 34);
  expect(976 - taken).toBeGreaterThanOrEqual(200);
});

it('on a phone everything but the kind is a line of the card', () => {
  const { shown, below } = fitColumns(['kind', 'backup', 'bytes'], 380, true);
  expect([shown, below]).toEqual([['kind'], ['backup', 'bytes']]);
});
