import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BinItem, FileList } from '#shared/files.ts';
import type { Site } from '#shared/sites.ts';
import { createTestSite } from '../sites/testing.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';

let test: TestApp;
let owner: TestClient;
let site: Site;
let other: Site;

beforeAll(async () => {
  test = await makeTestApp();
  owner = await test.signIn();
  ({ site } = await createTestSite(owner, ['shop.test']));
  other = (await createTestSite(owner, ['other.test'])).site;
});
afterAll(() => test.close());

const pathOf = ({ id }: Site): string => `/api/v1/sites/${id}/files`;
const binOf = ({ id }: Site): string => `/api/v1/sites/${id}/file-bin`;
const namesIn = async (path: string, client = owner): Promise<string[]> =>
  ((await client.get(`${pathOf(site)}?path=${encodeURIComponent(path)}`)).json as FileList).entries.map(
    ({ name }) => name,
  );

it('FILE-1 a folder is listed, changed and brought back from the bin, and each change is in the audit log', async () => {
  expect(await namesIn('')).toContain('odd\\x0aname\\xff.txt');
  const made = await owner.post(pathOf(site), { folder: '', name: 'تقارير', type: 'folder' });
  expect([made.status, made.json]).toEqual([201, { paths: ['تقارير'] }]);
  const copied = await owner.post(`${pathOf(site)}/copy`, { paths: ['assets'], into: 'تقارير', onConflict: 'refuse' });
  expect(copied.json).toEqual({ paths: ['تقارير/assets'] });
  const again = await owner.post(`${pathOf(site)}/copy`, { paths: ['assets'], into: 'تقارير', onConflict: 'refuse' });
  expect([again.status, (again.json as { reason: string }).reason]).toEqual([409, 'file_exists']);
  await owner.post(`${pathOf(site)}/rename`, { path: 'تقارير/assets', name: 'old' });
  await owner.post(`${pathOf(site)}/mode`, { paths: ['تقارير/old'], mode: 0o700 });
  await owner.post(`${pathOf(site)}/remove`, { paths: ['تقارير/old'] });
  expect(await namesIn('تقارير')).toEqual([]);
  const { items } = (await owner.get(binOf(site))).json as { items: BinItem[] };
  expect(items).toMatchObject([{ path: 'تقارير/old', deletedBy: expect.any(String) }]);
  const restored = await owner.post(`${binOf(site)}/restore`, { ids: items.map(({ id }) => id) });
  expect(restored.json).toEqual({ paths: ['تقارير/old'] });
  const rows = (await owner.get('/api/v1/audit?pageSize=200')).json as { items: { action: string }[] };
  const actions = rows.items.map(({ action }) => action);
  for (const action of ['makeFile', 'copyFiles', 'renameFile', 'setFileMode', 'removeFiles', 'restoreFiles'])
    expect(actions).toContain(action);
});

it('PERM-1 a site manager works on the files of their own sites only, and a viewer sees none', async () => {
  const manager = await test.signIn('site_manager', { siteIds: [site.id] });
  expect((await manager.get(pathOf(site))).status).toBe(200);
  for (const [path, body] of [
    [pathOf(other), { folder: '', name: 'x', type: 'file' }],
    [`${pathOf(other)}/remove`, { paths: ['index.html'] }],
    [`${binOf(other)}/restore`, { ids: ['aaaaaaaaaaaaaaaa'] }],
  ] as const)
    expect((await manager.post(path, body)).status).toBe(404);
  expect((await manager.get(pathOf(other))).status).toBe(404);
  expect((await manager.get(binOf(other))).status).toBe(404);
  const viewer = await test.signIn('viewer');
  expect((await viewer.get(pathOf(site))).status).toBe(403);
  expect((await viewer.post(`${pathOf(site)}/remove`, { paths: ['index.html'] })).status).toBe(403);
  expect(await namesIn('')).toContain('index.html');
});

it('PATH-1 paths that lead up, or are no paths, are refused with the field that is wrong', async () => {
  for (const path of ['../x', '/etc', 'a/../b', 'a//b', 'a/', '.', 'a\nb', 'a\\', 'a\\xfg']) {
    const listed = await owner.get(`${pathOf(site)}?path=${encodeURIComponent(path)}`);
    expect([path, listed.status]).toEqual([path, 400]);
    expect((await owner.post(`${pathOf(site)}/remove`, { paths: [path] })).status).toBe(400);
  }
  for (const name of ['', '.', '..', 'a/b', 'a\nb', 'a\0', '\\x'])
    expect([name, (await owner.post(pathOf(site), { folder: '', name, type: 'file' })).status]).toEqual([name, 400]);
  const wrong = await owner.post(pathOf(site), { folder: '', name: '..', type: 'file' });
  expect(wrong.json).toMatchObject({ fields: [{ field: 'name', code: 'file_name_invalid' }] });
  for (const mode of [-1, 0o1000, 0o4755])
    expect((await owner.post(`${pathOf(site)}/mode`, { paths: ['index.html'], mode })).status).toBe(400);
  expect((await owner.post(`${pathOf(site)}/remove`, { paths: [] })).status).toBe(400);
});
