import { request as ask } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BackupRequest } from '#shared/backups.ts';
import { createFakeAgent, type FakeCall } from '../../core/agent-fake.ts';
import { newId } from '../../core/id.ts';
import { untilJob } from '../jobs/testing.ts';
import { contentDisposition } from '../../core/content-disposition.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { addTestPlan, addTestTarget, backupStateOf, noLimits, runToEnd, setsOf, testPlan } from './testing.ts';
import { healthOf } from './watch.ts';

let test: TestApp;
let owner: TestClient;
let operator: TestClient;
let viewer: TestClient;
let targetId: string;
let planId: string;
let setId: string;
const calls: FakeCall[] = [];
const lines: string[] = [];

const runs = '/api/v1/backups/runs';
const set = () => `/api/v1/backups/targets/${targetId}/sets/${setId}`;
/** What the agent was asked to change; the record of a refusal is not a change. */
const changes = () => calls.map(({ name }) => name).filter((name) => !/^audit\.|^elevation\.|\.state$/.test(name));
const auditOf = async (action: string) =>
  test.ctx.db.selectFrom('audit').selectAll().where('action', '=', action).orderBy('at', 'desc').execute();

beforeAll(async () => {
  const agent = createFakeAgent({ backupRunMs: 20, onCall: (call) => calls.push(call) });
  test = await makeTestApp({ agentClient: agent, onLogLine: (line) => lines.push(line) });
  owner = await (await test.signIn('owner')).elevate();
  operator = await test.signIn('operator');
  viewer = await test.signIn('viewer');
  targetId = await addTestTarget(owner, 'main');
  planId = await addTestPlan(owner, testPlan(targetId));
  await runToEnd(owner, { kind: 'create', planId });
  setId = (await setsOf(owner, targetId))[0]?.setId ?? '';
});
beforeEach(() => {
  calls.length = 0;
});
afterAll(() => test.close());

describe('a run', () => {
  it('a backup is a job: its log is kept, and what it made can be found', async () => {
    const job = await runToEnd(operator, { kind: 'create', planId });
    expect(job).toMatchObject({ state: 'succeeded', kind: 'backups.run', progress: 100 });
    expect(job.subject).toEqual({ what: 'create', plan: 'every night' });
    const log = await test.ctx.db.selectFrom('job_log').select('text').where('job_id', '=', job.id).execute();
    expect(log.map(({ text }) => text)).toContain('saving site/shop.test');
    const { json } = await operator.get(`${runs}/${job.id}`);
    const { run } = json as { run: { setIds: string[] } };
    expect(run).toMatchObject({ runId: job.id, state: 'succeeded', actorName: operator.person?.name });
    const found = await setsOf(operator, targetId);
    expect(found[0]).toMatchObject({ setId: run.setIds[0], kind: 'planned', planName: 'every night' });
    expect(found[0]?.parts.map(({ name }) => name)).toEqual(['panel', 'site/shop.test']);
  });

  it('the same request with one idempotency key starts one run', async () => {
    const body = { kind: 'verify', targetId, setId: null, isFull: false };
    const key = { 'idempotency-key': 'verify-once' };
    const first = await owner.post(runs, body, key);
    const again = await owner.post(runs, body, key);
    expect([first.status, again.status]).toEqual([202, 202]);
    expect(again.json).toEqual(first.json);
    expect(changes().filter((name) => name === 'backups.start')).toHaveLength(1);
    await untilJob(owner, (first.json as { id: string }).id, ['succeeded']);
  });

  it('P4.2-9 a second run on one target fails while the first works there, which can be cancelled', async () => {
    const slow = createFakeAgent({ backupRunMs: 60_000 });
    const other = await makeTestApp({ agentClient: slow });
    const client = await (await other.signIn()).elevate();
    const id = await addTestTarget(client, 'one-at-a-time');
    const body = { kind: 'prove', targetId: id, setId: null };
    const first = await client.post(runs, body);
    expect(first.status).toBe(202);
    const second = await client.post(runs, body);
    const failed = await untilJob(client, (second.json as { id: string }).id, ['failed']);
    expect(failed.failure).toMatchObject({ code: 'busy', reason: 'backup_target_busy' });

    const jobId = (first.json as { id: string }).id;
    await untilJob(client, jobId, ['running']);
    await client.post(`/api/v1/jobs/${jobId}/cancel`);
    expect(await untilJob(client, jobId, ['cancelled'])).toMatchObject({ state: 'cancelled' });
    const run = (await client.get(`${runs}/${jobId}`)).json as { run: { state: string } };
    expect(run.run.state).toBe('cancelled');
    await other.close();
  });

  it('what a set does not hold fails with its name, and nothing can be downloaded', async () => {
    const request = { kind: 'fetch', targetId, setId, part: 'panel', member: '../etc/passwd' } as const;
    const job = await runToEnd(owner, request);
    expect(job.failure).toMatchObject({ reason: 'backup_member_unknown', params: { member: '../etc/passwd' } });
    expect((await owner.get(`${runs}/${job.id}/download`)).status).toBe(404);
  });

  it.each([
    ['fail-target', 'create_now', 'backup_target_unreachable'],
    ['fail-disk', 'create_now', 'disk_full'],
    ['fail-proof', 'prove', 'backup_proof_failed'],
  ] as const)('%s: the job fails with the reason of the agent, and nothing is listed', async (name, kind, reason) => {
    const id = await addTestTarget(owner, name);
    const request: BackupRequest =
      kind === 'prove'
        ? { kind, targetId: id, setId: null }
        : { kind, targetId: id, sources: [{ kind: 'panel' }], excludes: [] };
    const job = await runToEnd(owner, request);
    expect(job).toMatchObject({ state: 'failed', failure: { reason } });
    expect(await setsOf(owner, id)).toEqual([]);
    const target = (await backupStateOf(owner)).targets.find((one) => one.id === id);
    if (kind === 'prove')
      expect(target?.state.lastProof).toMatchObject({ state: 'failed', kind: 'restore', reason: 'backup_mismatch' });
    else expect(target?.state.setCount).toBe(0);
  });

  it('a run that the timer started is listed though no job of the panel follows it', async () => {
    const runId = newId();
    const options = { actor: { id: 'panel', name: 'schedule' }, requestId: 'timer' };
    await test.ctx.agent.call('backups.start', { runId, request: { kind: 'create', planId } }, options);
    const { json } = await viewer.get(runs);
    const { items } = json as { items: { runId: string; actorName: string }[] };
    expect(items[0]).toMatchObject({ runId, actorName: 'schedule' });
    expect((await viewer.get(`/api/v1/jobs/${runId}`)).status).toBe(404);
    await expect
      .poll(async () => (await viewer.get(`${runs}/${runId}`)).json)
      .toMatchObject({ run: { state: 'succeeded' } });
  });

  it('a run that nobody knows is not found', async () => {
    const answer = await viewer.get(`${runs}/${newId()}`);
    expect([answer.status, answer.json]).toMatchObject([404, { reason: 'backup_run_unknown' }]);
  });
});

