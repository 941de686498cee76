import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '#shared/jobs.ts';
import type { SoftwarePlan } from '#shared/software-plan.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { listen, readStream, untilJob, type JobEvent, type Received } from './testing.ts';

let test: TestApp;
let owner: TestClient;
let viewer: TestClient;
let port: number;

beforeAll(async () => {
  test = await makeTestApp({ agentClient: createFakeAgent({ installStepMs: 250 }) });
  owner = await test.signIn();
  viewer = await test.signIn('viewer');
  port = await listen(test);
});
afterAll(() => test.close());

const install = '/api/v1/software/nginx/install';
const nowhere = '/api/v1/jobs/aaaaaaaaaaaaaaaa';

function firstData([first]: readonly Received[]): JobEvent {
  if (first === undefined) throw new Error('no event came');
  return first.data as JobEvent;
}

describe('who may', () => {
  it.each([install, `${nowhere}/cancel`, `${nowhere}/retry`])(
    '%s: a stranger gets 401, a viewer 403, and no job is made',
    async (path) => {
      expect((await test.anonymous.post(path)).status).toBe(401);
      expect((await viewer.post(path)).status).toBe(403);
      expect((await owner.get('/api/v1/jobs')).json).toMatchObject({ total: 0 });
    },
  );

  it.each(['/api/v1/jobs', nowhere, '/api/v1/software'])(
    '%s: a stranger gets 401, a viewer is answered',
    async (path) => {
      expect((await test.anonymous.get(path)).status).toBe(401);
      expect([200, 404]).toContain((await viewer.get(path)).status);
    },
  );

  it('software that does not exist cannot be installed', async () => {
    expect((await owner.post('/api/v1/software/telnetd/install')).status).toBe(404);
  });
});

describe('installing nginx', () => {
  it('is a job with steps, progress and a log, and asking twice is one job', async () => {
    const [one, two] = await Promise.all([owner.post(install), owner.post(install)]);
    expect(one.status).toBe(202);
    const { id } = one.json as Job;
    expect(two.json).toMatchObject({ id });
    const job = await untilJob(owner, id, ['succeeded', 'failed']);
    expect(job).toMatchObject({
      kind: 'software.install',
      subject: { software: 'nginx' },
      state: 'succeeded',
      progress: 100,
      attempts: 1,
    });
    expect(job.steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'refresh done',
      'install done',
      'configure done',
      'start done',
      'verify done',
    ]);
    expect((await owner.get('/api/v1/software')).json).toMatchObject({
      items: [{ name: 'nginx', isInstalled: true, isRunning: true }],
    });
    const events = await readStream(port, `/api/v1/jobs/${id}/stream`, viewer, ([first]) => first !== undefined);
    const { lines, job: shown } = firstData(events);
    expect(shown).toMatchObject({ state: 'succeeded' });
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1));
    expect(lines.map(({ text }) => text)).toContain('Setting up nginx (1.26.3-3) ...');
    const half = Math.floor(lines.length / 2);
    const rest = await readStream(port, `/api/v1/jobs/${id}/stream`, viewer, ([first]) => first !== undefined, {
      lastEventId: String(half),
    });
    expect(firstData(rest).lines[0]?.seq).toBe(half + 1);
  });

  it('a cancelled job takes back what it did and can be started again as a new one', async () => {
    const { id } = (await owner.post(install)).json as Job;
    await untilJob(owner, id, ['running']);
    expect((await owner.post(`/api/v1/jobs/${id}/retry`)).json).toMatchObject({ reason: 'job_not_ended' });
    expect((await owner.post(`/api/v1/jobs/${id}/cancel`)).status).toBe(202);
    const job = await untilJob(owner, id, ['cancelled', 'failed', 'succeeded']);
    expect(job.state).toBe('cancelled');
    expect(job.steps.at(-1)?.state).toBe('skipped');
    expect((await owner.post(`/api/v1/jobs/${id}/cancel`)).json).toMatchObject({ code: 'in_use', reason: 'job_ended' });
    const again = await owner.post(`/api/v1/jobs/${id}/retry`);
    expect(again.status).toBe(202);
    const { id: newId } = again.json as Job;
    expect(newId).not.toBe(id);
    expect((await untilJob(owner, newId, ['succeeded', 'failed'])).state).toBe('succeeded');
  });

  it('the event stream says hello, then what happens to sites and jobs; samples only on demand', async () => {
    const reading = readStream(port, '/api/v1/events?topics=system', viewer, (events) =>
      ['system', 'site', 'job'].every((type) => events.some(({ event }) => event === type)),
    );
    const plain = readStream(port, '/api/v1/events', viewer, (events) => events.some(({ event }) => event === 'job'));
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await owner.post('/api/v1/sites', { kind: 'static', domains: ['event.test'] });
    const { id } = (await owner.post(install)).json as Job;
    const events = await reading;
    expect(events[0]).toMatchObject({ event: 'hello', data: { type: 'hello', version: test.ctx.config.version } });
    expect(events.find(({ event }) => event === 'job')?.data).toMatchObject({ job: { id } });
    expect((await plain).map(({ event }) => event)).not.toContain('system');
    await untilJob(owner, id, ['succeeded']);
  });

  it('a stranger gets no stream', async () => {
    expect((await fetch(`http://127.0.0.1:${port}/api/v1/events`)).status).toBe(401);
  });
});

