import { afterAll, beforeAll, expect, it } from 'vitest';
import type { databaseServersApi } from '#shared/database-servers.ts';
import type { ResponseOf } from '#shared/http.ts';
import type { Site } from '#shared/sites.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { makeTestApp, type TestAnswer, type TestApp, type TestClient } from '../../testing.ts';

const base = '/api/v1/database-servers/mariadb';
const path = `${base}/accounts`;
const password = 'p\'a"b\\ c; --';

let test: TestApp;
let owner: TestClient;
let elevated: TestClient;
let sites: readonly Site[];
beforeAll(async () => {
  const agentClient = createFakeAgent({ isUnguarded: false, isMariadbInstalled: true });
  test = await makeTestApp({ agentClient });
  owner = await test.signIn();
  elevated = await (await test.signIn()).elevate();
  const site = await owner.post('/api/v1/sites', { kind: 'static', domains: ['one.test'] });
  sites = [(site.json as { site: Site }).site];
  await owner.post('/api/v1/databases', { name: 'shop', user: 'shop', siteId: sites[0]?.id });
});
afterAll(() => test.close());

type Listed = ResponseOf<typeof databaseServersApi.listAccounts>;
type Read = ResponseOf<typeof databaseServersApi.readAccount>;
const all = async (): Promise<Listed> => (await owner.get(path)).json as Listed;
const idOf = async (name: string): Promise<string> => (await all()).items.find((each) => each.name === name)?.id ?? '';
const make = (client: TestClient, more: object = {}): Promise<TestAnswer> =>
  client.post(path, { name: 'reader', hosts: ['localhost'], ...more });

/** Everything that changes something, each on the account of that id. */
const changes = (id: string): readonly ((client: TestClient) => Promise<TestAnswer>)[] => [
  (client) => make(client, { name: 'nobody' }),
  (client) => client.put(`${path}/${id}`, { requiresTls: true, isLocked: true }),
  (client) => client.put(`${path}/${id}/password`, {}),
  (client) => client.put(`${path}/${id}/grants`, { database: 'shop', privileges: ['SELECT'] }),
  (client) => client.put(`${base}/root-password`, {}),
  (client) => client.delete(`${path}/${id}`),
];

it('DB-6 accounts are for those who manage the databases of all sites, and change after a fresh factor only', async () => {
  const id = await idOf('reporting');
  const before = await all();
  const asks = [
    (client: TestClient) => client.get(path),
    (client: TestClient) => client.get(`${path}/${id}`),
    ...changes(id),
  ];
  const viewer = await test.signIn('viewer');
  const manager = await (await test.signIn('site_manager', { siteIds: [sites[0]?.id ?? ''] })).elevate();
  for (const ask of asks) {
    expect((await ask(test.anonymous)).status).toBe(401);
    expect((await ask(viewer)).status).toBe(403);
    expect((await ask(manager)).status).toBe(404);
  }
  for (const change of changes(id)) expect((await change(owner)).json).toMatchObject({ code: 'elevation_required' });
  expect(await all()).toEqual(before);
});

it('an account is made, given rights, moved, locked and dropped; each is in the audit and no password is', async () => {
  const made = (await make(elevated, { password, hosts: ['localhost', '192.0.2.%'] })).json as {
    password: string;
    items: unknown[];
  };
  expect(made).toMatchObject({ password, items: [{ host: 'localhost' }, { host: '192.0.2.%' }] });
  const id = await idOf('reader');
  const grants = { database: 'shop', privileges: ['SELECT', 'SHOW VIEW'] };
  expect((await elevated.put(`${path}/${id}/grants`, grants)).status).toBe(200);
  expect((await all()).items.find((each) => each.id === id)?.rights?.items).toEqual([
    { database: 'shop', may: 'read' },
  ]);
  expect(((await owner.get(`${path}/${id}`)).json as Read).grants).toMatchObject([grants]);
  const moved = await elevated.put(`${path}/${id}`, { host: '192.0.2.7', requiresTls: true, isLocked: true });
  expect(moved.json).toMatchObject({ host: '192.0.2.7', requiresTls: true, isLocked: true });
  const next = (moved.json as { id: string }).id;
  const reset = (await elevated.put(`${path}/${next}/password`, {})).json as { password: string };
  const root = (await elevated.put(`${base}/root-password`, {})).json as { password: string };
  expect((await elevated.delete(`${path}/${next}`)).status).toBe(204);
  expect((await elevated.delete(`${path}/${next}`)).json).toMatchObject({ reason: 'database_account_unknown' });
  const rows = await test.ctx.db.selectFrom('audit').selectAll().execute();
  const kept = JSON.stringify(rows);
  for (const secret of ['a\\"b', reset.password, root.password]) expect(kept).not.toContain(secret);
  expect(rows.map(({ action }) => action)).toEqual(
    expect.arrayContaining([
      'createDatabaseAccount',
      'setDatabaseGrant',
      'changeDatabaseAccount',
      'resetDatabaseAccountPassword',
      'setDatabaseRootPassword',
      'dropDatabaseAccount',
    ]),
  );
  expect(rows).toContainEqual(expect.objectContaining({ action: 'setDatabaseGrant', target: 'reader@localhost' }));
});

it('the system stays as it is, and nobody is given rights on what the server keeps for itself', async () => {
  const root = await idOf('root');
  for (const change of changes(root).slice(1, 4))
    expect((await change(elevated)).json).toMatchObject({ reason: 'database_account_system' });
  expect((await elevated.delete(`${path}/${root}`)).json).toMatchObject({ reason: 'database_account_system' });
  const id = await idOf('reporting');
  const answer = await elevated.put(`${path}/${id}/grants`, { database: 'mysql', privileges: ['SELECT'] });
  expect([answer.status, answer.json]).toMatchObject([403, { reason: 'database_grant_system' }]);
});

