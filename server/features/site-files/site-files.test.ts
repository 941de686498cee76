import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ArchiveUpload } from '#shared/archives.ts';
import type { Database } from '#shared/databases.ts';
import type { Job } from '#shared/jobs.ts';
import type { SiteFilePreview } from '#shared/site-files.ts';
import type { Site } from '#shared/sites.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { withToken } from '../../testing/matrix.ts';
import { untilJob } from '../jobs/testing.ts';
import { countSites, createTestSite, readSite } from '../sites/testing.ts';
import { describeSite } from '../sites/sites.logic.ts';
import { readRange } from './site-file-download.ts';

let test: TestApp;
let owner: TestClient;
let site: Site;
const ends = ['succeeded', 'failed', 'cancelled'];

beforeAll(async () => {
  test = await makeTestApp({
    agentClient: createFakeAgent({
      copyMs: 200,
      isNginxInstalled: true,
      isMariadbInstalled: true,
      phpVersions: ['8.4', '8.2'],
    }),
  });
  owner = await (await test.signIn()).elevate();
  ({ site } = await createTestSite(owner, ['shop.test']));
});
afterAll(() => test.close());

async function send(client: TestClient, fileName: string): Promise<string> {
  const bytes = Buffer.alloc(1_000, 1);
  const begun = await client.post('/api/v1/site-files', { fileName, sizeBytes: bytes.length });
  expect(begun.status).toBe(201);
  const { id } = begun.json as ArchiveUpload;
  const written = await client.put(`/api/v1/site-files/${id}/data`, { offset: 0, data: bytes.toString('base64') });
  expect(written.json).toMatchObject({ receivedBytes: bytes.length });
  return id;
}
const preview = (id: string, body: object = {}) => owner.post(`/api/v1/site-files/${id}/preview`, body);
const bring = (id: string, body: object = {}) => owner.post(`/api/v1/site-files/${id}/import`, body);

it('PERM-1 a file of a site is made and read only by who may change it, and one that was sent is of its sender', async () => {
  const path = `/api/v1/sites/${site.id}/exports`;
  expect((await test.anonymous.post(path, {})).status).toBe(401);
  const viewer = await test.signIn('viewer', { siteIds: [site.id] });
  expect((await viewer.post(path, {})).json).toMatchObject({ code: 'not_allowed' });
  expect((await viewer.get(path)).json).toMatchObject({ code: 'not_allowed' });
  const other = (await createTestSite(owner, ['of-others.test'])).site;
  const manager = await test.signIn('site_manager', { siteIds: [site.id] });
  expect((await manager.post(`/api/v1/sites/${other.id}/exports`, {})).status).toBe(404);
  expect((await viewer.post('/api/v1/site-files', { fileName: 'a.tar', sizeBytes: 1 })).json).toMatchObject({
    code: 'not_allowed',
  });
  const id = await send(owner, 'shop.site.tar');
  const another = await test.signIn('administrator');
  expect((await another.post(`/api/v1/site-files/${id}/preview`, {})).json).toMatchObject({ code: 'not_found' });
  expect((await another.post(`/api/v1/site-files/${id}/import`, {})).json).toMatchObject({ code: 'not_found' });
});

