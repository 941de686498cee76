// More of a day's work in the browser of an installed server: what each flow ends with is read from the machine.
import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { anyOf, type ar, type en } from '../e2e/texts.ts';
import type { Person } from './browser.ts';
import { mustExec, script, type Machine } from './machine.ts';
import type { Site } from './panel.ts';

export type Flow = {
  readonly person: Person;
  readonly page: Page;
  readonly language: 'ar' | 'en';
  readonly texts: typeof ar | typeof en;
  readonly machine: Machine;
  readonly button: (name: string) => Locator;
  readonly field: (name: string) => Locator;
  /** Says once more who it is. */
  readonly confirm: () => Promise<void>;
  /** Somebody without an account. */
  readonly newGuest: () => Promise<Person>;
};

/** A table is made in the console, and a row of it changed in its form. */
export async function workInDatabase(flow: Flow, { id, name }: { id: string; name: string }): Promise<void> {
  const { person, page, texts, machine, button, field, language } = flow;
  const words = texts.databaseConsole;
  await person.goto(`/databases/${id}/console`);
  const tables = page.getByRole('link', { name: texts.databaseBrowse.open, exact: true });
  await tables.click();
  await page.getByText(texts.databaseBrowse.none, { exact: true }).waitFor();
  await page.goBack();
  await page.getByText(words.write, { exact: true }).click();
  const box = page.getByRole('textbox', { name: words.statement, exact: true });
  const run = async (statement: string): Promise<void> => {
    await box.fill(statement);
    await button(words.run).click();
  };
  await run('create table notes (id int primary key auto_increment, note varchar(100) character set utf8mb4)');
  await page.getByText(words.done, { exact: true }).waitFor();
  await run(`insert into notes (note) values ('سطر من ${language}')`);
  await page.getByText(anyOf(words.affected_one)).first().waitFor();
  await page.getByText(words.read, { exact: true }).click();
  await run('delete from notes');
  await page.getByText(words.why.reading.title, { exact: true }).waitFor();
  const { row } = texts.databaseBrowse;
  // It had none a moment ago.
  await tables.click();
  await page.getByText(`سطر من ${language}`, { exact: true }).waitFor();
  await page
    .getByRole('button', { name: anyOf(row.open) })
    .first()
    .click();
  const sheet = page.getByRole('dialog', { name: row.edit, exact: true });
  await sheet.getByLabel('note', { exact: true }).fill("it's changed; --");
  await sheet.getByRole('button', { name: texts.common.actions.save, exact: true }).click();
  await sheet.waitFor({ state: 'hidden' });
  const client = 'exec mariadb --default-character-set=utf8mb4 -N -e "select note from notes" -- "$1"';
  expect(await mustExec(machine, ['bash', '-c', client, 'client', name])).toBe("it's changed; --\n");
  expect(await field(row.edit).count()).toBe(0);
}

/** A file of the site is edited, packed, unpacked elsewhere, thrown away and brought back. */
export async function workOnFile(flow: Flow, { id, root, linuxUser }: Site & { linuxUser: string }, name: string) {
  const { person, page, texts, machine, button, field } = flow;
  const { files: words, fileEditor: editor } = texts;
  const row = (text: string): Locator => page.getByRole('row').filter({ hasText: text });
  await person.goto(`/sites/${id}/files`);
  await page.getByText(name, { exact: true }).dblclick();
  await page.getByRole('textbox', { name: editor.content.replace('{{name}}', name) }).click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.insertText('edited: ');
  await page.getByRole('img', { name: editor.unsaved }).waitFor();
  await page.keyboard.press('Control+s');
  await page.getByRole('img', { name: editor.unsaved }).waitFor({ state: 'detached' });
  expect(await mustExec(machine, ['cat', `${root}/${name}`])).toMatch(/^edited: /);
  await button(editor.close.replace('{{name}}', name)).click();
  await row(name).getByRole('checkbox').check();
  await button(words.archive.pack).click();
  await field(words.name).fill('packed');
  await button(words.archive.make).click();
  await page.getByRole('dialog').getByText('packed.zip').first().waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('grid').getByText('packed.zip', { exact: true }).dblclick();
  await page.getByLabel(words.archive.into, { exact: true }).fill('unpacked');
  await button(words.archive.all).click();
  await page.getByRole('dialog').first().waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('grid').getByText('unpacked', { exact: true }).waitFor();
  const look = await mustExec(machine, ['stat', '-c', '%U', `${root}/packed.zip`, `${root}/unpacked/${name}`]);
  expect(look).toBe(`${linuxUser}\n${linuxUser}\n`);
  await page.getByRole('grid').getByText('unpacked', { exact: true }).waitFor();
  // A click that opened it has selected it.
  await row('packed.zip').getByRole('checkbox').uncheck();
  await row('unpacked').getByRole('checkbox').check();
  const [sent] = await Promise.all([page.waitForEvent('download'), button(words.downloadAll).click()]);
  expect(sent.suggestedFilename()).toBe('unpacked.zip');
  const bytes = readFileSync(await sent.path());
  expect([bytes.toString('latin1', 0, 4), bytes.includes(`unpacked/${name}`)]).toEqual(['PK\u0003\u0004', true]);
  await row('unpacked').getByRole('checkbox').uncheck();
  for (const each of ['packed.zip', 'unpacked']) {
    await row(each).getByRole('checkbox').check();
    await page.getByRole('grid').focus();
    await page.keyboard.press('Delete');
    await page.getByRole('grid').getByText(each, { exact: true }).waitFor({ state: 'detached' });
  }
  await script(machine, `! test -e ${root}/unpacked`);
}

