import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mostFavourites } from '#shared/file-favourites.ts';
import type { FileUpload } from '#shared/file-transfers.ts';
import type { FileUsage } from '#shared/file-usage.ts';
import type { FileArchivePreview } from '#shared/file-work.ts';
import type { BinItem, FileList } from '#shared/files.ts';
import type { Job } from '#shared/jobs.ts';
import type { Site } from '#shared/sites.ts';
import { untilJob } from '../jobs/testing.ts';
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

it('FILE-2 names are found below a folder by who may read them', async () => {
  const path = `/api/v1/sites/${site.id}/file-names?path=assets&name=`;
  expect((await owner.get(`${path}LOGO`)).json).toMatchObject({ items: [{ path: 'assets/logo.svg' }], why: 'whole' });
  expect((await owner.get(path)).status).toBe(400);
  const manager = await test.signIn('site_manager', { siteIds: [other.id] });
  expect((await manager.get(`${path}LOGO`)).status).toBe(404);
});

it('FILE-2 what takes the space is told to who may read the files, the largest first', async () => {
  const usage = async (path: string, client = owner) =>
    await client.get(`/api/v1/sites/${site.id}/file-usage?path=${encodeURIComponent(path)}`);
  const all = (await usage('')).json as FileUsage;
  expect(all.items.slice(0, 2).map(({ name, bytes }) => [name, bytes])).toEqual([
    ['access.log', 5 * 1024 ** 3],
    ['backup.tar.gz', 734_003_200],
  ]);
  expect(all).toMatchObject({
    why: 'whole',
    largest: expect.arrayContaining([expect.objectContaining({ path: 'access.log' })]),
  });
  expect((await usage('assets')).json).toMatchObject({ files: 4, folders: 0 });
  expect((await usage('nowhere')).json).toMatchObject({ reason: 'file_gone' });
  expect((await usage('../x')).status).toBe(400);
  expect((await usage('', await test.signIn('site_manager', { siteIds: [site.id] }))).status).toBe(200);
  expect((await usage('', await test.signIn('site_manager', { siteIds: [other.id] }))).status).toBe(404);
  expect((await usage('', await test.signIn('viewer'))).status).toBe(403);
});

it('FILE-1 what files hold is searched line by line, by who may read them, and nothing of it is written down', async () => {
  await owner.post(pathOf(site), { folder: '', name: 'منجم', type: 'folder' });
  await owner.request(`/api/v1/sites/${site.id}/file-content?path=${encodeURIComponent('منجم/a.php')}`, {
    method: 'PUT',
    body: 'one\n  the NEEDLE’s eye\n',
    headers: { ...bytesType, 'if-none-match': '*' },
  });
  const search = (body: object, client = owner, of = site) => client.post(`${pathOf(of)}/search`, body);
  const auditCount = async () => ((await owner.get('/api/v1/audit')).json as { total: number }).total;
  const before = await auditCount();
  const found = await search({ text: 'needle', path: 'منجم', only: ['*.php'] });
  expect([found.status, found.headers['content-type']]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
  expect(
    found.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { kind: 'found', path: 'منجم/a.php', matches: [{ line: 2, before: '  the ', match: 'NEEDLE', after: '’s eye' }] },
    { kind: 'end', why: 'whole', matches: 1 },
  ]);
  expect(await auditCount()).toBe(before);
  const manager = await test.signIn('site_manager', { siteIds: [site.id] });
  expect((await search({ text: 'needle' }, manager)).status).toBe(200);
  expect((await search({ text: 'needle' }, manager, other)).status).toBe(404);
  expect((await search({ text: 'needle' }, await test.signIn('viewer'))).status).toBe(403);
  for (const [body, field] of [
    [{ text: '' }, 'text'],
    [{ text: 'a\0' }, 'text'],
    [{ text: 'a', path: '../x' }, 'path'],
    [{ text: 'a', only: ['!*'] }, 'only.0'],
    [{ text: 'a', mostSeconds: 3_600 }, 'mostSeconds'],
  ] as const)
    expect((await search(body)).json).toMatchObject({ code: 'invalid_request', fields: [{ field }] });
  expect((await search({ text: '(', isRegex: true })).json).toMatchObject({ reason: 'file_search_expression' });
  expect((await search({ text: 'fail-ripgrep' })).json).toMatchObject({ reason: 'file_search_missing' });
});

