import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '#shared/jobs.ts';
import type { Site } from '#shared/sites.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { countSites, createTestSite, readHistory, readSite } from '../sites/testing.ts';

let test: TestApp;
let owner: TestClient;
let viewer: TestClient;
const sites = '/api/v1/sites';
const node = { program: 'node', arguments: ['server.js'] };

beforeAll(async () => {
  test = await makeTestApp({ agentClient: createFakeAgent({ isNginxInstalled: true, installStepMs: 20 }) });
  owner = await (await test.signIn()).elevate();
  viewer = await test.signIn('viewer');
});
afterAll(() => test.close());

const make = async (host: string, app: object = node): Promise<Site> =>
  (await createTestSite(owner, [host], { kind: 'app', app })).site;

describe('a site with an application', () => {
  it('is made with a program, and everything else has a value', async () => {
    const site = await make('app.test');
    expect(site).toMatchObject({
      kind: 'app',
      app: {
        ...node,
        listen: { kind: 'port', port: null },
        restart: 'always',
        limits: { memoryMb: 1_024 },
        environment: [],
      },
    });
    const list = (await owner.get(`${sites}?kind=app`)).json as { items: object[] };
    expect(list.items).toMatchObject([{ id: site.id }]);
    // A list carries no environments.
    expect(list.items[0]).not.toHaveProperty('app');
  });

  it.each([
    ['without a program', { kind: 'app' }, { fields: [{ field: 'app.program', code: 'required' }] }],
    [
      'with a command line',
      { kind: 'app', app: { program: 'node server.js' } },
      { fields: [{ field: 'app.program', code: 'app_program_invalid' }] },
    ],
    [
      'with a line break in an argument',
      { kind: 'app', app: { program: 'node', arguments: ['a\nb'] } },
      { fields: [{ field: 'app.arguments.0', code: 'control_characters' }] },
    ],
    [
      'with a worker whose name is a path',
      { kind: 'app', app: { ...node, workers: [{ name: '../x', program: 'node' }] } },
      { fields: [{ field: 'app.workers.0.name', code: 'app_worker_name_invalid' }] },
    ],
    [
      'with a line break in the command of a worker',
      { kind: 'app', app: { ...node, workers: [{ name: 'queue', program: 'node', arguments: ['a\nUser=root'] }] } },
      { fields: [{ field: 'app.workers.0.arguments.0', code: 'control_characters' }] },
    ],
    [
      'with two workers of one name',
      { kind: 'app', app: { ...node, workers: ['a', 'b'].map((program) => ({ name: 'queue', program })) } },
      { fields: [{ field: 'app.workers', code: 'app_worker_repeated' }] },
    ],
    [
      'with nine workers',
      {
        kind: 'app',
        app: {
          ...node,
          workers: Array.from({ length: 9 }, (_each, index) => ({ name: `w${index}`, program: 'node' })),
        },
      },
      { fields: [{ field: 'app.workers', code: 'app_workers_too_many' }] },
    ],
    [
      'with a timed restart in no zone',
      { kind: 'app', app: { ...node, timedRestart: { every: 'day', minute: 0, timeZone: 'Asia/Nowhere' } } },
      { fields: [{ field: 'app.timedRestart.timeZone', code: 'time_zone_invalid' }] },
    ],
    [
      'of another kind with an application',
      { kind: 'static', app: node },
      { fields: [{ field: 'app', code: 'app_not_for_kind' }] },
    ],
  ])('%s is refused, and nothing is made', async (_, body, refusal) => {
    const before = await countSites(owner);
    expect((await owner.post(sites, { domains: ['refused-app.test'], ...body })).json).toMatchObject(refusal);
    expect(await countSites(owner)).toBe(before);
  });

  it('a site of another kind takes no application', async () => {
    const { site } = await createTestSite(owner, ['static-app.test']);
    const answer = await owner.patch(`${sites}/${site.id}`, { app: node });
    expect(answer.json).toMatchObject({ fields: [{ field: 'app', code: 'app_not_for_kind' }] });
  });
});

