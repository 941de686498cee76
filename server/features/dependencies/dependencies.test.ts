import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SiteProject } from '#shared/dependencies.ts';
import type { Job } from '#shared/jobs.ts';
import type { Site } from '#shared/sites.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { untilJob } from '../jobs/testing.ts';
import { createTestSite } from '../sites/testing.ts';

let test: TestApp;
let owner: TestClient;
let site: Site;

beforeAll(async () => {
  test = await makeTestApp({ agentClient: createFakeAgent({ isNginxInstalled: true, deployMs: 300 }) });
  owner = await test.signIn();
  const app = { program: 'node', arguments: ['server.js'] };
  ({ site } = await createTestSite(owner, ['shop.test'], { kind: 'app', app }));
});
afterAll(() => test.close());

const run = (work: object, client = owner) => client.post(`/api/v1/sites/${site.id}/dependencies`, { work });
const project = async () => (await owner.get(`/api/v1/sites/${site.id}/project`)).json as SiteProject;
const ended = async (answer: { json: unknown }): Promise<Job> =>
  untilJob(owner, (answer.json as Job).id, ['succeeded', 'failed', 'cancelled']);
const npm = { kind: 'node', manager: 'npm', task: 'install' };

it('packages are installed as a job with a log, one run at a time, and the project says that they are there', async () => {
  expect(await project()).toMatchObject({
    node: { isInstalled: false, scripts: ['build', 'lint', 'start'] },
    runs: [],
  });
  const started = await run(npm);
  expect(started.status).toBe(202);
  expect(await run(npm)).toMatchObject({ status: 423, json: { reason: 'dependency_under_way' } });
  const job = await ended(started);
  expect(job).toMatchObject({
    kind: 'dependencies.run',
    state: 'succeeded',
    subject: { name: 'shop.test', siteId: site.id, what: 'npm' },
  });
  expect(await project()).toMatchObject({ node: { isInstalled: true }, runs: [{ id: job.id, state: 'succeeded' }] });
  const { items } = (await owner.get('/api/v1/audit?pageSize=50')).json as { items: { action: string }[] };
  expect(items.map(({ action }) => action)).toContain('runSiteDependencies');
});

it('a script that fails says its step, one that is cancelled ends, and a tool that is missing is said at once', async () => {
  expect(await ended(await run({ kind: 'script', manager: 'npm', script: 'lint' }))).toMatchObject({
    state: 'failed',
    failure: { reason: 'dependency_failed', params: { step: 'npm run lint', code: '1' } },
  });
  const slow = await run({ kind: 'script', manager: 'npm', script: 'build' });
  expect((await owner.post(`/api/v1/jobs/${(slow.json as Job).id}/cancel`)).status).toBe(202);
  expect((await ended(slow)).state).toBe('cancelled');
  expect(await run({ ...npm, manager: 'pnpm' })).toMatchObject({
    status: 409,
    json: { reason: 'dependency_tool_missing' },
  });
});

it.each([
  ['an option in the place of a script', { kind: 'script', manager: 'npm', script: '--prefix' }, 'script_name_invalid'],
  ['a mirror with a password', { ...npm, mirror: 'https://a:b@npm.test/' }, 'package_mirror_invalid'],
  ['a list elsewhere', { kind: 'python', requirements: '/etc/passwd.txt' }, 'requirements_file_invalid'],
])('%s is refused, and nothing is started', async (_, work, code) => {
  const idsOf = async () => (await project()).runs.map(({ id }) => id);
  const before = await idsOf();
  const { status, json } = await run(work);
  expect([status, (json as { fields: { code: string }[] }).fields[0]?.code]).toEqual([400, code]);
  expect(await idsOf()).toEqual(before);
});

it('whoever may only look starts nothing', async () => {
  const viewer = await test.signIn('viewer');
  expect((await run(npm, viewer)).status).toBe(403);
});
