import { uptime } from 'node:os';
import { z } from 'zod';
import { cronCauses, cronRunStates, type CronRun, type KnownCronJob } from '#shared/cron.ts';
import { cronFacts } from '#shared/cron-work.ts';
import { countedFrom, nextCronRun } from '#shared/cron-times.ts';
import { AppError } from '#shared/errors.ts';
import { id, idPattern } from '#shared/http.ts';
import { isAlive } from '../core/alive.ts';
import { bootId } from '../core/boot.ts';
import {
  listNames,
  look,
  putFile,
  readText,
  removeFile,
  removeOwnFolder,
  makeFolders,
  Unsynced,
} from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import { takeLockFile } from '../core/lock.ts';
import type { Machine } from '../core/machine.ts';
import { accountOf, hasSite } from './cron-account.ts';

/*
 * Scheduled jobs and their runs, a private file each, in the agent's own state: they run while the panel is down. The
 * process of a run writes its record; whether it still lives is seen from outside.
 */

export type Where = Pick<Machine, 'stateFolder' | 'prefix' | 'isRoot' | 'now'>;

const jobRecord = z.object({
  jobId: id,
  facts: cronFacts,
  /** Epoch ms. */
  changedAt: z.number(),
});
export type JobRecord = z.infer<typeof jobRecord>;

const jobState = z.object({
  /** Epoch ms: up to when everything was done that was due. */
  handledUntil: z.number(),
  skippedAt: z.number().nullable(),
  lastRunId: id.nullable(),
});
export type JobState = z.infer<typeof jobState>;

const runRecord = z.object({
  runId: id,
  jobId: id,
  trigger: z.enum(['schedule', 'person']),
  actorName: z.string(),
  state: z.enum(['starting', ...cronRunStates]),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  durationMs: z.number().nullable(),
  code: z.int().nullable(),
  cause: z.enum(cronCauses).nullable(),
  attempt: z.int(),
  cpuMs: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  outputBytes: z.number(),
  cutBytes: z.number(),
  /** Seconds since boot, and which boot: a changed clock means nothing here. */
  at: z.number(),
  bootId: z.string(),
  process: z.object({ pid: z.int(), startedTicks: z.string() }).nullable(),
});
export type RunRecord = z.infer<typeof runRecord>;

/** A process that has not begun after this never will. */
const startPatienceSeconds = 30;

export const cronFolder = ({ stateFolder }: Pick<Where, 'stateFolder'>): string => `${stateFolder}/cron`;
const jobPath = (where: Where, jobId: string): string => `${cronFolder(where)}/jobs/${jobId}.json`;
const statePath = (where: Where, jobId: string): string => `${cronFolder(where)}/states/${jobId}.json`;
const runsFolder = (where: Where, jobId: string): string => `${cronFolder(where)}/runs/${jobId}`;
const runPath = (where: Where, { jobId, runId }: RunRef, end: string): string =>
  `${runsFolder(where, jobId)}/${runId}.${end}`;
export type RunRef = Pick<RunRecord, 'jobId' | 'runId'>;
export const outputPath = (where: Where, run: RunRef): string => runPath(where, run, 'log');

/** One at a time among all processes of the agent; gone with the process that holds it. */
export async function withCronLock<T>(where: Where, work: () => Promise<T>): Promise<T> {
  makeFolders(cronFolder(where));
  const lock = await takeLockFile(`${cronFolder(where)}/lock`, 15_000);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

function parsed<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    // A worn disk must not stop the other jobs.
    return undefined;
  }
}

export function findJob(where: Where, jobId: string): JobRecord | undefined {
  return parsed(jobRecord, readText(jobPath(where, jobId)));
}

/** Throws `cron_job_unknown`. */
export function getJob(where: Where, jobId: string): JobRecord {
  const found = findJob(where, jobId);
  if (found === undefined)
    throw new AppError('not_found', 'There is no such scheduled job.', { reason: 'cron_job_unknown' });
  return found;
}

/** Sorted by id. */
export function listJobs(where: Where): JobRecord[] {
  return namesIn(`${cronFolder(where)}/jobs`).flatMap((jobId) => findJob(where, jobId) ?? []);
}

/** Those that cannot be read are counted too. */
export function countJobs(where: Where): number {
  return namesIn(`${cronFolder(where)}/jobs`).length;
}

function namesIn(folder: string): string[] {
  return listNames(folder)
    .flatMap((name) => /^([a-z2-7]{16})\.json$/.exec(name)?.[1] ?? [])
    .sort();
}

export async function writeJob(where: Where, record: JobRecord): Promise<void> {
  await putJsonFile(jobPath(where, record.jobId), record);
}

export function stateOf(where: Where, jobId: string): JobState {
  const none = { handledUntil: where.now(), skippedAt: null, lastRunId: null };
  return parsed(jobState, readText(statePath(where, jobId))) ?? none;
}

export async function writeState(where: Where, jobId: string, state: JobState): Promise<void> {
  await putJsonFile(statePath(where, jobId), state);
}

