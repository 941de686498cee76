import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOwner, type Asker } from './ask.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { ar } from './texts.ts';

const words = ar.behaviour;

let panel: Panel;
let owner: Asker;
let person: Person;
let page: Page;
let siteId = '';

type Found = { behaviour: Record<string, unknown> };
const behaviour = async (): Promise<Found['behaviour']> =>
  (await owner.get<Found>(`/api/v1/sites/${siteId}`)).behaviour;

beforeAll(async () => {
  panel = await startPanel();
  owner = await createOwner(panel);
  const domains = ['rules.example.com', 'www.rules.example.com'];
  const created = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', { kind: 'static', domains });
  siteId = created.site.id;
  person = await newPerson(panel, { cookie: owner.cookie });
  page = person.page;
  await person.goto(`/sites/${siteId}/behaviour`);
  await card('redirects').waitFor();
});
afterAll(async () => {
  await person.leave();
  await panel.close();
});

const card = (key: keyof typeof words.cards): Locator =>
  page
    .locator('section')
    .filter({ has: page.getByRole('button', { name: words.cards[key].title }) })
    .first();

async function open(key: keyof typeof words.cards): Promise<Locator> {
  const found = card(key);
  await found.getByRole('button', { name: words.cards[key].title }).click();
  return found;
}

async function save(found: Locator): Promise<void> {
  await found.getByRole('button', { name: ar.common.actions.save, exact: true }).click();
}

it('a redirect is made, its mistakes are said beside their fields, and the card says what is set', async () => {
  const found = await open('redirects');
  await found.getByRole('button', { name: words.redirects.add }).click();
  await found.getByLabel(words.redirects.path).fill('https://rules.example.com/%D9%82%D8%AF%D9%8A%D9%85?x=1');
  await found.getByLabel(words.redirects.target).fill('//evil.example');
  expect(await found.getByLabel(words.redirects.path).inputValue()).toBe('/قديم');
  await save(found);
  await found.getByText(ar.errors.fields.redirect_target_invalid).waitFor();
  await found.getByLabel(words.redirects.target).fill('/قديم');
  await save(found);
  await found.getByText(ar.errors.fields.redirect_loop).waitFor();
  await found.getByLabel(words.redirects.target).fill('/new');
  await save(found);
  await person.wasTold(ar.common.states.saved);
  await found.getByText(words.summary.redirects.replace('{{value}}', '1')).waitFor();
  expect(await behaviour()).toMatchObject({
    redirects: [{ match: 'exact', path: '/قديم', target: '/new', status: 301 }],
  });
  expect(person.problems).toEqual([]);
});

it('rules change their order by their arrows, and what is left unsaved is asked about', async () => {
  const found = await open('redirects');
  await found.getByRole('button', { name: words.redirects.add }).click();
  await found.getByLabel(words.redirects.path).fill('/second');
  await found.getByLabel(words.redirects.target).fill('/new');
  await found.getByRole('button', { name: words.list.up.replace('{{number}}', '2') }).click();
  await page.getByRole('link', { name: ar.sites.tabs.domains, exact: true }).click();
  await page.getByRole('dialog', { name: words.leave.title }).getByRole('button', { name: words.leave.stay }).click();
  await save(found);
  await person.wasTold(ar.common.states.saved);
  expect(await behaviour()).toMatchObject({ redirects: [{ path: '/second' }, { path: '/قديم' }] });
  expect(person.problems).toEqual([]);
});

it('DOM-2 an address is asked, and the answer says who set the rule; an open form says what saving would change', async () => {
  const finder = page.locator('section').filter({ has: page.getByRole('heading', { name: words.answer.title }) });
  await finder.getByLabel(words.answer.url).fill('http://rules.example.com/second?x=1');
  await finder.getByRole('button', { name: words.answer.ask, exact: true }).click();
  await finder.getByText(words.answer.by.redirects, { exact: true }).waitFor();
  await finder.getByText('http://rules.example.com/new?x=1').waitFor();
  await finder.getByText(/owner/).waitFor();
  const found = await open('pages');
  await found.getByRole('switch', { name: words.pages.isOn }).click();
  await found.getByText(words.answer.unsaved, { exact: true }).waitFor();
  await found.getByRole('status').getByText(words.answer.by.maintenance, { exact: true }).waitFor();
  await found.getByRole('button', { name: ar.common.actions.discard }).click();
  await finder.getByLabel(words.answer.url).fill('rules.example.com');
  await finder.getByRole('button', { name: words.answer.ask, exact: true }).click();
  await finder.getByText(/هذا ليس عنوان ويب/).waitFor();
  expect(person.problems).toEqual([]);
});