describe('who may', () => {
  const restore = (): BackupRequest => ({
    kind: 'restore',
    targetId,
    setId,
    parts: null,
    member: null,
    way: { kind: 'in_place' },
    isDryRun: false,
  });
  const requests: [string, () => BackupRequest, string][] = [
    ['restore', restore, 'backups.restore'],
    ['a restore on trial', () => ({ ...restore(), isDryRun: true }) as BackupRequest, 'backups.restore'],
    ['fetch', () => ({ kind: 'fetch', targetId, setId, part: 'panel', member: 'index.html' }), 'backups.restore'],
    ['export', () => ({ kind: 'export', targetId, setId, path: '/root/set.aap' }), 'backups.restore'],
    ['import', () => ({ kind: 'import', targetId, path: '/root/set.aap' }), 'backups.restore'],
    ['prune', () => ({ kind: 'prune', targetId, planId: null, isDryRun: false }), 'backups.manage'],
    ['remove', () => ({ kind: 'remove', targetId, setIds: [setId] }), 'backups.manage'],
    ['check_target', () => ({ kind: 'check_target', targetId }), 'backups.manage'],
  ];

  it.each(requests)('an operator, who may back up, may not start: %s', async (_, request, permission) => {
    const before = await setsOf(owner, targetId);
    calls.length = 0;
    const answer = await operator.post(runs, request());
    expect([answer.status, answer.json]).toMatchObject([403, { code: 'not_allowed', params: { permission } }]);
    expect(changes()).toEqual([]);
    expect(await setsOf(owner, targetId)).toEqual(before);
  });

  it.each(requests.filter(([name]) => !['a restore on trial', 'check_target'].includes(name)))(
    'needs a fresh factor, and nothing happens without one: %s',
    async (_, request) => {
      const client = await test.signIn('administrator');
      const jobsBefore = ((await owner.get('/api/v1/jobs')).json as { total: number }).total;
      const before = await setsOf(owner, targetId);
      const answer = await client.post(runs, request());
      expect([answer.status, answer.json]).toMatchObject([403, { code: 'elevation_required' }]);
      expect(await setsOf(owner, targetId)).toEqual(before);
      expect(((await owner.get('/api/v1/jobs')).json as { total: number }).total).toBe(jobsBefore);
    },
  );

  it('anonymous people, and people with some sites only, get none of it', async () => {
    const some = await owner.post('/api/v1/roles', {
      name: 'backups of some sites',
      permissions: ['backups.create', 'backups.read', 'backups.restore', 'backups.manage'],
      siteScope: 'assigned',
    });
    const client = await test.signIn((some.json as { id: string }).id, { siteIds: [] });
    const paths = ['', '/sources', '/sets', `/targets/${targetId}/sets/${setId}`, '/runs'];
    calls.length = 0;
    for (const path of paths) {
      expect((await test.anonymous.get(`/api/v1/backups${path}`)).status).toBe(401);
      const answer = await client.get(`/api/v1/backups${path}`);
      expect([path, answer.status, answer.json]).toMatchObject([path, 403, { reason: 'all_sites_needed' }]);
    }
    const started = await client.post(runs, { kind: 'create', planId });
    expect([started.status, started.json]).toMatchObject([403, { reason: 'all_sites_needed' }]);
    expect(changes()).toEqual([]);
  });

  it('a viewer sees and changes nothing', async () => {
    expect((await viewer.get('/api/v1/backups')).status).toBe(200);
    calls.length = 0;
    const body = { kind: 'create', planId };
    expect((await viewer.post(runs, body)).status).toBe(403);
    expect((await viewer.put(`${set()}/pin`, { isPinned: true })).status).toBe(403);
    expect((await viewer.get(`${set()}/members?part=panel`)).status).toBe(403);
    expect((await viewer.delete(`/api/v1/backups/targets/${targetId}`)).status).toBe(403);
    expect((await viewer.post('/api/v1/backups/keys', { operation: 'rotate' })).status).toBe(403);
    expect(changes()).toEqual([]);
  });

  it('a job that is started again has no confirmation: a restore is refused, and only the new job says so', async () => {
    const id = await addTestTarget(owner, 'fail-proof-again');
    const made = await runToEnd(owner, {
      kind: 'create_now',
      targetId: id,
      sources: [{ kind: 'panel' }],
      excludes: [],
    });
    expect(made.state).toBe('succeeded');
    const [first] = await setsOf(owner, id);
    const failed = await runToEnd(owner, { ...restore(), targetId: id, setId: first?.setId ?? '' } as BackupRequest);
    expect(failed).toMatchObject({ state: 'failed', failure: { reason: 'backup_mismatch' } });
    const again = await owner.post(`/api/v1/jobs/${failed.id}/retry`);
    const retried = await untilJob(owner, (again.json as { id: string }).id, ['failed']);
    expect(retried.failure).toMatchObject({ code: 'elevation_required' });
  });
});

