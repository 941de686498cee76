import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ConsoleAnswer } from '#shared/database-console.ts';
import type { Site } from '#shared/sites.ts';
import { isReading, kindOf } from '#shared/statement-kind.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';

let test: TestApp;
let owner: TestClient;
let sites: readonly Site[];
let id: string;
beforeAll(async () => {
  test = await makeTestApp({ agentClient: createFakeAgent({ isUnguarded: true, isMariadbInstalled: true }) });
  owner = await test.signIn();
  const make = async (host: string) =>
    ((await owner.post('/api/v1/sites', { kind: 'static', domains: [host] })).json as { site: Site }).site;
  sites = [await make('one.test'), await make('other.test')];
  const made = await owner.post('/api/v1/databases', { name: 'shop', user: 'shop', siteId: sites[0]?.id });
  id = (made.json as { id: string }).id;
});
afterAll(() => test.close());

const path = (what: string): string => `/api/v1/databases/${id}/console/${what}`;
const query = (client: TestClient, statement: string, more: object = {}) =>
  client.post(path('query'), { statement, ...more });
const execute = (client: TestClient, statement: string) => client.post(path('execute'), { statement });

it('DB-6 statements are for those who manage databases, and a manager of other sites finds none', async () => {
  const theirs = await test.signIn('site_manager', { siteIds: [sites[0]?.id ?? ''] });
  const others = await test.signIn('site_manager', { siteIds: [sites[1]?.id ?? ''] });
  const viewer = await test.signIn('viewer');
  const ask = [
    (client: TestClient) => query(client, 'select 1'),
    (client: TestClient) => execute(client, 'delete from orders'),
    (client: TestClient) => client.get(path('history')),
  ];
  for (const each of ask) {
    expect((await each(test.anonymous)).status).toBe(401);
    expect((await each(viewer)).status).toBe(403);
    expect(await each(others)).toMatchObject({ status: 404, json: { reason: 'database_unknown' } });
    expect((await each(theirs)).status).toBe(200);
  }
});

it('DB-5 the audit log says that a statement was run that changes, and of which kind; what it says stands nowhere', async () => {
  await query(owner, "select 'hidden-word'");
  const answer = (await execute(owner, "update orders set note = 'hidden-word'")).json as ConsoleAnswer;
  expect(answer).toMatchObject({ kind: 'UPDATE', results: [{ outcome: 'done', affectedRows: 3 }] });
  const { items } = (await owner.get('/api/v1/audit?action=executeStatement')).json as { items: object[] };
  expect(items[0]).toMatchObject({ target: id, detail: { name: 'shop', kind: 'UPDATE', outcome: 'done' } });
  const all = JSON.stringify((await owner.get('/api/v1/audit')).json);
  expect(all).not.toContain('hidden-word');
  const ran = (items as { action: string; outcome: string }[]).filter(({ outcome }) => outcome === 'done');
  expect(new Set(ran.map(({ action }) => action))).toEqual(new Set(['executeStatement']));
  expect(all).not.toMatch(/"action":"queryDatabase",[^}]*"outcome":"done"/);
});

it('DB-6 a statement that gives or takes rights stands in the audit log as what it is; for reading it is not run', async () => {
  const statements = [
    ["GRANT SELECT ON shop.* TO 'eve'@'%'", 'GRANT'],
    ['/* quiet */ -- x\n revoke all on shop.* from eve', 'REVOKE'],
    ["alter user 'shop'@'localhost' identified by 'another-word'", 'ALTER'],
    ['SET ROLE none', 'SET'],
    ['create role eve', 'CREATE'],
  ] as const;
  const rows = async () =>
    ((await owner.get('/api/v1/audit?action=executeStatement')).json as { items: { detail: { kind: string } }[] })
      .items;
  const before = (await rows()).length;
  for (const [statement, kind] of statements) {
    await execute(owner, statement);
    expect((await rows())[0], statement).toMatchObject({ target: id, detail: { name: 'shop', kind } });
    // One that is to be read only is refused, so that none of them can go that way.
    expect((await query(owner, statement)).json, statement).toMatchObject({
      results: [{ outcome: 'failed', why: 'reading' }],
    });
  }
  expect((await rows()).length).toBe(before + statements.length);
  expect(JSON.stringify(await rows())).not.toContain('another-word');
});

