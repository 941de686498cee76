import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DatabaseTables, TablePage } from '#shared/database-browse.ts';
import type { TableRow } from '#shared/database-rows.ts';
import type { Job } from '#shared/jobs.ts';
import type { Site } from '#shared/sites.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { untilJob } from '../jobs/testing.ts';

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

const find = (client: TestClient, body: object) => client.post(`/api/v1/databases/${id}/rows/search`, body);

it('DB-6 rows are found for the same people, and what was looked for stands in no log', async () => {
  const wanted = { table: 'orders', filters: [{ column: 'customer', operator: 'contains', value: '11' }] };
  const viewer = await test.signIn('viewer');
  const others = await test.signIn('site_manager', { siteIds: [sites[1]?.id ?? ''] });
  expect((await find(test.anonymous, wanted)).status).toBe(401);
  expect((await find(viewer, wanted)).status).toBe(403);
  expect((await find(others, wanted)).json).toMatchObject({ reason: 'database_unknown' });
  const page = (await find(owner, wanted)).json as TablePage;
  expect(page.rows.map(([first]) => first)).toEqual(['11', ...Array.from({ length: 10 }, (_, at) => `${110 + at}`)]);
  expect(JSON.stringify((await owner.get('/api/v1/audit')).json)).not.toContain('contains');
  const [filter] = wanted.filters;
  for (const body of [
    { ...wanted, filters: [{ ...filter, operator: 'or 1=1' }] },
    { ...wanted, filters: Array.from({ length: 6 }, () => filter) },
    { ...wanted, filters: [{ ...filter, value: 'x'.repeat(1_001) }] },
    { ...wanted, order: 'random()' },
    { ...wanted, sort: 'a\0b' },
  ])
    expect((await find(owner, body)).status).toBe(400);
});

it('DB-6 tables are looked after by a job, for those who manage the database', async () => {
  const ask = (client: TestClient, body: object) => client.post(`/api/v1/databases/${id}/maintenance`, body);
  const wish = { kind: 'optimize', tables: ['orders'], minutes: 5 };
  const others = await test.signIn('site_manager', { siteIds: [sites[1]?.id ?? ''] });
  expect((await ask(test.anonymous, wish)).status).toBe(401);
  expect((await ask(await test.signIn('viewer'), wish)).status).toBe(403);
  expect((await ask(others, wish)).json).toMatchObject({ reason: 'database_unknown' });
  for (const wrong of [{ tables: [] }, { tables: ['a', 'a'] }, { tables: ['a\0'] }, { minutes: 0 }, { kind: 'drop' }])
    expect((await ask(owner, { ...wish, ...wrong })).status).toBe(400);
  const vacuum = await ask(owner, { ...wish, kind: 'vacuum' });
  expect(vacuum.json).toMatchObject({ fields: [{ field: 'kind', code: 'not_a_choice' }] });
  const begun = await ask(owner, wish);
  expect(begun).toMatchObject({ status: 202, json: { kind: 'databases.run', subject: { what: 'maintain' } } });
  await untilJob(owner, (begun.json as Job).id, ['succeeded']);
});

const rowOf = async (client: TestClient) => {
  const row = ((await rows(client, 'table=orders')).json as TablePage).refs[1] ?? '';
  const query = `table=orders&row=${encodeURIComponent(row)}`;
  const { version, cells } = (await client.get(`/api/v1/databases/${id}/row?${query}`)).json as TableRow;
  return { table: 'orders', row, version, cells };
};
const insert = (client: TestClient, body: object) => client.post(`/api/v1/databases/${id}/rows`, body);
const update = (client: TestClient, body: object) => client.patch(`/api/v1/databases/${id}/row`, body);
const remove = (client: TestClient, body: object) => client.post(`/api/v1/databases/${id}/row/deletion`, body);
const wish = (value: string | null) => ({ table: 'orders', values: [{ column: 'note', value }] });

it('DB-6 rows are changed by those who manage the database, and after a fresh factor', async () => {
  const { cells: _, ...seen } = await rowOf(owner);
  const others = await test.signIn('site_manager', { siteIds: [sites[1]?.id ?? ''] });
  const theirs = await test.signIn('site_manager', { siteIds: [sites[0]?.id ?? ''] });
  const viewer = await test.signIn('viewer');
  for (const ask of [
    (client: TestClient) => insert(client, wish('mine')),
    (client: TestClient) => update(client, { ...seen, ...wish('mine') }),
    (client: TestClient) => remove(client, seen),
  ]) {
    expect((await ask(test.anonymous)).status).toBe(401);
    expect((await ask(viewer)).json).toMatchObject({ code: 'not_allowed' });
    expect((await ask(others)).json).toMatchObject({ reason: 'database_unknown' });
    expect((await ask(theirs)).json).toMatchObject({ code: 'elevation_required' });
  }
  expect((await rowOf(owner)).version).toBe(seen.version);
});

it('SQL-2 a row is added, changed and deleted, the audit log names its columns and no value', async () => {
  const mine = await (await test.signIn()).elevate();
  const { cells: _, ...seen } = await rowOf(mine);
  expect((await insert(mine, wish('hidden-word'))).status).toBe(204);
  expect((await update(mine, { ...seen, ...wish('hidden-word') })).status).toBe(204);
  expect((await update(mine, { ...seen, ...wish('later') })).json).toMatchObject({ reason: 'database_row_changed' });
  const { cells, ...now } = await rowOf(mine);
  expect(cells[2]).toBe('hidden-word');
  const wrong = await insert(mine, { table: 'orders', values: [{ column: 'total', value: 'hidden-word' }] });
  expect(wrong.json).toMatchObject({ fields: [{ field: 'values.0.value', code: 'row_value_decimal' }] });
  expect((await remove(mine, now)).status).toBe(204);
  expect((await remove(mine, now)).json).toMatchObject({ reason: 'database_row_gone' });
  const log = JSON.stringify((await mine.get('/api/v1/audit')).json);
  expect(log).toContain('"action":"updateTableRow"');
  expect(log).toMatch(/"name":"shop","table":"orders","columns":"note"|"columns":"note"/);
  expect(log).not.toContain('hidden-word');
});

it.each([
  {
    table: 'orders',
    values: [
      { column: 'note', value: '1' },
      { column: 'note', value: '2' },
    ],
  },
  { table: 'orders', values: [{ column: 'note', value: 'a\ud800' }] },
  { table: 'orders', values: [{ column: 'note', value: 'x'.repeat(65_537) }] },
  { table: 'orders', values: [{ column: 'no\0te', value: '' }] },
  { table: 'orders', values: [{ column: 'note', value: 1 }] },
  { table: 'orders', values: { note: 'a' } },
])('SQL-2 the row %# is refused', async (body) => {
  expect((await insert(owner, body)).status).toBe(400);
});
