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
  // Nobody listens there.
  panel = await startPanel({ env: { WORDPRESS_MIRROR: 'http://127.0.0.1:9' } });
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

it('WordPress in one step: what is missing is said and leads to an archive by hand, then it stands in its place', async () => {
  const press = ar.wordpress;
  await owner.send('POST', '/api/v1/software/php8.2/install');
  const { job } = await owner
    .send<{ id: string }>('POST', '/api/v1/software/mariadb/install')
    .then(({ id }) => ({ job: id }));
  for (let tries = 0; tries < 200; tries++) {
    if ((await owner.get<{ state: string }>(`/api/v1/jobs/${job}`)).state === 'succeeded') break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await person.goto('/sites?new=true');
  await page.getByRole('radio', { name: press.card }).check({ force: true });
  // It brings its own database.
  expect(await page.getByLabel(ar.databases.withSite.label).count()).toBe(0);
  await page.getByLabel(ar.sites.domains.label).fill('press.example.com');
  await button(ar.sites.new.submit).click();
  // The mirror of this panel does not answer.
  await person.wasTold(press.notStarted);
  await page.waitForURL(/\/sites\/[a-z2-7]{16}\/wordpress\?unfinished=true$/);
  // What visitors see meanwhile is said, with both ways on.
  await page.getByText(press.unfinished.text, { exact: true }).waitFor();
  await page.getByRole('link', { name: press.unfinished.remove, exact: true }).waitFor();
  await page.getByLabel(press.form.sources.archive, { exact: true }).check();
  await choose('wordpress-6.8.1.zip', 2_000);
  await button(press.form.install).click();
  await page.getByText(press.job.done).waitFor({ timeout: 30_000 });
  const link = page.getByRole('link', { name: press.job.finish });
  expect(await link.getAttribute('href')).toBe('http://press.example.com/wp-admin/install.php');
});

it('one that is refused says which entry is at fault, and one that was broken off can be thrown away', async () => {
  await person.goto(`/sites/${siteId}/archives`);
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

it('SITE-3 a site goes out as one file with its database; it comes back through a dry run under other names', async () => {
  const words = ar.siteFiles;
  await owner.send('POST', '/api/v1/databases', { name: 'shop', user: 'shop', siteId });
  await person.goto('/sites?search=shop.example.com');
  await button(ar.sites.menu.label.replace('{{name}}', 'shop.example.com')).click();
  await page.getByRole('menuitem', { name: ar.sites.menu.export }).click();
  await page.getByRole('checkbox', { name: 'shop', exact: true }).check();
  await button(words.export.action).click();
  const link = page.getByRole('link', { name: words.export.download, exact: true });
  await link.waitFor({ timeout: 30_000 });
  const href = (await link.getAttribute('href')) ?? '';
  expect(href).toMatch(/^\/api\/v1\/sites\/[a-z2-7]{16}\/exports\/[a-z2-7]{16}\/data$/);
  expect((await page.request.get(new URL(href, page.url()).href)).headers()['content-disposition']).toMatch(
    /filename="shop\.example\.com-[0-9-]+\.site\.tar"/,
  );
  await page.keyboard.press('Escape');

  await person.goto('/sites');
  await page.getByRole('link', { name: ar.sites.new.importFile, exact: true }).click();
  await choose('changed.site.tar', 2_000);
  await page.getByText(ar.errors.reasons.site_file_changed).waitFor();
  await button(words.import.discard).click();
  // Nothing of a sealed one is seen before it is opened.
  await choose('sealed.site.sealed', 2_000);
  const passphrase = page.getByLabel(words.sealed.label, { exact: true });
  await passphrase.fill('wrong one');
  await button(words.sealed.open).click();
  await page.getByText(ar.errors.reasons.site_file_passphrase).waitFor();
  await passphrase.fill('of nobody else');
  await passphrase.press('Enter');
  await page.getByRole('checkbox', { name: words.sealed.bring, exact: true }).waitFor();
  // Its certificate comes along unless somebody says no, or other names need another one.
  const certificate = page.getByRole('checkbox', { name: words.certificate.bring, exact: true });
  expect(await certificate.isChecked()).toBe(true);
  await certificate.uncheck();
  await page.getByText(words.notes.certificate_left, { exact: true }).waitFor();
  await page.getByLabel(words.import.domains, { exact: true }).fill('else.example.com');
  await page.getByText(words.notes.certificate_names.replace('{{names}}', 'else.example.com')).waitFor();
  expect(await certificate.isDisabled()).toBe(true);
  await button(words.import.discard).click();
  // Of another panel, whose signature nobody here can check, for a version of PHP that is not here.
  await choose('other.site.tar', 2_000);
  await page.getByText(words.origin.other, { exact: true }).waitFor();
  // A site of this name is here already.
  await page.getByText('/www/wwwroot/shop.example.com-2/public').waitFor();
  const domains = page.getByLabel(words.import.domains, { exact: true });
  await domains.fill('www.shop.example.com\nshop.example.com');
  await page.getByText(words.import.blocked, { exact: true }).waitFor();
  expect(await button(words.import.action).isDisabled()).toBe(true);
  await domains.fill('moved.example.com');
  await page.getByText('/www/wwwroot/moved.example.com/public').waitFor();
  const bring = words.databases.bring.replace('{{name}}', 'shop');
  await page.getByRole('checkbox', { name: bring, exact: true }).check();
  await page.getByText(words.notes.database_taken.replace('{{name}}', 'shop')).waitFor();
  expect(await button(words.import.action).isDisabled()).toBe(true);
  await page.getByLabel(ar.databases.fields.name, { exact: true }).fill('shop_2');
  await page.getByText(words.notes.database_user_taken.replace('{{user}}', 'shop')).waitFor();
  await page.getByLabel(ar.databases.withSite.user, { exact: true }).fill('shop_2');
  await page.getByText(words.import.blocked, { exact: true }).waitFor({ state: 'detached' });
  await button(words.import.action).click();
  await page.getByRole('heading', { name: new RegExp('shop.example.com') }).waitFor({ timeout: 30_000 });
  await page.getByText(ar.jobs.states.succeeded, { exact: true }).first().waitFor({ timeout: 30_000 });
  const { items } = await owner.get<{ items: { id: string; domains: { host: string }[] }[] }>(
    '/api/v1/sites?search=moved',
  );
  expect(items.map(({ domains: [first] }) => first?.host)).toEqual(['moved.example.com']);
  const databases = await owner.get<{ items: { name: string; state: string; site: { id: string } | null }[] }>(
    '/api/v1/databases',
  );
  expect(databases.items.find(({ name }) => name === 'shop_2')).toMatchObject({
    state: 'ready',
    site: { id: items[0]?.id },
  });
});