const uploadsOf = ({ id }: Site): string => `/api/v1/sites/${id}/file-uploads`;
const bytesType = { 'content-type': 'application/octet-stream' };
const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

it('FILE-4 a file is sent in pieces, compared and downloaded whole and in part, never as a page of the panel', async () => {
  // Nothing was written by this process yet.
  const { json } = await owner.post(uploadsOf(site), { path: 'empty', sizeBytes: 0, onConflict: 'refuse' });
  const end = `${uploadsOf(site)}/${(json as FileUpload).id}/finish`;
  expect((await owner.post(end, { sum: `gmac:${'0'.repeat(64)}`, onConflict: 'refuse' })).status).toBe(400);
  const text = 'محتوى <script>alert(1)</script>';
  const sizeBytes = Buffer.byteLength(text);
  const path = 'رفع/صفحة "1"\u202e.html';
  const begun = await owner.post(uploadsOf(site), { path, sizeBytes, onConflict: 'refuse' });
  expect([begun.status, begun.json]).toMatchObject([201, { path, sizeBytes, receivedBytes: 0 }]);
  const upload = `${uploadsOf(site)}/${(begun.json as FileUpload).id}`;
  const first = await owner.put(`${upload}?offset=0`, text.slice(0, 5), bytesType);
  expect(first.json).toMatchObject({ receivedBytes: 10 });
  const again = await owner.put(`${upload}?offset=0`, text, bytesType);
  expect(again.json).toMatchObject({ reason: 'file_upload_offset', params: { receivedBytes: 10 } });
  await owner.put(`${upload}?offset=10`, text.slice(5), bytesType);
  expect((await owner.get(upload)).json).toMatchObject({ receivedBytes: sizeBytes });
  const done = await owner.post(`${upload}/finish`, { sum: `sha256:${sumOf(text)}`, onConflict: 'refuse' });
  expect([done.status, done.json]).toEqual([200, { path }]);
  const content = `/api/v1/sites/${site.id}/file-content?path=${encodeURIComponent(path)}`;
  const whole = await owner.get(content);
  expect([whole.status, whole.text]).toEqual([200, text]);
  expect(whole.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'x-content-type-options': 'nosniff',
    'accept-ranges': 'bytes',
    'content-length': String(sizeBytes),
    'content-security-policy': expect.stringContaining("default-src 'none'"),
  });
  expect(whole.headers['content-disposition']).toMatch(
    /^attachment; filename="_+1__\.html"; filename\*=UTF-8''%D8%B5.*%221%22%E2%80%AE\.html$/,
  );
  const etag = String(whole.headers['etag']);
  const part = await owner.get(content, { range: 'bytes=2-4', 'if-range': etag });
  expect([part.status, part.headers['content-range']]).toEqual([206, `bytes 2-4/${sizeBytes}`]);
  expect((await owner.get(content, { range: 'bytes=-6' })).text).toBe(text.slice(-6));
  // The condition does not hold, is none, or there is no one range: all of it.
  for (const headers of [
    { range: 'bytes=2-4', 'if-range': '"other"' },
    { range: 'bytes=2-4', 'if-range': 'Wed, 21 Oct 2015 07:28:00 GMT' },
    { range: 'bytes=2-4,6-7' },
    { range: 'lines=1-2' },
    { range: 'bytes=4-2' },
  ])
    expect([headers, (await owner.get(content, headers)).status]).toEqual([headers, 200]);
  const beyond = await owner.get(content, { range: `bytes=${sizeBytes}-` });
  expect([beyond.status, beyond.headers['content-range'], beyond.text]).toEqual([416, `bytes */${sizeBytes}`, '']);
  const head = await owner.request(content, { method: 'HEAD' });
  expect([head.status, head.headers['content-length'], head.text]).toEqual([200, String(sizeBytes), '']);
});

