import { z } from 'zod';
import type { ActionParamsInput, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import type { Job } from '#shared/jobs.ts';
import { isPhpExtensionName } from '#shared/php-extensions.ts';
import {
  installableName,
  removableName,
  updatableName,
  upgradeScopes,
  type InstallableName,
  type RemovableName,
  type UpdatableName,
  type UpgradeScope,
} from '#shared/software.ts';
import type { Context } from '../../context.ts';
import type { Actor } from '../../core/actor.ts';
import { isCancelWanted, patiently, pause, pollMs, splitLines } from '../../core/jobs/follow.ts';
import { jobHandler, type JobRun, type JobStep } from '../../core/jobs/handler.ts';
import { listOpenJobs, toJob } from '../../core/jobs/jobs.store.ts';

const stepNames = ['refresh', 'install', 'configure', 'start', 'verify'] as const;
type InstallStep = (typeof stepNames)[number];
type StepName = InstallStep | 'remove' | 'upgrade';

/** Where each step begins on the bar of the whole job, in percent: the download is most of it. */
const startsAt: Record<InstallStep, number> = { refresh: 0, install: 20, configure: 80, start: 88, verify: 95 };

const params = z.strictObject({ name: installableName });
type Params = z.output<typeof params>;

/** One request after another: two at the same moment must find one job. */
const queues = new WeakMap<Context, Promise<unknown>>();

/** The installation that is under way already, or a new job. */
export async function installSoftware(ctx: Context, actor: Actor, name: InstallableName): Promise<Job> {
  return await inTurn(ctx, () => findOrEnqueue(ctx, actor, 'software.install', name));
}

/** The update of one program that is under way already, or a new job. */
export async function updateSoftware(ctx: Context, actor: Actor, name: UpdatableName): Promise<Job> {
  return await inTurn(ctx, () => findOrEnqueue(ctx, actor, 'software.update', name));
}

/** What would change by now has to be what was shown. Without a mark nobody was shown anything. Throws `plan_changed`. */
export async function checkPlan(
  ctx: Context,
  caller: { readonly actor: Actor; readonly requestId: string },
  name: InstallableName,
  shown: string | undefined,
): Promise<void> {
  if (shown === undefined) return;
  const { mark } = await ctx.agent.call('software.plan', { name }, caller);
  if (mark === shown) return;
  throw new AppError('changed_meanwhile', 'It would change something else by now.', { reason: 'plan_changed' });
}

/** The removal that is under way already, or a new job. Whether a site needs it is the agent's to say, within the job. */
export async function removeSoftware(ctx: Context, actor: Actor, name: RemovableName): Promise<Job> {
  return await inTurn(ctx, () => findOrEnqueue(ctx, actor, 'software.remove', name));
}

function inTurn(ctx: Context, work: () => Promise<Job>): Promise<Job> {
  const before = queues.get(ctx) ?? Promise.resolve();
  const mine = before.catch(() => undefined).then(work);
  queues.set(ctx, mine);
  return mine;
}

async function findOrEnqueue(
  ctx: Context,
  actor: Actor,
  kind: 'software.install' | 'software.remove' | 'software.update',
  name: InstallableName,
): Promise<Job> {
  const open = await listOpenJobs(ctx.db, kind);
  const same = open.find(({ params_json }) => params.parse(JSON.parse(params_json)).name === name);
  if (same !== undefined) return toJob(same);
  return ctx.jobs.enqueue({ kind, subject: { software: name }, params: { name }, actor });
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

const removalParams = z.strictObject({ name: removableName });

/** Removes what no site uses. The package manager is not interrupted: a wish to cancel comes too late. */
export const softwareRemoveHandler = jobHandler<z.output<typeof removalParams>>({
  kind: 'software.remove',
  params: removalParams,
  steps: [
    {
      name: 'remove',
      run: (job, { name }) =>
        followStep(job, 'remove', () => call(job, 'software.remove', { name, operationId: job.jobId })),
    },
    {
      name: 'start',
      // An extension stays loaded until PHP-FPM begins anew; of a whole version nothing is left to begin.
      async run(job, { name }) {
        if (!isPhpExtensionName(name)) return;
        await followStep(job, 'start', () =>
          call(job, 'software.install', { name, operationId: job.jobId, step: 'start' }),
        );
      },
    },
  ],
});

const upgradeParams = z.strictObject({ scope: z.enum(upgradeScopes) });

/** The updates that are being installed already, or a new job: one at a time, whatever their scope. */
export async function installUpdates(ctx: Context, actor: Actor, scope: UpgradeScope): Promise<Job> {
  return await inTurn(ctx, async () => {
    const [open] = await listOpenJobs(ctx.db, 'updates.install');
    if (open !== undefined) return toJob(open);
    return await ctx.jobs.enqueue({ kind: 'updates.install', subject: { scope }, params: { scope }, actor });
  });
}

/** Fresh lists, then what waits. Former versions are gone from the distribution, so nothing is taken back. */
export const updatesInstallHandler = jobHandler<z.output<typeof upgradeParams>>({
  kind: 'updates.install',
  params: upgradeParams,
  steps: (['refresh', 'upgrade'] as const).map((step) => ({
    name: step,
    run: (job, { scope }) =>
      followStep(job, step, () => call(job, 'software.upgrade', { scope, operationId: job.jobId, step })),
  })),
});

const updateParams = z.strictObject({ name: updatableName });

/** As all updates, for one program and what comes with it. */
export const softwareUpdateHandler = jobHandler<z.output<typeof updateParams>>({
  kind: 'software.update',
  params: updateParams,
  steps: (['refresh', 'upgrade'] as const).map((step) => ({
    name: step,
    run: (job, { name }) =>
      followStep(job, step, () => call(job, 'software.upgrade', { scope: name, operationId: job.jobId, step })),
  })),
});

async function runStep(job: JobRun, { name }: Params, step: InstallStep): Promise<void> {
  await followStep(job, step, () => call(job, 'software.install', { name, operationId: job.jobId, step }));
}

/** Asks the agent to begin, and follows its log to the end. */
async function followStep(job: JobRun, step: StepName, begin: () => Promise<unknown>): Promise<void> {
  await patiently(job, begin);
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
      await patiently(job, begin);
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
    await pause(job, hasMore && answer.state !== 'running' ? 0 : pollMs);
  }
}

function offsetOf(job: JobRun, step: StepName): number {
  const offset = job.memory[`offset.${step}`];
  return typeof offset === 'number' ? offset : 0;
}

/** A cancelled job stops its operation; a panel that shuts down leaves it running for the next process. */
async function stopOperation(job: JobRun): Promise<void> {
  if (!(await isCancelWanted(job))) return;
  await call(job, 'software.cancel', { operationId: job.jobId });
}

async function takeBack(job: JobRun): Promise<void> {
  await patiently(job, () => call(job, 'software.cancel', { operationId: job.jobId }));
  const { removed } = await patiently(job, () => call(job, 'software.uninstall', { operationId: job.jobId }));
  if (removed.length > 0) await job.record({ lines: [{ stream: 'note', text: `removed: ${removed.join(' ')}` }] });
}

type OperationAction =
  | 'software.install'
  | 'software.operation'
  | 'software.remove'
  | 'software.cancel'
  | 'software.uninstall'
  | 'software.upgrade';

function call<N extends OperationAction>(
  job: JobRun,
  action: N,
  given: ActionParamsInput<AgentActions[N]>,
): Promise<ActionResult<AgentActions[N]>> {
  return job.ctx.agent.call(action, given, { actor: job.actor, requestId: `job-${job.jobId}` });
}

function progressOf(step: StepName, share: number | null): number {
  if (step === 'remove') return share ?? 0;
  if (step === 'upgrade') return startsAt.install + ((100 - startsAt.install) * (share ?? 0)) / 100;
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
