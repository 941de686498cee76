import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { ActionParamsInput, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import type { Job } from '#shared/jobs.ts';
import { softwareNames, type SoftwareName } from '#shared/software.ts';
import type { Context } from '../../context.ts';
import type { Actor } from '../../core/actor.ts';
import { AgentCallError } from '../../core/agent-client.ts';
import { jobHandler, type JobRun, type JobStep } from '../../core/jobs/handler.ts';
import { listOpenJobs, toJob } from '../../core/jobs/jobs.store.ts';

const stepNames = ['refresh', 'install', 'configure', 'start', 'verify'] as const;
type StepName = (typeof stepNames)[number];

/** Where each step begins on the bar of the whole job, in percent: the download is most of it. */
const startsAt: Record<StepName, number> = { refresh: 0, install: 20, configure: 80, start: 88, verify: 95 };

const pollMs = 500;
/** An agent that is being restarted comes back within this time; the operation itself goes on without it. */
const agentPatienceMs = 60_000;

const params = z.strictObject({ name: z.enum(softwareNames) });
type Params = z.output<typeof params>;

/** One request after another: two at the same moment must find one job. */
const queues = new WeakMap<Context, Promise<unknown>>();

/** The installation that is under way already, or a new job. */
export async function installSoftware(ctx: Context, actor: Actor, name: SoftwareName): Promise<Job> {
  const before = queues.get(ctx) ?? Promise.resolve();
  const mine = before.catch(() => undefined).then(() => findOrEnqueue(ctx, actor, name));
  queues.set(ctx, mine);
  return mine;
}

async function findOrEnqueue(ctx: Context, actor: Actor, name: SoftwareName): Promise<Job> {
  const open = await listOpenJobs(ctx.db, 'software.install');
  const same = open.find(({ params_json }) => params.parse(JSON.parse(params_json)).name === name);
  if (same !== undefined) return toJob(same);
  return ctx.jobs.enqueue({ kind: 'software.install', subject: { software: name }, params: { name }, actor });
}

/** Installs from the distribution. The agent's operations carry the job's id, so a repeated step finds its own work. */
export const softwareInstallHandler = jobHandler<Params>({
  kind: 'software.install',
  params,
  steps: stepNames.map((step): JobStep<Params> => {
    const run: JobStep<Params>['run'] = (job, given) => runStep(job, given, step);
    return step === 'install' ? { name: step, run, compensate: takeBack } : { name: step, run };
  }),
});

async function runStep(job: JobRun, { name }: Params, step: StepName): Promise<void> {
  await patiently(job, () => call(job, 'software.install', { name, operationId: job.jobId, step }));
  let partial = '';
  for (;;) {
    if (job.signal.aborted) {
      await stopOperation(job);
      throw new Error(`stopped while ${step} was running`);
    }
    const offset = offsetOf(job, step);
    const answer = await patiently(job, () =>
      call(job, 'software.operation', { operationId: job.jobId, step, offset }),
    );
    if (answer.state === 'unknown') {
      await patiently(job, () => call(job, 'software.install', { name, operationId: job.jobId, step }));
    }
    const isEnd = (answer.state === 'succeeded' || answer.state === 'failed') && answer.nextOffset === offset;
    const lines = splitLines(partial + answer.text);
    // The agent cuts at a line end; what has none yet is the end of a log that is complete.
    partial = isEnd ? '' : lines.rest;
    const texts = isEnd && lines.rest !== '' ? [...lines.whole, lines.rest] : lines.whole;
    await job.record({
      lines: texts.map((text) => ({ stream: 'out', text })),
      memory: { ...job.memory, [`offset.${step}`]: answer.nextOffset },
      progress: progressOf(step, answer.progress),
    });
    if (isEnd && answer.state === 'failed') throw stepFailed(step, answer.exitCode);
    if (isEnd) return;
    const hasMore = answer.nextOffset > offset;
    await wait(hasMore && answer.state !== 'running' ? 0 : pollMs, undefined, { signal: job.signal }).catch(
      () => undefined,
    );
  }
}

function offsetOf(job: JobRun, step: StepName): number {
  const offset = job.memory[`offset.${step}`];
  return typeof offset === 'number' ? offset : 0;
}

/** A cancelled job stops its operation; a panel that shuts down leaves it running for the next process. */
async function stopOperation(job: JobRun): Promise<void> {
  const row = await job.ctx.db
    .selectFrom('job')
    .select('cancel_requested_at')
    .where('id', '=', job.jobId)
    .executeTakeFirst();
  if (row === undefined || row.cancel_requested_at === null) return;
  await call(job, 'software.cancel', { operationId: job.jobId });
}

async function takeBack(job: JobRun): Promise<void> {
  await patiently(job, () => call(job, 'software.cancel', { operationId: job.jobId }));
  const { removed } = await patiently(job, () => call(job, 'software.uninstall', { operationId: job.jobId }));
  if (removed.length > 0) await job.record({ lines: [{ stream: 'note', text: `removed: ${removed.join(' ')}` }] });
}

type OperationAction = 'software.install' | 'software.operation' | 'software.cancel' | 'software.uninstall';

function call<N extends OperationAction>(
  job: JobRun,
  action: N,
  given: ActionParamsInput<AgentActions[N]>,
): Promise<ActionResult<AgentActions[N]>> {
  return job.ctx.agent.call(action, given, { actor: job.actor, requestId: `job-${job.jobId}` });
}

/** Asks again while the agent is away: it is restarted in seconds, and the package manager goes on meanwhile. */
async function patiently<T>(job: JobRun, ask: () => Promise<T>): Promise<T> {
  const endsAt = Date.now() + agentPatienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isAway = error instanceof AgentCallError && ['agent_unavailable', 'timeout'].includes(error.code);
      if (!isAway || job.signal.aborted || Date.now() > endsAt) throw error;
      await wait(1_000, undefined, { signal: job.signal }).catch(() => undefined);
    }
  }
}

function splitLines(text: string): { whole: string[]; rest: string } {
  const parts = text.split(/\r?\n/);
  const rest = parts.pop() ?? '';
  return { whole: parts, rest };
}

function progressOf(step: StepName, share: number | null): number {
  const index = stepNames.indexOf(step);
  const next = stepNames[index + 1];
  const end = next === undefined ? 100 : startsAt[next];
  return startsAt[step] + ((end - startsAt[step]) * (share ?? 0)) / 100;
}

function stepFailed(step: StepName, exitCode: number | null): AppError {
  return new AppError('internal', `The step ${step} of the installation failed.`, {
    reason: 'install_step_failed',
    params: { step, ...(exitCode === null ? {} : { exitCode }) },
  });
}