it('FILE-4 what is wrong with an upload is said at once, and names that are taken wait for a choice', async () => {
  const taken = { path: 'index.html', sizeBytes: 3 };
  const refused = await owner.post(uploadsOf(site), { ...taken, onConflict: 'refuse' });
  expect(refused.json).toMatchObject({ reason: 'file_exists' });
  const begun = await owner.post(uploadsOf(site), { ...taken, onConflict: 'replace' });
  const upload = `${uploadsOf(site)}/${(begun.json as FileUpload).id}`;
  const longer = await owner.put(`${upload}?offset=0`, 'four', bytesType);
  expect(longer.json).toMatchObject({ reason: 'file_upload_longer' });
  expect((await owner.put(`${upload}?offset=0`, { data: 'abc' })).json).toMatchObject({ reason: 'content_type' });
  expect((await owner.post(uploadsOf(site), 'abc', bytesType)).json).toMatchObject({ reason: 'json_only' });
  expect((await owner.put(`${upload}?offset=-1`, 'abc', bytesType)).status).toBe(400);
  await owner.put(`${upload}?offset=0`, 'abc', bytesType);
  const wrong = await owner.post(`${upload}/finish`, { sum: `gmac:${'A'.repeat(64)}`, onConflict: 'replace' });
  expect(wrong.json).toMatchObject({ fields: [{ field: 'sum', code: 'upload_sum_invalid' }] });
  const right = await owner.post(`${upload}/finish`, { sum: `sha256:${sumOf('abc')}`, onConflict: 'replace' });
  expect(right.json).toEqual({ path: 'index.html' });
  expect((await owner.get(binOf(site))).json).toMatchObject({ items: [{ path: 'index.html' }] });
  const full = await owner.post(uploadsOf(site), { path: 'full.bin', sizeBytes: 3, onConflict: 'refuse' });
  const fullUpload = `${uploadsOf(site)}/${(full.json as FileUpload).id}`;
  expect((await owner.put(`${fullUpload}?offset=0`, 'abc', bytesType)).json).toMatchObject({ reason: 'disk_full' });
  for (const body of [
    { path: '', sizeBytes: 1, onConflict: 'refuse' },
    { path: '../x', sizeBytes: 1, onConflict: 'refuse' },
    { path: 'x', sizeBytes: -1, onConflict: 'refuse' },
    { path: 'x', sizeBytes: 1e15, onConflict: 'refuse' },
    { path: 'x', sizeBytes: 1, onConflict: 'overwrite' },
  ])
    expect([body, (await owner.post(uploadsOf(site), body)).status]).toEqual([body, 400]);
});

it('PERM-1 nobody reads or sends files of a site that is not theirs, and a viewer sends none', async () => {
  const mine = await owner.post(uploadsOf(other), { path: 'x', sizeBytes: 1, onConflict: 'refuse' });
  const { id } = mine.json as FileUpload;
  const manager = await test.signIn('site_manager', { siteIds: [site.id] });
  for (const content of ['file-content?path=index.html', 'file-archives/content?format=zip&path=assets'])
    expect((await manager.get(`/api/v1/sites/${other.id}/${content}`)).status).toBe(404);
  expect((await manager.put(`${uploadsOf(other)}/${id}?offset=0`, 'x', bytesType)).status).toBe(404);
  // An upload of one site is unknown under another.
  expect((await manager.put(`${uploadsOf(site)}/${id}?offset=0`, 'x', bytesType)).json).toMatchObject({
    reason: 'file_upload_unknown',
  });
  const viewer = await test.signIn('viewer');
  for (const content of ['file-content?path=index.html', 'file-archives/content?format=zip&path=assets'])
    expect((await viewer.get(`/api/v1/sites/${site.id}/${content}`)).status).toBe(403);
  expect((await viewer.put(`${uploadsOf(other)}/${id}?offset=0`, 'x', bytesType)).status).toBe(403);
  expect((await owner.get(`${uploadsOf(other)}/${id}`)).json).toMatchObject({ receivedBytes: 0 });
});

