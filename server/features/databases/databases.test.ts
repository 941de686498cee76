import { afterAll, beforeAll, expect, it } from 'vitest';
import type { databaseImportsApi } from '#shared/database-imports.ts';
import type { Database, DatabaseRemovalPreview } from '#shared/databases.ts';
import type { ResponseOf } from '#shared/http.ts';
import type { databasesApi } from '#shared/databases.ts';
import type { Job } from '#shared/jobs.ts';
import type { Site } from '#shared/sites.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { newId } from '../../core/id.ts';
import { makeTestApp, type TestAnswer, type TestApp, type TestClient } from '../../testing.ts';
import { untilJob } from '../jobs/testing.ts';

const path = '/api/v1/databases';
const password = 'p\'a"b\\ c; --';

let test: TestApp;
let owner: TestClient;
let sites: readonly Site[];
beforeAll(async () => {
  const agentClient = createFakeAgent({
    isUnguarded: false,
    isMariadbInstalled: true,
    isPostgresqlInstalled: true,
    databaseRunMs: 20,
  });
  test = await makeTestApp({ agentClient });
  owner = await test.signIn();
  const make = async (host: string) =>
    ((await owner.post('/api/v1/sites', { kind: 'static', domains: [host] })).json as { site: Site }).site;
  sites = [await make('one.test'), await make('other.test')];
});
afterAll(() => test.close());

const all = async (client: TestClient, query = '') =>
  (await client.get(`${path}${query}`)).json as ResponseOf<typeof databasesApi.list>;
const make = (client: TestClient, name: string, more: object = {}) => client.post(path, { name, user: name, ...more });
const idOf = (answer: TestAnswer): string => (answer.json as Database).id ?? '';
const names = async (client: TestClient) => (await all(client)).items.map(({ name }) => name);
async function removal(client: TestClient, id: string): Promise<TestAnswer> {
  const { confirm } = (await client.get(`${path}/${id}/removal`)).json as DatabaseRemovalPreview;
  return client.post(`${path}/${id}/removal`, { confirm });
}

it('DB-6 whoever may not gets none of it, and nothing is made', async () => {
  expect((await test.anonymous.get(path)).status).toBe(401);
  expect((await make(test.anonymous, 'x1')).status).toBe(401);
  const viewer = await test.signIn('viewer');
  expect((await viewer.get(path)).status).toBe(200);
  expect((await make(viewer, 'x1')).status).toBe(403);
  expect(await names(owner)).toEqual([]);
});

it('a database is made with its user, belongs to its site, and its password is in no answer, row or log', async () => {
  const siteId = sites[0]?.id;
  const made = await make(owner, 'shop', { siteId, password });
  expect([made.status, made.json]).toMatchObject([
    201,
    { name: 'shop', user: 'shop', state: 'ready', charset: 'utf8mb4', site: { id: siteId, name: 'one.test' } },
  ]);
  expect((await all(owner)).servers).toMatchObject([
    { engine: 'mariadb', state: 'running' },
    { engine: 'postgresql', state: 'running' },
  ]);
  const taken = await make(owner, 'shop');
  expect([taken.status, taken.json]).toMatchObject([
    409,
    { reason: 'database_exists', fields: [{ field: 'name', code: 'database_exists' }] },
  ]);
  const rows = await test.ctx.db.selectFrom('audit').selectAll().execute();
  const kept = JSON.stringify([made.json, await all(owner), rows]);
  expect(kept).not.toContain('a\\"b');
  expect(rows.map(({ action }) => action)).toContain('createDatabase');
});

