import { appendFileSync, closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { openDatabase } from '../../../db/connect.ts';
import { testConfig } from '../../../testing.ts';
import { createJobs } from '../../jobs.ts';
import { jobHandler, type JobStep } from '../handler.ts';
import { partsOf } from './parts.ts';

/*
 * For tests: a process that works on the jobs of a database. Two workers inside one job at once are found by a lock
 * file per job: its owner is alive when somebody else comes in. `node worker.ts <data folder> <lease ms>`
 */

const [dataDir = '', leaseMs = '600'] = process.argv.slice(2);
const report = `${dataDir}/report.txt`;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function enter(lock: string): void {
  try {
    const file = openSync(lock, 'wx');
    writeSync(file, String(process.pid));
    closeSync(file);
  } catch {
    const owner = Number(readFileSync(lock, 'utf8'));
    if (isAlive(owner)) appendFileSync(report, `twice ${lock} ${owner} ${process.pid}\n`);
    rmSync(lock, { force: true });
    enter(lock);
  }
}

const steps = ['one', 'two', 'three'].map(
  (name): JobStep<unknown> => ({
    name,
    async run(job) {
      const lock = `${dataDir}/${job.jobId}.lock`;
      enter(lock);
      await job.record({ lines: [{ stream: 'out', text: name }] });
      await wait(60);
      rmSync(lock, { force: true });
      appendFileSync(report, `ran ${job.jobId} ${name}\n`);
    },
  }),
);

const db = await openDatabase(testConfig(dataDir));
const jobs = createJobs(
  partsOf(db, testConfig(dataDir)),
  [jobHandler({ kind: 'software.install', params: z.unknown(), steps })],
  { leaseMs: Number(leaseMs), pollMs: 50 },
);
jobs.start();
// Only a signal ends it.
setInterval(() => undefined, 60_000);