it('an export is a job; its file is downloaded whole or from where a download broke off, and thrown away', async () => {
  const started = await owner.post(`/api/v1/sites/${site.id}/exports`, {});
  expect([started.status, started.json]).toEqual([202, expect.objectContaining({ kind: 'sites.export' })]);
  const { id } = started.json as Job;
  const path = `/api/v1/sites/${site.id}/exports/${id}`;
  expect((await owner.get(`${path}/data`)).json).toMatchObject({ code: 'not_found' });
  expect((await untilJob(owner, id, ends)).state).toBe('succeeded');
  const listed = (await owner.get(`/api/v1/sites/${site.id}/exports`)).json as { items: object[] };
  expect(listed.items).toMatchObject([{ id, state: 'ready', sizeBytes: 700_000 }]);
  const whole = await owner.get(`${path}/data`);
  expect([whole.status, whole.headers['content-length'], whole.headers['accept-ranges']]).toEqual([
    200,
    '700000',
    'bytes',
  ]);
  expect(whole.headers['content-disposition']).toMatch(/^attachment; filename="shop\.test-[0-9-]+\.site\.tar"$/);
  const rest = await owner.get(`${path}/data`, { range: 'bytes=600000-' });
  expect([rest.status, rest.headers['content-range'], rest.text.length]).toEqual([
    206,
    'bytes 600000-699999/700000',
    100_000,
  ]);
  expect(rest.text).toBe(whole.text.slice(600_000));
  expect((await owner.get(`${path}/data`, { range: 'bytes=700000-' })).status).toBe(416);
  expect((await owner.delete(path)).status).toBe(204);
  expect((await owner.get(`${path}/data`)).json).toMatchObject({ code: 'not_found' });
});

it('ranges are read as RFC 9110 writes them, and what is none means all of it', () => {
  expect(readRange('bytes=0-0', 10)).toEqual({ from: 0, to: 0 });
  expect(readRange('bytes=4-99', 10)).toEqual({ from: 4, to: 9 });
  expect(readRange('bytes=-3', 10)).toEqual({ from: 7, to: 9 });
  expect(readRange('bytes=-30', 10)).toEqual({ from: 0, to: 9 });
  for (const none of ['bytes=10-', 'bytes=-0']) expect(readRange(none, 10)).toBeNull();
  for (const odd of [undefined, 'bytes=', 'bytes=-', 'bytes=5-2', 'bytes=0-1,4-5', 'lines=1-2', 'bytes=a-b'])
    expect(readRange(odd, 10)).toBeUndefined();
});