it('SQL-2 names and passwords that no server should see are refused by field', async () => {
  for (const [body, field, code] of [
    [{ name: 'a`b', user: 'u' }, 'name', 'database_name_plain'],
    [{ name: 'mysql', user: 'u' }, 'name', 'database_name_reserved'],
    [{ name: 'x'.repeat(65), user: 'u' }, 'name', 'database_name_plain'],
    [{ name: 'n', user: "u'@'%" }, 'user', 'database_user_invalid'],
    [{ name: 'n', user: 'root' }, 'user', 'database_user_reserved'],
    [{ name: 'n', user: 'pg_signal_backend' }, 'user', 'database_user_reserved'],
    [{ name: 'n', user: 'u', engine: 'postgresql', charset: 'utf8mb4' }, 'charset', 'database_charset_engine'],
    [{ name: 'n', user: 'u', engine: 'postgresql', locale: "C'; drop" }, 'locale', 'database_locale_unknown'],
    [{ name: 'n', user: 'u', password: 'line\nbreak' }, 'password', 'database_password_invalid'],
  ] as const) {
    const answer = await owner.post(path, body);
    expect([answer.status, answer.json]).toMatchObject([400, { fields: [{ field, code }] }]);
  }
  expect((await make(owner, 'fail_database')).json).toMatchObject({ reason: 'database_server_refused' });
  expect(await names(owner)).toEqual(['shop']);
});

it('DB-6 a manager of a site sees and makes the databases of that site alone', async () => {
  const [own, foreign] = [sites[1]?.id ?? '', sites[0]?.id];
  const manager = await test.signIn('site_manager', { siteIds: [own] });
  const shop = (await all(owner)).items[0]?.id ?? '';
  expect(await names(manager)).toEqual([]);
  expect((await make(manager, 'blog')).json).toMatchObject({ fields: [{ field: 'siteId', code: 'required' }] });
  expect((await make(manager, 'blog', { siteId: foreign })).status).toBe(404);
  expect((await manager.get(`${path}?siteId=${foreign}`)).status).toBe(404);
  expect((await make(manager, 'blog', { siteId: own })).status).toBe(201);
  expect(await names(manager)).toEqual(['blog']);
  const elevated = await manager.elevate();
  for (const answer of [
    await elevated.post(`${path}/${shop}/password/show`),
    await elevated.put(`${path}/${shop}/password`, {}),
    await elevated.get(`${path}/${shop}/removal`),
    await elevated.post(`${path}/${shop}/removal`, { confirm: '0'.repeat(64) }),
    await elevated.put(`${path}/${shop}/site`, { siteId: own }),
  ])
    expect([answer.status, answer.json]).toMatchObject([404, { reason: 'database_unknown' }]);
  const blog = (await all(manager)).items[0]?.id ?? '';
  expect((await manager.put(`${path}/${blog}/site`, { siteId: foreign })).status).toBe(404);
  expect((await manager.put(`${path}/${blog}/site`, { siteId: null })).status).toBe(400);
  expect((await all(owner)).items.find(({ id }) => id === shop)?.site?.id).toBe(foreign);
});

it('a password is shown and changed after a fresh factor only', async () => {
  const id = (await all(owner)).items.find(({ name }) => name === 'shop')?.id ?? '';
  const plain = await test.signIn();
  for (const answer of [
    await plain.post(`${path}/${id}/password/show`),
    await plain.put(`${path}/${id}/password`, {}),
    await removal(plain, id),
  ])
    expect([answer.status, answer.json]).toMatchObject([403, { code: 'elevation_required' }]);
  const elevated = await plain.elevate();
  expect((await elevated.post(`${path}/${id}/password/show`)).json).toEqual({ password });
  expect((await elevated.put(`${path}/${id}/password`, { password: 'short' })).status).toBe(400);
  const changed = (await elevated.put(`${path}/${id}/password`, {})).json as { password: string };
  expect(changed.password).not.toBe(password);
  expect((await elevated.post(`${path}/${id}/password/show`)).json).toEqual(changed);
  const rows = JSON.stringify(await test.ctx.db.selectFrom('audit').selectAll().execute());
  expect(rows).not.toContain(changed.password);
  expect(rows).toContain('showDatabasePassword');
});

