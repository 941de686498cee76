import { setTimeout as wait } from 'node:timers/promises';
import { selfProcess } from '../core/alive.ts';
import { bootId } from '../core/boot.ts';
import { launcherOf, logLine, type AgentSettings } from '../core/machine.ts';
import { readyPhpFolder } from '../php/php-command.ts';
import { accountOf, siteOfJob } from './cron-account.ts';
import { tellRun } from './cron-alerts.ts';
import type { CronMachine } from './cron-due.ts';
import { openCronOutput, type CronOutput } from './cron-output.ts';
import {
  findJob,
  findRun,
  isCancelAsked,
  isJobId,
  outputPath,
  writeRun,
  type JobRecord,
  type RunRecord,
} from './cron-records.ts';
import { checkUrl } from './check-url.ts';
import { notRun, runScript, type TaskEnd } from './run-script.ts';

/** `main.ts --cron-run JOB RUN`: one run, from its first try to the word about its end. */
export async function runCronJob(settings: AgentSettings, [jobId = '', runId = '']: readonly string[]): Promise<void> {
  if (!isJobId(jobId) || !isJobId(runId)) throw new Error('usage: main.ts --cron-run JOB RUN');
  const machine = launcherOf(settings);
  const ref = { jobId, runId };
  const job = findJob(machine, jobId);
  const found = findRun(machine, ref);
  // Deleted meanwhile, or begun by another process.
  if (job === undefined || found === undefined || found.state !== 'starting') return;
  const stopping = new AbortController();
  process.once('SIGTERM', () => stopping.abort());
  process.once('SIGINT', () => stopping.abort());
  const running = await writeRun(machine, {
    ...found,
    state: 'running',
    process: selfProcess(),
    bootId: bootId(),
  });
  const output = openCronOutput(outputPath(machine, ref));
  const startedAt = performance.now();
  const end = await workOn(machine, job, running, output, stopping.signal);
  const outputBytes = output.totalBytes;
  const cutBytes = output.finish();
  const stateOfEnd = (): RunRecord['state'] => {
    // The machine goes down, or somebody ended it from outside: nobody of the panel wanted that.
    if (stopping.signal.aborted) return isCancelAsked(machine, ref) ? 'cancelled' : 'interrupted';
    return end.cause === null ? 'succeeded' : end.isTimedOut ? 'timed_out' : 'failed';
  };
  const state = stateOfEnd();
  const causes: Partial<Record<RunRecord['state'], RunRecord['cause']>> = {
    cancelled: 'cron_cancelled',
    interrupted: 'cron_interrupted',
    timed_out: 'cron_timed_out',
    succeeded: null,
  };
  const cause = state in causes ? (causes[state] ?? null) : end.cause;
  // A job that was deleted meanwhile has no runs any more.
  if (findJob(machine, jobId) === undefined) return;
  const { code, cpuMs, memoryBytes, attempt } = end;
  const ended = await writeRun(machine, {
    ...running,
    state,
    cause,
    code,
    cpuMs,
    memoryBytes,
    attempt,
    outputBytes,
    cutBytes,
    endedAt: machine.now(),
    durationMs: Math.round(performance.now() - startedAt),
    process: null,
  });
  await tellRun(machine, job.facts.name, job.facts.notify, ended);
}

type AttemptEnd = TaskEnd & { readonly attempt: number };

async function workOn(
  machine: CronMachine,
  { facts }: JobRecord,
  run: RunRecord,
  output: CronOutput,
  signal: AbortSignal,
): Promise<AttemptEnd> {
  for (let attempt = 1; ; attempt++) {
    const end = await tryOnce(machine, facts, { ...run, attempt }, output, signal);
    if (end.cause === null || signal.aborted || attempt > facts.retries) return { ...end, attempt };
    output.say(`[${attempt}/${facts.retries + 1}] ${end.cause}`);
    await writeRun(machine, { ...run, attempt: attempt + 1 });
    try {
      await wait(facts.retryPauseSeconds * 1_000, undefined, { signal });
    } catch {
      return { ...end, attempt };
    }
  }
}

async function tryOnce(
  machine: CronMachine,
  facts: JobRecord['facts'],
  { runId, attempt }: RunRecord,
  output: CronOutput,
  signal: AbortSignal,
): Promise<TaskEnd> {
  const { work, siteId } = facts;
  const common = { timeoutMs: facts.timeoutSeconds * 1_000, signal, output };
  if (work.kind === 'url') return await checkUrl({ work, ...common });
  if (work.kind !== 'script') {
    try {
      // Loaded by the few that need it.
      const { runOwnWork } = await import('./run-own-work.ts');
      return await runOwnWork(machine, { work, siteId, ...common });
    } catch (error) {
      if (signal.aborted) return { ...notRun, cause: 'cron_cancelled' };
      logLine('error', 'a scheduled job went wrong', { runId, error: String(error) });
      return { ...notRun, cause: 'cron_not_started' };
    }
  }
  const account = accountOf(machine, facts);
  if (account === undefined) return { ...notRun, cause: 'cron_user_gone' };
  try {
    const folders = readyPhpFolder(machine, siteOfJob(machine, facts));
    return await runScript(machine, { runId, attempt, work, account, isOfSite: siteId !== null, folders, ...common });
  } catch (error) {
    if (signal.aborted) return { ...notRun, cause: 'cron_cancelled' };
    logLine('error', 'a scheduled job could not be started', { runId, error: String(error) });
    return { ...notRun, cause: 'cron_not_started' };
  }
}
