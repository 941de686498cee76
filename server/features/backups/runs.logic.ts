import { z } from 'zod';
import type { ActionParamsInput, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { backupRequest, type BackupRequest, type BackupRun } from '#shared/backups.ts';
import { isErrorReason } from '#shared/error-reasons.ts';
import { AppError, errorCodes, type ErrorCode } from '#shared/errors.ts';
import type { Job } from '#shared/jobs.ts';
import type { Context } from '../../context.ts';
import { AgentCallError, panelActor } from '../../core/agent-client.ts';
import { newId } from '../../core/id.ts';
import { patiently, pause, pollMs, splitLines } from '../../core/jobs/follow.ts';
import { jobHandler, type JobRun } from '../../core/jobs/handler.ts';
import { ask, checkMayStart, type Asking } from './backups.logic.ts';

const params = z.strictObject({ request: backupRequest });
type Params = z.output<typeof params>;

/**
 * Starts a run of the agent's and the job that follows it, both with one id. The run starts here and not in the job: what
 * needs a ticket gets it while the person is there, and what is wrong is said to them at once.
 */
export async function startRun(ctx: Context, asking: Asking, request: BackupRequest): Promise<Job> {
  checkMayStart(asking.actor, request);
  const runId = newId();
  try {
    await ask(ctx, asking, 'backups.start', { runId, request });
  } catch (error) {
    // It may have started all the same: the job finds out.
    if (!(error instanceof AgentCallError) || error.isOutcomeKnown) throw error;
  }
  const subject = await subjectOf(ctx, request);
  return ctx.jobs.enqueue({ id: runId, kind: 'backups.run', subject, params: { request }, actor: asking.actor });
}

/** Facts for the title: what it does, and the names of the plan and the target. */
async function subjectOf(ctx: Context, request: BackupRequest): Promise<Record<string, string>> {
  const subject: Record<string, string> = { what: request.kind };
  const options = { actor: panelActor, requestId: 'backups' };
  const state = await ctx.agent.call('backups.state', {}, options).catch(() => undefined);
  const planId = 'planId' in request ? request.planId : undefined;
  const targetId = 'targetId' in request ? request.targetId : undefined;
  const plan = state?.plans.find(({ id }) => id === planId)?.plan.name;
  const target = state?.targets.find(({ id }) => id === targetId)?.name;
  if (plan !== undefined) subject['plan'] = plan;
  if (target !== undefined) subject['target'] = target;
  if ('isDryRun' in request && request.isDryRun) subject['isDryRun'] = 'true';
  return subject;
}

/** Follows a run. The run is the agent's: it goes on without the panel, and the job finds it again. */
export const backupsRunHandler = jobHandler<Params>({
  kind: 'backups.run',
  params,
  steps: [{ name: 'backup_run', run: follow, compensate: stop }],
});

async function follow(job: JobRun, { request }: Params): Promise<void> {
  for (;;) {
    // Cancelled: `stop` tells the agent. Shut down: the run goes on, and the next process follows it.
    if (job.signal.aborted) throw new Error('stopped while a run was followed');
    const { run, hasMore } = await readOn(job);
    if (run === null) {
      // A job that was started again, or a run whose start was lost on the way. What needs a ticket is refused here.
      await patiently(job, () => call(job, 'backups.start', { runId: job.jobId, request }, job.actor));
      continue;
    }
    if (run.state !== 'running' && !hasMore) return finish(run);
    await pause(job, hasMore ? 0 : pollMs);
  }
}

/** Stops the run and waits until it has ended: a job that is over has nothing going on any more. */
async function stop(job: JobRun): Promise<void> {
  // A start that was lost on the way, or refused: there is nothing to stop.
  if ((await readOn(job)).run === null) return;
  await patiently(job, () => call(job, 'backups.cancel', { runId: job.jobId }));
  for (;;) {
    const { run, hasMore } = await readOn(job);
    if (run === null || (run.state !== 'running' && !hasMore)) return;
    if (job.signal.aborted) throw new Error('stopped while a run was being cancelled');
    await pause(job, hasMore ? 0 : pollMs);
  }
}

/** The run as it is now; its new log lines are kept. */
async function readOn(job: JobRun): Promise<{ run: BackupRun | null; hasMore: boolean }> {
  const before = job.memory['offset'];
  const offset = typeof before === 'number' ? before : 0;
  const answer = await patiently(job, () => call(job, 'backups.run', { runId: job.jobId, offset }));
  const hasMore = answer.nextOffset > offset;
  const { whole, rest } = splitLines(answer.text);
  // The agent cuts at line ends: what has none is the end of a log that was cut off.
  const texts = rest === '' ? whole : [...whole, rest];
  if (hasMore || answer.run !== null) {
    await job.record({
      lines: texts.map((text) => ({ stream: 'out', text })),
      memory: { ...job.memory, offset: answer.nextOffset },
      progress: answer.run?.progress ?? null,
    });
  }
  return { run: answer.run, hasMore };
}

function finish({ state, failure }: BackupRun): void {
  if (state === 'succeeded') return;
  if (state === 'cancelled') {
    throw new AppError('in_use', 'The run was stopped.', { reason: 'backup_run_cancelled' });
  }
  const code = failure !== null && Object.hasOwn(errorCodes, failure.code) ? (failure.code as ErrorCode) : 'internal';
  const reason = failure?.reason ?? null;
  throw new AppError(code, 'The run failed.', {
    ...(reason !== null && isErrorReason(reason) ? { reason } : {}),
    params: failure?.params ?? {},
  });
}

type RunAction = 'backups.cancel' | 'backups.run' | 'backups.start';

/** As the panel, unless said otherwise: a person who was shut out meanwhile must not make their run look failed. */
function call<N extends RunAction>(
  job: JobRun,
  action: N,
  given: ActionParamsInput<AgentActions[N]>,
  actor: JobRun['actor'] = panelActor,
): Promise<ActionResult<AgentActions[N]>> {
  return job.ctx.agent.call(action, given, { actor, requestId: `job-${job.jobId}` });
}
