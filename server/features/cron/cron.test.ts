import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CronJob, CronRun } from '#shared/cron.ts';
import type { CronFacts, CronWork } from '#shared/cron-work.ts';
import type { cronApi } from '#shared/cron.ts';
import type { ResponseOf } from '#shared/http.ts';
import type { Site } from '#shared/sites.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { cronFactsOf } from '../../core/testing/cron.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';

const path = '/api/v1/cron/jobs';
const script = (linuxUser: string | null, text = 'echo secret-word'): CronWork => ({
  kind: 'script',
  language: 'bash',
  script: text,
  linuxUser,
});

let test: TestApp;
let owner: TestClient;
let sites: readonly Site[];
beforeAll(async () => {
  test = await makeTestApp({ agentClient: createFakeAgent({ isUnguarded: false, cronRunMs: 0 }) });
  owner = await (await test.signIn()).elevate();
  const make = async (host: string) =>
    ((await owner.post('/api/v1/sites', { kind: 'static', domains: [host] })).json as { site: Site }).site;
  sites = [await make('one.test'), await make('other.test')];
});
afterAll(() => test.close());

const make = (client: TestClient, name: string, more: Partial<CronFacts> = {}) =>
  client.post(path, cronFactsOf(name, more));
const all = async (client: TestClient) => (await client.get(path)).json as ResponseOf<typeof cronApi.list>;
const names = async (client: TestClient) => (await all(client)).items.map(({ name }) => name);

it('whoever may not gets none of it, and nothing is made', async () => {
  expect((await test.anonymous.get(path)).status).toBe(401);
  expect((await make(test.anonymous, 'x')).status).toBe(401);
  const viewer = await test.signIn('viewer');
  expect((await viewer.get(path)).status).toBe(403);
  expect((await make(viewer, 'x')).status).toBe(403);
  expect(await names(owner)).toEqual([]);
});

it('PERM-7 a job of the machine needs its own permission and a fresh factor, one of a site runs as the user of the site', async () => {
  const plain = await test.signIn();
  expect(await make(plain, 'root job', { work: script('root') })).toMatchObject({
    status: 403,
    json: { code: 'elevation_required' },
  });
  const operator = await (await test.signIn('operator')).elevate();
  expect(await make(operator, 'root job', { work: script('root') })).toMatchObject({
    status: 403,
    json: { code: 'not_allowed' },
  });
  const made = await make(owner, 'root job', { work: script('root') });
  expect([made.status, made.json]).toMatchObject([201, { runsAs: 'root', site: null }]);
  const siteId = sites[0]?.id ?? '';
  const own = await make(operator, 'site job', { siteId, work: script(null) });
  expect([own.status, own.json]).toMatchObject([201, { runsAs: 'site-fake2222', site: { name: 'one.test' } }]);
  expect((await make(operator, 'x', { siteId, work: script('root') })).status).toBe(400);
  expect((await all(operator)).users).toEqual([]);
  expect((await all(owner)).users).toContain('root');
});

it('PERM-7 PERM-1 a manager sees and makes the jobs of their own sites alone', async () => {
  const [own, foreign] = [sites[1]?.id ?? '', sites[0]?.id ?? ''];
  const manager = await (await test.signIn('site_manager', { siteIds: [own] })).elevate();
  expect(await names(manager)).toEqual([]);
  expect((await make(manager, 'mine')).json).toMatchObject({ fields: [{ field: 'siteId', code: 'required' }] });
  expect((await make(manager, 'mine', { siteId: foreign, work: script(null) })).status).toBe(404);
  expect((await make(manager, 'mine', { siteId: own, work: script('root') })).status).toBe(400);
  const nearby = { ...cronFactsOf('x').work, mayBePrivate: true } as CronWork;
  expect((await make(manager, 'mine', { siteId: own, work: nearby })).status).toBe(403);
  expect((await make(manager, 'mine', { siteId: own, work: script(null) })).status).toBe(201);
  expect(await names(manager)).toEqual(['mine']);
  for (const { id } of (await all(owner)).items.filter(({ name }) => name !== 'mine'))
    for (const answer of [
      await manager.get(`${path}/${id}`),
      await manager.put(`${path}/${id}`, cronFactsOf('mine', { siteId: own, work: script(null) })),
      await manager.put(`${path}/${id}/enabled`, { isEnabled: false }),
      await manager.post(`${path}/${id}/runs`),
      await manager.delete(`${path}/${id}`),
    ])
      expect([answer.status, answer.json]).toMatchObject([404, { reason: 'cron_job_unknown' }]);
  expect(await names(owner)).toHaveLength(3);
});

