import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BackupPlan, BackupRun } from '#shared/backups.ts';
import { runConsole } from '../console.ts';
import { setProof } from './catalogue.ts';
import { startDue, showPlan } from './due.ts';
import { newId } from './keys.ts';
import { getPlan, putPlan, removePlan } from './plans.ts';
import { askToCancelRun, findRun, listRuns, noteRun, readRunLog, showRun, writeRun } from './runs.ts';
import { startRun } from './start.ts';
import { putTarget, readTargetState } from './targets.ts';
import { makeTestWork, type TestWork } from './testing/test-work.ts';

const test = it.runIf(existsSync('/usr/bin/restic'));
const targetId = 'tttttttttttttttt';
const planId = 'pppppppppppppppp';
const limits = { uploadKibPerSecond: null, downloadKibPerSecond: null, minFreeBytes: null, maxBytes: null };
let t: TestWork;

const plan = (change: Partial<BackupPlan> = {}): BackupPlan => ({
  name: 'nightly',
  sources: [{ kind: 'folder', path: t.path('site') }],
  targetIds: [targetId],
  excludes: [],
  schedule: { every: 'daily', atMinute: 150, cron: '', timeZone: 'UTC' },
  retention: { last: 7, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 },
  proof: 'never',
  isPaused: false,
  ...change,
});

beforeAll(async () => {
  t = makeTestWork();
  mkdirSync(t.path('site'));
  writeFileSync(t.path('site/index.html'), 'hello');
  const place = { kind: 'local', path: t.path('repository') } as const;
  await putTarget(t.work.folder, { targetId, name: 'disk', place, limits }, null);
});
afterAll(() => t.destroy());

async function untilEnded(runId: string): Promise<BackupRun> {
  for (let count = 0; count < 600; count++) {
    const record = findRun(t.work.folder, runId);
    if (record !== undefined && showRun(t.work.folder, record).state !== 'running')
      return showRun(t.work.folder, record);
    await wait(100);
  }
  throw new Error('the run does not end');
}

const at = (text: string): number => Date.parse(text);
const launcher = (now: string): Parameters<typeof startDue>[0] => ({ ...t.work, now: () => at(now) });

test('P4.2-7 what is due is started without the panel, once, also after the machine was off for days', async () => {
  const { folder } = t.work;
  await putPlan(folder, planId, plan(), at('2025-03-01T00:00:00Z'));
  expect(await startDue(launcher('2025-03-01T02:29:59Z'))).toEqual([]);
  expect(showPlan(folder, getPlan(folder, planId), [], at('2025-03-01T01:00:00Z'))).toMatchObject({
    nextRunAt: '2025-03-01T02:30:00.000Z',
    isOverdue: false,
    rpoMinutes: 1440,
  });
  expect(showPlan(folder, getPlan(folder, planId), [], at('2025-03-05T01:00:00Z')).isOverdue).toBe(true);
  const started = await startDue(launcher('2025-03-05T01:00:00Z'));
  expect(started).toHaveLength(1);
  expect(await startDue(launcher('2025-03-05T01:00:01Z'))).toEqual([]);
  const run = await untilEnded(started[0] ?? '');
  expect(run, readRunLog(folder, run.runId, 0, true).text).toMatchObject({
    state: 'succeeded',
    actorName: 'schedule',
    progress: 100,
  });
  expect(run.setIds).toHaveLength(1);
  expect(readTargetState(folder, targetId)).toMatchObject({ isReachable: true });
  expect(await startDue(launcher('2025-03-05T02:29:00Z'))).toEqual([]);
  // The process of a run tidies up after its last word.
  await expect.poll(() => readdirSync(`${folder}/scratch`), { timeout: 10_000 }).toEqual(['runrunrunrunrunr']);
  // A restore test is due a day after the first backup, and a week after the last one.
  await putPlan(folder, planId, plan({ proof: 'weekly', schedule: null }), 0);
  const now = Date.now();
  const late = { ...t.work, now: () => now + 25 * 3600 * 1000 };
  await setProof(folder, targetId, run.setIds[0] ?? '', {
    state: 'proven',
    kind: 'restore',
    at: new Date(now).toISOString(),
    durationMs: 5,
    reason: null,
  });
  expect(await startDue(late)).toEqual([]);
  expect(showPlan(folder, getPlan(folder, planId), listRuns(folder), now).rtoMs).toBe(5);
});