/** Who has the link and its password has the file, without an account and past the secret entry; nobody else does. */
export async function shareFile(flow: Flow, { id, root }: Site, name: string): Promise<void> {
  const { person, page, texts, machine, button } = flow;
  const links = texts.fileLinks;
  await person.goto(`/sites/${id}/files`);
  await page.getByText(name, { exact: true }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: links.share, exact: true }).click();
  await button(links.generate).click();
  const secret = await page.getByLabel(links.password, { exact: true }).inputValue();
  await button(links.make).click();
  const url = await page.getByTestId('file-link').innerText();
  const guest = await flow.newGuest();
  await guest.page.goto(url);
  await guest.page.getByRole('heading', { name }).waitFor();
  await guest.page.locator('#password').fill(secret);
  const [download] = await Promise.all([guest.page.waitForEvent('download'), guest.page.keyboard.press('Enter')]);
  expect(readFileSync(await download.path(), 'utf8')).toBe(await mustExec(machine, ['cat', `${root}/${name}`]));
  await page.keyboard.press('Escape');
  await button(texts.files.more).click();
  await page.getByRole('menuitem', { name: links.list, exact: true }).click();
  await button(links.revoke).click();
  await page.getByRole('dialog', { name: links.revokeTitle }).getByRole('button', { name: links.revoke }).click();
  await page.getByText(links.none, { exact: true }).waitFor();
  expect((await guest.page.goto(url))?.status()).toBe(404);
  await guest.leave();
}

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPw5ClYKZTJVZgOOYyErcpDiglmQuJb5ElALH7ZVXVxN';

/** A user of the machine with a key is made, locked and removed. */
export async function makeMachineUser(flow: Flow): Promise<void> {
  const { person, page, texts, machine, language, confirm } = flow;
  const words = texts.machineAccounts;
  const name = `layla-${language}`;
  await person.goto('/services/machine');
  await page.getByRole('button', { name: words.add, exact: true }).click();
  const form = page.getByRole('dialog', { name: words.add });
  await form.getByRole('textbox', { name: words.name, exact: true }).fill(name);
  await form.getByRole('textbox', { name: words.key }).fill(`${key} layla@laptop`);
  await form.getByRole('button', { name: words.create }).click();
  const sheet = page.getByRole('dialog', { name });
  const question = page.getByRole('dialog', { name: texts.accounts.elevation.title });
  await sheet.or(question).first().waitFor();
  if (await question.isVisible()) await confirm();
  await sheet.getByText('layla@laptop').waitFor();
  expect(await mustExec(machine, ['cat', `/home/${name}/.ssh/authorized_keys`])).toContain('layla@laptop');
  await sheet.getByRole('button', { name: words.lock.action, exact: true }).click();
  await sheet.getByText(words.lock.isLocked).waitFor();
  expect(await mustExec(machine, ['passwd', '--status', name])).toMatch(/ L /);
  await sheet.getByRole('button', { name: words.remove.action }).click();
  const removal = page.getByRole('dialog', { name: anyOf(words.remove.title) });
  await removal.getByRole('textbox').fill(name);
  await removal.getByRole('button', { name: words.remove.action }).click();
  await removal.waitFor({ state: 'detached' });
  await script(machine, `! getent passwd ${name}`);
}
