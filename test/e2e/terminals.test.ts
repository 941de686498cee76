import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOwner, password, signIn, type Asker } from './ask.ts';
import { findBarriers, keepPicture, settle } from './look-at.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { languages } from './texts.ts';

let panel: Panel;
let owner: Asker;

beforeAll(async () => {
  panel = await startPanel();
  owner = await createOwner(panel);
  await owner.send('POST', '/api/v1/sites', { kind: 'static', domains: ['shop.example.com'] });
});
afterAll(() => panel.close());

describe.each(languages('ar'))('the terminal in $language', ({ language, texts }) => {
  const words = texts.terminals;
  let person: Person;
  let page: Page;

  beforeAll(async () => {
    // A session of its own: what was confirmed in the other language is not confirmed here.
    const { cookie } = await signIn(panel, 'owner');
    person = await newPerson(panel, { cookie, language });
    page = person.page;
    await person.goto('/terminals');
  });
  afterAll(() => person.leave());

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  /** The lines of the screen that is shown. */
  const shows = (text: string | RegExp) =>
    page.locator('[data-terminal]:visible .xterm-rows').getByText(text).first().waitFor();

  it('TERM-1 TERM-2 a shell is opened as a site’s user, answers in Arabic, and is the same after a reload', async () => {
    await page.getByText(words.none, { exact: true }).waitFor();
    await button(words.open).click();
    await page.getByRole('button', { name: 'shop.example.com', exact: true }).click();
    await shows('site-shop.example.com@server');
    await page.keyboard.type('echo مرحبا-$HOME');
    await page.keyboard.press('Enter');
    await shows('مرحبا-$HOME');
    const width = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect(width).toBeLessThanOrEqual(0);
    // One piece, so that its letters join and stand in their order.
    await page.locator('.xterm-joined').getByText('مرحبا', { exact: true }).first().waitFor();
    await page.reload();
    await shows('مرحبا-$HOME');
    await page.getByText(words.states.open, { exact: true }).waitFor();
    await page.locator('[data-terminal]:visible').click();
    await page.keyboard.type('echo ag""ain');
    await page.keyboard.press('Enter');
    await shows('ag""ain');
  });

  it('TERM-2 a second one is root’s after a confirmation, text is larger, and closing asks first', async () => {
    await button(words.open).click();
    await button(words.asRoot).click();
    const elevation = page.getByRole('dialog', { name: texts.accounts.elevation.title });
    await elevation.getByLabel(texts.accounts.proof.label.password, { exact: true }).fill(password);
    await page.keyboard.press('Enter');
    await shows('root@server');
    await button(words.larger).click();
    await page.getByRole('navigation', { name: words.tabs }).getByRole('button').first().click();
    await shows('ag""ain');
    await button(words.close).click();
    await page.getByRole('dialog').getByRole('button', { name: words.close, exact: true }).click();
    await shows('root@server');
    expect(await page.getByRole('navigation', { name: words.tabs }).getByRole('button').count()).toBe(1);
  });

  it('the screen is split between two shells, each with its own keys, also by the keyboard alone', async () => {
    await button(words.open).click();
    await page.getByRole('button', { name: 'shop.example.com', exact: true }).click();
    await shows('site-shop.example.com@server');
    const panes = page.locator('[data-terminal]:visible');
    const press = async (keys: string): Promise<void> => await page.keyboard.press(keys);
    await press('Alt+Shift+KeyS');
    await expect.poll(() => panes.count()).toBe(2);
    const places = async () => await Promise.all([0, 1].map(async (index) => await panes.nth(index).boundingBox()));
    const beside = await places();
    expect(beside[0]?.y).toBe(beside[1]?.y);
    const typed = async (text: string): Promise<string> => {
      await page.keyboard.type(`echo ${text}`);
      await press('Enter');
      await page
        .locator('.xterm-rows')
        .getByText(new RegExp(`^${text}`))
        .first()
        .waitFor();
      return (await page.locator('[data-terminal]').filter({ hasText: text }).getAttribute('data-terminal')) ?? '';
    };
    const first = await typed('one-here');
    await press('Alt+Shift+ArrowLeft');
    const second = await typed('two-there');
    expect(second).not.toBe(first);
    await keepPicture(page, `terminals-split-${language}`);
    await press('Alt+Shift+KeyS');
    await expect
      .poll(async () => (await places()).map((place) => place?.x))
      .toEqual([(await places())[0]?.x, (await places())[0]?.x]);
    await keepPicture(page, `terminals-below-${language}`);
    await press('Alt+Shift+KeyS');
    await expect.poll(() => panes.count()).toBe(1);
    // The one that was opened here goes again; root's stays.
    await page
      .getByRole('navigation', { name: words.tabs })
      .getByRole('button', { name: /site-shop/ })
      .click();
    await button(words.close).click();
    await page.getByRole('dialog').getByRole('button', { name: words.close, exact: true }).click();
    await shows('root@server');
  });

  it('a saved command asks for its value, is put into the line, and runs only when that is chosen', async () => {
    const sheet = page.getByRole('dialog', { name: words.book.title, exact: true });
    const name = `${texts.terminals.book.command} 7`;
    await button(words.book.title).click();
    await sheet.getByRole('button', { name: words.book.add, exact: true }).click();
    await sheet.getByLabel(words.book.name, { exact: true }).fill(name);
    await sheet.getByLabel(words.book.command, { exact: true }).fill('echo {{word}} done');
    await sheet.getByText('word', { exact: true }).waitFor();
    await sheet.getByRole('button', { name: texts.common.actions.save, exact: true }).click();
    const use = async (value: string, how: string): Promise<void> => {
      await sheet.getByText(name, { exact: true }).click();
      await sheet.getByLabel('word', { exact: true }).fill(value);
      await sheet.getByRole('button', { name: how, exact: true }).click();
      await sheet.waitFor({ state: 'detached' });
    };
    await use('two $words', words.book.insert);
    await shows("# echo 'two $words' done");
    // The terminal has the focus again, and nothing has run yet: what is typed goes on in the same line.
    await page.keyboard.type(' more');
    await page.keyboard.press('Enter');
    await shows(/^'two .words' done more/);
    await button(words.book.title).click();
    await use('ready', words.book.run);
    await shows(/^ready done/);
    await button(words.book.title).click();
    await sheet.getByRole('button', { name: words.book.remove.replace('{{name}}', name), exact: true }).click();
    const confirm = page.getByRole('button', { name: words.book.removeConfirm, exact: true });
    await confirm.click();
    await sheet.getByText(words.book.none, { exact: true }).waitFor();
    // While the question is there, Escape is for it.
    await confirm.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await button(words.close).click();
    await page.getByRole('dialog').getByRole('button', { name: words.close, exact: true }).click();
    await page.getByText(words.none, { exact: true }).waitFor();
  });

  it('CERT-2 a saved host is connected to when its fingerprint was compared, and again only when a new one was', async () => {
    const of = words.hosts;
    const sheet = page.getByRole('dialog', { name: of.title, exact: true });
    const press = async (name: string): Promise<void> => await sheet.getByRole('button', { name, exact: true }).click();
    await button(of.title).click();
    await sheet.getByText(of.none, { exact: true }).waitFor();
    await keepPicture(page, `terminal-hosts-none-${language}`);
    await press(of.add);
    await sheet.getByLabel(of.form.name, { exact: true }).fill('مخزن');
    await sheet.getByLabel(of.form.address, { exact: true }).fill('changed.test');
    await sheet.getByLabel(of.form.user, { exact: true }).fill('mona');
    await keepPicture(page, `terminal-hosts-form-${language}`);
    await press(texts.common.actions.save);
    await sheet.getByText(/^ssh-ed25519 /).waitFor();
    await keepPicture(page, `terminal-hosts-key-${language}`);
    await press(of.key.next);
    // Nothing is trusted before somebody says that they compared.
    const accepted = async (confirm: string, trust: string, name: string): Promise<void> => {
      const go = sheet.getByRole('button', { name: trust, exact: true });
      await go.waitFor();
      expect(await go.isDisabled()).toBe(true);
      await keepPicture(page, `terminal-hosts-${name}-${language}`);
      await sheet.getByLabel(confirm, { exact: true }).check();
      await go.click();
    };
    await accepted(of.fingerprint.confirm, of.fingerprint.trust, 'new');
    // This one shows another key from then on.
    await sheet.getByRole('alert').getByText(of.fingerprint.changed, { exact: true }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await accepted(of.fingerprint.confirmAnew, of.fingerprint.trustAnew, 'changed');
    await shows('mona@changed.test');
    await sheet.waitFor({ state: 'detached' });
    await button(of.title).click();
    await sheet.getByText('mona@changed.test', { exact: true }).waitFor();
    await keepPicture(page, `terminal-hosts-${language}`);
    await press(of.remove.replace('{{name}}', 'مخزن'));
    const confirm = page.getByRole('button', { name: of.removeConfirm, exact: true });
    await confirm.click();
    await sheet.getByText(of.none, { exact: true }).waitFor();
    await confirm.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    // Its terminal has ended with it.
    await page.getByText(words.none, { exact: true }).waitFor();
  });

  it('what a recorded terminal showed is watched, moved about in, and thrown away after a question', async () => {
    const of = words.recordings;
    const sheet = page.getByRole('dialog', { name: of.title, exact: true });
    const openSheet = () => page.getByRole('button', { name: of.title, exact: true }).click();
    await openSheet();
    await sheet.getByText(of.none, { exact: true }).waitFor();
    const record = async (what: 'all' | 'none'): Promise<void> => {
      await sheet.getByRole('combobox', { name: of.which, exact: true }).click();
      await page.getByRole('option', { name: of.recorded[what], exact: true }).click();
      const save = sheet.getByRole('button', { name: texts.common.actions.save, exact: true });
      await save.click();
      await sheet.locator('button:disabled').getByText(texts.common.actions.save, { exact: true }).waitFor();
    };
    await record('all');
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await button(words.open).click();
    await page.getByRole('button', { name: 'shop.example.com', exact: true }).click();
    await page.getByText(of.badge, { exact: true }).waitFor();
    await shows('@server');
    await page.keyboard.type('echo kept');
    await page.keyboard.press('Enter');
    await shows(/^kept/);
    await button(words.close).click();
    await page.getByRole('dialog').getByRole('button', { name: words.close, exact: true }).click();
    await page.getByText(words.none, { exact: true }).waitFor();
    await openSheet();
    await sheet.locator('li button').first().click();
    await sheet.getByRole('button', { name: of.pause, exact: true }).click();
    await sheet.getByRole('slider', { name: of.position, exact: true }).press('End');
    await sheet.locator('.xterm-rows').getByText(/^kept/).waitFor();
    await keepPicture(page, `terminal-recording-${language}`);
    await sheet.getByRole('button', { name: of.back, exact: true }).click();
    await sheet.locator('li').waitFor();
    await keepPicture(page, `terminal-recordings-${language}`);
    await sheet.locator('li button').last().click();
    const confirm = page.getByRole('button', { name: of.remove, exact: true });
    await confirm.click();
    await sheet.getByText(of.none, { exact: true }).waitFor();
    await confirm.waitFor({ state: 'detached' });
    await record('none');
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    // The browser tells of the refusal before the confirmation itself.
    expect(person.problems.filter((problem) => !problem.includes('403'))).toEqual([]);
  });

  it('one terminal is recorded because its person wishes it; those of a role because the role says so, and no choice is left', async () => {
    const { roles } = texts.people;
    const of = words.recordings;
    const wish = page.getByRole('checkbox', { name: of.wish, exact: true });
    const start = async (): Promise<void> => {
      await page.getByRole('button', { name: 'shop.example.com', exact: true }).click();
      await shows('@server');
    };
    const close = async (): Promise<void> => {
      await button(words.close).click();
      await page.getByRole('dialog').getByRole('button', { name: words.close, exact: true }).click();
      await page.getByText(words.none, { exact: true }).waitFor();
    };
    await button(words.open).click();
    await wish.check();
    await settle(page);
    await keepPicture(page, `terminals-wish-${language}`);
    await start();
    await page.getByText(of.badge, { exact: true }).waitFor();
    await close();
    await person.goto('/people/roles');
    await page.locator('main li button').filter({ hasText: roles.meanings.owner }).click();
    const choice = page.getByRole('radiogroup', { name: roles.recording, exact: true });
    await choice.getByText(roles.recordings.always, { exact: true }).click();
    await page.getByText(roles.recordingTexts.always, { exact: false }).waitFor();
    await expect.poll(() => choice.getByRole('radio', { name: roles.recordings.always }).isEnabled()).toBe(true);
    await keepPicture(page, `roles-recording-${language}`);
    await person.goto('/terminals');
    await button(words.open).click();
    await page.getByText(of.byRole, { exact: true }).waitFor();
    expect(await wish.count()).toBe(0);
    await keepPicture(page, `terminals-by-role-${language}`);
    await start();
    await page.getByText(of.badgeByRole, { exact: true }).waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    await keepPicture(page, `terminals-recorded-phone-${language}`);
    await page.setViewportSize({ width: 1366, height: 900 });
    await close();
    await owner.elevate();
    await owner.send('PUT', '/api/v1/roles/owner/recording', { recording: 'chosen' });
    const { items } = await owner.get<{ items: { id: string }[] }>('/api/v1/terminal-recordings');
    expect(items).toHaveLength(2);
    for (const { id } of items) await owner.send('DELETE', `/api/v1/terminal-recordings/${id}`);
    expect(person.problems.filter((problem) => !problem.includes('403'))).toEqual([]);
  });
});
