import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { alertEvents, type BackupAlert, type HookBody } from '#shared/backup-alerts.ts';
import type { BackupPlan, BackupRequest, BackupRun } from '#shared/backups.ts';
import { logTo } from '../core/machine.ts';
import { programs } from '../../test/testing/programs.ts';
import { newId } from '../backups/keys.ts';
import { putPlan, removePlan } from '../backups/plans.ts';
import { previewRetention } from '../backups/prune.ts';
import { findRun, isRunning, noteRun, readRunLog, runFolder, showRun, writeRun } from '../backups/runs.ts';
import { startRun } from '../backups/start.ts';
import { showState } from '../backups/state.ts';
import { putTarget, readTargetState } from '../backups/targets.ts';
import { makeTestWork, type TestWork } from '../backups/testing/test-work.ts';
import { deliverWaiting } from './deliver.ts';
import { listHooks, putHook, removeHook } from './hooks.ts';
import { listWaiting } from './queue.ts';

const test = it.runIf(existsSync('/usr/bin/restic'));
const hookId = 'hhhhhhhhhhhhhhhh';
const targetId = 'tttttttttttttttt';
const planId = 'pppppppppppppppp';
const secret = 'a secret of sixteen letters and more';
const limits = { uploadKibPerSecond: null, downloadKibPerSecond: null, minFreeBytes: null, maxBytes: null };

type Received = { readonly headers: IncomingHttpHeaders; readonly body: string; readonly alert: BackupAlert };
let t: TestWork;
let folder: string;
let server: Server;
let port: number;
let received: Received[];
let answer: RequestListener;

const hook = (change: Partial<HookBody> = {}): HookBody => ({
  name: 'phone',
  url: `http://127.0.0.1:${port}/room/hidden-path`,
  events: [...alertEvents],
  language: 'en',
  isEnabled: true,
  secret: null,
  ...change,
});
const plan = (change: Partial<BackupPlan> = {}): BackupPlan => ({
  name: 'ليلي nightly',
  sources: [{ kind: 'folder', path: t.path('site') }],
  targetIds: [targetId],
  excludes: [],
  schedule: null,
  retention: { last: 7, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 },
  proof: 'never',
  isPaused: false,
  ...change,
});
const gone = (): BackupPlan => plan({ sources: [{ kind: 'folder', path: t.path('gone') }] });

async function listen(at = 0): Promise<void> {
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces).toString('utf8');
      received.push({ headers: request.headers, body, alert: JSON.parse(body) as BackupAlert });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
}

async function shut(): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

beforeAll(async () => {
  logTo(() => undefined);
  t = makeTestWork();
  folder = t.work.folder;
  mkdirSync(t.path('site'));
  writeFileSync(t.path('site/index.html'), 'hello');
  await putTarget(
    folder,
    { targetId, name: 'disk', place: { kind: 'local', path: t.path('repository') }, limits },
    null,
  );
  await listen();
});
beforeEach(async () => {
  received = [];
  answer = (_, response) => void response.writeHead(204).end();
  for (const each of listHooks(folder)) await removeHook(folder, each.hookId);
});
afterAll(async () => {
  await shut();
  t.destroy();
});

async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (let count = 0; count < 600; count++) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await wait(50);
  }
  throw new Error('it does not come');
}

/** A real process makes the run; answers when it has ended and its end was told. */
async function runToEnd(request: BackupRequest): Promise<BackupRun> {
  const { runId } = await startRun(t.work, { runId: newId(), request, actorName: 'schedule' });
  return await until(() => existsSync(`${runFolder(folder, runId)}/told`) && showRun(folder, findRun(folder, runId)!));
}

const messages = async (count: number): Promise<Received[]> => await until(() => received.length >= count && received);
const nothingWaits = async (): Promise<unknown> => await until(() => listWaiting(folder).length === 0);
/** The timer's process, as systemd starts it: there is no web process here, and no agent. */
const tick = async (): Promise<unknown> =>
  await promisify(execFile)(process.execPath, [programs.agent, '--backups-due'], {
    env: { AAPANEL_AGENT_STATE: t.work.stateFolder },
  });
const create: BackupRequest = { kind: 'create', planId };

