import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AapanelReport } from '#shared/aapanel.ts';
import type { Job } from '#shared/jobs.ts';
import type { Site } from '#shared/sites.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { untilJob } from '../jobs/testing.ts';
import { countSites, createTestSite, readSite } from '../sites/testing.ts';

let test: TestApp;
let owner: TestClient;

beforeAll(async () => {
  test = await makeTestApp({ agentClient: createFakeAgent({ copyMs: 150, isNginxInstalled: true }) });
  owner = await (await test.signIn()).elevate();
});
afterAll(() => test.close());

const read = (client: TestClient, base = '') => client.post('/api/v1/imports/aapanel/report', { base });
const bring = (client: TestClient, body: object) => client.post('/api/v1/imports/aapanel/sites', body);
const stateOf = async (name: string): Promise<string | undefined> =>
  ((await read(owner)).json as AapanelReport).sites.find((site) => site.name === name)?.state;

it('PERM-1 only who may change settings and make sites reads another panel, after a confirmation', async () => {
  const before = await countSites(owner);
  for (const ask of [read, (client: TestClient) => bring(client, { name: 'docs.example.net' })]) {
    expect((await ask(test.anonymous)).status).toBe(401);
    for (const role of ['viewer', 'operator', 'site_manager'])
      expect((await ask(await test.signIn(role))).json).toMatchObject({ code: 'not_allowed' });
    expect((await ask(await test.signIn('administrator'))).json).toMatchObject({ code: 'elevation_required' });
  }
  for (const base of ['relative', '/a/../b', '/a b', '/a/./b', '/a;b', `/${'a'.repeat(600)}`])
    expect((await read(owner, base)).status).toBe(400);
  for (const base of ['/root', '/root/old', '/home/amal/old', '/tmp/old', '/var/tmp'])
    expect((await read(owner, base)).json).toMatchObject({ fields: [{ field: 'base', code: 'import_base_invalid' }] });
  expect((await read(owner, '/rootless')).status).toBe(200);
  expect((await read(owner, '/nowhere')).json).toMatchObject({ reason: 'aapanel_missing' });
  expect(await countSites(owner)).toBe(before);
});

it('MIG-1 the dry run writes nothing; a site is then brought over by a job, with what was said of it', async () => {
  const before = await countSites(owner);
  const report = (await read(owner)).json as AapanelReport;
  expect(report.sites.map(({ state }) => state)).toEqual(['ready', 'differs', 'blocked']);
  expect(await countSites(owner)).toBe(before);
  expect((await bring(owner, { name: 'worker' })).json).toMatchObject({ reason: 'aapanel_site_blocked' });
  expect((await bring(owner, { name: 'unknown' })).json).toMatchObject({ reason: 'aapanel_site_unknown' });
  // The version that it had is not here, and so its certificate does not stay either.
  const shelf = async () => (await owner.get('/api/v1/certificates')).json as { items: { names: string[] }[] };
  expect((await bring(owner, { name: 'store.example.net' })).json).toMatchObject({ reason: 'php_version_missing' });
  expect((await shelf()).items).toEqual([]);
  const answer = await bring(owner, { name: 'store.example.net', phpVersion: '8.4' });
  expect(answer.json).toMatchObject({ kind: 'sites.copy', subject: { what: 'import', name: 'store.example.net' } });
  const job = await untilJob(owner, (answer.json as Job).id, ['succeeded', 'failed']);
  expect([job.state, job.failure]).toEqual(['succeeded', null]);
  expect((await shelf()).items).toMatchObject([
    { names: ['store.example.net', 'www.store.example.net'], source: 'own', sites: [{ name: 'store.example.net' }] },
  ]);
  const { items } = (await owner.get('/api/v1/sites?search=store.example.net')).json as { items: Site[] };
  expect(await readSite(owner, items[0]?.id ?? '')).toMatchObject({
    name: 'store.example.net',
    kind: 'php',
    root: '/www/wwwroot/store.example.net/public',
    remark: 'متجر الكتب',
    php: { version: '8.4', isApart: true },
    tls: { isForced: true, hsts: null },
    behaviour: {
      rewrites: { preset: 'laravel', rules: [] },
      redirects: [{ match: 'regex', path: '^/old(.*)', target: 'https://store.example.net/new$1', status: 301 }],
      proxies: [{ path: '/api/', servers: [{ address: '127.0.0.1:3001' }], isPathStripped: true }],
    },
    reach: { endsAt: '2030-02-01T00:00:00.000Z', isDefault: false },
    domains: [
      { host: 'store.example.net', port: 80 },
      { host: 'www.store.example.net', port: 80 },
    ],
  });
});

it('MIG-4 what is here already is not brought over a second time', async () => {
  await createTestSite(owner, ['docs.example.net']);
  expect(await stateOf('docs.example.net')).toBe('blocked');
  expect(await stateOf('store.example.net')).toBe('blocked');
  const before = await countSites(owner);
  expect((await bring(owner, { name: 'docs.example.net' })).json).toMatchObject({ reason: 'domain_taken' });
  expect(await countSites(owner)).toBe(before);
});
