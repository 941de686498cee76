import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RedisKeys, RedisServer, RedisValue } from '#shared/redis.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { makeTestApp, type TestAnswer, type TestApp, type TestClient } from '../../testing.ts';

const base = '/api/v1/redis/0';
const keyOf = (name: string): string => Buffer.from(name).toString('base64url');
const session = 'PHPREDIS_SESSION:f00dcafe';

let test: TestApp;
let owner: TestClient;
beforeAll(async () => {
  test = await makeTestApp({ agentClient: createFakeAgent({ isUnguarded: false, isRedisInstalled: true }) });
  owner = await test.signIn();
});
afterAll(() => test.close());

type Ask = (client: TestClient) => Promise<TestAnswer>;
const find =
  (more: object = {}): Ask =>
  (client) =>
    client.post(`${base}/keys/find`, { pattern: '*', type: null, after: null, ...more });
const read =
  (key: string): Ask =>
  (client) =>
    client.post(`${base}/keys/read`, { key, after: null });
const set =
  (key: string, value: string, revision: string | null = null): Ask =>
  (client) =>
    client.post(`${base}/keys/set`, { key, value, revision, ttlSeconds: null });
const expire =
  (key: string, ttlSeconds: number | null): Ask =>
  (client) =>
    client.post(`${base}/keys/expire`, { key, ttlSeconds });
const remove =
  (...keys: string[]): Ask =>
  (client) =>
    client.post(`${base}/keys/delete`, { keys });
const change =
  (key: string, given: object): Ask =>
  (client) =>
    client.post(`${base}/keys/elements`, { key, change: given });
const flush: Ask = (client) => client.post(`${base}/flush`, {});
const keysThere = async (): Promise<number> =>
  ((await owner.get('/api/v1/redis')).json as RedisServer).databases[0]?.keys ?? -1;

it('DB-6 Redis is for those who manage the databases of all sites, and is emptied after a fresh factor only', async () => {
  const greeting = keyOf('shop:greeting');
  const site = await owner.post('/api/v1/sites', { kind: 'static', domains: ['one.test'] });
  const siteIds = [(site.json as { site: { id: string } }).site.id];
  const viewer = await test.signIn('viewer');
  const manager = await (await test.signIn('site_manager', { siteIds })).elevate();
  const before = await keysThere();
  const asks: Ask[] = [(client) => client.get('/api/v1/redis'), find(), read(greeting), set(greeting, 'mine')];
  const add = change(keyOf('shop:queue'), { kind: 'add', type: 'list', at: 'head', value: 'mine' });
  for (const ask of [...asks, add, expire(greeting, 1), remove(greeting), flush]) {
    expect((await ask(test.anonymous)).status).toBe(401);
    expect((await ask(viewer)).status).toBe(403);
    expect((await ask(manager)).status).toBe(404);
  }
  expect((await flush(owner)).json).toMatchObject({ code: 'elevation_required' });
  expect(await keysThere()).toBe(before);
});

it('keys are found page by page, read, made, changed once, given a time and deleted', async () => {
  const names: string[] = [];
  for (let after: string | null = null; ; ) {
    const page = (await find({ pattern: 'page:*', after })(owner)).json as RedisKeys;
    names.push(...page.items.map(({ name }) => name.text));
    if (page.next === null) break;
    after = page.next;
  }
  expect([names.length, new Set(names).size]).toEqual([60, 60]);
  const key = keyOf(session);
  expect((await set(key, 'one')(owner)).status).toBe(204);
  expect((await set(key, 'again')(owner)).json).toMatchObject({ reason: 'redis_key_exists' });
  const { revision, text } = (await read(key)(owner)).json as RedisValue;
  expect(text).toMatchObject({ text: 'one', isBinary: false });
  expect((await set(key, 'two', revision)(owner)).status).toBe(204);
  expect((await set(key, 'three', revision)(owner)).json).toMatchObject({ reason: 'redis_key_changed' });
  expect((await expire(key, 60)(owner)).status).toBe(204);
  expect(((await read(key)(owner)).json as RedisValue).expiresInMs).toBeLessThanOrEqual(60_000);
  expect((await remove(key, key)(owner)).json).toEqual({ deleted: 1 });
  expect((await read(key)(owner)).json).toMatchObject({ reason: 'redis_key_gone' });
  // A name may be that of a session: it is in no audit row.
  const audit = JSON.stringify((await owner.get('/api/v1/audit?pageSize=200')).json);
  expect(audit).toContain('deleteRedisKeys');
  for (const secret of [session, key, 'f00dcafe']) expect(audit).not.toContain(secret);
});

