import { argon2Sync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { FileLink } from '#shared/file-links.ts';
import type { Site } from '#shared/sites.ts';
import { deleteExpired } from '../../core/housekeeping.ts';
import { createTestSite } from '../sites/testing.ts';
import { cookiesOf, makeTestApp, type TestApp, type TestClient, type TestRequest } from '../../testing.ts';
import { countDownload } from './file-links.store.ts';

type Made = { readonly link: FileLink; readonly url: string };

let test: TestApp;
let owner: TestClient;
let site: Site;
let other: Site;
const clock = { time: Date.now(), now: () => clock.time };

beforeAll(async () => {
  test = await makeTestApp({ clock });
  owner = await test.signIn();
  ({ site } = await createTestSite(owner, ['shop.test']));
  other = (await createTestSite(owner, ['other.test'])).site;
});
// The limits of one test are not those of the next, and sessions end meanwhile.
beforeEach(async () => {
  clock.time += 20 * 60_000;
  owner = await test.signIn();
});
afterAll(() => test.close());

const linksOf = ({ id }: Site): string => `/api/v1/sites/${id}/file-links`;
const make = async (body: object = {}, client = owner, of = site): Promise<{ id: string; path: string }> => {
  const answer = await client.post(linksOf(of), { path: 'index.html', hours: 24, ...body });
  expect([answer.status, answer.text.includes('/s/')]).toEqual([201, true]);
  const { link, url } = answer.json as Made;
  return { id: link.id, path: new URL(url).pathname };
};
const list = async (client = owner, of = site): Promise<FileLink[]> =>
  ((await client.get(linksOf(of))).json as { items: FileLink[] }).items;
/** As somebody who is not signed in, from an address of their own. */
const visit = (path: string, options: TestRequest = {}) => {
  const { headers = {}, ...rest } = options;
  const own = { origin: undefined, 'x-aapanel': undefined, 'sec-fetch-site': 'none', 'accept-language': 'en' };
  return test.anonymous.request(path, { ...rest, headers: { ...own, ...headers } });
};
const tell = (path: string, password: string, remoteAddress = '203.0.113.7') =>
  visit(path, {
    method: 'POST',
    body: new URLSearchParams({ password }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    remoteAddress,
  });
/** What is there to see, without what is another one each time. */
const seenOf = async (path: string) => {
  const { status, headers, text } = await visit(path);
  const { date: _date, 'x-request-id': _id, ...rest } = headers;
  return JSON.stringify({ status, rest, text })
    .replaceAll(/nonce[=-][^ '>]*/g, 'nonce')
    .replaceAll(/\\"[A-Za-z0-9_-]{22}\\"/g, '');
};
/** Cheap, so that many can be tried. */
const cheapHash = (password: string): string => {
  const nonce = Buffer.alloc(16, 1);
  const cost = { memory: 64, passes: 1, parallelism: 1, tagLength: 32 };
  const tag = argon2Sync('argon2id', { message: password, nonce, ...cost });
  const text = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=64,t=1,p=1$${text(nonce)}$${text(tag)}`;
};

it('a link gives one file to whoever has it, as a download and in parts, and everything is in the audit log', async () => {
  const { id, path } = await make();
  const stored = await test.ctx.db.selectFrom('file_link').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  expect(JSON.stringify(stored)).not.toContain(path.slice(3));
  const page = await visit(path);
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.text).toContain('index.html');
  expect(page.text).not.toContain(site.slug);
  expect(page.headers).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
  });
  expect(page.text).not.toContain('<script');
  expect((await visit(`${path}?lang=ar`)).text).toContain('dir="rtl"');
  const file = await visit(`${path}/file`, { remoteAddress: '203.0.113.20' });
  expect([file.status, file.text.length]).toEqual([200, 1_284]);
  expect(file.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment; filename="index.html"; filename*=UTF-8\'\'index.html',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'private, no-store',
    'content-security-policy': expect.stringMatching(/default-src 'none'.*; sandbox$/),
  });
  const rest = await visit(`${path}/file`, { headers: { range: 'bytes=1000-' } });
  expect([rest.status, rest.text]).toEqual([206, file.text.slice(1_000)]);
  const head = await visit(`${path}/file`, { method: 'HEAD' });
  expect([head.status, head.headers['content-length'], head.text]).toEqual([200, '1284', '']);
  // Going on, and asking how large it is, are no downloads.
  expect(await list()).toMatchObject([{ id, downloads: 1, isMine: true, hasPassword: false, path: 'index.html' }]);
  expect((await owner.delete(`${linksOf(site)}/${id}`)).status).toBe(204);
  expect(await list()).toEqual([]);
  const rows = (await owner.get('/api/v1/audit?pageSize=200')).json as {
    items: { action: string; address: string; target: string; outcome: string }[];
  };
  const downloads = rows.items.filter(({ action }) => action === 'downloadFileLink');
  expect(downloads.map(({ address }) => address).toSorted()).toEqual(['127.0.0.1', '203.0.113.20']);
  for (const row of downloads) expect(row).toMatchObject({ outcome: 'done', target: `${site.id}/${id}` });
  expect(rows.items.map(({ action }) => action)).toEqual(expect.arrayContaining(['createFileLink', 'revokeFileLink']));
  expect(JSON.stringify(rows)).not.toContain(path.slice(3));
});

it('PERM-8 PATH-1 unknown, expired, revoked, used up, without its file or its maker’s right: one answer, and nothing is given', async () => {
  const unknown = await seenOf(`/s/${'a'.repeat(43)}`);
  expect(unknown).toContain('"status":404');
  const isDead = async (path: string) => {
    for (const each of [path, `${path}/file`]) expect(await seenOf(each)).toBe(unknown);
    expect((await tell(path, 'x')).status).toBe(404);
  };
  for (const path of ['/s/a', `/s/${'a'.repeat(42)}.`, `/s/${'a'.repeat(200)}`, '/s/%00']) await isDead(path);

  const revoked = await make();
  await owner.delete(`${linksOf(site)}/${revoked.id}`);
  await isDead(revoked.path);

  const used = await make({ mostDownloads: 1 });
  const only = await visit(`${used.path}/file`, { headers: { range: 'bytes=0-1' } });
  expect([only.text.length, only.headers['accept-ranges']]).toEqual([1_284, 'none']);
  await isDead(used.path);

  const expired = await make({ hours: 1 });
  const kept = await make({ hours: 720 });
  clock.time += 60 * 60_000 - 1;
  expect((await visit(expired.path)).status).toBe(200);
  clock.time += 1;
  await isDead(expired.path);
  await deleteExpired(test.ctx);
  const ids = (await test.ctx.db.selectFrom('file_link').select('id').execute()).map(({ id }) => id);
  expect([ids.includes(expired.id), ids.includes(kept.id)]).toEqual([false, true]);

  owner = await test.signIn();
  const files = `/api/v1/sites/${site.id}/files`;
  const swapped = await make({ path: 'assets/style.css' });
  await owner.post(`${files}/remove`, { paths: ['assets/style.css'] });
  await isDead(swapped.path);
  // A link of the file system in its place leads nowhere either.
  await owner.post(`${files}/rename`, { path: 'public', name: 'style.css' });
  await owner.post(`${files}/move`, { paths: ['style.css'], into: 'assets', onConflict: 'refuse' });
  await isDead(swapped.path);
  for (const path of ['assets', 'assets/style.css', 'nothing'])
    expect((await owner.post(linksOf(site), { path, hours: 1 })).status).toBe(404);
});

it('PERM-1 a link is dead as soon as its maker is out, has lost the permission or the site, and alive again with it', async () => {
  const { db } = test.ctx;
  const manager = await test.signIn('site_manager', { siteIds: [site.id] });
  const { path } = await make({}, manager);
  const id = manager.personId ?? '';
  const status = async () => [(await visit(path)).status, (await visit(`${path}/file`)).status];
  expect(await status()).toEqual([200, 200]);
  for (const [lose, giveBack] of [
    [{ is_disabled: 1 }, { is_disabled: 0 }],
    [{ role: 'viewer' }, { role: 'site_manager' }],
  ] as const) {
    await db.updateTable('person').set(lose).where('id', '=', id).execute();
    expect(await status()).toEqual([404, 404]);
    await db.updateTable('person').set(giveBack).where('id', '=', id).execute();
    expect(await status()).toEqual([200, 200]);
  }
  await db.deleteFrom('person_site').where('person_id', '=', id).execute();
  expect(await status()).toEqual([404, 404]);
  await db.deleteFrom('person').where('id', '=', id).execute();
  expect(await db.selectFrom('file_link').select('id').where('person_id', '=', id).execute()).toEqual([]);
});

it('PERM-1 people see and end their own links; who manages people those of everybody; who may not read files makes none', async () => {
  const manager = await test.signIn('site_manager', { siteIds: [site.id] });
  const foreign = await make();
  const own = await make({ hours: 1 }, manager);
  expect((await list(manager)).map(({ id }) => id)).toEqual([own.id]);
  expect((await list()).find(({ id }) => id === own.id)).toMatchObject({ isMine: false, madeBy: manager.person?.name });
  const answer = await manager.delete(`${linksOf(site)}/${foreign.id}`);
  expect([answer.status, answer.json]).toMatchObject([404, { reason: 'file_link_gone' }]);
  expect((await visit(foreign.path)).status).toBe(200);
  // By way of another site it is none of that site.
  expect((await owner.delete(`${linksOf(other)}/${own.id}`)).status).toBe(404);
  expect((await owner.delete(`${linksOf(site)}/${own.id}`)).status).toBe(204);
  expect((await visit(own.path)).status).toBe(404);
  expect((await manager.post(linksOf(other), { path: 'index.html', hours: 1 })).status).toBe(404);
  const viewer = await test.signIn('viewer');
  expect((await viewer.post(linksOf(site), { path: 'index.html', hours: 1 })).status).toBe(403);
  for (const body of [
    { hours: 0 },
    { hours: 2 },
    { hours: 721 },
    { hours: null },
    { password: 'short' },
    { password: 'x'.repeat(129) },
    { mostDownloads: 0 },
    { path: '../x' },
    { path: '' },
  ])
    expect((await owner.post(linksOf(site), { path: 'index.html', hours: 1, ...body })).status).toBe(400);
});

it('a limit of downloads is never exceeded, however many come at once, and what is refused is not counted', async () => {
  const { id, path } = await make({ mostDownloads: 3 });
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) => visit(`${path}/file`, { remoteAddress: `198.51.100.${index}` })),
  );
  const given = answers.filter(({ status }) => status === 200).length;
  expect(given).toBeGreaterThan(0);
  expect(given).toBeLessThanOrEqual(3);
  expect((await list()).find((each) => each.id === id)?.downloads).toBe(given);
  const raced = await make({ mostDownloads: 5 });
  const counted = await Promise.all(
    Array.from({ length: 30 }, () => countDownload(test.ctx.db, raced.id, clock.now())),
  );
  expect(counted.filter(Boolean)).toHaveLength(5);
  expect((await visit(`${raced.path}/file`)).status).toBe(404);
});

it('AUTH-3 a password is asked for, opens this one link for a while, and cannot be tried out', async () => {
  const { id, path } = await make({ password: 'كلمة سر طويلة' });
  const { db } = test.ctx;
  const row = await db.selectFrom('file_link').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  expect(row.password_hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
  const opened = await tell(path, 'كلمة سر طويلة');
  expect([opened.status, opened.headers['location']]).toEqual([303, `${path}/file`]);
  expect(opened.headers['set-cookie']).toMatch(
    new RegExp(`^aapanel-file-link=\\d+\\.[\\w-]{43}; Path=${path}; HttpOnly; SameSite=Strict; Max-Age=21600$`),
  );
  const cookie = cookiesOf(opened);
  const closed = await visit(`${path}/file`);
  expect([closed.status, closed.headers['location'], closed.text]).toEqual([303, path, '']);
  expect((await visit(`${path}/file`, { headers: { cookie } })).text).toHaveLength(1_284);
  expect((await visit(`${path}/file`, { headers: { cookie, range: 'bytes=-4' } })).status).toBe(206);

  const second = await make();
  await db
    .updateTable('file_link')
    .set({ password_hash: cheapHash('another one') })
    .where('id', '=', second.id)
    .execute();
  const [name = '', seal = ''] = cookie.split('=');
  const later = String(Number(seal.split('.')[0]) + 1);
  for (const forged of [seal, seal.replace(/^\d+/, later), 'x', '', `${later}.`, `${seal}; ${name}=${seal}`])
    expect((await visit(`${second.path}/file`, { headers: { cookie: `${name}=${forged}` } })).status).toBe(303);
  expect((await visit(`${path}/file`, { headers: { cookie: `${cookie}; ${name}=x` } })).status).toBe(303);
  clock.time += 6 * 60 * 60_000;
  expect((await visit(`${path}/file`, { headers: { cookie } })).status).toBe(303);

  const wrong = await tell(second.path, '"><script>alert(1)</script>');
  expect([wrong.status, wrong.text.includes('role="alert"'), wrong.text.includes('alert(1)')]).toEqual([
    403,
    true,
    false,
  ]);
  for (let tries = 1; tries < 10; tries++) expect((await tell(second.path, 'wrong')).status).toBe(403);
  const limited = await tell(second.path, 'another one');
  expect([limited.status, limited.headers['set-cookie']]).toEqual([429, undefined]);
  // From many addresses there is the limit of the link.
  let isOver = false;
  for (let tries = 0; tries < 70 && !isOver; tries++)
    isOver = (await tell(second.path, 'wrong', `192.0.2.${tries}`)).status === 429;
  expect(isOver).toBe(true);
  expect((await tell(second.path, 'another one', '198.51.100.99')).status).toBe(429);
  const other = { 'content-type': 'application/json' };
  expect((await visit(second.path, { method: 'POST', body: { password: 'x' }, headers: other })).status).toBe(404);
  clock.time += 11 * 60_000;
  await db.deleteFrom('ban').execute();
  await test.ctx.bans.reload();
  expect((await tell(second.path, 'another one', '198.51.100.98')).status).toBe(303);
});

it('PATH-3 OUT-1 the name of a file ends no header, is no markup, and hides nothing', async () => {
  for (const [name, shownAs] of [
    ['odd\\x0aname\\xff.txt', 'odd\\x0aname\\xff.txt'],
    ['invoice\u202efdp.exe', 'invoice[U+202E]fdp.exe'],
  ] as const) {
    const { path } = await make({ path: name });
    expect((await visit(path)).text).toContain(shownAs);
    const disposition = String((await visit(`${path}/file`)).headers['content-disposition']);
    expect(disposition).toMatch(/^attachment; filename="[A-Za-z0-9._-]+"; filename\*=UTF-8''[A-Za-z0-9._%-]+$/);
  }
  const markup = '"><img src=x onerror=alert(1)>\r.html'.replace('\r', '');
  await owner.post(`/api/v1/sites/${site.id}/files`, { folder: '', name: markup, type: 'file' });
  const { path } = await make({ path: markup });
  const page = await visit(path);
  expect(page.text).toContain('&quot;&gt;&lt;img src=x onerror=alert(1)&gt;');
  expect(page.text).not.toContain('<img');
  expect((await visit(`${path}/file`)).headers['content-disposition']).not.toContain('><');
});

it('what goes wrong on the machine is one sentence, and a link costs an address a limited number of questions', async () => {
  const { path } = await make();
  const broken = vi.spyOn(test.ctx.agent, 'fetch').mockRejectedValue(new Error('/www/wwwroot/shop.test: EIO'));
  try {
    for (const each of [path, `${path}/file`]) {
      const answer = await visit(each);
      expect([answer.status, answer.text.includes('EIO'), answer.text.includes('/www')]).toEqual([503, false, false]);
    }
  } finally {
    broken.mockRestore();
  }
  expect((await visit(`${path}/file`)).status).toBe(200);
  let last = 0;
  for (let count = 0; count < 130 && last !== 429; count++)
    last = (await visit(`/s/${'b'.repeat(43)}`, { remoteAddress: '203.0.113.77' })).status;
  expect(last).toBe(429);
  expect((await visit(path, { remoteAddress: '203.0.113.77' })).status).toBe(429);
  expect((await visit(path)).status).toBe(200);
});

it('the links of a site that is deleted are gone with it', async () => {
  const { path } = await make({}, owner, other);
  expect((await visit(path)).status).toBe(200);
  await test.ctx.db.deleteFrom('site').where('id', '=', other.id).execute();
  expect((await visit(path)).status).toBe(404);
});