describe('RUN-4 a secret value', () => {
  const value = 'hunter2-never-said';
  const everything = async (site: Site): Promise<string> => {
    const changes = await readHistory(owner, site.id);
    const details = await Promise.all(
      changes.map(async ({ id }) => (await owner.get(`/api/v1/site-changes/${id}`)).json),
    );
    const rows = await Promise.all(
      (['site', 'site_change', 'audit', 'idempotency'] as const).map((table) =>
        test.ctx.db.selectFrom(table).selectAll().execute(),
      ),
    );
    const audit = (await owner.get('/api/v1/audit')).json;
    return JSON.stringify([await readSite(owner, site.id), changes, details, rows, audit]);
  };

  it('goes to the agent alone: no answer, no history, no audit row and no table ever holds it', async () => {
    const made = await owner.post(
      sites,
      {
        kind: 'app',
        domains: ['secret-app.test'],
        app: {
          ...node,
          environment: [
            { name: 'TOKEN', secret: value },
            { name: 'MODE', value: 'plain' },
          ],
        },
      },
      { 'idempotency-key': 'secret-app' },
    );
    expect(made.status).toBe(201);
    const { site } = made.json as { site: Site };
    const [token] = site.app?.environment ?? [];
    expect(token).toEqual({ name: 'TOKEN', secretId: expect.stringMatching(/^[a-z2-7]{16}$/) });
    // Kept, replaced, removed.
    const kept = await owner.patch(`${sites}/${site.id}`, { app: { ...node, environment: [token] } });
    expect(kept.json).toMatchObject({ site: { app: { environment: [token] } } });
    const replaced = await owner.patch(`${sites}/${site.id}`, {
      app: { ...node, environment: [{ name: 'TOKEN', secret: `${value}-2` }] },
    });
    const [next] = (replaced.json as { site: Site }).site.app?.environment ?? [];
    expect(next).not.toEqual(token);
    await owner.patch(`${sites}/${site.id}`, { app: node });
    // Undo brings the value back that the agent still has.
    const [removal] = await readHistory(owner, site.id);
    expect((await owner.post(`/api/v1/site-changes/${removal?.id}/undo`, {})).status).toBe(200);
    expect((await readSite(owner, site.id)).app?.environment).toEqual([next]);
    expect(await everything(site)).not.toContain('hunter2');
  });

  it('that the agent does not have is named, and nothing is changed', async () => {
    const site = await make('lost-secret.test');
    const environment = [{ name: 'TOKEN', secretId: 'aaaaaaaaaaaaaaaa' }];
    const answer = await owner.patch(`${sites}/${site.id}`, { app: { ...node, environment } });
    expect(answer.json).toMatchObject({ reason: 'app_secret_missing', params: { names: 'TOKEN' } });
    expect((await readSite(owner, site.id)).app?.environment).toEqual([]);
  });
});

