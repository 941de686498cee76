import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database, DatabaseRemovalPreview } from '#shared/databases.ts';
import type { Site } from '#shared/sites.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { withCertificates } from '../../core/testing/certificates.ts';
import { cronFactsOf } from '../../core/testing/cron.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { untilJob } from '../jobs/testing.ts';

/* A site and its database: made together or not at all, and deleted together when the person says so. */

let test: TestApp;
let owner: TestClient;
beforeAll(async () => {
  const agentClient = createFakeAgent({
    isNginxInstalled: true,
    isMariadbInstalled: true,
    databaseRunMs: 20,
    phpVersions: ['8.4'],
  });
  test = await makeTestApp({ agentClient });
  owner = await test.signIn();
});
afterAll(() => test.close());

const create = (host: string, database: object | undefined, more: object = {}, client = owner) =>
  client.post('/api/v1/sites', { kind: 'php', domains: [host], php: { version: '8.4' }, database, ...more });
const of = (name: string) => ({ name, user: name });
const databases = async (): Promise<Database[]> =>
  ((await owner.get('/api/v1/databases')).json as { items: Database[] }).items;
const hosts = async (): Promise<string[]> =>
  ((await owner.get('/api/v1/sites')).json as { items: Site[] }).items.map(({ slug }) => slug).sort();

it('a site comes with its database', async () => {
  const made = await create('shop.test', of('shop_test'));
  expect(made.status).toBe(201);
  const { site } = made.json as { site: Site };
  expect(await databases()).toMatchObject([{ name: 'shop_test', user: 'shop_test', site: { id: site.id } }]);
  expect((await owner.get(`/api/v1/databases?siteId=${site.id}`)).json).toMatchObject({
    items: [{ name: 'shop_test' }],
  });
  // As a site is really kept, it is found by its version.
  expect((await owner.get('/api/v1/sites?php=8.4')).json).toMatchObject({ total: 1, items: [{ id: site.id }] });
  expect((await owner.get('/api/v1/sites?php=8.3')).json).toMatchObject({ total: 0 });
});

it('what fails is taken back together: nginx refuses the site, the server the database, the name is taken', async () => {
  const before = [await hosts(), await databases()];
  const nginx = await create('fail-nginx.test', of('fresh'));
  expect(nginx.status).toBe(422);
  const away = await create('fail-agent.test', of('fresh'));
  expect(away.status).toBe(503);
  const server = await create('fresh.test', of('fail_database'));
  expect([server.status, server.json]).toMatchObject([500, { reason: 'database_server_refused' }]);
  const taken = await create('fresh.test', of('shop_test'));
  expect([taken.status, taken.json]).toMatchObject([
    409,
    { reason: 'database_exists', fields: [{ field: 'database.name', code: 'database_exists' }] },
  ]);
  const wrong = await create('fresh.test', of('a`b'));
  expect([wrong.status, wrong.json]).toMatchObject([400, { fields: [{ field: 'database.name' }, {}] }]);
  expect([await hosts(), await databases()]).toEqual(before);
});

it('an answer that is lost on the way leaves both', async () => {
  expect((await create('lost-agent.test', of('lost'))).status).toBe(201);
  expect((await databases()).map(({ name }) => name)).toContain('lost');
});

it('sites of other kinds and people who may not make databases get none', async () => {
  const before = [await hosts(), await databases()];
  const proxy = { kind: 'static', php: undefined };
  expect((await create('files.test', of('files'), proxy)).json).toMatchObject({
    fields: [{ field: 'database', code: 'database_not_for_kind' }],
  });
  const role = { name: 'makes sites', permissions: ['sites.create', 'sites.read'], siteScope: 'all' };
  const made = await (await owner.elevate()).post('/api/v1/roles', role);
  const maker = await test.signIn((made.json as { id: string }).id);
  const refused = await create('files.test', of('files'), {}, maker);
  expect([refused.status, refused.json]).toMatchObject([403, { params: { permission: 'databases.manage' } }]);
  expect([await hosts(), await databases()]).toEqual(before);
});

