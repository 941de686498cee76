import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ResponseOf } from '#shared/http.ts';
import type { RemoteServer, remoteDatabasesApi } from '#shared/remote-databases.ts';
import type { Site } from '#shared/sites.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { makeTestApp, type TestAnswer, type TestApp, type TestClient } from '../../testing.ts';

const base = '/api/v1/remote-database-servers';
const secret = 'p\'a"b\\ c; --';
const way = { engine: 'mariadb', name: 'far away', host: 'db.example.com', port: 3306, user: 'admin' };

let test: TestApp;
let owner: TestClient;
let elevated: TestClient;
let site: Site;
beforeAll(async () => {
  test = await makeTestApp({ agentClient: createFakeAgent({ isUnguarded: false }) });
  owner = await test.signIn();
  elevated = await (await test.signIn()).elevate();
  const made = await owner.post('/api/v1/sites', { kind: 'static', domains: ['one.test'] });
  site = (made.json as { site: Site }).site;
});
afterAll(() => test.close());

const servers = async (): Promise<RemoteServer[]> =>
  ((await owner.get(base)).json as ResponseOf<typeof remoteDatabasesApi.listServers>).items;
const reasonOf = ({ json }: TestAnswer): unknown => (json as { reason?: unknown }).reason;
const fieldOf = ({ json }: TestAnswer): unknown => (json as { fields?: { code: string }[] }).fields?.[0]?.code;

it('DB-6 servers elsewhere are for those who manage the databases of all sites; what reaches them needs a fresh factor', async () => {
  const [at, of] = [`${base}/aaaaaaaaaaaaaaaa`, `${base}/aaaaaaaaaaaaaaaa/databases`];
  const changes: ((client: TestClient) => Promise<TestAnswer>)[] = [
    (client) => client.post(base, { ...way, password: secret }),
    (client) => client.post('/api/v1/remote-database-server-trials', { ...way, password: secret }),
    (client) => client.put(at, way),
    (client) => client.delete(at),
    (client) => client.put(`${of}/bbbbbbbbbbbbbbbb/password`, {}),
    (client) => client.post(`${of}/bbbbbbbbbbbbbbbb/removal`, { confirm: '0'.repeat(64) }),
  ];
  const asks = [
    (client: TestClient) => client.get(base),
    (client: TestClient) => client.get(of),
    (client: TestClient) => client.post(of, { name: 'shop', user: 'shop' }),
    (client: TestClient) => client.get(`${of}/bbbbbbbbbbbbbbbb/removal`),
    ...changes,
  ];
  const viewer = await test.signIn('viewer');
  const manager = await (await test.signIn('site_manager', { siteIds: [site.id] })).elevate();
  for (const ask of asks) {
    expect((await ask(test.anonymous)).status).toBe(401);
    expect((await ask(viewer)).status).toBe(403);
    expect((await ask(manager)).status).toBe(404);
  }
  for (const change of changes) expect((await change(owner)).json).toMatchObject({ code: 'elevation_required' });
  expect(await servers()).toEqual([]);
});

it('a server is tried, kept and forgotten, and databases are made on it; each is in the audit and no password is', async () => {
  const add = (more: object = {}) => elevated.post(base, { ...way, password: secret, ...more });
  expect(fieldOf(await add({ host: '-h' }))).toBe('remote_host_invalid');
  expect(fieldOf(await add({ host: '/run/mysqld/mysqld.sock' }))).toBe('remote_host_invalid');
  expect(fieldOf(await add({ user: "a'b" }))).toBe('remote_user_invalid');
  expect(reasonOf(await add({ host: 'refused.test' }))).toBe('remote_server_refused');
  expect(reasonOf(await add({ host: 'plain.test' }))).toBe('remote_server_no_tls');
  expect(fieldOf(await elevated.post(base, way))).toBe('required');
  expect(await servers()).toEqual([]);

  const { serverId } = (await add()).json as RemoteServer;
  const put = (more: object) => elevated.put(`${base}/${serverId}`, { ...way, ...more });
  expect(fieldOf(await put({ host: 'elsewhere.example.com' }))).toBe('remote_password_again');
  expect((await put({ name: 'renamed' })).json).toMatchObject({
    name: 'renamed',
    tls: 'verify',
    usersHost: '192.0.2.10',
  });
  const trial = { ...way, serverId, name: 'renamed' };
  expect((await elevated.post('/api/v1/remote-database-server-trials', trial)).json).toMatchObject({
    isEncrypted: true,
  });

  const of = `${base}/${serverId}/databases`;
  const made = (await owner.post(of, { name: 'shop', user: 'shop' })).json as ResponseOf<
    typeof remoteDatabasesApi.createDatabase
  >;
  expect(made).toMatchObject({ database: { name: 'shop', user: 'shop', state: 'ready' } });
  const { databaseId } = made.database;
  const changed = (await elevated.put(`${of}/${databaseId}/password`, {})).json as { password: string };
  expect(changed.password).not.toBe(made.password);
  const { confirm } = (await owner.get(`${of}/${databaseId}/removal`)).json as { confirm: string };
  expect((await elevated.post(`${of}/${databaseId}/removal`, { confirm: '0'.repeat(64) })).status).toBe(412);
  expect((await elevated.post(`${of}/${databaseId}/removal`, { confirm })).status).toBe(204);
  expect((await owner.get(of)).json).toMatchObject({ items: [{ name: 'reporting', state: 'foreign' }] });
  expect((await elevated.delete(`${base}/${serverId}`)).status).toBe(204);
  expect(reasonOf(await owner.get(of))).toBe('remote_server_unknown');

  const { items } = (await owner.get('/api/v1/audit?pageSize=50')).json as { items: { action: string }[] };
  const actions = items.map(({ action }) => action);
  for (const action of [
    'addRemoteDatabaseServer',
    'changeRemoteDatabaseServer',
    'createRemoteDatabase',
    'deleteRemoteDatabase',
    'removeRemoteDatabaseServer',
  ])
    expect(actions).toContain(action);
  for (const password of [secret, made.password, changed.password])
    expect(JSON.stringify(items)).not.toContain(JSON.stringify(password).slice(1, -1));
});
