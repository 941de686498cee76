import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';

let test: TestApp;
let owner: TestClient;
let viewer: TestClient;
const secretKey = 'f3a9c17be0d25846f3a9c17be0d2584699Zk';

beforeAll(async () => {
  test = await makeTestApp({ env: { SECRET_KEY: secretKey } });
  owner = await test.signIn();
  viewer = await test.signIn('viewer');
});
afterAll(() => test.close());

const path = '/api/v1/settings';
const defaults = { panelName: '', defaultLanguage: 'ar' };

it('everybody who is signed in reads the settings, only who may write changes them', async () => {
  const wanted = { panelName: 'لوحتي', defaultLanguage: 'en' };
  expect((await test.anonymous.get(path)).status).toBe(401);
  expect((await test.anonymous.put(path, wanted)).status).toBe(401);
  expect((await viewer.put(path, wanted)).status).toBe(403);
  expect((await viewer.get(path)).json).toEqual(defaults);
  expect((await owner.put(path, wanted)).json).toEqual(wanted);
  expect((await viewer.get(path)).json).toEqual(wanted);
});

it('CMD-3 unknown and wrong settings are refused and nothing changes', async () => {
  const before = (await owner.get(path)).json;
  expect((await owner.put(path, { panelName: 'x', defaultLanguage: 'xx' })).status).toBe(400);
  expect((await owner.put(path, { panelName: 'x', defaultLanguage: 'ar', debug: true })).status).toBe(400);
  expect((await owner.put(path, { panelName: 'x'.repeat(61), defaultLanguage: 'ar' })).status).toBe(400);
  for (const panelName of ['two\nlines', 'a\rb', 'a\0b', 'a\u2028b'])
    expect((await owner.put(path, { panelName, defaultLanguage: 'ar' })).json).toMatchObject({
      fields: [{ field: 'panelName', code: 'control_characters' }],
    });
  expect((await owner.get(path)).json).toEqual(before);
});

it('P1.2-2 the configuration is shown to owners with the source of each value and without secrets', async () => {
  expect((await viewer.get(`${path}/config`)).status).toBe(403);
  const shown = await owner.get(`${path}/config`);
  const { items } = shown.json as { items: { key: string; value: string; source: string; isSecret: boolean }[] };
  expect(items.find(({ key }) => key === 'SECRET_KEY')).toEqual({
    key: 'SECRET_KEY',
    value: `***(${secretKey.length})`,
    source: 'environment',
    isSecret: true,
  });
  expect(shown.text).not.toContain(secretKey);
});

it('the audit lists changes newest first, by page and action, for owners only', async () => {
  await owner.put(path, { panelName: 'one', defaultLanguage: 'ar' });
  await owner.put(path, { panelName: 'two', defaultLanguage: 'ar' });
  expect((await test.anonymous.get('/api/v1/audit')).status).toBe(401);
  expect((await viewer.get('/api/v1/audit')).status).toBe(403);
  const page = await owner.get('/api/v1/audit?pageSize=1&action=setSettings');
  expect(page.json).toMatchObject({
    page: 1,
    pageSize: 1,
    items: [
      {
        action: 'setSettings',
        outcome: 'done',
        actor: { id: owner.personId },
        detail: { before: { panelName: 'one' }, after: { panelName: 'two' } },
      },
    ],
  });
  const second = await owner.get('/api/v1/audit?pageSize=1&page=2&action=setSettings');
  expect(second.json).toMatchObject({ items: [{ detail: { after: { panelName: 'one' } } }] });
  expect((await owner.get('/api/v1/audit?action=unheardOf')).json).toMatchObject({ items: [], total: 0 });
  expect((await owner.get('/api/v1/audit?pageSize=1000')).status).toBe(400);
});