test('P4.2-4 P4.2-9 a run that fails tells a hook by a signed message; its secret and its address are seen nowhere', async () => {
  await putHook(folder, hookId, hook({ secret: { kind: 'key', key: secret } }), 0);
  await putPlan(folder, planId, gone(), Date.now());
  const run = await runToEnd(create);
  expect(run).toMatchObject({ state: 'failed', failure: { reason: 'backup_source_missing' } });
  const [{ headers, body, alert }] = (await messages(1)) as [Received];
  const stamp = String(headers['x-aapanel-timestamp']);
  expect(Math.abs(Number(stamp) * 1000 - Date.now())).toBeLessThan(60_000);
  const hmac = createHmac('sha256', secret).update(`${stamp}.${body}`).digest('hex');
  expect(headers['x-aapanel-signature']).toBe(`sha256=${hmac}`);
  expect(alert).toMatchObject({
    panel: 'aapanel',
    event: 'run_failed',
    plan: { planId, name: 'ليلي nightly' },
    target: null,
    runId: run.runId,
    what: 'create',
    reason: 'backup_source_missing',
  });
  expect(alert.text).toMatch(/^aaPanel on .* the backup .*ليلي nightly.* failed: something to be saved is not there$/);
  expect(alert).toMatchObject({ message: alert.text, content: alert.text });
  await nothingWaits();
  await until(() => existsSync(`${folder}/alerts/outcomes/${hookId}.json`));
  const [shown] = (await showState(t.work)).hooks;
  expect(shown).toMatchObject({
    origin: `http://127.0.0.1:${port}`,
    hasSecret: true,
    lastOutcome: { isDelivered: true, status: 204 },
  });
  const state = JSON.stringify(shown);
  const kept = readdirSync(t.work.stateFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`);
  const holders = kept.filter(
    (path) => readFileSync(path).includes(secret) || readFileSync(path).includes('hidden-path'),
  );
  expect(holders).toEqual([`${folder}/alerts/hooks.json`]);
  expect(statSync(holders[0]!).mode & 0o777).toBe(0o600);
  for (const word of [secret, 'hidden-path']) expect(state).not.toContain(word);
  expect(readRunLog(folder, run.runId, 0, true).text).toContain('backup_source_missing');
});

test('P4.2-9 a plan that goes on failing for one reason tells it once, and that it recovered once', async () => {
  await putHook(folder, hookId, hook({ language: 'ar' }), 0);
  await putPlan(folder, planId, gone(), Date.now());
  expect((await runToEnd(create)).state).toBe('failed');
  expect(listWaiting(folder)).toEqual([]);
  await putPlan(folder, planId, plan(), Date.now());
  expect((await runToEnd(create)).state).toBe('succeeded');
  const [{ alert, headers }] = (await messages(1)) as [Received];
  expect(alert).toMatchObject({ event: 'recovered', recoveredFrom: 'run_failed', plan: { planId }, reason: null });
  expect(alert.text).toMatch(/نجح النسخ الاحتياطي .*ليلي nightly.* من جديد$/);
  expect(headers['x-aapanel-signature']).toBeUndefined();
  await nothingWaits();
  expect((await runToEnd(create)).state).toBe('succeeded');
  expect(listWaiting(folder)).toEqual([]);
  expect(received).toHaveLength(1);
});

test('P4.2-9 a message that found nobody is tried again by the next tick of the timer, and given up after the fourth try', async () => {
  await putHook(folder, hookId, hook(), 0);
  await shut();
  await putPlan(folder, planId, gone(), Date.now());
  await runToEnd(create);
  const path = `${folder}/alerts/queue/${(await until(() => listWaiting(folder).find(({ tries }) => tries === 1))).name}`;
  await until(() => existsSync(`${folder}/alerts/outcomes/${hookId}.json`));
  expect((await showState(t.work)).hooks[0]).toMatchObject({
    waitingCount: 1,
    lastOutcome: { isDelivered: false, status: null, reason: 'backup_hook_unreachable' },
  });
  // Before its minute is over nobody tries.
  await tick();
  expect(listWaiting(folder)).toMatchObject([{ tries: 1 }]);
  const waiting = JSON.parse(readFileSync(path, 'utf8')) as { nextAt: number };
  await listen(port);
  writeFileSync(path, JSON.stringify({ ...waiting, nextAt: Date.now() - 1 }));
  await tick();
  expect(((await messages(1)) as [Received])[0].alert).toMatchObject({ event: 'run_failed', plan: { planId } });
  await nothingWaits();

  writeFileSync(path, JSON.stringify({ ...waiting, tries: 0, nextAt: 0 }));
  answer = (_, response) => void response.writeHead(500).end();
  let now = Date.now();
  for (const minutes of [1, 5, 30]) {
    await deliverWaiting(folder, () => now);
    const [each] = listWaiting(folder);
    expect(each?.nextAt).toBe(now + minutes * 60_000);
    await deliverWaiting(folder, () => now + minutes * 60_000 - 1);
    now += minutes * 60_000;
  }
  await deliverWaiting(folder, () => now);
  expect(listWaiting(folder)).toEqual([]);
  expect(received).toHaveLength(5);
  // One that waited for a day is old news.
  writeFileSync(path, JSON.stringify(waiting));
  await deliverWaiting(folder, () => Date.now() + 25 * 3_600_000);
  expect(listWaiting(folder)).toEqual([]);
  expect(received).toHaveLength(5);
});

test('P4.2-9 what is overdue is told by the timer alone, once for a time that was missed, and not to who came later', async () => {
  await putHook(folder, hookId, hook(), 0);
  const since = Date.now() - 3 * 24 * 3_600_000;
  const daily = { every: 'daily', atMinute: 0, cron: '', timeZone: 'UTC' } as const;
  await putPlan(folder, 'llllllllllllllll', plan({ name: 'late', schedule: daily }), since);
  await putHook(folder, 'kkkkkkkkkkkkkkkk', hook({ name: 'only failures', events: ['run_failed'] }), 0);
  // The target is in use: the plan has to wait, and is late.
  const request = { kind: 'verify', targetId, setId: null, isFull: false } as const;
  const other = await noteRun(folder, { runId: newId(), request, actorName: 'me' }, Date.now());
  await tick();
  const [{ alert }] = (await messages(1)) as [Received];
  expect(alert).toMatchObject({ event: 'overdue', plan: { name: 'late' }, runId: null });
  expect(Date.parse(alert.dueAt ?? '')).toBeGreaterThan(since);
  expect(alert.text).toContain('is overdue');
  await nothingWaits();
  await tick();
  expect(listWaiting(folder)).toEqual([]);
  expect(received).toHaveLength(1);
  await removePlan(folder, 'llllllllllllllll');
  await writeRun(folder, { ...other, state: 'cancelled', endedAt: other.startedAt });
});

test('P4.2-9 a run that was killed is told by the timer, once, and that the one after it went well', async () => {
  await putHook(folder, hookId, hook(), 0);
  await putPlan(folder, planId, plan(), Date.now());
  const given = { request: create, actorName: 'schedule' };
  const lost = await noteRun(folder, { runId: newId(), ...given }, Date.now() - 60_000);
  await writeRun(folder, { ...lost, state: 'running', process: { pid: process.pid, startedTicks: 'other' } });
  await tick();
  const [{ alert }] = (await messages(1)) as [Received];
  expect(alert).toMatchObject({ event: 'run_failed', runId: lost.runId, reason: 'backup_interrupted' });
  await nothingWaits();
  await tick();
  expect(listWaiting(folder)).toEqual([]);
  expect(received).toHaveLength(1);
  // Both went unnoticed: told in the order in which they were.
  const again = await noteRun(folder, { runId: newId(), ...given }, Date.now() - 30_000);
  await writeRun(folder, { ...again, state: 'running', process: { pid: process.pid, startedTicks: 'other' } });
  const good = await noteRun(folder, { runId: newId(), ...given }, Date.now());
  await writeRun(folder, { ...good, state: 'succeeded', endedAt: good.startedAt });
  await tick();
  expect(((await messages(2)) as Received[])[1]?.alert).toMatchObject({ event: 'recovered', runId: good.runId });
  await nothingWaits();
  await tick();
  expect(received).toHaveLength(2);
});

test('P4.2-9 a run has ended before anybody is told, so that a hook which is slow keeps it from nothing', async () => {
  await putHook(folder, hookId, hook(), 0);
  let wasRunning: boolean | undefined;
  let runId = '';
  answer = () => {
    // Never answered.
    const record = findRun(folder, runId);
    wasRunning = record === undefined || isRunning(record);
  };
  const request = {
    kind: 'create_now',
    sources: [{ kind: 'folder', path: t.path('gone') }],
    targetId,
    excludes: [],
  } satisfies BackupRequest;
  runId = (await startRun(t.work, { runId: newId(), request, actorName: 'me' })).runId;
  await messages(1);
  expect(wasRunning).toBe(false);
  expect(showRun(folder, findRun(folder, runId)!)).toMatchObject({ state: 'failed' });
  server.closeAllConnections();
  await until(() => listWaiting(folder).some(({ tries }) => tries === 1));
});

test('B-3 a verification that could not run is told with its reason, and no older good backup is removed meanwhile', async () => {
  await putHook(folder, hookId, hook(), 0);
  // Two backups lie there, of which one is enough.
  const retention = { ...plan().retention, last: 1 };
  const wouldGo = (): number => previewRetention(folder, { targetId, planId, retention }).remove.length;
  expect(wouldGo()).toBe(1);
  renameSync(t.path('repository'), t.path('away'));
  const verify: BackupRequest = { kind: 'verify', targetId, setId: null, isFull: false };
  expect((await runToEnd(verify)).state).toBe('failed');
  const [{ alert }] = (await messages(1)) as [Received];
  expect(alert).toMatchObject({ event: 'verify_failed', target: { targetId, name: 'disk' }, check: 'not_run' });
  expect(alert.reason).toBe(readTargetState(folder, targetId).lastProof?.reason);
  expect(alert.text).toContain('could not be verified');
  expect(wouldGo()).toBe(0);
  expect((await runToEnd({ kind: 'prove', targetId, setId: null })).state).toBe('failed');
  const proof = ((await messages(2)) as Received[])[1]?.alert;
  expect(proof).toMatchObject({ event: 'proof_failed', target: { targetId }, check: 'not_run', reason: alert.reason });
  expect(proof?.text).toContain('restore test');
  renameSync(t.path('away'), t.path('repository'));
  expect((await runToEnd(verify)).state).toBe('succeeded');
  expect(((await messages(3)) as Received[])[2]?.alert).toMatchObject({
    event: 'recovered',
    recoveredFrom: 'verify_failed',
  });
  expect(wouldGo()).toBe(1);
});