it('a job runs now, tells what it said, is ended, switched off and deleted; the audit log keeps no script', async () => {
  const { id } = (await make(owner, 'endless', { work: script('root', 'sleep secret-word') })).json as CronJob;
  const run = (await owner.post(`${path}/${id}/runs`)).json as CronRun;
  expect(run).toMatchObject({ state: 'running', trigger: 'person' });
  expect((await owner.post(`${path}/${id}/runs`)).json).toMatchObject({ reason: 'cron_running' });
  expect((await owner.get(`${path}/${id}/runs/${run.id}/output?offset=6`)).json).toMatchObject({
    text: 'line\nsecond line\n',
    nextOffset: 23,
  });
  expect((await owner.post(`${path}/${id}/runs/${run.id}/cancel`)).json).toMatchObject({ state: 'cancelled' });
  expect((await owner.put(`${path}/${id}/enabled`, { isEnabled: false })).json).toMatchObject({ nextRunAt: null });
  expect((await owner.get(`${path}/${id}`)).json).toMatchObject({ job: { name: 'endless' }, runs: [{ id: run.id }] });
  expect((await owner.delete(`${path}/${id}`)).status).toBe(204);
  expect((await owner.get(`${path}/${id}`)).status).toBe(404);
  const rows = await test.ctx.db.selectFrom('audit').selectAll().execute();
  expect(rows.map(({ action }) => action)).toContain('startCronJob');
  expect(JSON.stringify(rows)).not.toContain('secret-word');
  // Nor does a list carry scripts about.
  expect(JSON.stringify(await all(owner))).not.toContain('secret-word');
});

it('crontabs of the machine are read with the right to it and a fresh factor only, and nothing of them is kept', async () => {
  const read = (client: TestClient) => client.post('/api/v1/cron/crontabs');
  expect((await read(test.anonymous)).status).toBe(401);
  expect((await read(await (await test.signIn('operator')).elevate())).status).toBe(403);
  expect((await read(await test.signIn())).json).toMatchObject({ code: 'elevation_required' });
  const { items } = (await read(owner)).json as ResponseOf<typeof cronApi.crontabs>;
  expect(items.map(({ problem }) => problem)).toEqual([null, 'at_boot']);
  const rows = await test.ctx.db.selectFrom('audit').selectAll().execute();
  expect(rows.map(({ action }) => action)).toContain('readCrontabs');
  expect(JSON.stringify(rows)).not.toContain('echo 50');
});

it('CRON-3 what no scheduler should see is refused by field', async () => {
  const cron = (expression: string): Partial<CronFacts> => ({
    schedule: { every: 'cron', expression, timeZone: 'UTC' },
  });
  for (const [more, field, code] of [
    [{ name: 'two\nlines' }, 'name', 'control_characters'],
    [cron('* * * * *\nroot id'), 'schedule.expression', 'cron_invalid'],
    [cron('99 * * * *'), 'schedule.expression', 'cron_invalid'],
    [cron('0 0 30 2 *'), 'schedule.expression', 'cron_never'],
    [{ schedule: { every: 'day', times: [0], timeZone: 'Mars/Base' } }, 'schedule.timeZone', 'time_zone_invalid'],
    [{ work: script('root', 'a\0b') }, 'work.script', 'cron_script_invalid'],
    [{ work: script('no\nbody') }, 'work.linuxUser', 'cron_user_unknown'],
    [{ work: script('nobody-here') }, 'work.linuxUser', 'cron_user_unknown'],
    [{ work: { ...cronFactsOf('x').work, url: 'file:///etc/passwd' } as CronWork }, 'work.url', 'cron_url_invalid'],
    [{ work: { ...cronFactsOf('x').work, url: 'http://a:b@x.test/' } as CronWork }, 'work.url', 'cron_url_invalid'],
  ] as const) {
    const answer = await make(owner, 'bad', more as Partial<CronFacts>);
    expect([answer.status, answer.json], code).toMatchObject([400, { fields: [{ field, code }] }]);
  }
  expect(await names(owner)).not.toContain('bad');
});