it('the servers are apart: the same name on both is two databases, deleted and brought back each for itself', async () => {
  const made = await make(owner, 'shop', { engine: 'postgresql', locale: 'ar_SA.utf8' });
  expect([made.status, made.json]).toMatchObject([
    201,
    { engine: 'postgresql', name: 'shop', charset: 'UTF8', collation: 'ar_SA.utf8' },
  ]);
  expect((await names(owner)).filter((name) => name === 'shop')).toHaveLength(2);
  const elevated = await (await test.signIn()).elevate();
  await untilJob(owner, ((await removal(elevated, idOf(made))).json as Job).id, ['succeeded']);
  const { items, removed } = await all(owner);
  expect(items.find(({ name }) => name === 'shop')).toMatchObject({ engine: 'mariadb' });
  expect(removed).toMatchObject([{ name: 'shop', engine: 'postgresql' }]);
  await elevated.delete(`/api/v1/removed-databases/${removed[0]?.removalId}`);
});

it('what is deleted is confirmed as it was listed, kept, and comes back by a job', async () => {
  const made = await make(owner, 'gone', { siteId: sites[0]?.id });
  const elevated = await (await test.signIn()).elevate();
  const stale = await elevated.post(`${path}/${idOf(made)}/removal`, { confirm: '0'.repeat(64) });
  expect([stale.status, stale.json]).toMatchObject([412, { reason: 'removal_list_changed' }]);
  const job = (await removal(elevated, idOf(made))).json as Job;
  expect(job.subject).toEqual({ name: 'gone', what: 'remove' });
  await untilJob(owner, job.id, ['succeeded']);
  const { items, removed } = await all(owner);
  expect(items.map(({ name }) => name)).not.toContain('gone');
  expect(removed).toMatchObject([{ name: 'gone', user: 'gone' }]);
  const removalId = removed[0]?.removalId ?? '';
  const manager = await test.signIn('site_manager', { siteIds: [sites[1]?.id ?? ''] });
  expect((await all(manager)).removed).toEqual([]);
  const foreign = await manager.post(`/api/v1/removed-databases/${removalId}/restore`);
  expect([foreign.status, foreign.json]).toMatchObject([404, { reason: 'database_removal_unknown' }]);
  const back = (await owner.post(`/api/v1/removed-databases/${removalId}/restore`)).json as Job;
  await untilJob(owner, back.id, ['succeeded']);
  expect(await names(owner)).toContain('gone');
  expect((await all(owner)).removed).toEqual([]);
});

it('what is kept goes for good after a fresh factor', async () => {
  const id = (await all(owner)).items.find(({ name }) => name === 'gone')?.id ?? '';
  const plain = await test.signIn();
  const elevated = await (await test.signIn()).elevate();
  await untilJob(owner, ((await removal(elevated, id)).json as Job).id, ['succeeded']);
  const removalId = (await all(owner)).removed[0]?.removalId ?? '';
  expect((await plain.delete(`/api/v1/removed-databases/${removalId}`)).json).toMatchObject({
    code: 'elevation_required',
  });
  expect((await elevated.delete(`/api/v1/removed-databases/${removalId}`)).status).toBe(204);
  expect((await all(owner)).removed).toEqual([]);
});

