import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AgentClient } from '../../core/agent-client.ts';
import { downloadText } from '../../core/download.ts';
import { createFakeAgent, type FakeCall } from '../../core/agent-fake.ts';
import type { Job } from '#shared/jobs.ts';
import type { Site } from '#shared/sites.ts';
import { untilJob } from '../jobs/testing.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';

const release = Buffer.alloc(1_300_000, 'wordpress');
const sum = createHash('sha1').update(release).digest('hex');
const calls: FakeCall[] = [];

let mirror: Server;
let address = '';
let test: TestApp;
let owner: TestClient;
let agent: AgentClient;

beforeAll(async () => {
  mirror = createServer((request, response) => {
    const { url = '' } = request;
    if (url.startsWith('/moved/')) return void response.writeHead(302, { location: 'http://127.0.0.1:1/x' }).end();
    if (url.endsWith('latest.tar.gz.sha1')) return void response.end(sum);
    if (url.endsWith('wordpress-6.1.tar.gz.sha1')) return void response.end('0'.repeat(40));
    if (url.endsWith('.sha1')) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-length': release.length }).end(release);
  });
  await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`;
  agent = createFakeAgent({ deployMs: 100, installStepMs: 5, onCall: (call) => calls.push(call) });
  test = await makeTestApp({ agentClient: agent, env: { WORDPRESS_MIRROR: `${address}/` } });
  owner = await test.signIn();
});
afterAll(async () => {
  await test.close();
  mirror.closeAllConnections();
  await new Promise((resolve) => mirror.close(resolve));
});

let number = 0;
async function makeSite(kind = 'php'): Promise<Site> {
  const host = `press-${++number}.test`;
  const body = { kind, domains: [host], ...(kind === 'php' ? { php: { version: '8.2' } } : {}) };
  const answer = await owner.post('/api/v1/sites', body);
  expect(answer.status).toBe(201);
  return (answer.json as { site: Site }).site;
}
const ended = (job: Job) => untilJob(owner, job.id, ['succeeded', 'failed', 'cancelled']);
const install = (site: Site, body: object, who = owner) => who.post(`/api/v1/sites/${site.id}/wordpress`, body);
const databases = async (): Promise<{ name: string; siteId: string | null }[]> =>
  ((await owner.get('/api/v1/databases')).json as { items: { name: string; siteId: string | null }[] }).items;
const installServer = async (): Promise<void> => {
  const started = await owner.post('/api/v1/software/mariadb/install');
  expect((await ended(started.json as Job)).state).toBe('succeeded');
};

it('WP-1 without a database server nothing begins, and the answer says what is missing', async () => {
  const site = await makeSite();
  const answer = await install(site, { source: { kind: 'download' } });
  expect([answer.status, (answer.json as { reason: string }).reason]).toEqual([409, 'database_server_missing']);
  await installServer();
});

it('WP-1 WordPress in one step: fetched, compared, a database of its own, put in its place; its rewrites are set', async () => {
  const site = await makeSite();
  calls.length = 0;
  const started = await install(site, { source: { kind: 'download' } });
  expect(started.status).toBe(202);
  const job = await ended(started.json as Job);
  expect([job.state, job.failure]).toEqual(['succeeded', null]);
  expect(job.steps.map(({ name }) => name)).toEqual([
    'wordpress_site',
    'wordpress_php',
    'wordpress_fetch',
    'wordpress_database',
    'wordpress_place',
  ]);
  expect(await databases()).toContainEqual(expect.objectContaining({ name: 'press_2_test', siteId: site.id }));
  const { behaviour } = (await owner.get(`/api/v1/sites/${site.id}`)).json as Site;
  expect(behaviour.rewrites.preset).toBe('wordpress');
  // What went to the agent is what its makers publish, and no password is in any request.
  const pieces = calls.filter(({ name }) => name === 'archives.write');
  const sent = Buffer.concat(pieces.map(({ params }) => Buffer.from((params as { data: string }).data, 'base64')));
  expect(sent.equals(release)).toBe(true);
  expect(calls.find(({ name }) => name === 'databases.create')?.params).toMatchObject({ password: null });
  const state = (await owner.get(`/api/v1/sites/${site.id}/wordpress`)).json as { job: Job };
  expect(state.job.id).toBe(job.id);
});

it('WP-1 a wrong sum is refused after the last piece; archive, database and the site made for it are gone', async () => {
  const site = await makeSite();
  const before = await databases();
  const started = await install(site, { source: { kind: 'download', version: '6.1' }, removesSite: true });
  const job = await ended(started.json as Job);
  expect([job.state, job.failure?.reason]).toEqual(['failed', 'wordpress_sum_differs']);
  expect(await databases()).toEqual(before);
  expect((await owner.get(`/api/v1/sites/${site.id}`)).status).toBe(404);
});

it('WP-1 by hand: an archive that was sent is used, and when unpacking fails the database goes and the archive stays', async () => {
  const site = await makeSite();
  const send = async (fileName: string): Promise<string> => {
    const path = `/api/v1/sites/${site.id}/archives`;
    const { id } = (await owner.post(path, { fileName, sizeBytes: 3 })).json as { id: string };
    await owner.put(`${path}/${id}/data`, { offset: 0, data: 'AAAA' });
    return id;
  };
  const before = await databases();
  const failing = await install(site, { source: { kind: 'archive', uploadId: await send('fails.zip') } });
  const failed = await ended(failing.json as Job);
  expect([failed.state, failed.failure?.reason]).toEqual(['failed', 'disk_full']);
  expect(failed.steps.find(({ name }) => name === 'wordpress_database')?.state).toBe('compensated');
  expect(await databases()).toEqual(before);
  expect((await owner.get(`/api/v1/sites/${site.id}`)).status).toBe(200);
  const good = await install(site, { source: { kind: 'archive', uploadId: await send('wordpress.zip') } });
  expect((await ended(good.json as Job)).state).toBe('succeeded');
});

it('WEB-6 WP-1 what cannot be fetched is said at once; other hosts, inner addresses and other roles are refused', async () => {
  const site = await makeSite();
  const missing = await install(site, { source: { kind: 'download', version: '5.0' } });
  expect([missing.status, (missing.json as { reason: string }).reason]).toEqual([404, 'download_missing']);
  expect((await install(site, { source: { kind: 'download', version: '../x' } })).status).toBe(400);
  expect((await install(site, { source: { kind: 'download' }, tablePrefix: "wp'_" })).status).toBe(400);
  const plain = await makeSite('static');
  expect((await install(plain, { source: { kind: 'download' } })).json).toMatchObject({
    reason: 'wordpress_needs_php',
  });
  const viewer = await test.signIn('viewer');
  expect((await install(site, { source: { kind: 'download' } }, viewer)).status).toBe(403);
  // Who may not delete sites may not have one deleted.
  const operator = await test.signIn('operator');
  const asked = await install(site, { source: { kind: 'download' }, removesSite: true }, operator);
  expect([asked.status, (asked.json as { params: { permission: string } }).params.permission]).toEqual([
    403,
    'sites.delete',
  ]);
  const signal = AbortSignal.timeout(5_000);
  const own = { isOwn: true, isAllowedHost: (host: string) => address.endsWith(host), signal };
  const reasonOf = async (source: Parameters<typeof downloadText>[0]): Promise<unknown> =>
    await downloadText(source, 100).then(
      () => 'read',
      (error: unknown) => (error as { reason: string }).reason,
    );
  expect(await reasonOf({ ...own, url: `${address}/latest.tar.gz.sha1` })).toBe('read');
  // A redirection out of what is allowed, a plain address, a name of the inner network, a file that is too long.
  expect(await reasonOf({ ...own, url: `${address}/moved/x` })).toBe('download_refused');
  const strict = { isOwn: false, isAllowedHost: () => true, signal };
  expect(await reasonOf({ ...strict, url: `${address}/latest.tar.gz.sha1` })).toBe('download_refused');
  expect(await reasonOf({ ...strict, url: 'https://localhost/x' })).toBe('download_refused');
  expect(await reasonOf({ ...own, url: `${address}/latest.tar.gz` })).toBe('download_refused');
});