it('a deleted site takes the databases along that the person has seen, and no others', async () => {
  const { site } = (await create('gone.test', of('gone_test'))).json as { site: Site };
  await owner.post('/api/v1/databases', { ...of('gone_more'), siteId: site.id });
  const elevated = await (await test.signIn()).elevate();
  const { confirm } = (await owner.get(`/api/v1/sites/${site.id}/removal`)).json as { confirm: string };
  const previewOf = async (name: string) => {
    const databaseId = (await databases()).find((each) => each.name === name)?.id ?? '';
    const preview = (await owner.get(`/api/v1/databases/${databaseId}/removal`)).json as DatabaseRemovalPreview;
    return { databaseId, confirm: preview.confirm };
  };
  const remove = (client: TestClient, chosen: readonly object[]) =>
    client.post(`/api/v1/sites/${site.id}/removal`, { confirm, files: 'keep', databases: chosen });
  const wanted = await previewOf('gone_test');
  const foreign = await previewOf('shop_test');
  expect((await remove(await test.signIn(), [wanted])).json).toMatchObject({ code: 'elevation_required' });
  expect((await remove(elevated, [foreign])).json).toMatchObject({ reason: 'database_unknown' });
  const stale = { ...wanted, confirm: '0'.repeat(64) };
  expect((await remove(elevated, [stale])).json).toMatchObject({ reason: 'removal_list_changed' });
  expect(await hosts()).toContain('gone.test');
  const done = await remove(elevated, [wanted]);
  const { jobIds } = done.json as { jobIds: string[] };
  expect([done.status, jobIds.length]).toEqual([200, 1]);
  await untilJob(owner, jobIds[0] ?? '', ['succeeded']);
  expect(await hosts()).not.toContain('gone.test');
  const left = await databases();
  expect(left.map(({ name }) => name)).not.toContain('gone_test');
  expect(left).toContainEqual(expect.objectContaining({ name: 'gone_more', site: null, siteId: site.id }));
});

it('ALL-6 certificate and scheduled jobs go with the site only when they are named, and only its own', async () => {
  const { certificate, key } = withCertificates((make) => make.selfSigned('DNS:own.test,DNS:other.test'));
  const added = await owner.post('/api/v1/certificates', { certificate, key, name: 'own' });
  const certificateId = (added.json as { id: string }).id;
  const make = async (host: string): Promise<Site> => {
    const { site } = (await owner.post('/api/v1/sites', { kind: 'static', domains: [host] })).json as { site: Site };
    await owner.patch(`/api/v1/sites/${site.id}`, { tls: { certificateId } });
    return site;
  };
  const [site, other] = [await make('own.test'), await make('other.test')];
  const job = async (siteId: string, name: string): Promise<string> =>
    ((await owner.post('/api/v1/cron/jobs', cronFactsOf(name, { siteId }))).json as { id: string }).id;
  const [own, second, foreign] = [await job(site.id, 'a'), await job(site.id, 'b'), await job(other.id, 'c')];
  const path = `/api/v1/sites/${site.id}/removal`;
  const { confirm, ...shown } = (await owner.get(path)).json as { confirm: string };
  expect(shown).toMatchObject({
    certificate: { id: certificateId, otherSites: 1, mayRemove: true },
    cronJobs: [own, second].sort().map((id) => ({ id })),
  });
  const remove = (more: object, client = owner) => client.post(path, { confirm, files: 'keep', ...more });
  // What others need, what is not the site's, and what the person may not remove: nothing goes, the site neither.
  expect((await remove({ certificateId })).json).toMatchObject({
    reason: 'certificate_in_use',
    params: { sites: 'other.test' },
  });
  await owner.patch(`/api/v1/sites/${other.id}`, { tls: null });
  expect((await remove({ certificateId: other.id })).json).toMatchObject({ reason: 'removal_list_changed' });
  expect((await remove({ cronJobIds: [own, foreign] })).json).toMatchObject({ reason: 'removal_list_changed' });
  const role = { name: 'deletes sites', permissions: ['sites.delete', 'sites.read'], siteScope: 'all' };
  const made = await (await owner.elevate()).post('/api/v1/roles', role);
  const deleter = await test.signIn((made.json as { id: string }).id);
  expect((await deleter.get(path)).json).toMatchObject({ certificate: { mayRemove: false }, cronJobs: [] });
  expect((await remove({ certificateId }, deleter)).json).toMatchObject({
    params: { permission: 'certificates.write' },
  });
  expect((await remove({ cronJobIds: [own] }, deleter)).json).toMatchObject({ params: { permission: 'cron.write' } });
  expect((await remove({ files: 'remove' }, deleter)).json).toMatchObject({ code: 'elevation_required' });
  expect((await remove({ logs: 'recycle' }, deleter)).json).toMatchObject({ code: 'elevation_required' });
  expect(await hosts()).toContain('own.test');
  const done = await remove({ certificateId, cronJobIds: [own] });
  expect([done.status, done.json]).toMatchObject([200, { jobIds: [], left: [] }]);
  expect(await hosts()).not.toContain('own.test');
  expect((await owner.get(`/api/v1/certificates/${certificateId}`)).status).toBe(404);
  const { items } = (await owner.get('/api/v1/cron/jobs')).json as { items: { id: string }[] };
  expect(items.map(({ id }) => id).sort()).toEqual([second, foreign].sort());
});
