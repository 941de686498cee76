import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFakeAgent, type FakeCall } from '../../core/agent-fake.ts';
import { newId } from '../../core/id.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { troublesOf } from './backups.logic.ts';
import { addTestPlan, addTestTarget, backupStateOf, testPlan } from './testing.ts';

/* Who is told when a backup fails. */

let test: TestApp;
let owner: TestClient;
let operator: TestClient;
let viewer: TestClient;
const calls: FakeCall[] = [];
const lines: string[] = [];
/** What the agent was asked to change; the record of a refusal is not a change. */
const changes = () => calls.map(({ name }) => name).filter((name) => !/^audit\.|^elevation\.|\.state$/.test(name));
const auditOf = async (action: string) =>
  test.ctx.db.selectFrom('audit').selectAll().where('action', '=', action).orderBy('at', 'desc').execute();

beforeAll(async () => {
  const agent = createFakeAgent({ onCall: (call) => calls.push(call) });
  test = await makeTestApp({ agentClient: agent, onLogLine: (line) => lines.push(line) });
  owner = await (await test.signIn('owner')).elevate();
  operator = await test.signIn('operator');
  viewer = await test.signIn('viewer');
  await addTestPlan(owner, testPlan(await addTestTarget(owner, 'main')));
});
beforeEach(() => {
  calls.length = 0;
});
afterAll(() => test.close());

describe('an alert hook', () => {
  const secret = { kind: 'key', key: 'hunter2-hunter2-hunter2' };
  const hook = {
    name: 'the phone',
    url: 'https://chat.example.com/hidden-path',
    events: ['run_failed', 'recovered'],
    language: 'ar',
    isEnabled: true,
    secret,
  };
  const path = (id: string) => `/api/v1/backups/hooks/${id}`;

  it('its address and secret go to the agent and nowhere else, and a test answers how it went', async () => {
    const id = newId();
    const answer = await owner.put(path(id), hook, { 'idempotency-key': 'hook-with-secret' });
    expect(answer.status).toBe(200);
    expect(calls.find(({ name }) => name === 'backups.put_hook')?.params).toMatchObject({ secret, url: hook.url });
    const shown = (await backupStateOf(owner)).hooks.find((one) => one.id === id);
    expect(shown).toMatchObject({ name: 'the phone', origin: 'https://chat.example.com', hasSecret: true });
    const tested = await owner.post(`${path(id)}/test`, undefined);
    expect(tested.json).toMatchObject({ outcome: { event: 'test', isDelivered: true, status: 204 } });
    const away = await owner.put(path(id), { ...hook, url: 'https://chat.example.com/fail-hook', secret: null });
    expect(away.status).toBe(200);
    const failed = await owner.post(`${path(id)}/test`, undefined);
    expect(failed.json).toMatchObject({ outcome: { isDelivered: false, reason: 'backup_hook_unreachable' } });
    const rows = await auditOf('putBackupHook');
    expect(rows[0]?.detail_json).toContain('https://chat.example.com');
    const tables = await Promise.all(
      (['audit', 'idempotency', 'job', 'setting'] as const).map((table) =>
        test.ctx.db.selectFrom(table).selectAll().execute(),
      ),
    );
    for (const place of [answer.text, JSON.stringify(tables), lines.join('\n')]) {
      expect(place).not.toContain(secret.key);
      expect(place).not.toContain('hidden-path');
    }
    expect((await owner.delete(path(id))).status).toBe(200);
    expect((await backupStateOf(owner)).hooks).toEqual([]);
  });

  it('is nothing for people who do not manage backups, and an address with credentials or to metadata is refused', async () => {
    const id = newId();
    for (const client of [operator, viewer]) {
      expect((await client.put(path(id), hook)).status).toBe(403);
      expect((await client.post(`${path(id)}/test`, undefined)).status).toBe(403);
      expect((await client.delete(path(id))).status).toBe(403);
    }
    expect(changes()).toEqual([]);
    for (const [url, code] of [
      ['https://me:word@chat.example.com/', 'upstream_credentials'],
      ['ftp://chat.example.com/', 'hook_url_invalid'],
      ['https://chat.example.com/\r\nX-More: 1', 'hook_url_invalid'],
      ['http://169.254.169.254/latest/meta-data', 'hook_address_refused'],
    ]) {
      const answer = await owner.put(path(id), { ...hook, url });
      expect([answer.status, answer.json]).toMatchObject([400, { fields: [{ field: 'url', code }] }]);
    }
  });
});

it('P4.2-9 what stands against the backups is told to whoever may see them, and the agent is asked once for all', async () => {
  const state = await backupStateOf(owner);
  const [plan] = state.plans;
  const [target] = state.targets;
  if (plan === undefined || target === undefined) throw new Error('there is no plan');
  const lastRun = { runId: newId(), at: '2026-01-01T00:00:00.000Z', state: 'failed' } as const;
  const lastProof = { state: 'not_run', kind: 'quick', at: lastRun.at, durationMs: 1, reason: null } as const;
  const plans = [
    { ...plan, lastRun },
    { ...plan, lastRun: null, isOverdue: true, nextRunAt: lastRun.at },
    { ...plan, lastRun, plan: { ...plan.plan, isPaused: true } },
  ];
  expect(troublesOf({ plans, targets: [{ ...target, state: { ...target.state, lastProof } }] })).toEqual([
    { kind: 'run_failed', name: plan.plan.name, at: lastRun.at, runId: lastRun.runId },
    { kind: 'overdue', name: plan.plan.name, at: lastRun.at, runId: null },
    { kind: 'proof_not_run', name: target.name, at: lastRun.at, runId: null },
  ]);
  calls.length = 0;
  for (const client of [owner, viewer, owner])
    expect([(await client.get('/api/v1/backups/troubles')).json]).toEqual([{ items: troublesOf(state) }]);
  expect(calls.filter(({ name }) => name === 'backups.state')).toEqual([]);
  // The bell asks on every page: somebody with some sites only hears nothing, and sees no error either.
  const role = await owner.post('/api/v1/roles', {
    name: 'some sites',
    permissions: ['backups.read'],
    siteScope: 'assigned',
  });
  const some = await test.signIn((role.json as { id: string }).id, { siteIds: [] });
  expect((await some.get('/api/v1/backups/troubles')).json).toEqual({ items: [] });
});