describe('what software would change', () => {
  const plan = '/api/v1/software/vsftpd/plan';

  it('SVC-2 is told before, and what is confirmed has to be what was told', async () => {
    expect((await test.anonymous.get(plan)).status).toBe(401);
    expect((await viewer.get(plan)).status).toBe(403);
    const told = (await owner.get(plan)).json as SoftwarePlan;
    expect(told).toMatchObject({
      kind: 'install',
      services: ['vsftpd.service'],
      ports: [
        { first: 21, isPublic: true },
        { first: 39_000, last: 39_099 },
      ],
      downloadBytes: 718_726,
    });
    const stale = await owner.post('/api/v1/software/vsftpd/install?plan=another');
    expect([stale.status, stale.json]).toEqual([412, expect.objectContaining({ reason: 'plan_changed' })]);
    const jobs = (await owner.get('/api/v1/jobs')).json as { items: Job[] };
    expect(jobs.items.filter(({ subject }) => subject['software'] === 'vsftpd')).toEqual([]);
    expect((await owner.get('/api/v1/ftp/settings')).json).toMatchObject({ reason: 'ftp_missing' });
    const { id } = (await owner.post(`/api/v1/software/vsftpd/install?plan=${told.mark}`)).json as Job;
    expect(await untilJob(owner, id, ['succeeded', 'failed'])).toMatchObject({ state: 'succeeded' });
  });

  it('one program is brought up to date by itself, as a job', async () => {
    const path = '/api/v1/software/vsftpd/update';
    expect((await test.anonymous.post(path)).status).toBe(401);
    expect((await viewer.post(path)).status).toBe(403);
    expect((await owner.post('/api/v1/software/node22/update')).status).toBe(404);
    const told = (await owner.get(plan)).json as SoftwarePlan;
    expect(told).toMatchObject({ kind: 'update', ports: [], packages: [{ from: '1:2.4.7-1', to: '1:2.4.7-2' }, {}] });
    const [one, two] = await Promise.all([owner.post(`${path}?plan=${told.mark}`), owner.post(path)]);
    const { id } = one.json as Job;
    expect(two.json).toMatchObject({ id });
    expect(await untilJob(owner, id, ['succeeded', 'failed'])).toMatchObject({
      kind: 'software.update',
      subject: { software: 'vsftpd' },
      state: 'succeeded',
    });
  });

  it('FTP-1 plain FTP needs the word that says what it means; the audit log keeps who is let in', async () => {
    const path = '/api/v1/ftp/settings';
    const plain = { users: ['sara'], requiresTls: false };
    expect((await test.anonymous.get(path)).status).toBe(401);
    expect((await viewer.put(path, plain)).status).toBe(403);
    expect((await owner.put(path, plain)).json).toMatchObject({ reason: 'plain_ftp_unconfirmed' });
    expect((await owner.put(path, { ...plain, confirmed: 'yes' })).status).toBe(400);
    expect((await owner.put(path, { users: ['root'], requiresTls: true })).json).toMatchObject({
      reason: 'ftp_user_unfit',
    });
    expect((await viewer.get(path)).status).toBe(403);
    expect((await owner.get(path)).json).toMatchObject({ users: [], requiresTls: true });
    const answer = await owner.put(path, { ...plain, confirmed: 'passwords_travel_readable' });
    expect(answer.json).toMatchObject(plain);
    const { items } = (await owner.get('/api/v1/audit?action=putFtpSettings')).json as {
      items: { outcome: string; detail: unknown }[];
    };
    expect(items[0]).toMatchObject({ detail: { after: plain } });
  });
});
