import { z } from 'zod';
import type { ActionParamsInput, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { deploymentPhases, type Deployment, type DeploymentPhase } from '#shared/deployments.ts';
import { isErrorReason } from '#shared/error-reasons.ts';
import { AppError } from '#shared/errors.ts';
import { id } from '#shared/http.ts';
import { deployTarget } from '#shared/site-deploy.ts';
import { panelActor } from '../../core/agent-client.ts';
import { isCancelWanted, patiently, pause, pollMs, splitLines } from '../../core/jobs/follow.ts';
import { jobHandler, type JobRun } from '../../core/jobs/handler.ts';

const params = z.strictObject({
  siteId: id,
  slug: z.string(),
  trigger: z.enum(['person', 'webhook']),
  /** What is deployed this once. */
  target: deployTarget.optional(),
});
export type RunParams = z.output<typeof params>;

/**
 * Follows a deployment. It is the agent's, under the id of the job: it goes on without the panel, and the job finds it again.
 */
export const deploymentsRunHandler = jobHandler<RunParams>({
  kind: 'deployments.run',
  params,
  steps: deploymentPhases.map((phase) => ({
    name: `deploy_${phase}`,
    run: (job, given) => follow(job, given, phase),
    ...(phase === 'fetch' ? { compensate: stop } : {}),
  })),
});

/** Until the deployment is past the phase, or over. */
async function follow(job: JobRun, given: RunParams, phase: DeploymentPhase): Promise<void> {
  for (;;) {
    if (job.signal.aborted) throw new Error('stopped while a deployment was followed');
    const { seen, isInterrupted, hasMore } = await readOn(job, given);
    if (seen === null || isInterrupted) {
      await patiently(job, () => start(job, given));
      continue;
    }
    const isPast = deploymentPhases.indexOf(seen.phase) > deploymentPhases.indexOf(phase);
    if (seen.state !== 'running' && !hasMore) return finish(seen);
    if (seen.state === 'running' && isPast) return;
    await pause(job, hasMore ? 0 : pollMs);
  }
}

function start(job: JobRun, { siteId, slug, trigger, target }: RunParams): Promise<Deployment> {
  const wanted = { site: { siteId, slug }, deploymentId: job.jobId };
  return target === undefined
    ? call(job, 'deployments.start', { ...wanted, trigger }, job.actor)
    : call(job, 'deployments.start_of', { ...wanted, target }, job.actor);
}

async function readOn(
  job: JobRun,
  { siteId, slug }: RunParams,
): Promise<{ seen: Deployment | null; isInterrupted: boolean; hasMore: boolean }> {
  const before = job.memory['offset'];
  const offset = typeof before === 'number' ? before : 0;
  const asked = { site: { siteId, slug }, deploymentId: job.jobId, offset };
  const answer = await patiently(job, () => call(job, 'deployments.follow', asked, panelActor));
  const hasMore = answer.nextOffset > offset;
  const { whole, rest } = splitLines(answer.text);
  const texts = rest === '' ? whole : [...whole, rest];
  if (hasMore)
    await job.record({
      lines: texts.map((text) => ({ stream: 'out', text })),
      memory: { ...job.memory, offset: answer.nextOffset },
    });
  return { seen: answer.deployment, isInterrupted: answer.isInterrupted, hasMore };
}

function finish({ state, failure }: Deployment): void {
  if (state === 'succeeded') return;
  const reason = failure?.reason ?? '';
  throw new AppError('in_use', 'The deployment did not succeed.', {
    ...(isErrorReason(reason) ? { reason } : {}),
    params: failure?.params ?? {},
  });
}

/** A deployment that failed by itself has taken back everything; one that somebody cancelled is told so. */
async function stop(job: JobRun, { siteId, slug }: RunParams): Promise<void> {
  if (!(await isCancelWanted(job))) return;
  await patiently(job, () =>
    call(job, 'deployments.cancel', { site: { siteId, slug }, deploymentId: job.jobId }, job.actor),
  );
  await readOn(job, { siteId, slug, trigger: 'person' });
}

type RunAction = Extract<keyof AgentActions, `deployments.${'cancel' | 'follow' | 'start' | 'start_of'}`>;

function call<N extends RunAction>(
  job: JobRun,
  action: N,
  given: ActionParamsInput<AgentActions[N]>,
  actor: { readonly id: string; readonly name: string },
): Promise<ActionResult<AgentActions[N]>> {
  return job.ctx.agent.call(action, given, { actor, requestId: `job-${job.jobId}` });
}
