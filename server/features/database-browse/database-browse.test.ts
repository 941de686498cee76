import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DatabaseTables, TablePage } from '#shared/database-browse.ts';
import type { Site } from '#shared/sites.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';

let test: TestApp;
let owner: TestClient;
let sites: readonly Site[];
let id: string;
beforeAll(async () => {
  test = await makeTestApp({ agentClient: createFakeAgent({ isUnguarded: false, isMariadbInstalled: true }) });
  owner = await test.signIn();
  const make = async (host: string) =>
    ((await owner.post('/api/v1/sites', { kind: 'static', domains: [host] })).json as { site: Site }).site;
  sites = [await make('one.test'), await make('other.test')];
  const made = await owner.post('/api/v1/databases', { name: 'shop', user: 'shop', siteId: sites[0]?.id });
  id = (made.json as { id: string }).id;
});
afterAll(() => test.close());

const tables = (client: TestClient) => client.get(`/api/v1/databases/${id}/tables`);
const rows = (client: TestClient, query: string) => client.get(`/api/v1/databases/${id}/rows?${query}`);

it('DB-6 tables and rows are for those who manage databases, and a manager of other sites finds none', async () => {
  const theirs = await test.signIn('site_manager', { siteIds: [sites[0]?.id ?? ''] });
  const others = await test.signIn('site_manager', { siteIds: [sites[1]?.id ?? ''] });
  const viewer = await test.signIn('viewer');
  for (const ask of [tables, (client: TestClient) => rows(client, 'table=orders')]) {
    expect((await ask(test.anonymous)).status).toBe(401);
    expect((await ask(viewer)).status).toBe(403);
    expect([(await ask(others)).status, (await ask(others)).json]).toMatchObject([404, { reason: 'database_unknown' }]);
    expect((await ask(theirs)).status).toBe(200);
  }
});

it('rows come page by page until the last, and a table that is not there is said so', async () => {
  expect(((await tables(owner)).json as DatabaseTables).items.map(({ name }) => name)).toEqual(['orders', 'settings']);
  const firsts: unknown[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const after: string = next === '' ? '' : `&after=${encodeURIComponent(next)}`;
    const page = (await rows(owner, `table=orders${after}`)).json as TablePage;
    firsts.push(page.rows[0]?.[0]);
    next = page.next;
  }
  expect(firsts).toEqual(['1', '51', '101']);
  const last = (await rows(owner, 'table=orders&order=down')).json as TablePage;
  expect(last.rows[0]?.[0]).toBe('120');
  expect((await rows(owner, 'table=nothing')).json).toMatchObject({ reason: 'database_table_unknown' });
});

it.each([
  '',
  'table=',
  'table=a%00b',
  `table=${'a'.repeat(261)}`,
  'table=orders&order=random()',
  'table=orders&after=%27',
])('SQL-2 the question %j is refused', async (query) => {
  expect((await rows(owner, query)).status).toBe(400);
});