it('FILE-4 what is chosen together comes as one archive, and only what is there', async () => {
  const archive = `/api/v1/sites/${site.id}/file-archives/content?format=zip`;
  const two = await owner.get(`${archive}&path=index.html&path=assets`);
  expect(two.status).toBe(200);
  expect(two.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'cache-control': 'private, no-store',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'content-disposition': expect.stringContaining('.zip'),
  });
  expect(two.text.split('\n')).toContain('assets/style.css');
  const one = await owner.get(`${archive}&path=assets`);
  expect(one.headers['content-disposition']).toContain('filename="assets.zip"');
  expect((await owner.get(`${archive}&path=nowhere`)).json).toMatchObject({ reason: 'file_gone' });
  for (const bad of ['', '&path=', '&path=../x', '&path=a%00b', '&path=x'.repeat(51)])
    expect((await owner.get(`${archive}${bad}`)).status, bad.slice(0, 20)).toBe(400);
  expect((await owner.get(`${archive.replace('zip', 'rar')}&path=assets`)).status).toBe(400);
});

it('FILE-3 a file that is read, changed and saved keeps its history; what another wrote is not written over', async () => {
  const content = `/api/v1/sites/${site.id}/file-content?path=`;
  const versions = `/api/v1/sites/${site.id}/file-versions`;
  const path = `${content}${encodeURIComponent('صفحة.php')}`;
  const made = await owner.put(path, 'واحد', { ...bytesType, 'if-none-match': '*' });
  const { etag } = made.json as { etag: string };
  expect([made.status, made.headers['etag']]).toEqual([200, etag]);
  expect((await owner.get(path)).headers['etag']).toBe(etag);
  const second = await owner.put(path, 'اثنان', { ...bytesType, 'if-match': etag });
  expect(second.status).toBe(200);
  const late = await owner.put(path, 'ثلاثة', { ...bytesType, 'if-match': etag });
  expect([late.status, late.json]).toMatchObject([412, { reason: 'file_changed', params: { name: 'صفحة.php' } }]);
  expect((await owner.get(path)).text).toBe('اثنان');
  expect((await owner.put(path, 'ثلاثة', { ...bytesType, 'if-match': '*' })).status).toBe(200);
  for (const headers of [{}, { 'if-match': 'W/"x"' }, { 'if-match': '"a", "b"' }, { 'if-none-match': etag }])
    expect((await owner.put(path, 'x', { ...bytesType, ...headers })).json).toMatchObject({
      reason: 'file_condition_missing',
    });
  expect((await owner.put(path, { text: 'x' }, { 'if-match': '*' })).json).toMatchObject({ reason: 'content_type' });
  const log = `${content}access.log`;
  expect((await owner.put(log, 'x', { ...bytesType, 'if-match': '*' })).json).toMatchObject({
    reason: 'file_edit_large',
  });
  const query = `?path=${encodeURIComponent('صفحة.php')}`;
  const { items } = (await owner.get(`${versions}${query}`)).json as { items: { id: string; sizeBytes: number }[] };
  expect(items.map(({ sizeBytes }) => sizeBytes)).toEqual([10, 8]);
  const first = await owner.get(`${versions}/${items[1]?.id}${query}`);
  expect([first.text, first.headers['content-type']]).toEqual(['واحد', 'application/octet-stream']);
  expect((await owner.get(`${versions}/${items[1]?.id}?path=index.html`)).status).toBe(404);
  const rows = (await owner.get('/api/v1/audit?pageSize=200')).json as {
    items: { action: string; outcome: string; detail: object }[];
  };
  expect(rows.items.find(({ action, outcome }) => action === 'saveFile' && outcome === 'done')).toMatchObject({
    detail: { path: 'صفحة.php', sha256: sumOf('ثلاثة') },
  });
});

it('PERM-1 nobody reads the history of a file of another, and a viewer saves nothing', async () => {
  const manager = await test.signIn('site_manager', { siteIds: [site.id] });
  const viewer = await test.signIn('viewer');
  const content = `/api/v1/sites/${other.id}/file-content?path=index.html`;
  const versions = `/api/v1/sites/${other.id}/file-versions?path=index.html`;
  const condition = { ...bytesType, 'if-match': '*' };
  expect((await manager.put(content, 'x', condition)).status).toBe(404);
  expect((await manager.get(versions)).status).toBe(404);
  expect((await viewer.put(content, 'x', condition)).status).toBe(403);
  expect((await viewer.get(versions)).status).toBe(403);
  expect((await owner.get(versions)).json).toEqual({ items: [] });
  // Each person seals their drafts with a key of their own, the same each time they sign in.
  const keyOf = async (client: TestClient): Promise<unknown> => (await client.get('/api/v1/me/draft-key')).json;
  expect(await keyOf(owner)).toEqual(await keyOf(owner));
  expect(await keyOf(owner)).not.toEqual(await keyOf(manager));
});