describe('a target', () => {
  const secret = { kind: 'access', name: 'AKIA-SECRET-NAME', secret: 'hunter2-secret-value' };

  it('its secret goes to the agent and nowhere else', async () => {
    const id = newId();
    const place = { kind: 's3', endpoint: 'https://s3.test', bucket: 'backups', path: 'panel', region: '' };
    const answer = await owner.put(
      `/api/v1/backups/targets/${id}`,
      { name: 'far away', place, limits: noLimits, secret },
      { 'idempotency-key': 'target-with-secret' },
    );
    expect(answer.status).toBe(200);
    expect(calls.find(({ name }) => name === 'backups.put_target')?.params).toMatchObject({ secret });
    const target = (await backupStateOf(owner)).targets.find((one) => one.id === id);
    expect(target).toMatchObject({ hasSecret: true, place });
    const [row] = await auditOf('putBackupTarget');
    expect(row?.detail_json).toContain('far away');
    const tables = await Promise.all(
      (['audit', 'idempotency', 'job', 'setting'] as const).map((table) =>
        test.ctx.db.selectFrom(table).selectAll().execute(),
      ),
    );
    for (const place of [answer.text, JSON.stringify(tables), lines.join('\n')]) {
      expect(place).not.toContain(secret.secret);
      expect(place).not.toContain(secret.name);
    }
  });

  it('that a plan uses stays, and one that nothing uses goes', async () => {
    const used = await owner.delete(`/api/v1/backups/targets/${targetId}`);
    expect([used.status, used.json]).toMatchObject([
      409,
      { reason: 'backup_target_in_use', params: { plan: 'every night' } },
    ]);
    const id = await addTestTarget(owner, 'spare');
    expect((await owner.delete(`/api/v1/backups/targets/${id}`)).status).toBe(200);
    expect((await backupStateOf(owner)).targets.some((one) => one.id === id)).toBe(false);
  });

  it.each([
    ['a path with ..', { kind: 'local', path: '/backup/../etc' }],
    ['a relative path', { kind: 'local', path: 'backup' }],
    ['a path with a line end', { kind: 'local', path: '/backup/a\r\nb' }],
    ['a path with NUL', { kind: 'local', path: '/backup/a\u0000b' }],
    [
      'a user that looks like an option',
      { kind: 'sftp', host: 'a.test', port: 22, user: '-oProxyCommand=x', path: '', hostKey: 'ssh-ed25519 AAAA' },
    ],
    [
      'a host that looks like an option',
      { kind: 'sftp', host: '-oProxyCommand=x', port: 22, user: 'a', path: '', hostKey: 'ssh-ed25519 AAAA' },
    ],
    ['a remote path that looks like an option', { kind: 'rclone', remote: 'a', path: '--config=/x' }],
    ['a remote path with ..', { kind: 'rclone', remote: 'a', path: 'a/../../b' }],
    ['a remote with a colon', { kind: 'rclone', remote: 'a:/etc', path: '' }],
    ['an address with a password', { kind: 'rest', url: 'https://user:password@a.test/' }],
    ['a bucket with a slash', { kind: 's3', endpoint: 'https://s3.test', bucket: 'a/b', path: '', region: '' }],
    ['an unknown field', { kind: 'local', path: '/backup', mode: '0777' }],
  ])('is refused with %s, and the agent hears nothing of it', async (_, place) => {
    const answer = await owner.put(`/api/v1/backups/targets/${newId()}`, {
      name: 'x',
      place,
      limits: noLimits,
      secret: null,
    });
    expect([answer.status, answer.json]).toMatchObject([400, { code: 'invalid_request' }]);
    expect(changes()).toEqual([]);
  });
});

