import { afterAll, beforeAll, expect, it } from 'vitest';
import { uploadChunkBytes, type archivesApi, type ArchiveUpload, type Unpacking } from '#shared/archives.ts';
import type { ResponseOf } from '#shared/http.ts';
import type { Job } from '#shared/jobs.ts';
import type { Site } from '#shared/sites.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { untilJob } from '../jobs/testing.ts';
import { createTestSite } from '../sites/testing.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';

let test: TestApp;
let owner: TestClient;
let site: Site;
let other: Site;

beforeAll(async () => {
  test = await makeTestApp({ agentClient: createFakeAgent({ deployMs: 300 }) });
  owner = await test.signIn();
  ({ site } = await createTestSite(owner, ['shop.test']));
  other = (await createTestSite(owner, ['other.test'])).site;
});
afterAll(() => test.close());

const pathOf = ({ id }: Site): string => `/api/v1/sites/${id}/archives`;
const ended = async (id: string): Promise<Job> => untilJob(owner, id, ['succeeded', 'failed', 'cancelled']);
const stateOf = async () => (await owner.get(pathOf(site))).json as ResponseOf<typeof archivesApi.state>;
async function send(fileName: string, bytes = Buffer.alloc(2_000, 1)): Promise<string> {
  const begun = await owner.post(pathOf(site), { fileName, sizeBytes: bytes.length });
  expect(begun.status).toBe(201);
  const { id } = begun.json as ArchiveUpload;
  const written = await owner.put(`${pathOf(site)}/${id}/data`, { offset: 0, data: bytes.toString('base64') });
  expect(written.json).toMatchObject({ receivedBytes: bytes.length });
  return id;
}

it('ARCH-1 an archive is announced, sent in pieces without an audit row each, looked at and unpacked as a job', async () => {
  const id = await send('wordpress.tar.gz');
  const preview = await owner.post(`${pathOf(site)}/${id}/preview`, {});
  expect(preview.json).toMatchObject({ topFolder: 'wordpress', files: 3_340 });
  const started = await owner.post(`${pathOf(site)}/${id}/unpack`, { onConflict: 'empty', folder: 'blog' });
  expect(started.status).toBe(202);
  const job = await ended((started.json as Job).id);
  expect(job).toMatchObject({ kind: 'archives.unpack', state: 'succeeded', subject: { siteId: site.id } });
  const [unpacking] = (await stateOf()).unpackings;
  expect(unpacking).toMatchObject({ id: job.id, state: 'succeeded', folder: 'blog', replaced: 1, canBeUndone: true });
  const { items } = (await owner.get('/api/v1/audit?pageSize=200')).json as { items: { action: string }[] };
  const actions = items.map(({ action }) => action);
  expect(actions).toEqual(expect.arrayContaining(['beginArchiveUpload', 'previewArchive', 'unpackArchive']));
  expect(actions).not.toContain('writeArchivePiece');
  const undone = await owner.post(`/api/v1/sites/${site.id}/unpackings/${job.id}/undo`);
  expect(undone.json).toMatchObject({ state: 'undone' } satisfies Partial<Unpacking>);
});

it('ARCH-1 a job that fails says why, and one that is cancelled takes the archive out again', async () => {
  const failing = await owner.post(`${pathOf(site)}/${await send('fails.zip')}/unpack`, {});
  expect(await ended((failing.json as Job).id)).toMatchObject({
    state: 'failed',
    failure: { reason: 'disk_full' },
  });
  const slow = await owner.post(`${pathOf(site)}/${await send('slow.zip')}/unpack`, {});
  const { id } = slow.json as Job;
  const second = await owner.post(`${pathOf(site)}/${await send('second.zip')}/unpack`, {});
  expect([second.status, (second.json as { reason: string }).reason]).toEqual([423, 'archive_under_way']);
  expect((await owner.post(`/api/v1/jobs/${id}/cancel`)).status).toBe(202);
  expect((await ended(id)).state).toBe('cancelled');
  expect((await stateOf()).unpackings.find((each) => each.id === id)?.state).toBe('cancelled');
});

it('PATH-5 only who may change a site sends archives for it, names and places are checked, and pieces have a most', async () => {
  const viewer = await test.signIn('viewer');
  expect((await viewer.get(pathOf(site))).status).toBe(200);
  const body = { fileName: 'x.zip', sizeBytes: 10 };
  expect((await viewer.post(pathOf(site), body)).status).toBe(403);
  const manager = await test.signIn('site_manager', { siteIds: [site.id] });
  expect((await manager.post(pathOf(other), body)).status).toBe(404);
  const begun = await manager.post(pathOf(site), body);
  expect(begun.status).toBe(201);
  const { id } = begun.json as ArchiveUpload;
  // An id of one site is nothing at another.
  expect((await owner.put(`${pathOf(other)}/${id}/data`, { offset: 0, data: 'AAAA' })).status).toBe(404);
  for (const bad of [{ fileName: 'a\nb' }, { fileName: '' }, { sizeBytes: 0 }, { sizeBytes: 2 ** 40 }])
    expect((await owner.post(pathOf(site), { ...body, ...bad })).status).toBe(400);
  for (const folder of ['/etc', '../x', 'a/../b', '.git', 'a/.ssh', 'a//b', 'a/', 'a\u202eb', 'a\nb', '~'])
    expect([folder, (await owner.post(`${pathOf(site)}/${id}/preview`, { folder })).status]).toEqual([folder, 400]);
  const long = Buffer.alloc(uploadChunkBytes + 3).toString('base64');
  expect((await owner.put(`${pathOf(site)}/${id}/data`, { offset: 0, data: long })).status).toBe(400);
  expect((await owner.put(`${pathOf(site)}/${id}/data`, { offset: 0, data: 'no base64!' })).status).toBe(400);
  expect((await owner.delete(`${pathOf(site)}/${id}`)).status).toBe(204);
  const hostile = await owner.post(`${pathOf(site)}/${await send('hostile.zip')}/preview`, {});
  expect(hostile.json).toMatchObject({ reason: 'archive_path_escape', params: { name: '../../etc/cron.d/x' } });
});