it('an element is added, changed once and removed, and what it says is in no audit row', async () => {
  const key = keyOf('shop:customer:7');
  const entries = async () => ((await read(key)(owner)).json as RedisValue).entries;
  expect((await change(key, { kind: 'add', type: 'hash', field: 'token', value: session })(owner)).status).toBe(204);
  const added = (await entries()).find(({ field }) => field?.text === 'token');
  const seen = { type: 'hash', id: added?.id, revision: added?.revision };
  expect((await change(key, { kind: 'set', ...seen, value: 'other' })(owner)).status).toBe(204);
  expect((await change(key, { kind: 'remove', ...seen })(owner)).json).toMatchObject({ reason: 'redis_key_changed' });
  const revision = (await entries()).find(({ field }) => field?.text === 'token')?.revision;
  expect((await change(key, { kind: 'remove', ...seen, revision })(owner)).status).toBe(204);
  expect((await entries()).map(({ field }) => field?.text)).toEqual(['name', 'city']);
  const audit = JSON.stringify((await owner.get('/api/v1/audit?pageSize=200')).json);
  expect(audit).toContain('changeRedisElement');
  for (const secret of [session, key, 'token']) expect(audit).not.toContain(`"${secret}"`);
});

it('an elevated owner empties one database, and no other', async () => {
  const elevated = await (await test.signIn()).elevate();
  expect((await set(keyOf('kept'), 'here')(owner)).status).toBe(204);
  const there = await keysThere();
  expect((await elevated.post('/api/v1/redis/1/flush', {})).json).toEqual({ deleted: 0 });
  expect(await keysThere()).toBe(there);
  expect((await flush(elevated)).json).toEqual({ deleted: there });
  expect(await keysThere()).toBe(0);
});

it.each([
  ['0/keys/find', { pattern: 'a\0b', type: null, after: null }],
  ['0/keys/find', { pattern: '*'.repeat(201), type: null, after: null }],
  ['0/keys/find', { pattern: '*', type: 'string COUNT 1', after: null }],
  ['0/keys/find', { pattern: '*', type: null, after: '0 MATCH *' }],
  ['0/keys/read', { key: 'a b', after: null }],
  ['0/keys/read', { key: 'A'.repeat(1367), after: null }],
  ['0/keys/expire', { key: 'YQ', ttlSeconds: 0 }],
  ['0/keys/expire', { key: 'YQ', ttlSeconds: 1e12 }],
  ['0/keys/elements', { key: 'YQ', change: { kind: 'add', type: 'zset', value: 'a', score: '1 INCR' } }],
  ['0/keys/elements', { key: 'YQ', change: { kind: 'set', type: 'set', id: 'YQ', value: 'a' } }],
  ['0/keys/delete', { keys: [] }],
  ['0/keys/delete', { keys: Array.from({ length: 101 }, () => 'YQ') }],
  ['0/keys/set', { key: 'YQ', value: 'a'.repeat(256 * 1024 + 1), revision: null, ttlSeconds: null }],
  ['0/keys/set', { key: 'YQ', value: '', revision: 'x', ttlSeconds: null }],
])('SQL-2 a request to %s that is none is refused: %#', async (path, body) => {
  expect((await owner.post(`/api/v1/redis/${path}`, body)).status).toBe(400);
});