describe('a plan', () => {
  it.each([
    ['a folder with ..', { sources: [{ kind: 'folder', path: '/www/../etc' }] }],
    ['a database with a slash', { sources: [{ kind: 'database', engine: 'mariadb', name: 'a/b' }] }],
    ['a site with a slash', { sources: [{ kind: 'site', slug: '../x' }] }],
    ['an exclude that looks like an option', { excludes: ['--exclude-file=/etc/shadow'] }],
    ['an exclude that takes back', { excludes: ['!/etc'] }],
    ['an exclude with a line end', { excludes: ['a\nb'] }],
    ['no source', { sources: [] }],
    ['no target', { targetIds: [] }],
    ['a name with a line end', { name: 'a\r\nb' }],
  ])('is refused with %s', async (_, more) => {
    const answer = await owner.put(`/api/v1/backups/plans/${newId()}`, { ...testPlan(targetId), ...more });
    expect([answer.status, answer.json]).toMatchObject([400, { code: 'invalid_request' }]);
    expect(changes()).toEqual([]);
  });

  it('for a target that is not there is refused', async () => {
    const answer = await owner.put(`/api/v1/backups/plans/${newId()}`, testPlan(newId()));
    expect([answer.status, answer.json]).toMatchObject([404, { reason: 'backup_target_unknown' }]);
  });

  it('is kept with what it was before in the audit log, and its backups outlive it', async () => {
    const id = await addTestPlan(owner, testPlan(targetId, { name: 'short' }));
    await owner.put(`/api/v1/backups/plans/${id}`, testPlan(targetId, { name: 'renamed' }));
    const [row] = await auditOf('putBackupPlan');
    expect(JSON.parse(row?.detail_json ?? '{}')).toMatchObject({
      before: { name: 'short' },
      after: { name: 'renamed' },
    });
    await runToEnd(owner, { kind: 'create', planId: id });
    const count = (await setsOf(owner, targetId)).length;
    expect((await owner.delete(`/api/v1/backups/plans/${id}`)).status).toBe(200);
    expect(await setsOf(owner, targetId)).toHaveLength(count);
  });

  it('a retention says what it would keep and why, before anything goes', async () => {
    const retention = { last: 1, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
    const body = { targetId, planId, retention };
    const { json } = await viewer.post('/api/v1/backups/retention-preview', body);
    const preview = json as { keep: { setId: string; reasons: string[] }[]; remove: unknown[] };
    expect(preview.keep[0]?.reasons).toEqual(expect.arrayContaining(['newest', 'last']));
    const count = (await setsOf(owner, targetId)).filter((one) => one.planId === planId).length;
    expect(preview.keep.length + preview.remove.length).toBe(count);
  });
});

describe('the keys', () => {
  it('a recovery key is answered once: a repetition of the request never gives it again', async () => {
    const key = { 'idempotency-key': 'recovery-once' };
    const first = await owner.post('/api/v1/backups/keys', { operation: 'new_recovery' }, key);
    const { recoveryKey } = first.json as { recoveryKey: string };
    expect(recoveryKey).toMatch(/^AAPR(-[A-Z2-7]{4}){14}$/);
    const again = await owner.post('/api/v1/backups/keys', { operation: 'new_recovery' }, key);
    expect(again.text).not.toContain(recoveryKey);
    expect(lines.join('\n')).not.toContain(recoveryKey);
    expect(JSON.stringify(await test.ctx.db.selectFrom('audit').selectAll().execute())).not.toContain(recoveryKey);
    expect((await backupStateOf(owner)).recovery).not.toBeNull();
  });

  it('the key that signs cannot be retired; after a rotation it still reads, and then can be', async () => {
    const active = (await backupStateOf(owner)).keys.find(({ state }) => state === 'active');
    const retire = { operation: 'retire', keyId: active?.keyId };
    const refused = await owner.post('/api/v1/backups/keys', retire);
    expect([refused.status, refused.json]).toMatchObject([409, { reason: 'backup_key_active' }]);
    await owner.post('/api/v1/backups/keys', { operation: 'rotate' });
    const states = async () => (await backupStateOf(owner)).keys.find(({ keyId }) => keyId === active?.keyId)?.state;
    expect(await states()).toBe('verify_only');
    expect((await owner.post('/api/v1/backups/keys', retire)).status).toBe(200);
    expect(await states()).toBe('retired');
  });
});

describe('a set', () => {
  it('is browsed folder by folder, and what is not in it cannot be asked for', async () => {
    const root = (await owner.get(`${set()}/members?part=panel`)).json as { items: { name: string }[]; total: number };
    expect(root.items.map(({ name }) => name)).toContain('صور');
    const folder = encodeURIComponent('صور');
    const inside = (await owner.get(`${set()}/members?part=panel&folder=${folder}`)).json as {
      items: { path: string | null }[];
    };
    expect(inside.items.map(({ path }) => path)).toEqual(['صور/شعار.png', null]);
    for (const wrong of ['../..', '/etc', '__proto__', 'a%00b', 'a%0d%0ab', '--help']) {
      const answer = await owner.get(`${set()}/members?part=panel&folder=${wrong}`);
      expect([wrong, [400, 404].includes(answer.status)]).toEqual([wrong, true]);
    }
    const part = await owner.get(`${set()}/members?part=database/mariadb/none`);
    expect([part.status, part.json]).toMatchObject([404, { reason: 'backup_part_unknown' }]);
  });

  it('is pinned and let go again', async () => {
    expect((await owner.put(`${set()}/pin`, { isPinned: true })).json).toMatchObject({ setId, isPinned: true });
    expect((await viewer.get(set())).json).toMatchObject({ isPinned: true });
    await owner.put(`${set()}/pin`, { isPinned: false });
    expect((await viewer.get(set())).json).toMatchObject({ isPinned: false });
  });

  it('one file of it is fetched and downloaded under its own name', async () => {
    const request = { kind: 'fetch', targetId, setId, part: 'panel', member: 'صور/شعار.png' } as const;
    const job = await runToEnd(owner, request);
    const answer = await owner.get(`${runs}/${job.id}/download`);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '24576',
      'content-disposition': `attachment; filename="____.png"; filename*=UTF-8''${encodeURIComponent('شعار')}.png`,
      'x-content-type-options': 'nosniff',
    });
    expect(Buffer.byteLength(answer.text)).toBe(24_576);
    expect((await operator.get(`${runs}/${job.id}/download`)).status).toBe(403);
    const other = await runToEnd(owner, { kind: 'verify', targetId, setId, isFull: true });
    const none = await owner.get(`${runs}/${other.id}/download`);
    expect([none.status, none.json]).toMatchObject([404, { reason: 'backup_download_gone' }]);
  });

  it('names of files cannot end a header or leave a folder', () => {
    expect(contentDisposition('a"\r\nSet-Cookie: b=c;.txt')).toBe(
      `attachment; filename="a___Set-Cookie__b_c_.txt"; filename*=UTF-8''a%22%0D%0ASet-Cookie%3A%20b%3Dc%3B.txt`,
    );
    expect(contentDisposition('../../etc/passwd')).not.toContain('/');
    expect(contentDisposition('\uD800')).toContain("UTF-8''%EF%BF%BD");
    expect(contentDisposition('')).toBe(`attachment; filename="file"; filename*=UTF-8''file`);
  });

  it('a restore in place makes a safety backup first, and its report says what changed', async () => {
    const request = { kind: 'restore' as const, targetId, setId, parts: ['panel'], member: null };
    const job = await runToEnd(owner, { ...request, way: { kind: 'in_place' }, isDryRun: false });
    const { run, report } = (await owner.get(`${runs}/${job.id}`)).json as {
      run: { setIds: string[] };
      report: { what: string }[];
    };
    expect(report.map(({ what }) => what)).toEqual(['changed', 'created', 'removed']);
    const safety = (await setsOf(owner, targetId)).find((one) => one.setId === run.setIds[0]);
    expect(safety?.kind).toBe('safety');
  });

  it('JOB-3 a restore goes on to its end when the connection that asked for it is cut before the answer, and the one that follows it too', async () => {
    const address = await test.app.listen({ port: 0, host: '127.0.0.1' });
    const own = { 'x-aapanel': '1', origin: 'http://localhost:5000', host: 'localhost:5000' };
    const headers = {
      ...own,
      cookie: owner.cookie,
      'content-type': 'application/json',
      'sec-fetch-site': 'same-origin',
    };
    const send = (method: string, path: string) =>
      ask(`${address}${path}`, { method, headers }).on('error', () => undefined);
    const jobs = async () => (await test.ctx.db.selectFrom('job').select('id').execute()).map(({ id }) => id);
    const known = new Set(await jobs());
    const whole = { kind: 'restore', targetId, setId, parts: ['panel'], member: null, isDryRun: false };
    const asked = send('POST', runs).on('response', () => expect.unreachable('the answer came first'));
    asked.end(JSON.stringify({ ...whole, way: { kind: 'in_place' } }), () => asked.destroy());
    const id = await vi.waitUntil(async () => (await jobs()).find((each) => !known.has(each)));
    const followed = send('GET', `/api/v1/jobs/${id}/stream`);
    followed.end();
    await new Promise((resolve) => followed.on('response', (answer) => answer.once('readable', resolve)));
    followed.destroy();
    const job = await untilJob(owner, id, ['succeeded', 'failed']);
    expect(job).toMatchObject({ state: 'succeeded', kind: 'backups.run', progress: 100, attempts: 1 });
  });

  it.each([
    ['an id that is a path', { setId: '../../etc' }],
    ['a folder with ..', { way: { kind: 'aside', path: '/a/../b', databaseName: null } }],
    ['a database name with a quote', { way: { kind: 'aside', path: null, databaseName: "a'; drop" } }],
    ['a flag to accept what does not match', { isForced: true }],
  ])('a restore is refused with %s', async (_, more) => {
    const request = {
      kind: 'restore',
      targetId,
      setId,
      parts: null,
      member: null,
      way: { kind: 'in_place' },
      isDryRun: true,
    };
    const answer = await owner.post(runs, { ...request, ...more });
    expect([answer.status, answer.json]).toMatchObject([400, { code: 'invalid_request' }]);
    expect(changes()).toEqual([]);
  });
});

it('what the health check says of backups is a warning at most', async () => {
  expect(healthOf(undefined)).toMatchObject({ status: 'skipped' });
  const state = await backupStateOf(owner);
  const [plan] = state.plans;
  if (plan === undefined) throw new Error('there is no plan');
  const targets = state.targets.filter(({ id }) => id === targetId);
  const fine = { ...state, targets, plans: [{ ...plan, lastRun: null, isOverdue: false }] };
  expect(healthOf(fine)).toMatchObject({ status: 'healthy' });
  expect(healthOf({ ...fine, plans: [{ ...plan, lastRun: null, isOverdue: true }] })).toEqual({
    status: 'warn',
    message: 'overdue: 1',
  });
  // What somebody looked at is what the check says.
  const { isReady, checks } = await test.ctx.health.readiness();
  expect([isReady, checks['backups']?.status]).toEqual([true, healthOf(state).status]);
});