it('FILE-6 rights of a folder and everything below it are set as a job, shown path by path and taken back as one step', async () => {
  const rights = `/api/v1/sites/${site.id}/file-rights`;
  const modes = async (): Promise<number[]> =>
    ((await owner.get(`${pathOf(site)}?path=assets`)).json as FileList).entries.map(({ mode }) => mode);
  const before = await modes();
  const body = { paths: ['assets'], fileMode: 0o640, folderMode: 0o750, keepsRun: true, toSite: false };
  const begun = await owner.post(rights, body);
  expect(begun.status).toBe(202);
  const { id: rightsId } = begun.json as Job;
  expect(await untilJob(owner, rightsId, ['succeeded'])).toMatchObject({
    state: 'succeeded',
    subject: { what: 'set' },
  });
  expect(new Set(await modes())).toEqual(new Set([0o640]));
  expect((await owner.get(rights)).json).toMatchObject({ items: [{ id: rightsId, changed: 5, fileMode: 0o640 }] });
  const { items } = (await owner.get(`${rights}/${rightsId}`)).json as { items: { path: string }[] };
  expect(items.map(({ path }) => path)).toContain('assets/logo.svg');
  const closed = await owner.post(rights, { ...body, folderMode: 0o277 });
  expect(closed.json).toMatchObject({ fields: [{ field: 'folderMode', code: 'file_folder_closed' }] });
  const manager = await test.signIn('site_manager', { siteIds: [other.id] });
  expect((await manager.post(rights, body)).status).toBe(404);
  expect((await manager.post(`${rights}/${rightsId}/undo`)).status).toBe(404);
  const undone = await owner.post(`${rights}/${rightsId}/undo`);
  expect(await untilJob(owner, (undone.json as Job).id, ['succeeded'])).toMatchObject({ state: 'succeeded' });
  expect(await modes()).toEqual(before);
  expect((await owner.post(`${rights}/${rightsId}/undo`)).json).toMatchObject({ reason: 'file_rights_unknown' });
});

it('FILE-2 an archive is made and unpacked as a job, and a viewer makes none', async () => {
  const archives = `/api/v1/sites/${site.id}/file-archives`;
  const ended = async (answer: { status: number; json: unknown }): Promise<Job> => {
    expect(answer.status).toBe(202);
    return await untilJob(owner, (answer.json as Job).id, ['succeeded', 'failed', 'cancelled']);
  };
  const pack = { paths: ['assets', 'index.html'], into: '', name: 'كل شيء.zip' };
  expect(await ended(await owner.post(archives, pack))).toMatchObject({ kind: 'files.work', state: 'succeeded' });
  expect((await owner.post(archives, pack)).json).toMatchObject({ reason: 'file_exists' });
  expect((await owner.post(archives, { ...pack, name: 'all.rar' })).json).toMatchObject({
    fields: [{ field: 'name', code: 'file_archive_name' }],
  });
  const preview = (await owner.get(`${archives}?path=${encodeURIComponent(pack.name)}`)).json as FileArchivePreview;
  expect(preview.entries.map(({ path }) => path)).toContain('assets/style.css');
  const unpack = { path: pack.name, into: 'جديد', only: ['assets/style.css'], onConflict: 'refuse' };
  expect(await ended(await owner.post(`${archives}/unpack`, unpack))).toMatchObject({ state: 'succeeded' });
  expect(await namesIn('جديد/assets')).toEqual(['style.css']);
  expect((await owner.post(`${archives}/unpack`, { ...unpack, only: ['../x'] })).status).toBe(400);
  const viewer = await test.signIn('viewer');
  expect((await viewer.post(archives, pack)).status).toBe(403);
  expect((await viewer.post(`${archives}/unpack`, unpack)).status).toBe(403);
  const manager = await test.signIn('site_manager', { siteIds: [site.id] });
  const others = `/api/v1/sites/${other.id}/file-archives`;
  expect((await manager.post(others, pack)).status).toBe(404);
  expect((await manager.get(`${others}?path=backup.tar.gz`)).status).toBe(404);
});

