import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPerson, createOwner, type Asker } from './ask.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { ar, languages } from './texts.ts';

let panel: Panel;
let owner: Asker;
const siteIds: string[] = [];

beforeAll(async () => {
  panel = await startPanel();
  owner = await createOwner(panel);
  for (const domain of ['shop.example.com', 'other.example.com']) {
    const made = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', {
      kind: 'static',
      domains: [domain],
    });
    siteIds.push(made.site.id);
  }
});
afterAll(() => panel.close());

const pathOf = (site: number): string => `/sites/${siteIds[site] ?? ''}/files`;

describe.each(languages('ar'))('files in $language', ({ language, texts }) => {
  const words = texts.files;
  let person: Person;
  let page: Page;

  beforeAll(async () => {
    person = await newPerson(panel, { cookie: owner.cookie, language });
    page = person.page;
    await person.goto(pathOf(language === 'ar' ? 0 : 1));
  });
  afterAll(() => person.leave());

  const row = (name: string) => page.getByRole('row').filter({ hasText: name });
  const button = (name: string) => page.getByRole('button', { name, exact: true });

  it('FILE-1 a folder is made, a file is copied into it by keyboard, renamed, deleted and brought back', async () => {
    await page.getByText('index.html', { exact: true }).waitFor();
    await button(words.newFolder).click();
    const name = page.getByLabel(words.name, { exact: true });
    await name.fill('..');
    await page.getByText(texts.errors.fields.file_name_invalid).waitFor();
    await name.fill('صور');
    await name.press('Enter');
    await page.getByText('صور', { exact: true }).waitFor();
    await page.getByText('index.html', { exact: true }).click();
    await page.getByRole('grid').focus();
    await page.keyboard.press('Control+KeyC');
    await page.getByText('صور', { exact: true }).click();
    await page.getByText(words.empty, { exact: true }).waitFor();
    const paste = page.getByRole('button', { name: words.copyHere_one, exact: true });
    await paste.click();
    await page.getByText('index.html', { exact: true }).waitFor();
    // Its name is taken now: nothing happens until that is decided.
    await paste.click();
    await button(words.conflict.rename).click();
    await page.getByText('index (2).html', { exact: true }).click();
    await page.getByRole('grid').focus();
    await page.keyboard.press('F2');
    await name.fill('home.html');
    await name.press('Enter');
    await page.getByText('home.html', { exact: true }).click();
    await page.getByRole('grid').focus();
    await page.keyboard.press('Delete');
    await page.getByText('home.html', { exact: true }).waitFor({ state: 'detached' });
    await button(words.bin.title).click();
    await page.getByText('صور/home.html', { exact: true }).waitFor();
    await button(words.bin.restore).click();
    await page.getByText(words.bin.empty, { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('home.html', { exact: true }).waitFor();
  });

  it('FILE-1 a name that is taken moves nothing until free names are chosen; permissions are set in boxes', async () => {
    await button(words.home).click();
    await page.getByText('.htaccess', { exact: true }).waitFor({ state: 'detached' });
    await page.getByText('index.html', { exact: true }).click();
    await button(words.cut).click();
    await page.getByText('صور', { exact: true }).click();
    await page.getByText('home.html', { exact: true }).waitFor();
    await page.getByRole('button', { name: words.moveHere_one, exact: true }).click();
    await page.getByText(words.conflict.title, { exact: true }).waitFor();
    await button(words.conflict.rename).click();
    await page.getByText('index (2).html', { exact: true }).dblclick();
    await page.getByLabel(`${words.rights.others}: ${words.rights.read}`, { exact: true }).uncheck();
    await button(words.setMode).click();
    await row('index (2).html').getByText('rw-r-----', { exact: true }).waitFor();
    expect(person.problems.filter((problem) => !problem.includes('409'))).toEqual([]);
  });

  it('FILE-4 files are uploaded, also over a lost connection; a taken name waits for a choice; what was sent is downloaded', async () => {
    await button(words.home).click();
    await page.getByText('assets', { exact: true }).waitFor();
    // The first piece is lost on its way, and sent again from where the panel has it.
    let lost = 0;
    await page.route('**/file-uploads/*?offset=*', async (route) => {
      if (lost++ === 0) await route.abort('connectionreset');
      else await route.continue();
    });
    const chosen = (name: string, text: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
    const input = page.locator(`input[aria-label="${words.upload.files}"]`);
    await input.setInputFiles([chosen('تقرير جديد.txt', 'محتوى التقرير'), chosen('backup.tar.gz', 'another')]);
    const panelOf = page.getByRole('region', { name: words.upload.title });
    await panelOf.getByText(words.upload.taken, { exact: true }).waitFor();
    await row('تقرير جديد.txt').waitFor();
    await panelOf.getByRole('button', { name: words.upload.replace, exact: true }).click();
    const over = 'over_two' in words.upload ? words.upload.over_two : words.upload.over_other.replace('{{value}}', '2');
    await panelOf.getByText(over, { exact: true }).waitFor();
    expect(lost).toBeGreaterThan(2);
    await row('تقرير جديد.txt').click({ button: 'right' });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: words.download, exact: true }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('تقرير جديد.txt');
    const stream = await download.createReadStream();
    expect(Buffer.concat(await stream.toArray()).toString('utf8')).toBe('محتوى التقرير');
    await panelOf.getByRole('button', { name: words.upload.clear, exact: true }).click();
    await panelOf.waitFor({ state: 'detached' });
    // Replaced: the old one is in the bin.
    await button(words.bin.title).click();
    await page.getByRole('dialog').getByText('backup.tar.gz', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('PATH-3 marks that turn a text around are shown by number, and folders are found by typing a path', async () => {
    await button(words.home).click();
    await page.getByText('U+202E', { exact: true }).waitFor();
    await page.getByText('odd\\x0aname\\xff.txt', { exact: true }).waitFor();
    await button(words.typePath).click();
    const field = page.getByLabel(words.path, { exact: true });
    await field.fill('/assets/');
    await field.press('Enter');
    await page.getByText('photo2.jpg', { exact: true }).waitFor();
    // Natural order.
    const names = await page.getByRole('row').allInnerTexts();
    expect(names.findIndex((text) => text.includes('photo2.jpg'))).toBeLessThan(
      names.findIndex((text) => text.includes('photo10.jpg')),
    );
    await page.goBack();
    await page.getByText('odd\\x0aname\\xff.txt', { exact: true }).waitFor();
  });
});

it('PERM-1 a site manager sees the files of their own site and nothing of another', async () => {
  const manager = await addPerson(panel, 'manager', 'site_manager', { siteIds: siteIds.slice(0, 1) });
  const person = await newPerson(panel, { cookie: manager.cookie, size: 'phone' });
  await person.goto(pathOf(0));
  await person.page.getByText('assets', { exact: true }).waitFor();
  await person.goto(pathOf(1));
  await person.page.getByText(ar.sites.gone.lead).waitFor();
  expect(await person.page.getByText('assets', { exact: true }).count()).toBe(0);
  await expect(manager.get(`/api/v1/sites/${siteIds[1]}/files`)).rejects.toThrow('404');
  await person.leave();
});