/** With everything that is kept of it. */
export function dropJob(where: Where, jobId: string): void {
  removeFile(jobPath(where, jobId));
  removeFile(statePath(where, jobId));
  removeFile(`${cronFolder(where)}/told/${jobId}.json`);
  if (look(runsFolder(where, jobId)).type === 'folder') removeOwnFolder(runsFolder(where, jobId));
}

export function findRun(where: Where, run: RunRef): RunRecord | undefined {
  return parsed(runRecord, readText(runPath(where, run, 'json')));
}

/** Whole or not at all; on the disk when it ends. */
export async function writeRun(where: Where, record: RunRecord): Promise<RunRecord> {
  makeFolders(runsFolder(where, record.jobId));
  const unsynced = new Unsynced();
  putFile(runPath(where, record, 'json'), Buffer.from(`${JSON.stringify(record)}\n`), { mode: 0o600 }, 'run', unsynced);
  await unsynced.flush();
  return record;
}

/** Newest first. */
export function listRuns(where: Where, jobId: string): RunRecord[] {
  return namesIn(runsFolder(where, jobId))
    .flatMap((runId) => findRun(where, { jobId, runId }) ?? [])
    .sort((one, other) => other.startedAt - one.startedAt);
}

export function newRun(where: Where, given: Pick<RunRecord, 'runId' | 'jobId' | 'trigger' | 'actorName'>): RunRecord {
  return {
    ...given,
    state: 'starting',
    startedAt: where.now(),
    endedAt: null,
    durationMs: null,
    code: null,
    cause: null,
    attempt: 1,
    cpuMs: null,
    memoryBytes: null,
    outputBytes: 0,
    cutBytes: 0,
    at: uptime(),
    bootId: bootId(),
    process: null,
  };
}

export const isOpen = ({ state }: RunRecord): boolean => state === 'starting' || state === 'running';

export function isRunning(record: RunRecord): boolean {
  if (!isOpen(record) || record.bootId !== bootId()) return false;
  if (record.process !== null) return isAlive(record.process);
  return uptime() - record.at < startPatienceSeconds;
}

/** Its process has gone without a word: as it is kept then. */
export function asInterrupted(record: RunRecord): RunRecord {
  return { ...record, state: 'interrupted', cause: 'cron_interrupted', process: null };
}

/** As people see it. What a process said last, between the reading of its record and the look at it, is read again. */
export function showRun(where: Where, read: RunRecord): CronRun {
  const again = isOpen(read) && !isRunning(read) ? (findRun(where, read) ?? read) : read;
  const record = isOpen(again) && !isRunning(again) ? asInterrupted(again) : again;
  const { runId, startedAt, endedAt, durationMs, state, at: _at, bootId: _boot, process: _process, ...rest } = record;
  return {
    ...rest,
    id: runId,
    state: state === 'starting' ? 'running' : state,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
    durationMs: durationMs ?? (state === 'interrupted' ? 0 : Math.max(0, where.now() - startedAt)),
  };
}

/** When it runs next by itself (epoch ms); in the past when it is due. */
export function nextRunOf(where: Where, { facts }: Pick<JobRecord, 'facts'>, state: JobState): number | undefined {
  if (!facts.isEnabled || !isRunnable(where, facts)) return undefined;
  return nextCronRun(facts.schedule, countedFrom(facts.schedule, state.handledUntil, where.now()));
}

/** Whose user or site is gone waits until they are back, or until somebody deletes it. */
function isRunnable(where: Where, facts: JobRecord['facts']): boolean {
  if (facts.work.kind === 'script') return accountOf(where, facts) !== undefined;
  return facts.work.kind !== 'logs' || facts.siteId === null || hasSite(where, facts.siteId);
}

export function showJob(where: Where, record: JobRecord): KnownCronJob {
  const { jobId, facts, changedAt } = record;
  const state = stateOf(where, jobId);
  const next = nextRunOf(where, record, state);
  const last = state.lastRunId === null ? undefined : findRun(where, { jobId, runId: state.lastRunId });
  return {
    id: jobId,
    ...facts,
    changedAt: new Date(changedAt).toISOString(),
    runsAs: accountOf(where, facts)?.name ?? null,
    nextRunAt: next === undefined ? null : new Date(next).toISOString(),
    lastRun: last === undefined ? null : showRun(where, last),
    skippedAt: state.skippedAt === null ? null : new Date(state.skippedAt).toISOString(),
  };
}

export function forgetOldRuns(where: Where, jobId: string, keep: number): void {
  const ended = listRuns(where, jobId).filter((run) => !isRunning(run));
  for (const run of ended.slice(keep))
    for (const end of ['json', 'log', 'cancel']) removeFile(runPath(where, run, end));
}

export function askToCancel(where: Where, run: RunRef): void {
  const unsynced = new Unsynced();
  putFile(runPath(where, run, 'cancel'), Buffer.alloc(0), { mode: 0o600 }, 'cancel', unsynced);
  unsynced.drop();
}

export function isCancelAsked(where: Where, run: RunRef): boolean {
  return look(runPath(where, run, 'cancel')).type === 'file';
}

export const isJobId = (text: string): boolean => idPattern.test(text);
