import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPerson, createOwner, type Asker } from './ask.ts';
import { goThroughTree, lookAsTiles, remarkOn } from './file-views.ts';
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

/** For the page: what it keeps of texts that were typed and not saved. */
const draftsIn = `new Promise((resolve) => {
  const opening = indexedDB.open('aapanel-drafts');
  opening.onsuccess = () => {
    const asking = opening.result.transaction('drafts').objectStore('drafts').getAll();
    asking.onsuccess = () => {
      opening.result.close();
      resolve(asking.result.map(({ bytes }) => new TextDecoder('latin1').decode(bytes)));
    };
  };
})`;

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
    await page.getByText('index (2).html', { exact: true }).click();
    await button(words.mode).click();
    await page.getByLabel(`${words.rights.others}: ${words.rights.read}`, { exact: true }).uncheck();
    await button(words.setMode).click();
    await row('index (2).html').getByText('rw-r-----', { exact: true }).waitFor();
    expect(person.problems.filter((problem) => !problem.includes('409'))).toEqual([]);
  });

  it('FILE-6 rights of a folder and everything below are set and given back as one step', async () => {
    const rights = texts.fileRights;
    const shown = row('home.html');
    const before = await shown.getByText(/^[rwx-]{9}$/).innerText();
    await button(words.more).click();
    await page.getByRole('menuitem', { name: words.rightsBelow, exact: true }).click();
    await page.getByLabel(rights.folder, { exact: true }).fill('277');
    await page.getByText(texts.errors.fields.file_folder_closed, { exact: true }).waitFor();
    await button(rights.presets.site).click();
    await page.getByRole('textbox', { name: rights.file, exact: true }).fill('600');
    await button(rights.begin).click();
    await page.getByText(texts.jobs.states.succeeded, { exact: true }).first().waitFor();
    await page.keyboard.press('Escape');
    await shown.getByText('rw-------', { exact: true }).waitFor();
    await button(words.more).click();
    await page.getByRole('menuitem', { name: words.rightsBelow, exact: true }).click();
    await button(rights.report).click();
    await page.getByRole('list', { name: rights.report }).getByText('صور/home.html', { exact: true }).waitFor();
    await button(rights.undo).click();
    await page.getByRole('dialog', { name: rights.undoTitle }).getByRole('button', { name: rights.undo }).click();
    await shown.getByText(before, { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').first().waitFor({ state: 'detached' });
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

  it('PERM-8 a file is shared by a link with a password; who has both downloads it without an account, until it is revoked', async () => {
    const links = texts.fileLinks;
    await row('تقرير جديد.txt').click({ button: 'right' });
    await page.getByRole('menuitem', { name: links.share, exact: true }).click();
    const password = page.getByLabel(links.password, { exact: true });
    await password.fill('short');
    await button(links.make).click();
    await page.getByText(links.passwordShort, { exact: true }).waitFor();
    await button(links.generate).click();
    const secret = await password.inputValue();
    await button(links.make).click();
    const url = await page.getByTestId('file-link').innerText();
    await page.keyboard.press('Escape');
    const guest = await newPerson(panel, { language, size: 'phone' });
    await guest.page.goto(url);
    await guest.page.getByRole('heading', { name: 'تقرير جديد.txt' }).waitFor();
    await guest.page.locator('#password').fill('not this one');
    await guest.page.keyboard.press('Enter');
    await guest.page.getByRole('alert').waitFor();
    await guest.page.locator('#password').fill(secret);
    const [download] = await Promise.all([guest.page.waitForEvent('download'), guest.page.keyboard.press('Enter')]);
    expect(download.suggestedFilename()).toBe('تقرير جديد.txt');
    await button(words.more).click();
    await page.getByRole('menuitem', { name: links.list, exact: true }).click();
    await page.getByRole('list', { name: links.listTitle }).getByText(links.used_one).waitFor();
    await button(links.revoke).click();
    await page.getByRole('dialog', { name: links.revokeTitle }).getByRole('button', { name: links.revoke }).click();
    await page.getByText(links.none, { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    expect((await guest.page.goto(url))?.status()).toBe(404);
    expect(guest.problems.filter((problem) => !/40[34]/.test(problem))).toEqual([]);
    await guest.leave();
  });

  it('FILE-3 a text is edited and saved; what another changed is shown first, and the history brings the old one back', async () => {
    const editor = texts.fileEditor;
    await button(words.home).click();
    const content = `/api/v1/sites/${siteIds[language === 'ar' ? 0 : 1] ?? ''}/file-content?path=note.php`;
    const put = async (text: string): Promise<void> => {
      const from = { cookie: owner.cookie, origin: panel.origin, 'sec-fetch-site': 'same-origin', 'x-aapanel': '1' };
      const headers = { ...from, 'content-type': 'application/octet-stream' };
      const answer = await fetch(`${panel.origin}${content}`, {
        method: 'PUT',
        headers: { ...headers, ...(text === 'one\r\n' ? { 'if-none-match': '*' } : { 'if-match': '*' }) },
        body: text,
      });
      expect(answer.status).toBe(200);
    };
    const fileText = async (): Promise<string> =>
      await (await fetch(`${panel.origin}${content}`, { headers: { cookie: owner.cookie } })).text();
    await put('one\r\n');
    await page.reload();
    await page.getByText('note.php', { exact: true }).dblclick();
    const code = page.getByRole('textbox', { name: editor.content.replace('{{name}}', 'note.php') });
    const save = page.getByRole('button', { name: texts.common.actions.save, exact: true });
    await code.click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('<?php // مرحبا ');
    await page.getByRole('img', { name: editor.unsaved }).waitFor();
    await page.keyboard.press('Control+s');
    await page.getByRole('img', { name: editor.unsaved }).waitFor({ state: 'detached' });
    expect(await fileText()).toBe('<?php // مرحبا one\r\n');
    // Somebody else writes it meanwhile: nothing is lost, and the difference is shown.
    await put('theirs\r\n');
    await page.keyboard.type('more ');
    await save.click();
    await page.getByText(editor.changed.title, { exact: true }).waitFor();
    const difference = page.getByRole('region', { name: editor.changed.difference });
    await difference.getByText('theirs', { exact: true }).waitFor();
    await button(editor.changed.mine).click();
    await difference.waitFor({ state: 'detached' });
    expect(await fileText()).toBe('<?php // مرحبا more one\r\n');
    await button(editor.history.title).click();
    const versions = page.getByRole('dialog', { name: editor.history.title }).getByRole('listitem');
    await versions.first().waitFor();
    expect(await versions.count()).toBe(3);
    await versions.nth(2).getByRole('button').click();
    await button(editor.history.take).click();
    await save.click();
    await page.getByRole('img', { name: editor.unsaved }).waitFor({ state: 'detached' });
    expect(await fileText()).toBe('one\r\n');
    // A draft outlives the page.
    const drafts = async () => (await page.evaluate<string[]>(draftsIn)).length;
    await expect.poll(drafts, { timeout: 10_000 }).toBe(0);
    await code.click();
    await page.keyboard.press('Control+Home');
    // In one piece: one is kept as soon as nobody typed for a moment.
    await page.keyboard.insertText('draft ');
    await page.getByRole('img', { name: editor.unsaved }).waitFor();
    await expect.poll(drafts, { timeout: 10_000 }).toBe(1);
    // Nobody reads it in the browser who is not signed in as this person.
    expect((await page.evaluate<string[]>(draftsIn))[0]).not.toContain('draft');
    page.once('dialog', (dialog) => void dialog.accept());
    // It is taken before the code of the editor has come.
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    await page.route(/\/assets\/CodeEditor-[^/]*\.js/, async (route) => {
      await held;
      await route.continue();
    });
    await page.reload();
    await page.getByText('note.php', { exact: true }).dblclick();
    await button(editor.draft.take).click();
    letGo();
    await page.getByText('draft one', { exact: true }).waitFor();
    // An encoding that does not have all of it is refused, with the way out.
    await code.click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('😀');
    await page.getByLabel(editor.encoding, { exact: true }).selectOption('windows-1256');
    await save.click();
    await button(editor.unwritable.utf8).click();
    await page.getByRole('img', { name: editor.unsaved }).waitFor({ state: 'detached' });
    expect(await fileText()).toBe('😀draft one\r\n');
    await button(editor.close.replace('{{name}}', 'note.php')).click();
    await code.waitFor({ state: 'detached' });
    expect(person.problems.filter((problem) => !problem.includes('412'))).toEqual([]);
  });

  it('FILE-3 a log of 5 GB opens by window, from its end too, and what is no text is not opened as one', async () => {
    const editor = texts.fileEditor;
    await page.getByText('access.log', { exact: true }).dblclick();
    const part = page.getByRole('region', { name: editor.content.replace('{{name}}', 'access.log') });
    await part.waitFor();
    await button(editor.large.end).click();
    const where = page.getByRole('status').filter({ hasText: '%' });
    await where.filter({ hasText: '5,368,709,120' }).waitFor();
    expect((await part.innerText()).length).toBeGreaterThan(200_000);
    await button(editor.large.back).click();
    await where.filter({ hasText: '5,368,709,120' }).waitFor({ state: 'detached' });
    await button(editor.hide).click();
    await page.getByText('assets', { exact: true }).click();
    await page.getByText('photo2.jpg', { exact: true }).dblclick();
    await page.getByText(editor.binary.title, { exact: true }).waitFor();
    // Both are open, each in its tab.
    const tabs = page.getByRole('navigation', { name: editor.title, exact: true });
    expect(await tabs.getByRole('listitem').count()).toBe(2);
    for (const name of ['photo2.jpg', 'access.log']) await button(editor.close.replace('{{name}}', name)).click();
    await page.getByText('photo10.jpg', { exact: true }).waitFor();
  });

  it('FILE-2 what files hold is searched; what was found is opened, and is still there afterwards', async () => {
    const search = texts.fileSearch;
    await button(words.home).click();
    await button(search.title).click();
    const field = page.getByRole('textbox', { name: search.text, exact: true });
    await field.fill('draft o(n');
    await page.getByLabel(search.isRegex, { exact: true }).check();
    await field.press('Enter');
    await page.getByText(texts.errors.reasons.file_search_expression).waitFor();
    await field.fill('DRAFT o.e');
    await page.getByLabel(search.only, { exact: true }).fill('*.php, *.css');
    await field.press('Enter');
    const results = page.getByRole('list', { name: search.results, exact: true });
    await results.getByText('draft one', { exact: true }).waitFor();
    // A line opens the editor at it.
    const line = search.openLine.replace('{{name}}', 'note.php').replace('{{line}}', '1');
    await results.getByTitle(line, { exact: true }).click();
    await page.locator('.cm-activeLineGutter').filter({ hasText: /^1$/ }).first().waitFor();
    await button(texts.fileEditor.close.replace('{{name}}', 'note.php')).click();
    await results.getByText('draft one', { exact: true }).waitFor();
    const note = `/api/v1/sites/${siteIds[language === 'ar' ? 0 : 1] ?? ''}/file-content?path=note.php`;
    const noteText = async (): Promise<string> =>
      await (await fetch(`${panel.origin}${note}`, { headers: { cookie: owner.cookie } })).text();
    // What was found is replaced after a look, and taken back as one step.
    await page.getByLabel(texts.fileReplace.with, { exact: true }).fill('draft two');
    await button(texts.fileReplace.preview).click();
    await page.getByRole('deletion').filter({ hasText: 'draft one' }).waitFor();
    await button(texts.fileReplace.go_one).click();
    await page.getByText(texts.fileReplace.done_one, { exact: true }).waitFor();
    expect(await noteText()).toContain('draft two');
    await button(texts.fileReplace.undo).click();
    await page.getByText(texts.fileReplace.undone_one, { exact: true }).waitFor();
    expect(await noteText()).toContain('draft one');
    await field.fill('nothing of the kind');
    await field.press('Enter');
    await page.getByText(search.nothing, { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await field.waitFor({ state: 'detached' });
    await button(words.more).click();
    await page.getByRole('menuitem', { name: words.findByName, exact: true }).click();
    await page.getByRole('textbox', { name: texts.fileFind.name, exact: true }).fill('LOGO');
    await page.keyboard.press('Enter');
    await button('assets/logo.svg').waitFor();
    await button(texts.fileFind.folder).click();
    await page.keyboard.press('Escape');
    await page.getByText('logo.svg', { exact: true }).waitFor();
    // What takes the space: up by its own path, down by a folder, and back to the list with a file selected.
    await button(words.more).click();
    await page.getByRole('menuitem', { name: words.usage, exact: true }).click();
    const usage = page.getByRole('dialog', { name: texts.fileUsage.title });
    await usage.getByText('assets/logo.svg', { exact: true }).waitFor();
    await usage.getByRole('button', { name: words.home, exact: true }).click();
    await usage.getByText('access.log', { exact: true }).first().waitFor();
    const here = usage.getByRole('list', { name: texts.fileUsage.items, exact: true });
    await here.getByRole('button', { name: 'assets', exact: true }).press('Enter');
    await here.getByText('style.css', { exact: true }).waitFor();
    const largest = usage.getByRole('list', { name: texts.fileUsage.largest, exact: true });
    await largest
      .getByRole('listitem')
      .filter({ hasText: 'assets/style.css' })
      .getByRole('button', { name: texts.fileUsage.select, exact: true })
      .click();
    await usage.waitFor({ state: 'detached' });
    await page.getByRole('row', { selected: true }).filter({ hasText: 'style.css' }).waitFor();
    await button(words.home).click();
  });

  it('FILE-2 an archive is made of a folder, looked into, and some of it is unpacked beside it', async () => {
    const archive = words.archive;
    await button(words.home).click();
    await row('assets').first().getByRole('checkbox').check();
    const [sent] = await Promise.all([page.waitForEvent('download'), button(words.downloadAll).click()]);
    expect(sent.suggestedFilename()).toBe('assets.zip');
    // Gone by now: the page says so, and no download begins.
    await page.route('**/file-archives/content?*', async (route) => {
      const url = route.request().url().replace('path=assets', 'path=gone-by-now');
      await route.continue({ url });
    });
    await button(words.downloadAll).click();
    await page.getByText(words.notDone, { exact: true }).waitFor();
    await page.unroute('**/file-archives/content?*');
    await button(archive.pack).click();
    await button(archive.make).click();
    await page.getByRole('dialog').getByText('assets.zip').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('grid').getByText('assets.zip', { exact: true }).dblclick();
    const content = page.getByRole('list', { name: archive.content });
    await content.getByRole('checkbox', { name: 'assets/style.css' }).check();
    await page.getByLabel(archive.into, { exact: true }).fill('unpacked');
    await page.getByRole('button', { name: archive.some_one, exact: true }).click();
    await content.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.getByRole('grid').getByText('unpacked', { exact: true }).waitFor();
  });

  it('FILE-2 a file is fetched from an address into the open folder, and an address of this server is refused in its place', async () => {
    const fetching = texts.fileFetch;
    await button(words.home).click();
    await button(words.more).click();
    await page.getByRole('menuitem', { name: fetching.open, exact: true }).click();
    const address = page.getByLabel(fetching.address, { exact: true });
    await address.fill('http://127.0.0.1:8080/x');
    await address.press('Enter');
    await page.getByRole('dialog').getByRole('alert').waitFor();
    await address.fill('https://files.example/v2/book.pdf');
    await address.press('Enter');
    await address.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.getByRole('grid').getByText('book.pdf', { exact: true }).waitFor();
  });

  it('a folder is starred and found again; when it has gone it says so, and its star is taken off', async () => {
    const stars = texts.fileFavourites;
    const taken = (path: string): string => stars.remove.replace('{{path}}', path);
    await button(words.home).click();
    await row('assets').first().getByText('assets', { exact: true }).click();
    await button(stars.star).click();
    await button(stars.unstar).waitFor();
    await button(words.home).click();
    const siteId = siteIds[language === 'ar' ? 0 : 1] ?? '';
    await owner.send('POST', `/api/v1/sites/${siteId}/file-favourites`, { path: 'old' });
    await page.reload();
    await button(stars.title).click();
    await page.getByText(stars.gone, { exact: true }).waitFor();
    await button(taken('old')).click();
    await button(taken('old')).waitFor({ state: 'detached' });
    await page.getByRole('dialog').getByText('assets', { exact: true }).click();
    await page.getByText('logo.svg', { exact: true }).waitFor();
    await button(words.home).click();
  });

  it('a remark is written on a file, found by the filter, and taken away', async () => {
    await remarkOn(page, words, 'access.log', `files-remark-${language}`);
  });

  it('PATH-3 marks that turn a text around are shown by number, and folders are found by typing a path', async () => {
    await button(words.home).click();
    await page.getByText('U+202E', { exact: true }).waitFor();
    await page.getByText('odd\\x0aname\\xff.txt', { exact: true }).waitFor();
    await button(words.typePath).click();
    // Signs of folders have the same name in English.
    const field = page.getByRole('textbox', { name: words.path, exact: true });
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

  it('FILE-5 a folder is looked at as tiles, in the same order and with the same keys; the browser remembers it', async () => {
    await button(words.home).click();
    await row('access.log').waitFor();
    await lookAsTiles(page, words, language === 'ar');
  });

  it('FILE-5 folders are gone through in a tree by keyboard, and stay open in tabs until they are closed', async () => {
    await goThroughTree(page, words, language === 'ar');
    expect(person.problems.filter((problem) => !/40[49]|412/.test(problem))).toEqual([]);
  });
});

it('PERM-1 a site manager sees the files of their own site and nothing of another', async () => {
  const manager = await addPerson(panel, 'manager', 'site_manager', { siteIds: siteIds.slice(0, 1) });
  const person = await newPerson(panel, { cookie: manager.cookie, size: 'phone' });
  await person.goto(pathOf(0));
  await person.page.getByText('assets', { exact: true }).waitFor();
  // The folders lie over the page there.
  await person.page.getByRole('button', { name: ar.files.tree, exact: true }).click();
  await person.page.getByRole('dialog').getByRole('treeitem', { name: 'assets', exact: true }).click();
  await person.page.getByText('style.css', { exact: true }).waitFor();
  await person.page.getByRole('dialog').waitFor({ state: 'detached' });
  await person.goto(pathOf(1));
  await person.page.getByText(ar.sites.gone.lead).waitFor();
  expect(await person.page.getByText('assets', { exact: true }).count()).toBe(0);
  await expect(manager.get(`/api/v1/sites/${siteIds[1]}/files`)).rejects.toThrow('404');
  await person.leave();
});