describe('the store of Node', () => {
  const ended = async (job: unknown): Promise<Job> => {
    const { id } = job as Job;
    for (;;) {
      const now = (await owner.get(`/api/v1/jobs/${id}`)).json as Job;
      if (now.endedAt !== null) return now;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const lines = async () => (await viewer.get('/api/v1/node/versions')).json;

  it('says which lines there are and who uses what; a line that a site needs stays, another one comes and goes as a job', async () => {
    expect((await test.anonymous.get('/api/v1/node/versions')).status).toBe(401);
    await make('node-line.test', { ...node, nodeVersion: '24.11.1' });
    expect(await lines()).toEqual({
      items: [
        { major: 26, versions: [] },
        { major: 24, versions: [{ version: '24.11.1', sites: 1 }] },
        { major: 22, versions: [] },
      ],
    });
    expect((await viewer.post('/api/v1/software/node22/install', {})).status).toBe(403);
    const refused = await owner.post('/api/v1/software/node24/remove', {});
    expect(await ended(refused.json)).toMatchObject({ state: 'failed', failure: { reason: 'software_in_use' } });
    const installed = await owner.post('/api/v1/software/node22/install', {});
    expect(await ended(installed.json)).toMatchObject({ state: 'succeeded', subject: { software: 'node22' } });
    expect(await lines()).toMatchObject({ items: [{}, {}, { major: 22, versions: [{ sites: 0 }] }] });
    const removed = await owner.post('/api/v1/software/node22/remove', {});
    expect(await ended(removed.json)).toMatchObject({ state: 'succeeded' });
    expect(await lines()).toMatchObject({ items: [{}, {}, { major: 22, versions: [] }] });
    expect((await owner.post('/api/v1/software/node21/install', {})).status).toBe(404);
  });
});

describe('what an application does', () => {
  it('is shown to who may see the site, and changed by who may change it', async () => {
    const site = await make('switch-app.test');
    const path = `${sites}/${site.id}/app`;
    expect((await test.anonymous.get(path)).status).toBe(401);
    expect((await viewer.get(path)).json).toMatchObject({ state: 'stopped', isOn: false, isPortClosed: null });
    expect((await owner.post(`${path}/start`, {})).json).toMatchObject({
      state: 'running',
      listensOn: '127.0.0.1:21000',
      isPortClosed: true,
    });
    // Where it cannot be closed to other sites, that is said.
    expect((await owner.patch(`${sites}/${site.id}`, { app: { ...node, program: 'open' } })).status).toBe(200);
    expect((await viewer.get(path)).json).toMatchObject({ isPortClosed: false });
    for (const what of ['start', 'stop', 'restart']) {
      expect((await test.anonymous.post(`${path}/${what}`, {})).status).toBe(401);
      expect((await viewer.post(`${path}/${what}`, {})).status).toBe(403);
    }
    expect((await viewer.get(path)).json).toMatchObject({ state: 'running' });
    expect((await owner.post(`${path}/stop`, {})).json).toMatchObject({ state: 'stopped', isOn: false });
    expect((await owner.post(`${path}/start`, {})).json).toMatchObject({ state: 'running', isOn: true });
    await owner.patch(`${sites}/${site.id}`, { isEnabled: false });
    expect((await owner.post(`${path}/restart`, {})).json).toMatchObject({ reason: 'app_site_off' });
  });

  it('that does not answer after a change is refused with its own words, and the settings stay', async () => {
    const site = await make('fails-app.test');
    const path = `${sites}/${site.id}`;
    await owner.post(`${path}/app/start`, {});
    const answer = await owner.patch(path, { app: { ...node, program: 'fail' } });
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({ reason: 'app_exited', params: { code: 1 } });
    expect((await readSite(owner, site.id)).app?.program).toBe('node');
    expect((await readHistory(owner, site.id))[0]).toMatchObject({ outcome: 'failed', failure: 'app_exited' });
  });

  it('with workers and a timed restart says how each is; one that does not last is refused, and undo brings back what was', async () => {
    const site = await make('workers-app.test');
    const path = `${sites}/${site.id}`;
    await owner.post(`${path}/app/start`, {});
    const workers = [{ name: 'queue', program: 'node', arguments: ['worker.js'] }];
    const timedRestart = { every: 'day', minute: 240, timeZone: 'Asia/Riyadh' };
    expect((await owner.patch(path, { app: { ...node, workers, timedRestart } })).status).toBe(200);
    expect((await viewer.get(`${path}/app`)).json).toMatchObject({
      workers: [{ name: 'queue', state: 'running', restarts: 0 }],
      nextRestartAt: expect.stringMatching(/T01:00:00\.000Z$/),
    });
    const failing = [{ name: 'queue', program: 'fail' }];
    expect((await owner.patch(path, { app: { ...node, workers: failing } })).json).toMatchObject({
      reason: 'app_worker_ended',
      params: { worker: 'queue', code: 1 },
    });
    expect((await readSite(owner, site.id)).app).toMatchObject({ workers, timedRestart });
    const change = (await readHistory(owner, site.id)).find(({ outcome }) => outcome !== 'failed');
    expect((await owner.post(`/api/v1/site-changes/${change?.id}/undo`, {})).status).toBe(200);
    expect((await readSite(owner, site.id)).app).toMatchObject({ workers: [], timedRestart: null });
    expect((await viewer.get(`${path}/app`)).json).toMatchObject({ workers: [], nextRestartAt: null });
    const log = await viewer.get(`${path}/logs/app?worker=..%2Fx`);
    expect(log.json).toMatchObject({ fields: [{ field: 'worker', code: 'app_worker_name_invalid' }] });
    expect((await viewer.get(`${path}/logs/app?worker=queue`)).status).toBe(200);
  });

  it('with several instances says how each is and where it listens; another number is a change with a diff, and undo takes it back', async () => {
    const site = await make('instances-app.test');
    const path = `${sites}/${site.id}`;
    await owner.post(`${path}/app/start`, {});
    expect((await viewer.get(`${path}/app`)).json).toMatchObject({ instances: [{ number: 1, state: 'running' }] });
    for (const instances of [0, 17, 1.5])
      expect((await owner.patch(path, { app: { ...node, instances } })).json).toMatchObject({
        fields: [{ field: 'app.instances' }],
      });
    expect((await owner.patch(path, { app: { ...node, instances: 3 } })).status).toBe(200);
    const { json } = await viewer.get(`${path}/app`);
    const { instances } = json as { instances: { number: number; state: string; listensOn: string }[] };
    expect(instances.map(({ number, state }) => [number, state])).toEqual([
      [1, 'running'],
      [2, 'running'],
      [3, 'running'],
    ]);
    expect(new Set(instances.map(({ listensOn }) => listensOn)).size).toBe(3);
    expect((await viewer.get(`${path}/logs/app?instance=3`)).status).toBe(200);
    expect((await viewer.get(`${path}/logs/app?instance=17`)).json).toMatchObject({ fields: [{ field: 'instance' }] });
    const [change] = await readHistory(owner, site.id);
    expect((await owner.post(`/api/v1/site-changes/${change?.id}/undo`, {})).status).toBe(200);
    expect((await readSite(owner, site.id)).app?.instances).toBe(1);
    expect((await viewer.get(`${path}/app`)).json).toMatchObject({ instances: [{ number: 1 }] });
  });

  it('of a site of another kind is nowhere', async () => {
    const { site } = await createTestSite(owner, ['no-app.test']);
    expect((await owner.get(`${sites}/${site.id}/app`)).json).toMatchObject({ code: 'not_found' });
    expect((await owner.post(`${sites}/${site.id}/app/stop`, {})).status).toBe(404);
    expect((await owner.get(`${sites}/aaaaaaaaaaaaaaaa/app`)).status).toBe(404);
  });
});