it('DB-6 a SQL file comes in by a job, from a site and into a database that the person sees', async () => {
  const made = await make(owner, 'loaded', { siteId: sites[1]?.id });
  const imports = `${path}/${idOf(made)}/imports`;
  const [own, foreign] = [sites[1]?.id ?? '', sites[0]?.id ?? ''];
  const body = { siteId: own, path: 'private/dump.sql.gz' };
  const viewer = await test.signIn('viewer');
  expect((await viewer.post(imports, body)).status).toBe(403);
  const manager = await test.signIn('site_manager', { siteIds: [own] });
  expect((await manager.post(imports, { ...body, siteId: foreign })).status).toBe(404);
  const shop = (await all(owner)).items.find(({ site }) => site?.id === foreign)?.id ?? '';
  expect((await manager.post(`${path}/${shop}/imports`, body)).status).toBe(404);
  expect((await manager.get(`${path}/${shop}/imports`)).status).toBe(404);
  for (const wrong of ['', '../x.sql', '/etc/x.sql', 'a/../../x.sql', 'x\n.sql'])
    expect([wrong, (await owner.post(imports, { ...body, path: wrong })).status]).toEqual([wrong, 400]);
  const job = (await manager.post(imports, body)).json as Job;
  expect(job.subject).toEqual({ name: 'loaded', what: 'import' });
  const done = await untilJob(owner, job.id, ['succeeded']);
  expect(done.progress).toBe(100);
  const read = async () => ((await manager.get(imports)).json as ResponseOf<typeof databaseImportsApi.list>).items[0];
  expect(await read()).toMatchObject({ id: job.id, path: body.path, state: 'succeeded', copy: { tables: 12 } });
  const back = (await manager.post(`${imports}/${job.id}/undo`)).json as Job;
  await untilJob(owner, back.id, ['succeeded']);
  expect((await read())?.copy).toBeNull();
  expect((await manager.post(`${imports}/${job.id}/undo`)).json).toMatchObject({ reason: 'database_copy_unknown' });

  const bad = (await owner.post(imports, { siteId: own, path: 'broken.sql' })).json as Job;
  const failed = await untilJob(owner, bad.id, ['failed']);
  expect(failed.failure).toMatchObject({ reason: 'database_import_refused', params: { line: '7' } });
  expect((await owner.delete(`${imports}/${bad.id}/copy`)).status).toBe(204);
  expect(await read()).toMatchObject({ state: 'failed', copy: null });
  const actions = (await test.ctx.db.selectFrom('audit').selectAll().execute()).map(({ action }) => action);
  expect(actions).toEqual(
    expect.arrayContaining(['importIntoDatabase', 'undoDatabaseImport', 'deleteDatabaseImportCopy']),
  );
});

it('on a machine without a server the list says so and nothing is made', async () => {
  const bare = await makeTestApp();
  const client = await bare.signIn();
  expect((await all(client)).servers).toMatchObject([
    { state: 'missing', version: null },
    { state: 'missing', version: null },
  ]);
  const refused = await make(client, 'shop');
  expect([refused.status, refused.json]).toMatchObject([409, { reason: 'database_server_missing' }]);
  await bare.close();
});

it('DB-2 DB-6 a database is renamed and given away after a fresh factor, by whoever sees it, and each is in the audit', async () => {
  const made = await make(owner, 'first_name', { engine: 'postgresql', siteId: sites[0]?.id });
  const id = idOf(made);
  const viewer = await test.signIn('viewer');
  expect((await viewer.post(`${path}/${id}/name`, { name: 'other' })).status).toBe(403);
  expect((await owner.post(`${path}/${newId()}/name`, { name: 'other' })).status).toBe(404);
  for (const name of ['template1', 'a b', 'x"y', ''])
    expect((await owner.post(`${path}/${id}/name`, { name })).status).toBe(400);
  expect((await owner.post(`${path}/${id}/name`, { name: 'second_name' })).json).toMatchObject({
    code: 'elevation_required',
  });
  const elevated = await (await test.signIn()).elevate();
  const renamed = await elevated.post(`${path}/${id}/name`, { name: 'second_name' });
  expect([renamed.status, renamed.json]).toMatchObject([202, { subject: { name: 'first_name', next: 'second_name' } }]);
  await untilJob(owner, (renamed.json as Job).id, ['succeeded']);
  expect(await names(owner)).toContain('second_name');
  expect(await names(owner)).not.toContain('first_name');
  const given = await elevated.put(`${path}/${id}/owner`, { user: 'other_one', password });
  expect([given.status, given.json]).toMatchObject([200, { name: 'second_name', user: 'other_one' }]);
  expect((await elevated.put(`${path}/${id}/owner`, { user: 'postgres' })).status).toBe(400);
  expect(JSON.stringify((await owner.get('/api/v1/audit')).json)).not.toContain(JSON.stringify(password).slice(1, -1));
  await untilJob(owner, ((await removal(elevated, id)).json as Job).id, ['succeeded']);
});
