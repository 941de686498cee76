import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';

let test: TestApp;
let owner: TestClient;
let viewer: TestClient;
let siteId = '';

beforeAll(async () => {
  test = await makeTestApp({});
  owner = await test.signIn();
  viewer = await test.signIn('viewer');
  const made = await owner.post('/api/v1/sites', { kind: 'static', domains: ['visited.test'] });
  siteId = (made.json as { site: { id: string } }).site.id;
});
afterAll(() => test.close());

const rotation = '/api/v1/logs/rotation';

it('who may see a site sees its visitors; a site of others is not there', async () => {
  const path = `/api/v1/sites/${siteId}/traffic`;
  expect((await test.anonymous.get(path)).status).toBe(401);
  const seen = await viewer.get(`${path}?range=week`);
  expect(seen.status).toBe(200);
  expect(seen.json).toMatchObject({ isBehind: false, unreadable: 0 });
  expect((await viewer.get(`${path}?range=century`)).status).toBe(400);
  const manager = await test.signIn('site_manager');
  expect((await manager.get(path)).status).toBe(404);
  expect((await owner.get('/api/v1/sites/aaaaaaaaaaaaaaaa/traffic')).status).toBe(404);
});

it('only who may change settings says when logs are set aside, and it is written down', async () => {
  const wanted = { every: 'week', maxMib: 200, keep: 8 };
  expect((await test.anonymous.get(rotation)).status).toBe(401);
  expect((await viewer.put(rotation, wanted)).status).toBe(403);
  expect((await viewer.get(rotation)).json).toMatchObject({ rotation: { every: 'day', maxMib: 100, keep: 30 } });
  expect((await owner.put(rotation, wanted)).json).toMatchObject({ rotation: wanted });
  expect((await viewer.get(rotation)).json).toMatchObject({ rotation: wanted });
  const { json } = await owner.get('/api/v1/audit?action=setLogRotation&pageSize=1');
  expect(json).toMatchObject({ items: [{ outcome: 'done', detail: { before: { every: 'day' }, after: wanted } }] });
});

it.each([
  { every: 'hour', maxMib: 100, keep: 1 },
  { every: 'day', maxMib: 0, keep: 1 },
  { every: 'day', maxMib: 20_000, keep: 1 },
  { every: 'day', maxMib: 100, keep: 0 },
  { every: 'day', maxMib: 100, keep: 1, folder: '/etc' },
])('%o is refused, and nothing changes', async (body) => {
  const present = async () => ((await owner.get(rotation)).json as { rotation: object }).rotation;
  const before = await present();
  expect((await owner.put(rotation, body)).status).toBe(400);
  expect(await present()).toEqual(before);
});
