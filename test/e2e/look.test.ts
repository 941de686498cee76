import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createOwner, type Asker } from './ask.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { ar, en } from './texts.ts';

let panel: Panel;
let owner: Asker;
let person: Person;

beforeAll(async () => {
  panel = await startPanel();
  owner = await createOwner(panel);
  await owner.send('POST', '/api/v1/sites', { kind: 'static', domains: ['bakery.example.com'], name: 'مخبز الحي' });
});
afterAll(() => panel.close());
beforeEach(async () => {
  await owner.send('PUT', '/api/v1/me/preferences', {
    language: 'auto',
    theme: 'auto',
    digits: 'latn',
    timeZone: 'auto',
  });
  person = await newPerson(panel, { cookie: owner.cookie });
});
afterEach(async () => {
  expect(person.problems).toEqual([]);
  await person.leave();
});

const root = (attribute: string): string => `document.documentElement.getAttribute('${attribute}')`;

/** By how many pixels the mark under a chosen segment is beside it. */
const markIsOff = `(() => {
  const left = (of) => document.querySelector('main ' + of).getBoundingClientRect().left;
  return Math.abs(left('.mantine-SegmentedControl-indicator') - left('.mantine-SegmentedControl-label[data-active]'));
})()`;

const themeIs = (page: Page, theme: string): Promise<void> =>
  page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor({ state: 'attached' });

it('UX-6 from opening the panel to a new theme and back to a page, by keyboard alone', async () => {
  const { page } = person;
  await person.goto('/');
  await page.getByRole('navigation', { name: ar.shell.nav.label }).waitFor();
  await page.keyboard.press('Tab');
  // The first stop jumps over the navigation.
  expect(await page.evaluate('document.activeElement.textContent')).toBe(ar.shell.nav.skip);
  await page.keyboard.press('Enter');
  expect(await page.evaluate('document.activeElement.id')).toBe('content');

  await page.keyboard.press('Control+K');
  const field = page
    .getByRole('textbox', { name: ar.shell.palette.title })
    .or(page.getByRole('combobox', { name: ar.shell.palette.title }));
  const isInField = async () => await page.evaluate('document.activeElement.tagName');
  await field.waitFor();
  await expect.poll(isInField).toBe('INPUT');
  await page.keyboard.type(ar.shell.palette.toggleTheme.slice(0, 12));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await themeIs(page, 'dark');

  // What is typed while the palette still closes goes nowhere.
  await field.waitFor({ state: 'hidden' });
  await page.keyboard.press('Control+K');
  await field.waitFor();
  await expect.poll(isInField).toBe('INPUT');
  await page.keyboard.type('مخبز');
  await page.getByRole('dialog', { name: ar.shell.palette.title }).getByText('bakery.example.com').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/sites\/[a-z2-7]{16}$/);
});

it('UX-4 the language switches in place, with its direction, and is kept', async () => {
  const { page } = person;
  await person.goto('/settings');
  await page.getByRole('button', { name: ar.shell.top.account }).click();
  await page.getByRole('menuitem', { name: ar.shell.palette.switchLanguage }).click();
  await page.getByRole('navigation', { name: en.shell.nav.label }).waitFor();
  expect(await page.evaluate(root('lang'))).toBe('en');
  expect(await page.evaluate(root('dir'))).toBe('ltr');
  // The mark of what is chosen goes with the words.
  await expect.poll(() => page.evaluate(markIsOff)).toBeLessThan(2);

  // From the first paint of the next visit.
  await page.reload({ waitUntil: 'commit' });
  await page.locator('html[lang="en"][dir="ltr"]').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: en.shell.top.account }).click();
  await page.getByRole('menuitem', { name: en.shell.palette.switchLanguage }).click();
  await page.getByRole('navigation', { name: ar.shell.nav.label }).waitFor();
  expect(await page.evaluate(root('dir'))).toBe('rtl');
});

it('the theme is chosen, kept by the account, and right from the first paint', async () => {
  const { page } = person;
  await person.goto('/settings');
  await page.getByRole('radio', { name: ar.shell.top.theme.dark }).click();
  await themeIs(page, 'dark');
  await page.reload({ waitUntil: 'commit' });
  await themeIs(page, 'dark');

  // Another browser of the same person follows.
  const other = await newPerson(panel, { cookie: owner.cookie });
  await other.goto('/settings');
  await themeIs(other.page, 'dark');
  expect(other.problems).toEqual([]);
  await other.leave();
});

it('UX-5 digits are Latin or Arabic-Indic by choice, everywhere at once', async () => {
  const { page } = person;
  await person.goto('/settings');
  await page.getByText('1,234,567.8').waitFor();
  await page.getByRole('radio', { name: ar.settings.appearance.arab }).click();
  await page.getByText('١٬٢٣٤٬٥٦٧٫٨').waitFor();
  await person.goto('/audit');
  await page.getByRole('heading', { level: 1, name: ar.audit.title }).waitFor();
  await page.locator('main time').first().waitFor();
  expect(await page.locator('main time').first().textContent()).toMatch(/^[٠-٩]{2}:[٠-٩]{2}:[٠-٩]{2}$/);
});

it('the time zone is found by its Arabic name and shows the time there', async () => {
  const { page } = person;
  await person.goto('/settings');
  const field = page
    .getByRole('combobox', { name: ar.settings.appearance.timeZone })
    .or(page.getByRole('textbox', { name: ar.settings.appearance.timeZone }))
    .first();
  await field.click();
  await field.fill('طوكيو');
  await field.fill('tokyo');
  await page.getByRole('option', { name: /Asia\/Tokyo/ }).click();
  // 14:07 UTC is 23:07 in Tokyo.
  await page.getByText(/11:07:00|23:07:00/).waitFor();
});
