import { setTimeout as wait } from 'node:timers/promises';
import type { Permission } from '#shared/access.ts';
import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { cronLanguages, isGraveCron, maxCronJobs, type CronFacts } from '#shared/cron-work.ts';
import { problemOfSchedule } from '#shared/cron-times.ts';
import { AppError } from '#shared/errors.ts';
import { findPlan } from '../backups/plans.ts';
import { backupsFolder } from '../backups/work-of.ts';
import { isAlive } from '../core/alive.ts';
import { requireTicket, type Call } from '../core/call.ts';
import type { Handlers } from '../core/handlers.ts';
import { readLogText } from '../core/log-text.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram } from '../core/run.ts';
import { accountOf, choosableUsers, hasSite } from './cron-account.ts';
import { planFor, startRun } from './cron-due.ts';
import { readCrontabs } from './read-crontabs.ts';
import { lookAtService } from './run-service.ts';
import {
  askToCancel,
  countJobs,
  dropJob,
  findJob,
  findRun,
  getJob,
  isOpen,
  isRunning,
  listJobs,
  listRuns,
  outputPath,
  showJob,
  showRun,
  stateOf,
  withCronLock,
  writeJob,
  writeState,
  type JobRecord,
  type RunRecord,
  type RunRef,
} from './cron-records.ts';

export const cronHandlers: Pick<Handlers, Extract<keyof Handlers, `cron.${string}`>> = {
  'cron.cancel': async (machine, ref, call) => showRun(machine, await cancelRun(machine, getRun(machine, ref), call)),
  async 'cron.check'(machine, { jobId, facts }, call) {
    await check(machine, { jobId: jobId ?? '', facts }, call, true);
    return {};
  },
  'cron.crontabs': (machine, { most }) => Promise.resolve(readCrontabs(machine, most)),
  'cron.enable': (machine, { jobId, isEnabled }) =>
    withCronLock(machine, async () => {
      const { facts } = getJob(machine, jobId);
      return await keep(machine, jobId, { ...facts, isEnabled });
    }),
  async 'cron.list'(machine) {
    return {
      items: listJobs(machine).map((record) => {
        const { work, ...job } = showJob(machine, record);
        if (work.kind !== 'script') return { ...job, work };
        const { script: _script, ...listed } = work;
        return { ...job, work: listed };
      }),
      timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
      users: choosableUsers(machine),
      languages: cronLanguages.filter((name) => findProgram(name) !== undefined),
    };
  },
  async 'cron.output'(machine, { offset, ...ref }) {
    // First whether it is over: whoever hears that asks no more, so what comes with that word is all that it said.
    const run = showRun(machine, getRun(machine, ref));
    const { text, next } = readLogText(outputPath(machine, ref), offset, run.state !== 'running');
    return { run, text, nextOffset: next };
  },
  async 'cron.put'(machine, params, call) {
    await check(machine, params, call, false);
    return await withCronLock(machine, () => put(machine, params));
  },
  async 'cron.read'(machine, { jobIds }) {
    return {
      items: jobIds.flatMap((jobId) => {
        const found = findJob(machine, jobId);
        return found === undefined ? [] : [{ jobId, facts: found.facts }];
      }),
    };
  },
  'cron.remove': (machine, { jobId }, call) =>
    withCronLock(machine, async () => {
      for (const run of listRuns(machine, jobId)) if (isRunning(run)) await cancelRun(machine, run, call);
      dropJob(machine, jobId);
      return {};
    }),
  async 'cron.runs'(machine, { jobId }) {
    const runs = listRuns(machine, jobId).map((run) => showRun(machine, run));
    return { job: showJob(machine, getJob(machine, jobId)), runs };
  },
  'cron.start': (machine, { jobId, runId }, { actor }) =>
    withCronLock(machine, async () => {
      const record = getJob(machine, jobId);
      if (findRun(machine, { jobId, runId }) === undefined && !record.facts.mayOverlap && isAtWork(machine, jobId))
        throw new AppError('busy', 'The job is running.', { reason: 'cron_running' });
      if (record.facts.work.kind === 'script' && accountOf(machine, record.facts) === undefined)
        throw new AppError('in_use', 'The Linux user of the job is gone.', { reason: 'cron_user_gone' });
      return showRun(machine, await startRun(machine, record, { runId, trigger: 'person', actorName: actor.name }));
    }),
};

const isAtWork = (machine: Machine, jobId: string): boolean => listRuns(machine, jobId).some(isRunning);

