import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RecycleState } from '#shared/recycled-sites.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';

let test: TestApp;
let owner: TestClient;
beforeAll(async () => {
  test = await makeTestApp({});
  owner = await (await test.signIn()).elevate();
});
afterAll(() => test.close());

const base = '/api/v1/recycled-sites';
const state = async () => (await owner.get(base)).json as RecycleState;

async function deleted(name: string, choices: object): Promise<string> {
  const made = await owner.post('/api/v1/sites', { kind: 'static', domains: [name] });
  const { id } = (made.json as { site: { id: string } }).site;
  const { confirm } = (await owner.get(`/api/v1/sites/${id}/removal`)).json as { confirm: string };
  const gone = await owner.post(`/api/v1/sites/${id}/removal`, { confirm, files: 'recycle', ...choices });
  expect(gone.status).toBe(200);
  return (gone.json as { changeId: string }).changeId;
}

it('only who sees every site and may delete sites sees the recycle bin', async () => {
  expect((await test.anonymous.get(base)).status).toBe(401);
  expect((await (await test.signIn('viewer')).get(base)).status).toBe(403);
  // A manager of some sites may delete those: what became of others is not theirs to see.
  const manager = await test.signIn('site_manager');
  expect((await manager.get(base)).status).not.toBe(200);
  expect((await manager.post(`${base}/removal`, { ids: ['aaaaaaaaaaaaaaaa'] })).status).not.toBe(200);
});

it('files are brought back, the rest is deleted for good, and both are written down', async () => {
  const id = await deleted('binned.test', {});
  expect((await state()).items).toMatchObject([{ id, slug: 'binned.test', isWhole: true }]);
  expect((await owner.post(`${base}/${id}/files`, { root: '/etc' })).json).toMatchObject({
    fields: [{ field: 'root', code: 'root_outside' }],
  });
  expect((await owner.post(`${base}/${id}/files`, {})).json).toEqual({ root: '/www/wwwroot/binned.test' });
  expect((await owner.post(`${base}/removal`, { ids: [id] })).json).toEqual({ sites: ['binned.test'] });
  expect((await state()).items).toEqual([]);
  expect((await owner.get('/api/v1/audit?action=discardRecycledSites&pageSize=1')).json).toMatchObject({
    items: [{ outcome: 'done', detail: { ids: [id], sites: ['binned.test'] } }],
  });
});

it('a kept Linux user is listed until it is removed; the days are changed by who may change settings', async () => {
  await deleted('kept.test', { files: 'keep', account: 'keep' });
  const [account] = (await state()).accounts;
  expect(account).toMatchObject({ slug: 'kept.test', folder: '/www/wwwroot/kept.test', hasSftp: true });
  const user = account?.user ?? '';
  expect((await owner.delete(`${base}/accounts/${user}`)).status).toBe(200);
  expect((await owner.delete(`${base}/accounts/${user}`)).json).toMatchObject({ reason: 'kept_account_unknown' });
  expect((await owner.delete(`${base}/accounts/root`)).status).toBe(404);
  expect((await owner.put(`${base}/settings`, { days: -1 })).status).toBe(400);
  expect((await owner.put(`${base}/settings`, { days: 0 })).json).toEqual({ days: 0 });
  expect((await state()).settings).toEqual({ days: 0 });
});