it('what a file says of a site has no secret in it, and a path whose password stays behind is closed', async () => {
  const kept = await owner.post(`/api/v1/sites/${site.id}/passwords`, { password: 'a long password' });
  const { passwordId } = kept.json as { passwordId: string };
  const changed = await owner.patch(`/api/v1/sites/${site.id}`, {
    behaviour: { passwords: [{ path: '/admin/', users: [{ name: 'amal', passwordId }] }] },
    sftp: {
      keys: [{ name: 'x', key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPw5ClYKZTJVZgOOYyErcpDiglmQuJb5ElALH7ZVXVxN' }],
    },
  });
  expect([changed.status, changed.json]).toEqual([200, expect.anything()]);
  const said = describeSite(await readSite(owner, site.id));
  expect(said).toMatchObject({ tls: null, deploy: null, sftp: { keys: [] }, behaviour: { passwords: [] } });
  expect(said.behaviour.access.addresses).toEqual([
    { path: '/admin/', lines: [{ action: 'allow', range: '127.0.0.1' }], others: 'deny' },
  ]);
  expect(JSON.stringify(said)).not.toContain(passwordId);
});

it('the dry run says what would be made and what stands in the way, and changes nothing', async () => {
  const before = await countSites(owner);
  const id = await send(owner, 'shop.site.tar');
  const first = (await preview(id)).json as SiteFilePreview;
  expect(first).toMatchObject({
    origin: 'own',
    domains: ['shop.example.com', 'www.shop.example.com'],
    root: '/www/wwwroot/shop.example.com/public',
    php: { version: '8.1', isInstalled: false },
    hasDirectives: true,
  });
  expect(first.notes).toEqual([
    { code: 'directives_left', blocks: false, params: {} },
    { code: 'php_missing', blocks: true, params: { version: '8.1' } },
    { code: 'databases_left', blocks: false, params: {} },
  ]);
  expect((await bring(id)).json).toMatchObject({ reason: 'php_version_missing' });
  const taken = (await preview(id, { domains: ['shop.test'], phpVersion: '8.4' })).json as SiteFilePreview;
  expect(taken.notes).toContainEqual({
    code: 'domain_taken',
    blocks: true,
    params: { domain: 'shop.test', site: 'shop.test' },
  });
  expect((await bring(id, { domains: ['shop.test'], phpVersion: '8.4' })).json).toMatchObject({
    reason: 'domain_taken',
    fields: [{ field: 'domains.0', code: 'domain_taken' }],
  });
  expect((await preview(id, { domains: ['../etc'] })).status).toBe(400);
  expect((await preview(await send(owner, 'other.site.tar'))).json).toMatchObject({ origin: 'other' });
  expect((await preview(await send(owner, 'changed.site.tar'))).json).toMatchObject({ reason: 'site_file_changed' });
  expect((await bring(await send(owner, 'none.tar'))).json).toMatchObject({ reason: 'site_file_unknown' });
  expect(await countSites(owner)).toBe(before);
});

it('a sealed file is seen by its passphrase only; secrets go out and come in after a fresh factor, and into no job', async () => {
  const path = `/api/v1/sites/${site.id}/exports`;
  const passphrase = 'of nobody else 42';
  expect((await owner.post(path, { withSecrets: true })).json).toMatchObject({ fields: [{ field: 'passphrase' }] });
  expect((await owner.post(path, { passphrase: 'short' })).status).toBe(400);
  const manager = await test.signIn('site_manager', { siteIds: [site.id] });
  expect((await manager.post(path, { passphrase, withSecrets: true })).json).toMatchObject({
    code: 'elevation_required',
  });
  const out = await owner.post(path, { passphrase, withSecrets: true });
  const { id: jobId } = out.json as Job;
  expect((await untilJob(owner, jobId, ends)).state).toBe('succeeded');
  const stored = JSON.stringify(await test.ctx.db.selectFrom('job').selectAll().execute());
  expect([stored.includes(jobId), stored.includes(passphrase)]).toEqual([true, false]);
  const { items } = (await owner.get(path)).json as { items: { id: string; fileName: string }[] };
  expect(items.find(({ id }) => id === jobId)?.fileName).toMatch(/\.site\.sealed$/);

  const id = await send(owner, 'sealed.site.sealed');
  expect((await preview(id)).json).toMatchObject({ reason: 'site_file_locked' });
  expect((await bring(id)).json).toMatchObject({ reason: 'site_file_locked' });
  const unlock = (words: string) => owner.post(`/api/v1/site-files/${id}/unlock`, { passphrase: words });
  expect((await unlock('wrong one')).json).toMatchObject({ reason: 'site_file_passphrase' });
  const another = await test.signIn('administrator');
  const foreign = await another.post(`/api/v1/site-files/${id}/unlock`, { passphrase });
  expect(foreign.json).toMatchObject({ code: 'not_found' });
  expect((await unlock(passphrase)).status).toBe(204);
  expect((await preview(id)).json).toMatchObject({ isSealed: true, secrets: 2 });
});

it('T-8 a certificate goes out sealed and after a fresh factor, and only for who may have keys', async () => {
  const path = `/api/v1/sites/${site.id}/exports`;
  const asked = { passphrase: 'of nobody else 42', withCertificate: true };
  expect((await owner.post(path, { withCertificate: true })).json).toMatchObject({ fields: [{ field: 'passphrase' }] });
  expect((await owner.post(path, asked)).json).toMatchObject({
    reason: 'site_export_certificate',
    params: { why: 'no_certificate' },
  });
  const manager = await test.signIn('site_manager', { siteIds: [site.id] });
  expect((await manager.post(path, asked)).json).toMatchObject({ code: 'not_allowed' });
  const administrator = await test.signIn('administrator');
  expect((await administrator.post(path, asked)).json).toMatchObject({ code: 'elevation_required' });
});

it('T-3 the certificate of a file comes along when it is good for every name; else the site comes without, and why is said', async () => {
  const opened = async (name: string, by = owner): Promise<string> => {
    const id = await send(by, name);
    expect((await by.post(`/api/v1/site-files/${id}/unlock`, { passphrase: 'of nobody' })).status).toBe(204);
    return id;
  };
  const seen = async (id: string, body: object = {}, by = owner): Promise<SiteFilePreview> =>
    (await by.post(`/api/v1/site-files/${id}/preview`, { phpVersion: '8.4', ...body })).json as SiteFilePreview;
  const notesOf = ({ notes }: SiteFilePreview) => notes.filter(({ code }) => code.startsWith('certificate'));
  const id = await opened('sealed.site.sealed');
  const good = await seen(id);
  expect(good.certificate).toMatchObject({ names: good.domains, isUsable: true, isRenewed: false });
  expect(notesOf(good)).toMatchObject([{ code: 'certificate_by_hand', blocks: false }]);
  expect(good.stays).not.toContain('certificate');
  expect(JSON.stringify(good)).not.toContain('BEGIN');
  const left = await seen(id, { withCertificate: false });
  expect([notesOf(left), left.certificate?.isUsable]).toEqual([
    [{ code: 'certificate_left', blocks: false, params: {} }],
    true,
  ]);
  for (const [file, domains, note] of [
    [id, ['shop.example.com', 'new.example.com'], { code: 'certificate_names', params: { names: 'new.example.com' } }],
    [id, ['shop.example.com:8080'], { code: 'certificate_no_port' }],
    [
      await opened('sealed-expired.site.sealed'),
      undefined,
      { code: 'certificate_unusable', params: { why: 'expired' } },
    ],
  ] as const) {
    const without = await seen(file, domains === undefined ? {} : { domains });
    expect([without.certificate?.isUsable, notesOf(without)]).toMatchObject([false, [note]]);
    expect(without.stays).toContain('certificate');
  }
  const scopes = ['sites.create', 'sites.read', 'sites.write'];
  const limited = await owner.post('/api/v1/me/tokens', { name: 'no keys', scopes, expiresInDays: 1 });
  const token = withToken(test.anonymous, (limited.json as { secret: string }).secret);
  const barred = await token.request(`/api/v1/site-files/${id}/preview`, { method: 'POST', body: {} });
  expect(notesOf(barred.json as SiteFilePreview)).toMatchObject([{ code: 'certificate_not_allowed' }]);

  const onShelf = async () => ((await owner.get('/api/v1/certificates')).json as { items: object[] }).items.length;
  const before = await onShelf();
  const made = async (file: string, domains: string[]): Promise<Site> => {
    const started = await bring(file, { phpVersion: '8.4', domains });
    expect(await untilJob(owner, (started.json as Job).id, ends)).toMatchObject({ state: 'succeeded' });
    const { items } = (await owner.get(`/api/v1/sites?search=${domains[0]}`)).json as { items: Site[] };
    const found = items.find(({ domains: [first] }) => first?.host === domains[0]);
    return await readSite(owner, found?.id ?? '');
  };
  const failing = await bring(id, { phpVersion: '8.4', domains: ['full-disk.test'] });
  expect((await untilJob(owner, (failing.json as Job).id, ends)).state).toBe('failed');
  expect(await onShelf()).toBe(before);
  expect((await made(id, ['shop.example.com'])).tls).toMatchObject({ isForced: true, isHttp2: true });
  expect(await onShelf()).toBe(before + 1);
  expect((await made(await opened('sealed-expired.site.sealed'), ['second.example.com'])).tls).toBeNull();
  // One that lies there already is not put there twice.
  expect((await made(await opened('sealed.site.sealed'), ['www.shop.example.com'])).tls).not.toBeNull();
  expect(await onShelf()).toBe(before + 1);
});

it('SITE-3 a file becomes a site under its own or other names, all of it or nothing', async () => {
  const id = await send(owner, 'shop.site.tar');
  const started = await bring(id, { domains: ['new.test'], phpVersion: '8.4', name: 'The new one' });
  expect([started.status, started.json]).toEqual([202, expect.objectContaining({ kind: 'sites.copy' })]);
  const job = await untilJob(owner, (started.json as Job).id, ends);
  expect([job.state, job.failure, job.subject['what']]).toEqual(['succeeded', null, 'file']);
  const { items } = (await owner.get('/api/v1/sites?search=new.test')).json as { items: Site[] };
  const made = await readSite(owner, items[0]?.id ?? '');
  expect(made).toMatchObject({
    slug: 'new.test',
    name: 'The new one',
    kind: 'php',
    root: '/www/wwwroot/new.test/public',
    php: { version: '8.4' },
    customDirectives: '',
    state: 'active',
  });
  const before = await countSites(owner);
  const failing = await bring(await send(owner, 'shop.site.tar'), { domains: ['full-disk.test'], phpVersion: '8.4' });
  expect(await untilJob(owner, (failing.json as Job).id, ends)).toMatchObject({
    state: 'failed',
    failure: { reason: 'disk_full' },
  });
  expect(await countSites(owner)).toBe(before);
});

it('SITE-3 databases go along on choice, by the permission for them; they come in with the site or not at all', async () => {
  const created = { name: 'shop', user: 'shop', siteId: site.id };
  const { id: databaseId } = (await owner.post('/api/v1/databases', created)).json as Database & { id: string };
  const path = `/api/v1/sites/${site.id}/exports`;
  const limited = { name: 'x', scopes: ['sites.create', 'sites.read', 'sites.write'], expiresInDays: 1 };
  const { secret } = (await owner.post('/api/v1/me/tokens', limited)).json as { secret: string };
  const token = withToken(test.anonymous, secret);
  const barredOut = await token.request(path, { method: 'POST', body: { databaseIds: [databaseId] } });
  expect(barredOut.json).toMatchObject({ code: 'not_allowed' });
  const elsewhere = (await owner.post('/api/v1/databases', { name: 'else', user: 'else' })).json as Database;
  expect((await owner.post(path, { databaseIds: [elsewhere.id] })).json).toMatchObject({ reason: 'database_unknown' });
  const out = await owner.post(path, { databaseIds: [databaseId] });
  expect((await untilJob(owner, (out.json as Job).id, ends)).state).toBe('succeeded');

  const id = await send(owner, 'shop.site.tar');
  const names = { domains: ['with-rows.test'], phpVersion: '8.4' };
  const first = (await preview(id, names)).json as SiteFilePreview;
  expect(first.databases).toMatchObject([{ engine: 'mariadb', name: 'shop', user: 'shop' }]);
  expect(first.notes).toContainEqual({ code: 'databases_left', blocks: false, params: {} });
  const same = { ...names, databases: [{ index: 0, name: 'shop', user: 'shop' }] };
  expect(((await preview(id, same)).json as SiteFilePreview).notes).toContainEqual({
    code: 'database_taken',
    blocks: true,
    params: { name: 'shop' },
  });
  const before = await countSites(owner);
  expect((await bring(id, same)).json).toMatchObject({ reason: 'database_exists' });
  const barred = await token.request(`/api/v1/site-files/${id}/import`, { method: 'POST', body: same });
  expect(barred.json).toMatchObject({ code: 'not_allowed' });
  expect((await bring(id, { ...same, databases: [{ index: 0, name: 'mysql', user: 'x' }] })).status).toBe(400);
  const found = async (name: string): Promise<Database | undefined> =>
    ((await owner.get('/api/v1/databases')).json as { items: Database[] }).items.find((each) => each.name === name);
  // The site cannot be made: its database goes again.
  const second = { databases: [{ index: 0, name: 'shop_2', user: 'shop_2' }], phpVersion: '8.4' };
  const failing = await bring(id, { ...second, domains: ['full-disk.test'] });
  expect((await untilJob(owner, (failing.json as Job).id, ends)).state).toBe('failed');
  expect([await countSites(owner), await found('shop_2')]).toEqual([before, undefined]);
  const done = await bring(id, { ...second, domains: names.domains });
  expect((await untilJob(owner, (done.json as Job).id, ends)).state).toBe('succeeded');
  const { items } = (await owner.get('/api/v1/sites?search=with-rows.test')).json as { items: Site[] };
  expect(await found('shop_2')).toMatchObject({ state: 'ready', user: 'shop_2', site: { id: items[0]?.id } });
});
