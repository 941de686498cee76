import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { keepPicture, settle } from './look-at.ts';
import type { Texts } from './screens.ts';

type Words = Texts['files'];

/** The open folder as tiles: keys in two directions, order, filter and menu, and after the page was loaded anew. */
export async function lookAsTiles(page: Page, words: Words, isRtl: boolean): Promise<void> {
  const [forward, backward] = isRtl ? ['ArrowLeft', 'ArrowRight'] : ['ArrowRight', 'ArrowLeft'];
  await page.getByTitle(words.asGrid, { exact: true }).click();
  const grid = page.getByRole('grid');
  const columns = Number(await grid.getAttribute('aria-colcount'));
  const chosen = `[...document.querySelectorAll('[role="gridcell"][aria-selected="true"]')].map(({ id }) => id).join()`;
  await grid.focus();
  for (const [key, expected] of [
    ['Home', 'file-0'],
    [forward, 'file-1'],
    ['ArrowDown', `file-${columns + 1}`],
    ['ArrowUp', 'file-1'],
    [backward, 'file-0'],
    [`Shift+${forward}`, 'file-0,file-1'],
  ] as const) {
    await page.keyboard.press(key);
    await expect.poll(() => page.evaluate(chosen), { message: key }).toBe(expected);
  }
  // One order and one filter for both.
  for (const choice of [words.columns.size, words.descending]) {
    await page.getByTitle(words.order, { exact: true }).click();
    await page.getByRole('menuitemradio', { name: choice, exact: true }).click();
  }
  await page.getByLabel(words.filter, { exact: true }).fill('a');
  const names = async (role: 'gridcell' | 'row') =>
    (await page.getByRole(role).allInnerTexts()).flatMap(
      (text) => /access\.log|backup\.tar\.gz|index/.exec(text)?.[0] ?? [],
    );
  await expect.poll(() => names('gridcell')).toEqual(['access.log', 'backup.tar.gz']);
  await page.getByTitle(words.asList, { exact: true }).click();
  await expect.poll(() => names('row')).toEqual(['access.log', 'backup.tar.gz']);
  await page.getByTitle(words.asGrid, { exact: true }).click();
  await page.getByRole('gridcell', { name: 'access.log' }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: words.rename, exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.reload();
  await page.getByRole('gridcell', { name: 'access.log' }).waitFor();
  await page.getByTitle(words.asList, { exact: true }).click();
}

/** By the tree into a folder and back, with folders in tabs. Begins at the site's folder, as a list. */
export async function goThroughTree(page: Page, words: Words, isRtl: boolean): Promise<void> {
  const [forward, backward] = isRtl ? ['ArrowLeft', 'ArrowRight'] : ['ArrowRight', 'ArrowLeft'];
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  await button(words.tree).click();
  const tree = page.getByRole('tree');
  const folder = (name: string) => tree.getByRole('treeitem', { name, exact: true });
  await folder('assets').waitFor();
  await tree.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByText('style.css', { exact: true }).waitFor();
  expect(await folder('assets').getAttribute('aria-selected')).toBe('true');
  // Up to the site's folder, which is folded and unfolded.
  await page.keyboard.press(backward);
  await page.keyboard.press(backward);
  await folder('assets').waitFor({ state: 'detached' });
  await page.keyboard.press(forward);
  await folder('assets').waitFor();
  await button(words.home).first().click();
  await page.getByRole('grid').getByText('assets', { exact: true }).click({ button: 'middle' });
  const tab = (name: string) => page.getByRole('tab', { name, exact: true });
  await tab('assets').waitFor();
  expect(await tab(words.home).getAttribute('aria-selected')).toBe('true');
  await tab(words.home).focus();
  await page.keyboard.press(forward);
  await page.keyboard.press('Enter');
  await page.getByText('style.css', { exact: true }).click();
  // Back in the other tab nothing is selected, and the tab stays open.
  await page.goBack();
  await page.getByRole('row').filter({ hasText: 'access.log' }).waitFor();
  await page.getByRole('row', { selected: true }).waitFor({ state: 'detached' });
  await expect.poll(() => button(words.remove).isEnabled()).toBe(false);
  await page.goForward();
  await page.getByText('style.css', { exact: true }).waitFor();
  await folder('تقارير الشهر').click();
  await page.getByText('تقرير 1.pdf', { exact: true }).waitFor();
  await page.reload();
  await tab('تقارير الشهر').waitFor();
  expect(await page.getByRole('tab').count()).toBe(2);
  expect(await tab('تقارير الشهر').getAttribute('aria-selected')).toBe('true');
  await tab('تقارير الشهر').press('Delete');
  await page.getByRole('tab').first().waitFor({ state: 'detached' });
  await page.getByRole('row').filter({ hasText: 'access.log' }).waitFor();
  // The focus stays with the files.
  const hasFocus = `document.activeElement !== document.body && document.activeElement.closest('header, nav') === null`;
  await expect.poll(() => page.evaluate(hasFocus)).toBe(true);
  await button(words.tree).click();
  await tree.waitFor({ state: 'detached' });
}

/** A remark is written from the menu, stands in list, grid and permissions, is found by the filter, and is taken away. */
export async function remarkOn(page: Page, words: Words, name: string, picture: string): Promise<void> {
  const remark = 'لا تحذفه: keep until May';
  const write = async (text: string): Promise<void> => {
    await page.getByRole('row').filter({ hasText: name }).first().click({ button: 'right' });
    await page.getByRole('menuitem', { name: words.remark.edit, exact: true }).click();
    const dialog = page.getByRole('dialog', { name: words.remark.title, exact: true });
    await dialog.getByRole('textbox').fill(text);
    await settle(page);
    if (text !== '') await keepPicture(page, `${picture}-dialog`);
    await dialog.getByRole('button', { name: words.remark.save, exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
  };
  await write(remark);
  await page.getByText(remark, { exact: true }).waitFor();
  await keepPicture(page, picture);
  await page.getByLabel(words.filter, { exact: true }).fill('UNTIL may');
  await expect.poll(() => page.getByRole('row').count()).toBe(2);
  await page.getByTitle(words.asGrid, { exact: true }).click();
  await page.getByTitle(`${name}\n${remark}`, { exact: true }).waitFor();
  await settle(page);
  await keepPicture(page, `${picture}-grid`);
  await page.getByTitle(words.asList, { exact: true }).click();
  await write('');
  await page.getByText(words.noMatch, { exact: true }).waitFor();
  await page.getByLabel(words.filter, { exact: true }).fill('');
}
