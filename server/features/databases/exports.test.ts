import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DatabaseExport } from '#shared/database-exports.ts';
import type { Site } from '#shared/sites.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';

let test: TestApp;
let owner: TestClient;
let sites: readonly Site[];
let exports: string;
let origin: string;
beforeAll(async () => {
  test = await makeTestApp({ agentClient: createFakeAgent({ isUnguarded: false, isMariadbInstalled: true }) });
  owner = await test.signIn();
  const make = async (host: string) =>
    ((await owner.post('/api/v1/sites', { kind: 'static', domains: [host] })).json as { site: Site }).site;
  sites = [await make('one.test'), await make('other.test')];
  const made = await owner.post('/api/v1/databases', { name: 'shop', user: 'shop', siteId: sites[0]?.id });
  exports = `/api/v1/databases/${(made.json as { id: string }).id}/exports`;
  origin = await test.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => test.close());

const wish = { format: 'sql', what: 'all', tables: null };
const begin = async (body: object = wish): Promise<DatabaseExport> =>
  (await owner.post(exports, body)).json as DatabaseExport;
const state = async (id: string): Promise<unknown> => (await owner.get(`${exports}/${id}`)).json;
/** As a browser does it, over a connection of its own. */
const fetchFile = (id: string) => fetch(`${origin}${exports}/${id}/file`, { headers: { cookie: owner.cookie ?? '' } });

it('an export is asked for, downloaded once, and stands in the audit log', async () => {
  const begun = await begin({ ...wish, format: 'sql.gz', tables: ['orders'] });
  expect(begun).toMatchObject({ fileName: 'shop.sql.gz', state: 'waiting', leftOut: [] });
  const file = `${exports}/${begun.id}/file`;
  // Whoever only asks about it, as programs do that download, does not use it up.
  expect((await owner.request(file, { method: 'HEAD' })).status).toBe(200);
  const answer = await fetchFile(begun.id);
  expect(answer.headers.get('content-disposition')).toContain('shop.sql.gz');
  expect(answer.headers.get('cache-control')).toContain('no-store');
  expect(await answer.text()).toBe('-- shop, all\n');
  expect(await state(begun.id)).toMatchObject({ state: 'succeeded', sentBytes: 13 });
  const again = await fetchFile(begun.id);
  expect([again.status, await again.json()]).toMatchObject([404, { reason: 'database_export_unknown' }]);
  const [row] = await test.ctx.db.selectFrom('audit').selectAll().where('action', '=', 'exportDatabase').execute();
  expect(JSON.stringify(row)).toMatch(/shop.*orders/);
});

it('a dump that breaks off never ends as a whole file, and the state says why', async () => {
  const { id } = await begin({ ...wish, tables: ['settings'] });
  const answer = await fetchFile(id);
  expect(answer.status).toBe(200);
  await expect(answer.text()).rejects.toThrow();
  expect(await state(id)).toMatchObject({ state: 'failed', failure: { reason: 'database_export_refused' } });
});

it('DB-6 exports are for those who manage the database', async () => {
  const { id } = await begin();
  const theirs = await test.signIn('site_manager', { siteIds: [sites[0]?.id ?? ''] });
  const others = await test.signIn('site_manager', { siteIds: [sites[1]?.id ?? ''] });
  const viewer = await test.signIn('viewer');
  for (const ask of [
    (client: TestClient) => client.post(exports, wish),
    (client: TestClient) => client.get(`${exports}/${id}`),
    (client: TestClient) => client.get(`${exports}/${id}/file`),
  ]) {
    expect((await ask(test.anonymous)).status).toBe(401);
    expect((await ask(viewer)).status).toBe(403);
    expect([(await ask(others)).status, (await ask(others)).json]).toMatchObject([404, { reason: 'database_unknown' }]);
  }
  expect((await theirs.post(exports, wish)).status).toBe(201);
});

it.each([
  {},
  { ...wish, format: 'zip' },
  { ...wish, what: 'users' },
  { ...wish, tables: [] },
  { ...wish, tables: ['a\0b'] },
  { ...wish, tables: ['a'.repeat(261)] },
  { ...wish, tables: Array.from({ length: 501 }, (_, at) => `t${at}`) },
  { ...wish, all: true },
])('the wish %j is refused', async (body) => {
  expect((await owner.post(exports, body)).status).toBe(400);
});