it('a rewrite is made, and what could lead out of the site is said beside its field', async () => {
  const found = await open('rewrites');
  await found.getByRole('button', { name: words.rewrites.add }).click();
  await found.getByLabel(words.redirects.pattern).fill('^/item/(.*)$');
  await found.getByLabel(words.rewrites.target).fill('/files/$1');
  await save(found);
  await found.getByText(ar.errors.fields.rewrite_capture_path).waitFor();
  await found.getByLabel(words.rewrites.target).fill('/show.html?id=$1');
  await save(found);
  await found.getByText(words.summary.rewrites.replace('{{value}}', '1')).waitFor();
  expect(await behaviour()).toMatchObject({
    rewrites: { preset: 'none', rules: [{ path: '^/item/(.*)$', target: '/show.html?id=$1', isOnlyMissing: true }] },
  });
  await open('rewrites');
  await found.getByRole('button', { name: words.templates.keep, exact: true }).click();
  await page.getByLabel(words.templates.name).fill('عناصر المتجر');
  await page.getByLabel(words.templates.name).press('Enter');
  await person.wasTold(/عناصر المتجر/);
  const php = { kind: 'php', domains: ['press.example.com'], php: { version: '8.4' } };
  const { site } = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', php);
  await person.goto(`/sites/${site.id}/behaviour`);
  const press = await open('rewrites');
  await press.getByRole('button', { name: words.templates.take, exact: true }).click();
  await page.getByRole('menuitem', { name: /عناصر المتجر/ }).click();
  await press.getByText('/show.html?id=$1').waitFor();
  await press.getByRole('combobox', { name: words.rewrites.preset }).click();
  await page.getByRole('option', { name: 'MediaWiki' }).click();
  await press.getByText('/index.php?title=$1').waitFor();
  await press.getByText('/LocalSettings.php').waitFor();
  await save(press);
  await press.getByText('MediaWiki').first().waitFor();
  await person.wasTold(ar.common.states.saved);
  expect((await owner.get<Found>(`/api/v1/sites/${site.id}`)).behaviour).toMatchObject({
    rewrites: { preset: 'mediawiki' },
  });
  await person.goto(`/sites/${siteId}/behaviour`);
  expect(person.problems).toEqual([]);
});

it('one press takes the recommended headers, and one closes the site; other parts stay as they were', async () => {
  const headers = await open('headers');
  await headers.getByRole('button', { name: words.headers.recommended }).click();
  await save(headers);
  await headers.getByText(words.summary.security.replace('{{value}}', '4')).waitFor();
  const pages = await open('pages');
  await pages.getByRole('switch', { name: words.pages.isOn }).click();
  await pages.getByLabel(words.pages.title).fill('نعود قريبًا');
  await save(pages);
  await pages.getByText(words.summary.closed).waitFor();
  expect(await behaviour()).toMatchObject({
    security: { isNosniff: true, frame: 'sameorigin' },
    maintenance: { isOn: true, title: 'نعود قريبًا' },
    redirects: [{ path: '/second' }, { path: '/قديم' }],
  });
  expect(person.problems).toEqual([]);
});

it('a wrong network is marked in its line, and a preset fills the limits', async () => {
  const access = await open('access');
  await access.getByRole('button', { name: words.access.addAddresses }).click();
  const range = access.getByLabel(words.access.range.replace('{{number}}', '1'));
  await range.fill('10.0.0.0/99');
  await save(access);
  await access.getByText(ar.errors.fields.address_invalid).waitFor();
  await range.fill('10.0.0.0/8');
  await save(access);
  await access.getByText(words.summary.addresses.replace('{{value}}', '1')).waitFor();
  const limits = await open('limits');
  await limits.getByRole('button', { name: words.limits.presets.shop }).click();
  await save(limits);
  await limits.getByText(words.summary.requests.replace('{{value}}', '20')).waitFor();
  const proxies = await open('proxies');
  await proxies.getByRole('button', { name: words.proxies.add, exact: true }).click();
  await proxies.getByLabel(words.proxies.server.replace('{{number}}', '1')).fill('http://127.0.0.1');
  await save(proxies);
  await proxies.getByText(ar.errors.fields.server_address_invalid).waitFor();
  await proxies.getByLabel(words.proxies.server.replace('{{number}}', '1')).fill('http://127.0.0.1:3000/');
  await save(proxies);
  await proxies.getByText(words.summary.proxies.replace('{{value}}', '1')).waitFor();
  const files = await open('files');
  await files.getByLabel(words.files.servedFolder).fill('/public/');
  await files.getByRole('button', { name: words.files.addCache }).click();
  await save(files);
  await files.getByText(words.summary.cache.replace('{{value}}', '1')).waitFor();
  expect(await behaviour()).toMatchObject({
    access: { addresses: [{ path: '/', others: 'deny', lines: [{ action: 'allow', range: '10.0.0.0/8' }] }] },
    limits: { requestsPerSecond: 20 },
    proxies: [{ path: '/api', servers: [{ address: '127.0.0.1:3000' }] }],
    cache: [{ suffixes: ['css', 'js', 'woff2'], minutes: 1_440 }],
    servedFolder: 'public',
  });
  expect(person.problems).toEqual([]);
});