it('FILE-2 a file is fetched from an address as a job, and of the address only its place is written down', async () => {
  const fetches = `/api/v1/sites/${site.id}/file-fetches`;
  const wish = { into: 'assets', name: null, sha256: null, onConflict: 'refuse' };
  const address = 'https://files.example/v1/book.pdf?signature=secret';
  const begun = await owner.post(fetches, { ...wish, address });
  expect(begun).toMatchObject({ status: 202, json: { subject: { what: 'fetch', file: 'files.example' } } });
  expect(await untilJob(owner, (begun.json as Job).id, ['succeeded'])).toMatchObject({ kind: 'files.work' });
  expect(await namesIn('assets')).toContain('book.pdf');
  const log = JSON.stringify((await owner.get('/api/v1/audit?action=fetchFile')).json);
  expect(log).toContain('https://files.example/v1/book.pdf');
  expect(log).not.toContain('secret');
  expect((await owner.post(fetches, { ...wish, address })).json).toMatchObject({ reason: 'file_exists' });
  const missing = (await owner.post(fetches, { ...wish, address: 'https://fail.test/x' })).json as Job;
  expect(await untilJob(owner, missing.id, ['failed'])).toMatchObject({
    failure: { reason: 'file_fetch_status', params: { host: 'fail.test', status: 404 } },
  });
  for (const inner of ['http://127.0.0.1:8080/x', 'http://[::ffff:169.254.169.254]/', 'http://0x0a000001/'])
    expect((await owner.post(fetches, { ...wish, address: inner })).json).toMatchObject({
      reason: 'file_fetch_address',
    });
  for (const [change, field, code] of [
    [{ address: 'file:///etc/passwd' }, 'address', 'fetch_address_invalid'],
    [{ address: 'http://me:word@files.example/' }, 'address', 'upstream_credentials'],
    [{ onConflict: 'replace' }, 'name', 'fetch_name_missing'],
    [{ sha256: 'x' }, 'sha256', 'file_hash_invalid'],
  ] as const)
    expect((await owner.post(fetches, { ...wish, address, ...change })).json).toMatchObject({
      fields: [{ field, code }],
    });
  expect((await (await test.signIn('viewer')).post(fetches, { ...wish, address })).status).toBe(403);
  const manager = await test.signIn('site_manager', { siteIds: [site.id] });
  const others = `/api/v1/sites/${other.id}/file-fetches`;
  expect((await manager.post(others, { ...wish, address })).status).toBe(404);
});

it('favourite folders are a person’s own, in one site, and no more than there may be', async () => {
  const favourites = `/api/v1/sites/${site.id}/file-favourites`;
  const list = async (client = owner): Promise<string[]> =>
    ((await client.get(favourites)).json as { items: { path: string }[] }).items.map(({ path }) => path);
  for (const path of ['assets', 'تقارير/٢', 'assets'])
    expect((await owner.post(favourites, { path })).status).toBe(204);
  expect(await list()).toEqual(['assets', 'تقارير/٢']);
  const another = await test.signIn('administrator');
  expect(await list(another)).toEqual([]);
  expect((await another.post(favourites, { path: 'assets' })).status).toBe(204);
  expect((await owner.delete(`${favourites}?path=assets`)).status).toBe(204);
  expect([await list(), await list(another)]).toEqual([['تقارير/٢'], ['assets']]);
  expect(((await owner.get(`/api/v1/sites/${other.id}/file-favourites`)).json as { items: [] }).items).toEqual([]);
  for (const path of ['', '../x', '/x']) expect((await owner.post(favourites, { path })).status, path).toBe(400);
  for (let count = 1; count < mostFavourites; count++) await owner.post(favourites, { path: `x${count}` });
  expect((await owner.post(favourites, { path: 'one more' })).json).toMatchObject({ reason: 'file_favourites_full' });
  expect((await owner.post(favourites, { path: 'x1' })).status).toBe(204);
  expect((await (await test.signIn('viewer')).get(favourites)).status).toBe(403);
  const manager = await test.signIn('site_manager', { siteIds: [other.id] });
  expect((await manager.post(favourites, { path: 'assets' })).status).toBe(404);
});

