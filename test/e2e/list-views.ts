import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { keepPicture, settle } from './look-at.ts';
import type { Texts } from './screens.ts';
import { anyOf } from './texts.ts';

type List = {
  readonly words: Texts['sites']['list'];
  /** The head of the column with the names. */
  readonly head: string;
  /** Names as they stand in the list. */
  readonly names: () => Promise<readonly string[]>;
  readonly searchLabel: string;
  /** One of them that nothing else has in it. */
  readonly one: string;
  readonly picture: string;
};

/** Sorted by a head with the pointer and the keyboard, searched, loaded anew, and sorted from the menu on a phone. */
export async function sortAndSearch(
  page: Page,
  { words, head, names, searchLabel, one, picture }: List,
): Promise<void> {
  const heading = page.getByRole('columnheader', { name: head, exact: true });
  const order = async () => await heading.getAttribute('aria-sort');
  const inAddress = (key: string): string | null => new URL(page.url()).searchParams.get(key);
  await heading.getByRole('button').click();
  await expect.poll(() => inAddress('sort')).toBe('name');
  await heading.getByRole('button').focus();
  if ((await order()) === 'descending') await page.keyboard.press('Enter');
  await expect.poll(order).toBe('ascending');
  const ascending = await names();
  expect(ascending.length).toBeGreaterThan(1);
  expect(ascending).toEqual(
    ascending.toSorted(new Intl.Collator('ar', { numeric: true, sensitivity: 'base' }).compare),
  );
  await page.keyboard.press('Enter');
  await expect.poll(order).toBe('descending');
  await expect.poll(names).toEqual(ascending.toReversed());
  expect(await page.getByRole('columnheader').and(page.locator('[aria-sort="descending"]')).count()).toBe(1);
  await page.locator('tbody tr').last().scrollIntoViewIfNeeded();
  await keepPicture(page, picture);
  await page.reload();
  await expect.poll(names).toEqual(ascending.toReversed());
  const search = page.getByRole('searchbox', { name: searchLabel, exact: true });
  const before = inAddress('search') ?? '';
  await search.fill(one);
  await expect.poll(names).toEqual([one]);
  expect(inAddress('search')).toBe(one);
  await search.fill(before);
  await expect.poll(() => inAddress('search') ?? '').toBe(before);
  const size = page.viewportSize() ?? { width: 1440, height: 900 };
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: anyOf(words.sortBy) }).click();
  await page.getByRole('menuitemradio', { name: words.asc, exact: true }).click();
  await expect.poll(names).toEqual(ascending);
  await page.getByRole('searchbox', { name: searchLabel, exact: true }).scrollIntoViewIfNeeded();
  await settle(page);
  await keepPicture(page, `${picture}-phone`);
  await page.setViewportSize(size);
}