it('a path is locked: a short password is said beside its field, one is made, and afterwards nobody sees it again', async () => {
  const access = await open('access');
  await access.getByRole('button', { name: words.passwords.add }).click();
  await access.getByText(words.passwords.plain).waitFor();
  await access.getByLabel(words.access.path, { exact: true }).first().fill('/staff');
  const name = access.getByLabel(words.passwords.name.replace('{{number}}', '1'));
  const password = access.getByLabel(words.passwords.password.replace('{{number}}', '1'));
  await name.fill('sara ali');
  await save(access);
  await access.getByText(ar.errors.fields.rule_user_invalid).waitFor();
  await access.getByText(ar.errors.fields.required).waitFor();
  await name.fill('sara');
  await password.fill('short');
  await access.getByText(ar.errors.fields.password_too_short).waitFor();
  await save(access);
  await access.getByText(ar.errors.fields.password_too_short).waitFor();
  await access.getByRole('button', { name: words.passwords.makeFor.replace('{{number}}', '1') }).click();
  expect(await password.inputValue()).toMatch(/^[A-Za-z2-9]{20}$/);
  await save(access);
  await access.getByText(words.summary.passwords.replace('{{value}}', '1')).waitFor();
  const saved = await behaviour();
  expect(saved).toMatchObject({ passwords: [{ path: '/staff', users: [{ name: 'sara' }] }] });
  // Another user comes, the first one stays as she was.
  await open('access');
  await access.getByRole('button', { name: '/staff' }).click();
  expect(await password.inputValue()).toBe('');
  await access.getByRole('button', { name: words.passwords.addUser }).click();
  await access.getByLabel(words.passwords.name.replace('{{number}}', '2')).fill('omar');
  await access.getByLabel(words.passwords.password.replace('{{number}}', '2')).fill('long enough for omar');
  await save(access);
  await person.wasTold(ar.common.states.saved);
  const [rule] = (await behaviour())['passwords'] as { users: unknown[] }[];
  const [old] = saved['passwords'] as { users: unknown[] }[];
  expect(rule?.users).toMatchObject([old?.users[0], { name: 'omar' }]);
  expect(person.problems).toEqual([]);
});

it('how a proxied site hands requests on, on a socket too, and what is kept of its answers', async () => {
  const created = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', {
    kind: 'proxy',
    domains: ['proxied.example.com'],
    upstream: { url: 'http://unix:/run/shop/app.sock' },
  });
  siteId = created.site.id;
  await person.goto(`/sites/${siteId}/behaviour`);
  const found = await open('proxies');
  await found.getByRole('combobox', { name: words.proxies.sentHost }).click();
  await page.getByRole('option', { name: words.proxies.hosts.own, exact: true }).click();
  await found.getByLabel(words.proxies.ownHost).fill('Shop.internal:8080/');
  await found.getByLabel(words.proxyCache.minutes).fill('10');
  await found.getByRole('button', { name: words.proxies.addReplacement }).click();
  await found.getByLabel(words.proxies.replacement.from).fill('shop.internal');
  await found.getByLabel(words.proxies.replacement.to).fill('proxied.example.com');
  await found.getByRole('switch', { name: words.proxies.isReplacedOnce }).click();
  await save(found);
  await found.getByText(ar.errors.fields.sent_host_invalid).waitFor();
  await found.getByLabel(words.proxies.ownHost).fill('Shop.internal:8080');
  await found.getByLabel(words.proxyCache.cookieNames).fill('PHPSESSID');
  await save(found);
  await found.getByText(words.summary.proxyCache).waitFor();
  expect(await behaviour()).toMatchObject({
    forward: {
      sentHost: 'own',
      ownHost: 'shop.internal:8080',
      readSeconds: null,
      replacements: [{ from: 'shop.internal', to: 'proxied.example.com' }],
      isReplacedOnce: true,
    },
    proxyCache: { minutes: 10, cookieNames: ['PHPSESSID'], isStatusShown: true },
  });
  const again = await open('proxies');
  await again.getByRole('button', { name: words.proxyCache.empty }).click();
  await page.getByText(words.proxyCache.emptied.split(':')[0] ?? '').waitFor();
  const log = await open('log');
  await log.getByRole('switch', { name: words.log.isOn }).click();
  await log.getByText(words.log.off).waitFor();
  await save(log);
  await log.getByText(words.summary.unlogged).waitFor();
  await person.goto(`/sites/${siteId}/traffic`);
  await page.getByText(ar.traffic.unlogged).waitFor();
  expect(person.problems).toEqual([]);
});