function getRun(machine: Machine, ref: RunRef): RunRecord {
  const found = findRun(machine, ref);
  if (found === undefined) throw new AppError('not_found', 'There is no such run.', { reason: 'cron_run_unknown' });
  return found;
}

type Put = ActionParams<AgentActions['cron.put']>;

/**
 * What root, another user of the machine or a private address would do with it is said by a person who is there.
 * `isTrial`: nothing is kept, so nobody has to confirm yet; the right to it is asked for all the same.
 */
async function check(machine: Machine, { jobId, facts }: Omit<Put, 'isNew'>, call: Call, isTrial: boolean) {
  const before = findJob(machine, jobId)?.facts;
  const isGrave = isGraveCron(facts) || (before !== undefined && isGraveCron(before));
  if (isGrave) requireTicket(isTrial ? { ...call, isElevated: true } : call, 'cron.machine');
  const problem = problemOfSchedule(facts.schedule, machine.now());
  // One that ran once and is over may still be renamed.
  const isOver = problem?.code === 'cron_past' && before?.schedule.every === 'once' && sameSchedule(before, facts);
  if (problem !== undefined && !isOver) throw invalid(`schedule.${problem.field}`, problem.code);
  if (facts.siteId !== null && !hasSite(machine, facts.siteId))
    throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
  await checkWork(machine, facts, call);
}

async function checkWork(machine: Machine, facts: CronFacts, { may }: Call): Promise<void> {
  const { work } = facts;
  const need = (permission: Permission): void => {
    if (may(permission)) return;
    throw new AppError('not_allowed', `This needs the permission ${permission}.`, { params: { permission } });
  };
  switch (work.kind) {
    case 'script':
      if (accountOf(machine, facts) === undefined) throw invalid('work.linuxUser', 'cron_user_unknown');
      return;
    case 'backup':
      need('backups.create');
      if (findPlan(backupsFolder(machine.stateFolder), work.planId) === undefined)
        throw invalid('work.planId', 'cron_plan_unknown');
      return;
    case 'service': {
      need('services.write');
      const { isKnown, isOurs } = await lookAtService(machine, work.unit);
      if (isOurs) throw invalid('work.unit', 'cron_unit_guarded');
      if (!isKnown) throw invalid('work.unit', 'cron_unit_unknown');
      return;
    }
    case 'url':
    case 'logs':
      return;
  }
}

function invalid(field: string, code: string): AppError {
  return new AppError('invalid_request', 'The job cannot be kept so.', { fields: [{ field, code }] });
}

const sameSchedule = (one: CronFacts, other: CronFacts): boolean =>
  JSON.stringify(one.schedule) === JSON.stringify(other.schedule);

async function put(machine: Machine, { jobId, isNew, facts }: Put): Promise<ReturnType<typeof showJob>> {
  if (!isNew) getJob(machine, jobId);
  else if (findJob(machine, jobId) === undefined && countJobs(machine) >= maxCronJobs)
    throw new AppError('in_use', 'There are as many scheduled jobs as there may be.', {
      reason: 'cron_too_many',
      params: { max: maxCronJobs },
    });
  return await keep(machine, jobId, facts);
}

/** A schedule counts from the moment it is there, or is switched on again. */
async function keep(machine: Machine, jobId: string, facts: CronFacts): Promise<ReturnType<typeof showJob>> {
  const before = findJob(machine, jobId)?.facts;
  const now = machine.now();
  const record: JobRecord = { jobId, facts, changedAt: now };
  const goesOn = before !== undefined && before.isEnabled && sameSchedule(before, facts);
  if (!goesOn) await writeState(machine, jobId, { ...stateOf(machine, jobId), handledUntil: now });
  await writeJob(machine, record);
  await planFor(machine, record);
  return showJob(machine, record);
}

const cancelPatienceMs = 12_000;

/** Tells the process of the run, which ends what it started; waits for its last word. */
async function cancelRun(machine: Machine, run: RunRecord, { deadlineAt }: Call): Promise<RunRecord> {
  if (!isOpen(run)) return run;
  askToCancel(machine, run);
  const endsAt = Math.min(Date.now() + cancelPatienceMs, deadlineAt - 2_000);
  let told = false;
  for (;;) {
    const now = findRun(machine, run) ?? run;
    if (!isRunning(now)) return now;
    if (!told && now.process !== null && isAlive(now.process)) {
      told = true;
      process.kill(now.process.pid, 'SIGTERM');
    }
    if (Date.now() > endsAt) throw new AppError('busy', 'The run has not ended yet.', { reason: 'cron_running' });
    await wait(50);
  }
}
