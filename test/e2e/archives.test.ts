import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOwner, type Asker } from './ask.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { ar } from './texts.ts';

const words = ar.archives;

let panel: Panel;
let owner: Asker;
let person: Person;
let page: Page;
let siteId = '';

beforeAll(async () => {
  panel = await startPanel();
  owner = await createOwner(panel);
  const made = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', {
    kind: 'static',
    domains: ['shop.example.com'],
  });
  siteId = made.site.id;
  person = await newPerson(panel, { cookie: owner.cookie });
  page = person.page;
  await person.goto(`/sites/${siteId}/archives`);
});
afterAll(async () => {
  await person.leave();
  await panel.close();
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const choose = (name: string, bytes: number) =>
  page.setInputFiles('input[type=file]', { name, mimeType: 'application/gzip', buffer: Buffer.alloc(bytes, 7) });

it('an archive is sent in pieces through a broken connection, looked at, put into the site and taken back', async () => {
  let failures = 0;
  await page.route('**/archives/*/data', async (route) => {
    const isSecond = (route.request().postDataJSON() as { offset: number }).offset > 0 && failures === 0;
    if (isSecond) failures++;
    await (isSecond ? route.abort('connectionreset') : route.continue());
  });
  await choose('wordpress.tar.gz', 1_300_000);
  await page.getByText(words.form.title, { exact: true }).waitFor({ timeout: 20_000 });
  expect(failures).toBe(1);
  await page.getByText('wp-content', { exact: true }).waitFor();
  await page.getByText(words.items.isThere, { exact: true }).waitFor();
  // Where it goes is checked as it is typed.
  const folder = page.getByLabel(words.form.folder, { exact: true });
  await folder.fill('../x');
  await page.getByText(ar.errors.fields.folder_in_site_invalid).waitFor();
  expect(await button(words.form.unpack).isDisabled()).toBe(true);
  await folder.fill('blog');
  await folder.press('Enter');
  await page.getByLabel(words.form.choices.replace, { exact: true }).check();
  await button(words.form.unpack).click();
  await page.getByText(words.states.succeeded, { exact: true }).waitFor({ timeout: 30_000 });
  await button(words.list.undo).click();
  await page.getByRole('dialog').getByRole('button', { name: words.list.undo, exact: true }).click();
  await page.getByText(words.states.undone, { exact: true }).waitFor();
});

it('one that is refused says which entry is at fault, and one that was broken off can be thrown away', async () => {
  await choose('hostile.zip', 1_000);
  await page.getByText('../../etc/cron.d/x').waitFor();
  expect(await button(words.form.unpack).count()).toBe(0);
  await button(words.form.discard).click();
  await page.getByText('../../etc/cron.d/x').waitFor({ state: 'detached' });
  await owner.send('POST', `/api/v1/sites/${siteId}/archives`, { fileName: 'half.zip', sizeBytes: 5_000 });
  await page.reload();
  await page.getByText(words.send.broken, { exact: true }).waitFor();
  await button(words.form.discard).click();
  await page.getByText(words.send.broken, { exact: true }).waitFor({ state: 'detached' });
});