it('settings change after a fresh factor, only as they were seen, and slow statements are for the same people', async () => {
  type View = ResponseOf<typeof databaseServersApi.readSettings>;
  const [viewer, manager] = [
    await test.signIn('viewer'),
    await (await test.signIn('site_manager', { siteIds: [sites[0]?.id ?? ''] })).elevate(),
  ];
  const read = async (): Promise<View> => (await owner.get(`${base}/settings`)).json as View;
  const before = await read();
  const settings = { preset: 'medium', slowLog: { isOn: true, thresholdMs: 200 } };
  const put = (client: TestClient, more: object = {}) =>
    client.put(`${base}/settings`, { settings, revision: before.revision, ...more });
  for (const ask of [
    (client: TestClient) => client.get(`${base}/settings`),
    (client: TestClient) => client.get(`${base}/slow-statements`),
    put,
  ]) {
    expect((await ask(test.anonymous)).status).toBe(401);
    expect((await ask(viewer)).status).toBe(403);
    expect((await ask(manager)).status).toBe(404);
  }
  expect((await put(owner)).json).toMatchObject({ code: 'elevation_required' });
  for (const more of [
    { settings: { ...settings, preset: 'huge' } },
    { settings: { ...settings, slowLog: { isOn: true, thresholdMs: 0 } } },
    { settings: { ...settings, slowLog: { isOn: true, thresholdMs: 50.5 } } },
    { settings: { ...settings, innodb_log_file_size: 1 } },
    { revision: 'x' },
  ])
    expect((await put(elevated, more)).status).toBe(400);
  expect(await read()).toEqual(before);
  expect((await put(elevated)).json).toMatchObject({ settings, previous: before.settings });
  expect((await put(elevated)).json).toMatchObject({ reason: 'database_settings_changed' });
  expect((await owner.get(`${base}/slow-statements`)).json).toMatchObject({ isOn: true, isCut: false });
  const rows = await test.ctx.db.selectFrom('audit').selectAll().execute();
  expect(rows.map(({ action }) => action)).toContain('putDatabaseServerSettings');
});

it('DB-6 what a server is doing is for the same people; a statement is stopped, then its connection, never the server', async () => {
  const [stranger, manager] = [
    await test.signIn('viewer'),
    await test.signIn('site_manager', { siteIds: [sites[0]?.id ?? ''] }),
  ];
  const state = async () => (await owner.get(base)).json as ResponseOf<typeof databaseServersApi.readState>;
  const end = (client: TestClient, id: string, what: string) => client.post(`${base}/processes/${id}/end`, { what });
  const [hanging] = (await state()).processes;
  const id = hanging?.id ?? '';
  for (const ask of [(client: TestClient) => client.get(base), (client: TestClient) => end(client, id, 'statement')]) {
    expect((await ask(test.anonymous)).status).toBe(401);
    expect((await ask(stranger)).status).toBe(403);
    expect((await ask(manager)).status).toBe(404);
  }
  expect((await state()).processes.some((each) => each.id === id && each.isRunning)).toBe(true);
  expect((await end(owner, id, 'everything')).status).toBe(400);
  expect((await end(owner, '1%3B', 'statement')).status).toBe(404);
  expect((await end(owner, id, 'statement')).status).toBe(204);
  expect((await state()).processes.find((each) => each.id === id)).toMatchObject({ isRunning: false });
  expect((await end(owner, id, 'connection')).status).toBe(204);
  expect((await end(owner, id, 'connection')).json).toMatchObject({ reason: 'database_process_gone' });
  const own = (await state()).processes.find(({ canEnd }) => !canEnd)?.id ?? '';
  expect((await end(owner, own, 'connection')).json).toMatchObject({ reason: 'database_process_system' });
  const rows = await test.ctx.db.selectFrom('audit').selectAll().execute();
  expect(rows.filter(({ action }) => action === 'endDatabaseProcess').length).toBeGreaterThan(2);
});

it.each([
  [{ name: "r'@'%" }, 'name', 'database_user_invalid'],
  [{ name: 'r`' }, 'name', 'database_user_invalid'],
  [{ name: 'r\\' }, 'name', 'database_user_invalid'],
  [{ name: 'r\0' }, 'name', 'database_user_invalid'],
  [{ name: 'r\n' }, 'name', 'database_user_invalid'],
  [{ name: 'r'.repeat(65) }, 'name', 'database_user_invalid'],
  [{ name: 'root' }, 'name', 'database_user_reserved'],
  [{ hosts: ["%' identified by ''; --"] }, 'hosts.0', 'database_host_invalid'],
  [{ hosts: ['evil.example'] }, 'hosts.0', 'database_host_invalid'],
  [{ hosts: ['10.0.0.1\n'] }, 'hosts.0', 'database_host_invalid'],
  [{ password: 'line\nbreak' }, 'password', 'database_password_invalid'],
])('SQL-2 an account of %j is refused by field', async (body, field, code) => {
  const before = await all();
  const answer = await make(elevated, { name: 'fine', ...body });
  expect([answer.status, answer.json]).toMatchObject([400, { fields: [{ field, code }] }]);
  expect(await all()).toEqual(before);
});

it.each(['SUPER', 'ALL PRIVILEGES', 'select', 'SELECT) on *.* to root; --'])(
  'SQL-2 the right %j is refused',
  async (privilege) => {
    const id = await idOf('reporting');
    const grants = { database: 'shop', privileges: [privilege] };
    expect((await elevated.put(`${path}/${id}/grants`, grants)).status).toBe(400);
  },
);
