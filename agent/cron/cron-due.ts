import { setTimeout as wait } from 'node:timers/promises';
import { countedFrom } from '#shared/cron-times.ts';
import { bootId } from '../core/boot.ts';
import { makeFolders, openForAppend, trimLog } from '../core/files.ts';
import { launchOwn } from '../core/launch.ts';
import { logLine, type Machine } from '../core/machine.ts';
import { newId } from '../backups/keys.ts';
import { stopUnits } from '../deployments/run-as-site.ts';
import {
  asInterrupted,
  cronFolder,
  findRun,
  forgetOldRuns,
  isOpen,
  isRunning,
  listJobs,
  listRuns,
  newRun,
  nextRunOf,
  stateOf,
  withCronLock,
  writeRun,
  writeState,
  type JobRecord,
  type JobState,
  type RunRecord,
} from './cron-records.ts';
import { tellRun } from './cron-alerts.ts';
import { readPlan, writePlan } from './next-look.ts';

/*
 * What is due, and when to look next. One timer for the next moment of all jobs, whatever their number: between two
 * moments nothing runs and nothing is looked at.
 */

export type CronMachine = Pick<Machine, 'settings' | 'stateFolder' | 'prefix' | 'hasSystemd' | 'isRoot' | 'now'>;

export const cronActor = 'schedule';
/** A moment that is longer ago was missed. */
const missedMs = 10 * 60_000;
/** Runs that begin by themselves while so many go on wait for a place. */
const mostAtOnce = 16;
const placePauseMs = 5_000;
/** A moment so near is waited for, rather than planned. */
const nearMs = 1_500;

/** Starts what is due and plans the next look. Answers the ids of the runs. */
export async function startDueJobs(machine: CronMachine): Promise<string[]> {
  const started: string[] = [];
  for (;;) {
    const next = await withCronLock(machine, async () => {
      const found = await lookOnce(machine);
      started.push(...found.started);
      await planNext(machine, found.next);
      return found.next;
    });
    const pause = next === undefined ? Number.POSITIVE_INFINITY : next - machine.now();
    if (pause > nearMs) return started;
    await wait(Math.max(0, pause));
  }
}

async function lookOnce(machine: CronMachine): Promise<{ readonly started: string[]; readonly next?: number }> {
  const now = machine.now();
  const jobs = listJobs(machine);
  const running = new Map<string, number>();
  for (const { jobId, facts } of jobs) running.set(jobId, await settleRuns(machine, jobId, facts));
  let places = mostAtOnce - [...running.values()].reduce((sum, count) => sum + count, 0);
  const started: string[] = [];
  const moments: number[] = [];
  for (const record of jobs) {
    const { jobId, facts } = record;
    const state = await afterClockChange(machine, record);
    const at = nextRunOf(machine, record, state);
    if (at === undefined) continue;
    if (at > now) {
      moments.push(at);
      continue;
    }
    const isSkipped = !facts.mayOverlap && (running.get(jobId) ?? 0) > 0;
    const isMissed = !facts.catchesUp && !cameLately(machine, record, state, now);
    if (isSkipped || isMissed) {
      await writeState(machine, jobId, { ...state, handledUntil: now, ...(isSkipped ? { skippedAt: now } : {}) });
    } else if (places <= 0) {
      moments.push(now + placePauseMs);
      continue;
    } else {
      places -= 1;
      started.push(
        (await startRun(machine, record, { runId: newId(), trigger: 'schedule', actorName: cronActor })).runId,
      );
    }
    const after = nextRunOf(machine, record, stateOf(machine, jobId));
    if (after !== undefined) moments.push(after);
  }
  return moments.length === 0 ? { started } : { started, next: Math.min(...moments) };
}

/** Whether one of its moments is no longer ago than looks may take. */
function cameLately(machine: CronMachine, record: JobRecord, state: JobState, now: number): boolean {
  const at = nextRunOf(machine, record, { ...state, handledUntil: Math.max(state.handledUntil, now - missedMs) });
  return at !== undefined && at <= now;
}

/** Once a clock that went back counts, the time goes on from there: otherwise each look would begin anew. */
async function afterClockChange(machine: CronMachine, { jobId, facts }: JobRecord): Promise<JobState> {
  const state = stateOf(machine, jobId);
  const handledUntil = countedFrom(facts.schedule, state.handledUntil, machine.now());
  if (handledUntil === state.handledUntil) return state;
  const next = { ...state, handledUntil };
  await writeState(machine, jobId, next);
  return next;
}

/** How many of a job go on. Those that were cut off are told so, and what is left of them ends. */
async function settleRuns(machine: CronMachine, jobId: string, facts: JobRecord['facts']): Promise<number> {
  const { lastRunId } = stateOf(machine, jobId);
  const last = lastRunId === null ? undefined : findRun(machine, { jobId, runId: lastRunId });
  // Only jobs that may overlap have an older one that is not over.
  const runs = facts.mayOverlap ? listRuns(machine, jobId) : last === undefined ? [] : [last];
  let count = 0;
  for (const run of runs) {
    if (isRunning(run)) count += 1;
    else if (isOpen(run)) await settleRun(machine, run, facts);
  }
  return count;
}