type Items = {
  items: {
    jobId: string | null;
    name: string;
    state?: string;
    failure: null | { code: string; reason: string | null; fields: { field: string; code: string }[] };
  }[];
};

it('several are run, paused and deleted at once; one that is refused, or somebody else’s, stops none', async () => {
  const jobs = await Promise.all(
    ['one', 'two'].map(
      async (name) => (await make(owner, `many ${name}`, { work: script('root', 'sleep 600') })).json as CronJob,
    ),
  );
  const ids = jobs.map(({ id }) => id);
  const batch = (client: TestClient, action: string, jobIds: readonly string[]) =>
    client.post('/api/v1/cron/batch', { action, jobIds });
  expect((await batch(test.anonymous, 'delete', ids)).status).toBe(401);
  expect((await batch(await test.signIn('viewer'), 'delete', ids)).status).toBe(403);
  const manager = await test.signIn('site_manager', { siteIds: [sites[1]?.id ?? ''] });
  const foreign = (await batch(manager, 'delete', ids)).json as Items;
  expect(foreign.items.map(({ name, failure }) => [name, failure?.reason])).toEqual(
    ids.map(() => ['', 'cron_job_unknown']),
  );
  await owner.post(`${path}/${ids[0]}/runs`);
  const ran = (await batch(owner, 'run', [...ids, ...ids, 'aaaaaaaaaaaaaaaa'])).json as Items;
  expect(ran.items.map(({ name, failure }) => [name, failure?.reason ?? null])).toEqual([
    ['many one', 'cron_running'],
    ['many two', null],
    ['', 'cron_job_unknown'],
  ]);
  expect(((await batch(owner, 'pause', ids)).json as Items).items.map(({ failure }) => failure)).toEqual([null, null]);
  expect((await owner.get(`${path}/${ids[1]}`)).json).toMatchObject({ job: { isEnabled: false } });
  await batch(owner, 'delete', ids);
  expect(await names(owner)).not.toContain('many one');
  expect((await batch(owner, 'explode', ids)).status).toBe(400);
  expect((await batch(owner, 'delete', [])).json).toMatchObject({ fields: [{ field: 'jobIds', code: 'required' }] });
  const rows = await test.ctx.db.selectFrom('audit').selectAll().where('action', '=', 'changeCronJobs').execute();
  expect(rows.map(({ detail_json }) => detail_json).join()).toContain(ids[0]);
});

