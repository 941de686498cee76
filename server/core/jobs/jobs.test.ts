import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import type { Job } from '#shared/jobs.ts';
import { openDatabase } from '../../db/connect.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import type { Db } from '../../db/schema.ts';
import { testConfig } from '../../testing.ts';
import { createJobs, type Jobs } from '../jobs.ts';
import { jobHandler, type JobStep } from './handler.ts';
import { boundLog, listLog } from './jobs.store.ts';
import { partsOf } from './testing/parts.ts';

let dataDir: string;
let db: Db;
const started: Jobs[] = [];
const actor = { id: 'tester', name: 'tester' };

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'aapanel-jobs-'));
  db = await openDatabase(testConfig(dataDir));
  await migrateToLatest(db);
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((jobs) => jobs.close()));
  await db.destroy();
  await rm(dataDir, { recursive: true, force: true });
});

function engine(steps: JobStep<unknown>[]): Jobs {
  const parts = partsOf(db, testConfig(dataDir));
  const jobs = createJobs(parts, [jobHandler({ kind: 'software.install', params: z.unknown(), steps })], {
    pollMs: 50,
  });
  started.push(jobs);
  jobs.start();
  return jobs;
}

const add = (jobs: Jobs) => jobs.enqueue({ kind: 'software.install', subject: {}, params: {}, actor });

async function ended(jobs: Jobs, id: string): Promise<Job> {
  for (let tries = 0; tries < 500; tries += 1) {
    const job = await jobs.get(id);
    if (job.endedAt !== null) return job;
    await wait(10);
  }
  throw new Error('the job did not end');
}

it('a failure is taken back in reverse order, and the job says why and which step', async () => {
  const done: string[] = [];
  const step = (name: string, fails = false): JobStep<unknown> => ({
    name,
    async run() {
      done.push(name);
      await Promise.resolve();
      if (fails) throw new AppError('config_rejected', 'no', { reason: 'nginx_rejected', params: { line: 1 } });
    },
    async compensate() {
      done.push(`-${name}`);
      await Promise.resolve();
    },
  });
  const jobs = engine([step('a'), step('b'), step('c', true), step('d')]);
  const job = await ended(jobs, (await add(jobs)).id);
  expect(done).toEqual(['a', 'b', 'c', '-c', '-b', '-a']);
  expect(job).toMatchObject({
    state: 'failed',
    failure: { code: 'config_rejected', reason: 'nginx_rejected', params: { line: 1 } },
  });
  expect(job.steps.map(({ state }) => state)).toEqual(['compensated', 'compensated', 'compensated', 'skipped']);
});

it('JOB-2 two go on side by side, each with its own log; one is cancelled and takes back its finished step, the other ends', async () => {
  const [isFree, undone] = [Promise.withResolvers<undefined>(), [] as string[]];
  const jobs = engine([
    {
      name: 'made',
      run: (job) => job.record({ lines: [{ stream: 'out', text: `made by ${job.jobId}` }] }),
      compensate: (job) => Promise.resolve(void undone.push(job.jobId)),
    },
    {
      name: 'long',
      async run(job) {
        await job.record({ lines: [{ stream: 'out', text: `long of ${job.jobId}` }], progress: 50 });
        const stopped = Promise.withResolvers<undefined>();
        job.signal.addEventListener('abort', () => stopped.reject(new Error('stopped')));
        await Promise.race([isFree.promise, stopped.promise]);
      },
    },
  ]);
  const [one, two] = [(await add(jobs)).id, (await add(jobs)).id];
  // Neither waits for the other.
  for (const id of [one, two]) while ((await jobs.get(id)).progress !== 50) await wait(10);
  await jobs.cancel(one);
  const cancelled = await ended(jobs, one);
  expect([cancelled.state, cancelled.steps.map(({ state }) => state)]).toEqual([
    'cancelled',
    ['compensated', expect.stringMatching(/failed|compensated/)],
  ]);
  expect([undone, (await jobs.get(two)).state]).toEqual([[one], 'running']);
  isFree.resolve(undefined);
  expect((await ended(jobs, two)).state).toBe('succeeded');
  for (const id of [one, two])
    expect((await listLog(db, id, 0, 10)).map(({ text }) => text)).toEqual([`made by ${id}`, `long of ${id}`]);
});