async function settleRun(machine: CronMachine, read: RunRecord, facts: JobRecord['facts']): Promise<void> {
  // It may have said its last word between the reading and the look at its process.
  const run = findRun(machine, read) ?? read;
  if (!isOpen(run)) return;
  await stopUnits(machine, `aapanel-cronjob-${run.runId}`);
  const ended = await writeRun(machine, asInterrupted(run));
  await tellRun(machine, facts.name, facts.notify, ended);
}

/** Starts a run as a process of its own, or finds it: the same id never starts a second one. */
export async function startRun(
  machine: CronMachine,
  { jobId, facts }: JobRecord,
  given: Pick<RunRecord, 'runId' | 'trigger' | 'actorName'>,
): Promise<RunRecord> {
  const present = findRun(machine, { jobId, runId: given.runId });
  if (present !== undefined) return present;
  forgetOldRuns(machine, jobId, facts.keepRuns - 1);
  // Noted before its moment counts as handled: what is cut off in between is seen, and nothing runs twice.
  const record = await writeRun(machine, newRun(machine, { ...given, jobId }));
  const state = stateOf(machine, jobId);
  const handled = given.trigger === 'schedule' ? { handledUntil: machine.now() } : {};
  await writeState(machine, jobId, { ...state, ...handled, lastRunId: record.runId });
  try {
    await launchOwn(machine, {
      args: ['--cron-run', jobId, record.runId],
      nodeFlags: ['--max-semi-space-size=1'],
      unit: `aapanel-cron-${record.runId}`,
      properties: ['KillMode=mixed', 'TimeoutStopSec=20', 'UMask=0077'],
      openOutput: () => openOwnLog(machine),
    });
    return record;
  } catch (error) {
    logLine('error', 'a scheduled job could not be started', { jobId, error: String(error) });
    const now = machine.now();
    const failed = { ...record, state: 'failed', cause: 'cron_not_started', endedAt: now, durationMs: 0 } as const;
    return await writeRun(machine, failed);
  }
}

/** Where no systemd takes what the process itself complains of. */
function openOwnLog(machine: CronMachine): number {
  makeFolders(cronFolder(machine));
  const path = `${cronFolder(machine)}/own.log`;
  trimLog(path, 512 * 1024, 64 * 1024);
  return openForAppend(path);
}

/**
 * After a job was made or changed: its own next moment, when that comes before the look that is planned. A look that is too
 * early now, as after a deletion, is in vain and plans anew; reading all others for each change would cost more with each.
 * Under the lock.
 */
export async function planFor(machine: CronMachine, record: JobRecord): Promise<void> {
  const plan = readPlan(machine);
  if (plan === undefined) return await planAnew(machine);
  const own = nextRunOf(machine, record, stateOf(machine, record.jobId));
  const moments = [plan.nextAt, own].filter((each) => typeof each === 'number');
  if (moments.length > 0) await planNext(machine, Math.min(...moments));
}

/** The earliest moment of all jobs. */
async function planAnew(machine: CronMachine): Promise<void> {
  const moments = listJobs(machine).flatMap(
    (record) => nextRunOf(machine, record, stateOf(machine, record.jobId)) ?? [],
  );
  await planNext(machine, moments.length === 0 ? undefined : Math.min(...moments));
}

/** A timer that comes too early looks in vain and plans anew, so that none has to be taken back. */
async function planNext(machine: CronMachine, next: number | undefined): Promise<void> {
  const now = machine.now();
  const plan = readPlan(machine);
  const timer = plan?.timer ?? null;
  const stands = timer !== null && timer.bootId === bootId() && timer.at > now;
  const isNeeded = machine.hasSystemd && next !== undefined && !(stands && timer.at <= next);
  // Whole seconds are what systemd is told; a moment that passes meanwhile would never come.
  const at = next === undefined ? 0 : Math.max(Math.ceil(next / 1_000), Math.ceil((now + nearMs) / 1_000)) * 1_000;
  const kept = stands ? timer : null;
  if (!isNeeded && plan?.nextAt === next && timer === kept) return;
  await writePlan(machine, { nextAt: next ?? null, timer: isNeeded ? { at, bootId: bootId() } : kept });
  if (!isNeeded) return;
  await launchOwn(machine, {
    args: ['--cron-due'],
    nodeFlags: ['--max-semi-space-size=1'],
    // Several may be planned, each for another second.
    unit: `aapanel-cron-due-${at / 1_000}-${newId().slice(0, 6)}`,
    at,
    properties: ['UMask=0077', 'RuntimeMaxSec=120', 'TimeoutStopSec=5', 'PrivateNetwork=yes', 'ProtectHome=yes'],
    openOutput: () => openOwnLog(machine),
  });
}