it('a file holds what the person may see, and becomes the same jobs again: told first, kept only with a fresh factor', async () => {
  const siteId = sites[0]?.id ?? '';
  for (const { id } of (await all(owner)).items) await owner.delete(`${path}/${id}`);
  await make(owner, 'of root', { work: script('root', 'echo 50% secret-word') });
  await make(owner, 'of a site', {
    siteId,
    work: script(null),
    schedule: { every: 'minutes', minutes: 5, timeZone: 'UTC' },
  });
  const save = (client: TestClient, jobIds: readonly string[] | null = null) =>
    client.post('/api/v1/cron/export', { jobIds });
  const file = (await save(owner)).json as { jobs: Record<string, unknown>[]; exportedAt: string };
  expect(Object.fromEntries(file.jobs.map(({ name, site }) => [name, site]))).toEqual({
    'of a site': 'one.test',
    'of root': null,
  });
  expect(JSON.stringify(file.jobs)).not.toContain(siteId);
  const manager = await test.signIn('site_manager', { siteIds: [sites[1]?.id ?? ''] });
  expect((await save(manager)).json).toMatchObject({ jobs: [] });
  expect((await save(manager, [(await all(owner)).items[0]?.id ?? ''])).json).toMatchObject({
    reason: 'cron_job_unknown',
  });

  const read = async (client: TestClient, more: object = {}, jobs: readonly unknown[] = file.jobs) =>
    client.post('/api/v1/cron/import', {
      file: { ...file, jobs },
      isDryRun: false,
      onPresent: 'skip',
      startsOff: false,
      ...more,
    });
  const states = (answer: { json: unknown }) => (answer.json as Items).items.map(({ state }) => state);
  expect(states(await read(owner))).toEqual(['present', 'present']);
  for (const { id } of (await all(owner)).items) await owner.delete(`${path}/${id}`);
  expect(states(await read(owner, { isDryRun: true }))).toEqual(['new', 'new']);
  expect(await names(owner)).toEqual([]);
  // Without a fresh factor nothing of it is kept, not even what needs none.
  expect((await read(await test.signIn())).json).toMatchObject({ code: 'elevation_required' });
  const foreign = (await read(manager)).json as Items;
  expect(foreign.items.map(({ state }) => state)).toEqual(['refused', 'refused']);
  expect(await names(owner)).toEqual([]);
  expect(states(await read(owner, { startsOff: true }))).toEqual(['new', 'new']);
  const again = (await save(owner)).json as typeof file;
  const plain = (jobs: typeof file.jobs) => jobs.map((job) => JSON.stringify({ ...job, isEnabled: true })).sort();
  expect(plain(again.jobs)).toEqual(plain(file.jobs));
  expect(again.jobs.map(({ isEnabled }) => isEnabled)).toEqual([false, false]);
  expect(states(await read(owner, { onPresent: 'replace' }))).toEqual(['replaced', 'replaced']);
  expect(await names(owner)).toHaveLength(2);
  const rows = await test.ctx.db.selectFrom('audit').selectAll().execute();
  expect(rows.filter(({ action }) => action === 'importCronJobs').length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toContain('secret-word');
});

it('CRON-3 what a file says is looked at as a form is: a bad one is told with its field and stops none of the others', async () => {
  const good = { ...cronFactsOf('from a file'), site: null } as Record<string, unknown>;
  delete good['siteId'];
  const bad: [object | string, string][] = [
    [{ ...good, name: 'two\nlines' }, 'name'],
    [
      { ...good, schedule: { every: 'cron', expression: '* * * * *\nroot id', timeZone: 'UTC' } },
      'schedule.expression',
    ],
    [{ ...good, work: script(null) }, 'work.linuxUser'],
    [{ ...good, work: script('no-such-user') }, 'work.linuxUser'],
    [{ ...good, work: { kind: 'service', unit: 'aapanel-agent.service', verb: 'restart' } }, 'work.unit'],
    [{ ...good, work: { kind: 'service', unit: '*.service', verb: 'restart' } }, 'work.unit'],
    [{ ...good, work: { kind: 'backup', planId: 'aaaaaaaaaaaaaaaa' } }, 'work.planId'],
    [
      { ...good, work: { kind: 'logs', of: 'journal', rotates: false, maxAgeDays: null, maxMib: null } },
      'work.maxAgeDays',
    ],
    [
      { ...good, site: 'one.test', work: { kind: 'logs', of: 'journal', rotates: true, maxAgeDays: 3, maxMib: null } },
      'siteId',
    ],
    [{ ...good, siteId: sites[0]?.id }, 'siteId'],
    ['no object', ''],
  ];
  const jobs = [...bad.map(([job]) => job), good, good, { ...good, site: 'nowhere.test' }];
  const send = (body: object) => owner.post('/api/v1/cron/import', body);
  const body = {
    file: { format: 'aapanel-scheduled-jobs', version: 1, jobs },
    isDryRun: false,
    onPresent: 'skip',
    startsOff: true,
  };
  const { items } = (await send(body)).json as Items;
  for (const [index, [, field]] of bad.entries())
    expect(items[index], field).toMatchObject({ state: 'refused', failure: { fields: [{ field }] } });
  expect(items.slice(bad.length)).toMatchObject([
    { state: 'new' },
    { state: 'present' },
    { state: 'refused', failure: { reason: 'site_unknown' } },
  ]);
  expect((await names(owner)).filter((name) => name === 'from a file')).toHaveLength(1);
  for (const file of [{ ...body.file, version: 2 }, { ...body.file, format: 'x' }, { ...body.file, jobs: [] }, []])
    expect((await send({ ...body, file })).status).toBe(400);
});
