import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase } from '../../db/connect.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import type { Db } from '../../db/schema.ts';
import { testConfig } from '../../testing.ts';
import { createFakeAgent } from '../agent-fake.ts';
import { newFakePerson, openFakeRegister } from '../agent-fake/register.ts';
import { newId } from '../id.ts';
import { bundleProgram, environmentOf } from '../../../test/testing/bundle-program.ts';
import { serveAgent } from '../testing/agent-server.ts';
import { findJobRow, insertJob, listLog, type JobRow } from './jobs.store.ts';
import { programs } from '../../../test/testing/programs.ts';

let dataDir: string;
let db: Db;
const children = new Set<ChildProcess>();

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'aapanel-jobs-'));
  db = await openDatabase(testConfig(dataDir));
  await migrateToLatest(db);
});
afterEach(async () => {
  await Promise.all([...children].map(kill));
  await db.destroy();
  await rm(dataDir, { recursive: true, force: true });
});

function start(args: string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, args, {
    cwd: dataDir,
    env: { PATH: process.env['PATH'], ...env },
    stdio: 'ignore',
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

async function addJob(): Promise<string> {
  const id = newId();
  await insertJob(db, {
    id,
    kind: 'software.install',
    subject: { software: 'nginx' },
    params: { name: 'nginx' },
    steps: ['refresh', 'install', 'configure', 'start', 'verify'],
    actor: { id: 'tester', name: 'tester' },
    at: Date.now(),
  });
  return id;
}

async function until(id: string, isTrue: (row: JobRow) => boolean, ms = 20_000): Promise<JobRow> {
  const endsAt = Date.now() + ms;
  for (;;) {
    const row = await findJobRow(db, id);
    if (row !== undefined && isTrue(row)) return row;
    if (Date.now() > endsAt) throw new Error(`the job did not get there: ${JSON.stringify(row)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it('JOB-1 three processes with SIGKILL among them end every job, and no job is ever run by two at once', async () => {
  const worker = join(import.meta.dirname, 'testing', 'worker.ts');
  const ids = await Promise.all(Array.from({ length: 24 }, addJob));
  const workers = Array.from({ length: 3 }, () => start([worker, dataDir]));
  await until(ids[0] ?? '', ({ attempts }) => attempts > 0);
  for (let round = 0; round < 4; round += 1) {
    await pause(250);
    const victim = workers.shift();
    if (victim !== undefined) await kill(victim);
    workers.push(start([worker, dataDir]));
  }
  const rows = await Promise.all(ids.map((id) => until(id, ({ state }) => state === 'succeeded', 40_000)));
  const report = readFileSync(join(dataDir, 'report.txt'), 'utf8').trim().split('\n');
  expect(report.filter((line) => line.startsWith('twice'))).toEqual([]);
  expect(new Set(report.filter((line) => line.startsWith('ran'))).size).toBe(24 * 3);
  // Somebody was killed in the middle of something, or this test proves nothing.
  expect(rows.some(({ attempts }) => attempts > 1)).toBe(true);
}, 90_000);

it('JOB-1 kill -9 of the web process in the middle of a job: the next start carries on and the job succeeds', async () => {
  const env = {
    ENVIRONMENT: 'development',
    AGENT: 'fake',
    DATA_DIR: dataDir,
    DEV_DATABASE_PATH: join(dataDir, 'panel.db'),
    HOST: '127.0.0.1',
    PORT: '15290',
  };
  const register = openFakeRegister(join(dataDir, 'fake-agent.json'));
  const facts = { id: 'tester', name: 'tester', isOwner: true, isDisabled: false, mustHaveSecondFactor: false };
  register.people.set('tester', newFakePerson({ ...facts, permissions: [], recording: 'chosen' }));
  register.save();
  const id = await addJob();
  const first = start([programs.cli, 'start'], env);
  const isInInstall = ({ steps_json }: JobRow) =>
    (JSON.parse(steps_json) as { state: string }[])[1]?.state === 'running';
  await until(id, (row) => isInInstall(row) && row.log_bytes > 0);
  await kill(first);
  const left = await findJobRow(db, id);
  expect(left).toMatchObject({ state: 'running', attempts: 1 });
  expect(left?.lease_until_at).toBeGreaterThan(Date.now());
  const startedAt = Date.now();
  start([programs.cli, 'start'], env);
  await until(id, ({ attempts }) => attempts === 2);
  // Not when the lease of 30 s ends: the dead holder is recognised.
  expect(Date.now() - startedAt).toBeLessThan(8_000);
  const row = await until(id, ({ state }) => ['succeeded', 'failed'].includes(state));
  expect(row).toMatchObject({ state: 'succeeded', attempts: 2, worker: null, lease_until_at: null });
  const steps = JSON.parse(row.steps_json) as { state: string }[];
  expect(steps.map(({ state }) => state)).toEqual(Array(5).fill('done'));
}, 60_000);

it('JOB-1 FAULT-1 kill -9 at random statements and calls of a job: the next start ends it, and no line of its log is lost or doubled', async () => {
  const worker = await bundleProgram('server/core/testing/killed-process.ts');
  const socketPath = join(dataDir, 'agent.sock');
  const agent = await serveAgent(socketPath, createFakeAgent({ installStepMs: 5, isUnguarded: true }));
  const runWorker = async (jobId: string, killAt: number) => {
    const orders = JSON.stringify({ dataDir, socketPath, cookie: '', killAt, jobId });
    const child = start([worker.program, orders], {
      NODE_COMPILE_CACHE: environmentOf(worker.program).NODE_COMPILE_CACHE ?? '',
    });
    return await new Promise<string | number | null>((resolve) =>
      child.once('exit', (code, signal) => resolve(signal ?? code)),
    );
  };
  try {
    let killed = 0;
    // Other points in each run: before or after a statement of claim, step, log or end, or a call of the agent.
    for (let round = 0; round < 6; round += 1) {
      const id = await addJob();
      const end = await runWorker(id, 1 + Math.floor(Math.random() * 100));
      if (end === 'SIGKILL') {
        killed += 1;
        expect(await runWorker(id, 0)).toBe(0);
      } else expect(end).toBe(0);
      const row = await findJobRow(db, id);
      expect(row).toMatchObject({ state: 'succeeded', worker: null, lease_until_at: null, progress: 100 });
      const steps = JSON.parse(row?.steps_json ?? '[]') as { state: string }[];
      expect(steps.map(({ state }) => state)).toEqual(Array(5).fill('done'));
      const seqs = (await listLog(db, id, 0, 500)).map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    }
    expect(killed).toBeGreaterThan(2);
  } finally {
    worker.remove();
    await agent.close();
  }
}, 240_000);