it('DB-5 a browser that goes away takes its statement with it: the agent is let go', async () => {
  const seen = Promise.withResolvers<AbortSignal>();
  const real = createFakeAgent({ isUnguarded: true, isMariadbInstalled: true });
  const patient = await makeTestApp({
    agentClient: {
      ...real,
      call: ((name, params, options) => {
        if (name !== 'databases.query') return real.call(name, params, options);
        if (options.signal !== undefined) seen.resolve(options.signal);
        return new Promise((_, reject) =>
          options.signal?.addEventListener('abort', () => reject(options.signal?.reason)),
        );
      }) as typeof real.call,
    },
  });
  const client = await patient.signIn();
  const made = (await client.post('/api/v1/databases', { name: 'shop', user: 'shop' })).json as { id: string };
  const address = await patient.app.listen({ port: 0, host: '127.0.0.1' });
  const body = JSON.stringify({ statement: 'select sleep(60)' });
  const sent = request(`${address}/api/v1/databases/${made.id}/console/query`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-aapanel': '1',
      cookie: client.cookie,
      origin: 'http://localhost:5000',
      host: 'localhost:5000',
      'sec-fetch-site': 'same-origin',
    },
  });
  sent.on('error', () => undefined);
  sent.end(body);
  const signal = await seen.promise;
  expect(signal.aborted).toBe(false);
  const gone = new Promise((resolve) => signal.addEventListener('abort', resolve));
  sent.destroy();
  await gone;
  await patient.close();
});

it('each person has a history of their own', async () => {
  await query(owner, 'select 42');
  const other = await test.signIn('administrator');
  await query(other, 'select 43');
  const of = async (client: TestClient) =>
    ((await client.get(path('history'))).json as { items: { statement: string }[] }).items.map(
      (each) => each.statement,
    );
  expect(await of(owner)).toContain('select 42');
  expect(await of(owner)).not.toContain('select 43');
  expect((await owner.delete(path('history'))).status).toBe(204);
  expect(await of(owner)).toEqual([]);
  expect(await of(other)).toEqual(['select 43']);
});

it.each([
  [{ statement: '' }, 'required'],
  [{ statement: ' \n' }, 'required'],
  [{ statement: 'select 1\0' }, 'console_statement_nul'],
  [{ statement: 'x'.repeat(100_001) }, 'console_statement_long'],
  [{ statement: 'select 1', maxRows: 10_001 }, undefined],
  [{ statement: 'select 1', timeoutSeconds: 0 }, undefined],
  [{ statement: 'select 1', user: 'root' }, undefined],
])('SQL-2 %j is refused by field', async (body, code) => {
  const { status, json } = await owner.post(path('query'), body);
  expect(status).toBe(400);
  if (code !== undefined) expect(json).toMatchObject({ fields: [{ field: 'statement', code }] });
});

it.each([
  ['SELECT 1', 'SELECT', true],
  ['  -- no\n# no\n/* insert */ (\n( select 1))', 'SELECT', true],
  ['/*! delete from a */', 'OTHER', false],
  ['/*M!100 delete from a */ select 1', 'OTHER', false],
  ['insert into a values (1)', 'INSERT', false],
  ['begin not atomic end', 'BEGIN', false],
  ['-- only a note', 'OTHER', false],
  ['/* open', 'OTHER', false],
  ['selection', 'OTHER', false],
  ['set x = 1', 'SET', false],
])('DB-5 the kind of %j is %s', (statement, kind, reads) => {
  expect(kindOf('mariadb', statement)).toBe(kind);
  expect(isReading('mariadb', kind)).toBe(reads);
});

it('DB-5 comments within comments are those of PostgreSQL only', () => {
  const text = '/* a /* b */ delete from c */ select 1';
  expect([kindOf('postgresql', text), kindOf('mariadb', text)]).toEqual(['SELECT', 'DELETE']);
  expect(kindOf('postgresql', '# select 1')).toBe('OTHER');
});