it('a remark stands by its file, is found by the filter, follows it everywhere the panel takes it, and is the site’s alone', async () => {
  const remarks = `/api/v1/sites/${site.id}/file-remarks`;
  const set = async (path: string, remark: string, client = owner) =>
    (await client.put(remarks, { path, remark })).status;
  const at = async (path: string, more = ''): Promise<Record<string, string | undefined>> => {
    const answer = await owner.get(`${pathOf(site)}?path=${encodeURIComponent(path)}${more}`);
    const { entries } = answer.json as FileList;
    return Object.fromEntries(entries.map(({ name, remark }) => [name, remark]));
  };
  const post = async (what: string, body: object) => (await owner.post(`${pathOf(site)}/${what}`, body)).json;
  for (const name of ['from', 'to']) await owner.post(pathOf(site), { folder: '', name, type: 'folder' });
  await owner.post(pathOf(site), { folder: 'from', name: 'a.txt', type: 'file' });
  await owner.post(pathOf(site), { folder: 'from', name: 'b.txt', type: 'file' });
  expect([await set('from', 'مجلد'), await set('from/a.txt', ' Keep it ')]).toEqual([204, 204]);
  expect(await at('from')).toEqual({ 'a.txt': 'Keep it', 'b.txt': undefined });
  expect(await at('from', '&filter=KEEP')).toEqual({ 'a.txt': 'Keep it' });
  expect(Object.keys(await at('from', '&filter=b.t'))).toEqual(['b.txt']);
  for (const [path, remark] of [
    ['from/a.txt', 'x'.repeat(201)],
    ['from/a.txt', 'a\nb'],
    ['from/a.txt', 'a\u0000b'],
    ['', 'x'],
    ['../x', 'x'],
  ] as const)
    expect(await set(path, remark), path).toBe(400);
  expect(await set('from/none.txt', 'x')).toBe(404);
  await post('rename', { path: 'from', name: 'renamed' });
  expect((await at(''))['renamed']).toBe('مجلد');
  await post('move', { paths: ['renamed/a.txt'], into: 'to', onConflict: 'refuse' });
  await post('copy', { paths: ['to/a.txt'], into: 'renamed', onConflict: 'refuse' });
  await owner.post(pathOf(site), { folder: '', name: 'from', type: 'folder' });
  expect([(await at(''))['from'], await at('to'), (await at('renamed'))['a.txt']]).toEqual([
    undefined,
    { 'a.txt': 'Keep it' },
    'Keep it',
  ]);
  await post('remove', { paths: ['to/a.txt'] });
  await owner.post(pathOf(site), { folder: 'to', name: 'a.txt', type: 'file' });
  expect(await at('to')).toEqual({ 'a.txt': undefined });
  await set('to/a.txt', 'second');
  await post('remove', { paths: ['to'] });
  const bin = ((await owner.get(binOf(site))).json as { items: BinItem[] }).items;
  const [whole, first] = ['to', 'to/a.txt'].map((path) => bin.find((item) => item.path === path)?.id ?? '');
  await owner.post(`${binOf(site)}/restore`, { ids: [whole] });
  expect(await at('to')).toEqual({ 'a.txt': 'second' });
  const back = (await owner.post(`${binOf(site)}/restore`, { ids: [first] })).json as { paths: string[] };
  expect((await at('to'))[back.paths[0]?.slice('to/'.length) ?? '']).toBe('Keep it');
  await post('remove', { paths: ['renamed'] });
  const last = ((await owner.get(binOf(site))).json as { items: BinItem[] }).items.find(
    ({ path }) => path === 'renamed',
  );
  await owner.post(`${binOf(site)}/discard`, { ids: [last?.id] });
  expect(await set('to/a.txt', '')).toBe(204);
  const rows = await test.ctx.db.selectFrom('file_remark').select(['path', 'remark']).execute();
  expect(rows).toEqual([{ path: back.paths[0], remark: 'Keep it' }]);
  const manager = await test.signIn('site_manager', { siteIds: [other.id] });
  expect(await set('to/a.txt', 'x', manager)).toBe(404);
  expect(await set('to/a.txt', 'x', await test.signIn('viewer'))).toBe(403);
});