it('what is no AppError is internal, and its words stay in the log of the panel', async () => {
  const jobs = engine([{ name: 'a', run: () => Promise.reject(new Error('secret detail')) }]);
  const job = await ended(jobs, (await add(jobs)).id);
  expect(job.failure).toEqual({ code: 'internal', reason: null, params: {} });
});

it('a compensation that fails does not stop the others', async () => {
  const done: string[] = [];
  const jobs = engine([
    { name: 'a', run: () => Promise.resolve(), compensate: () => Promise.resolve(void done.push('-a')) },
    { name: 'b', run: () => Promise.resolve(), compensate: () => Promise.reject(new Error('stuck')) },
    { name: 'c', run: () => Promise.reject(new Error('no')) },
  ]);
  const { id } = await add(jobs);
  const job = await ended(jobs, id);
  expect(done).toEqual(['-a']);
  expect(job.steps.map(({ state }) => state)).toEqual(['compensated', 'failed', 'failed']);
  expect((await listLog(db, id, 0, 10)).at(-1)).toMatchObject({ stream: 'note', text: 'b: could not be taken back' });
});

it('a panel that shuts down gives its job free, and the next one goes on at the same step with its memory', async () => {
  let runs = 0;
  const steps: JobStep<unknown>[] = [
    { name: 'once', run: () => Promise.resolve(void (runs += 1)) },
    {
      name: 'long',
      async run(job) {
        if (job.memory['isHalf'] === true) return;
        await job.record({ lines: [{ stream: 'out', text: 'half' }], memory: { isHalf: true }, progress: 50 });
        await wait(60_000, undefined, { signal: job.signal });
      },
    },
  ];
  const first = engine(steps);
  const { id } = await add(first);
  while ((await first.get(id)).progress !== 50) await wait(10);
  await first.close();
  expect(await first.get(id)).toMatchObject({ state: 'running', endedAt: null });
  const job = await ended(engine(steps), id);
  expect(job).toMatchObject({ state: 'succeeded', attempts: 2 });
  expect(runs).toBe(1);
  expect((await listLog(db, id, 0, 10)).map(({ text }) => text)).toEqual(['half']);
});

it('a job that nobody has begun is cancelled at once', async () => {
  const parts = partsOf(db, testConfig(dataDir));
  const idle = createJobs(parts, [jobHandler({ kind: 'software.install', params: z.unknown(), steps: [] })]);
  const { id } = await add(idle);
  expect(await idle.cancel(id)).toMatchObject({ state: 'cancelled', attempts: 0 });
});

it('a line is cut at 64 KiB and a whole log at 10 MB, said once', () => {
  const [line] = boundLog([{ stream: 'out', text: 'ب'.repeat(100_000) }], 0).lines;
  expect(Buffer.byteLength(line?.text ?? '')).toBeLessThanOrEqual(64 * 1024);
  expect(line?.text).toMatch(/^ب+… \[cut\]$/);
  const full = boundLog(
    Array.from({ length: 400 }, () => ({ stream: 'out' as const, text: 'x'.repeat(60_000) })),
    0,
  );
  expect(full.logBytes).toBe(10 * 1024 * 1024);
  expect(full.lines.at(-1)?.stream).toBe('note');
  expect(boundLog([{ stream: 'out', text: 'more' }], full.logBytes).lines).toEqual([]);
});

it('an idle engine asks the database rarely', async () => {
  const parts = partsOf(db, testConfig(dataDir));
  let asked = 0;
  const counting = new Proxy(db, {
    get(target, name, receiver) {
      if (name === 'selectFrom') asked += 1;
      const value: unknown = Reflect.get(target, name, receiver);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const jobs = createJobs({ ...parts, db: counting }, []);
  started.push(jobs);
  jobs.start();
  await wait(1_500);
  expect(asked).toBe(1);
});