test('P4.2-9 plans of one time and one target run one after the other, and none while a person works there', async () => {
  const { folder } = t.work;
  const two = ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb'] as const;
  for (const each of two) await putPlan(folder, each, plan(), at('2026-03-01T00:00:00Z'));
  await putPlan(folder, planId, plan({ isPaused: true }), at('2026-03-01T00:00:00Z'));
  const request = { kind: 'verify', targetId, setId: null, isFull: false } as const;
  const byHand = await noteRun(folder, { runId: newId(), request, actorName: 'me' }, Date.now());
  const due = launcher('2026-03-05T01:00:00Z');
  expect(await startDue(due)).toEqual([]);
  await writeRun(folder, { ...byHand, state: 'cancelled', endedAt: byHand.startedAt });
  for (const each of two) {
    const started = await startDue(due);
    expect(started).toHaveLength(1);
    const run = await untilEnded(started[0] ?? '');
    expect(run).toMatchObject({ state: 'succeeded', request: { planId: each } });
  }
  expect(await startDue(due)).toEqual([]);
  for (const each of two) await removePlan(folder, each);
});

test('a failed run is tried again after half an hour, and says why in a reason', async () => {
  const { folder } = t.work;
  await putPlan(
    folder,
    planId,
    plan({ sources: [{ kind: 'folder', path: t.path('gone') }] }),
    at('2025-04-01T00:00:00Z'),
  );
  const [runId = ''] = await startDue(launcher('2027-04-01T02:31:00Z'));
  expect(await untilEnded(runId)).toMatchObject({
    state: 'failed',
    failure: { reason: 'backup_source_missing' },
    setIds: [],
  });
  expect(await startDue(launcher('2027-04-01T02:50:00Z'))).toEqual([]);
  const again = await startDue(launcher('2027-04-01T03:02:00Z'));
  expect(again).toHaveLength(1);
  await untilEnded(again[0] ?? '');
});

test('the same id never starts a second run; a run ends when it is asked to, and one that went with the machine or vanished has failed', async () => {
  const { folder } = t.work;
  writeFileSync(t.path('site/large'), Buffer.alloc(60_000_000, 'x'));
  const request = {
    kind: 'create_now',
    sources: [{ kind: 'folder', path: t.path('site') }],
    targetId,
    excludes: [],
  } as const;
  const given = {
    runId: newId(),
    request: { ...request, sources: [...request.sources], excludes: [] },
    actorName: 'me',
  };
  await startRun(t.work, given);
  const before = listRuns(folder).length;
  expect(await startRun(t.work, given)).toMatchObject({ runId: given.runId, state: 'running' });
  expect(listRuns(folder)).toHaveLength(before);
  askToCancelRun(folder, given.runId);
  expect(await untilEnded(given.runId)).toMatchObject({ state: 'cancelled', failure: null });
  // The machine goes down: nobody has cancelled that one.
  const cut = await startRun(t.work, { ...given, runId: newId() });
  const processOf = () => findRun(folder, cut.runId)?.process ?? null;
  await expect.poll(processOf, { timeout: 10_000 }).not.toBe(null);
  process.kill(processOf()?.pid ?? Number.NaN, 'SIGTERM');
  expect(await untilEnded(cut.runId)).toMatchObject({ state: 'failed', failure: { reason: 'backup_interrupted' } });
  const lost = await noteRun(folder, { ...given, runId: newId() }, Date.now());
  await writeRun(folder, { ...lost, state: 'running', process: { pid: process.pid, startedTicks: 'other' } });
  expect(await untilEnded(lost.runId)).toMatchObject({ state: 'failed', failure: { reason: 'backup_interrupted' } });
  // Read while it ran, looked for when it had said its last word and gone.
  const read = findRun(folder, lost.runId);
  await writeRun(folder, { ...lost, state: 'succeeded', endedAt: lost.startedAt });
  expect(read?.state).toBe('running');
  expect(showRun(folder, read ?? lost)).toMatchObject({ state: 'succeeded', failure: null });
});

test('root on the machine reaches all of it from the console, and what changes something is in the audit log', async () => {
  const ask = async (input: object | string, ...args: string[]): Promise<object> =>
    (
      await runConsole(t.work.settings, args, () =>
        Promise.resolve(typeof input === 'string' ? input : JSON.stringify(input)),
      )
    ).answer;
  expect(await ask('', 'backup-state')).toMatchObject({ ok: true, result: { targets: [{ id: targetId }] } });
  const all = { targetId: null, planId: null, setId: null, part: null, offset: 0, limit: 10 };
  expect(await ask(all, 'backup-sets')).toMatchObject({ ok: true, result: { total: 3 } });
  expect(await ask({ planId }, 'backup-remove-plan')).toMatchObject({ ok: true, result: { plans: [] } });
  expect(await ask({ runId: 'x' }, 'backup-start')).toMatchObject({ ok: false, error: { code: 'invalid_request' } });
  expect(await ask('', 'backup-revive-sites')).toMatchObject({ ok: false });
  const log = readdirSync(t.work.stateFolder, { recursive: true }).map(String);
  expect(log.some((path) => path.startsWith('audit'))).toBe(true);
});
