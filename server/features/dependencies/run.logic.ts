import { z } from 'zod';
import type { ActionParamsInput, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { dependencyWork, type DependencyRun } from '#shared/dependencies.ts';
import { isErrorReason } from '#shared/error-reasons.ts';
import { AppError } from '#shared/errors.ts';
import { id } from '#shared/http.ts';
import { panelActor } from '../../core/agent-client.ts';
import { isCancelWanted, patiently, pause, pollMs, splitLines } from '../../core/jobs/follow.ts';
import { jobHandler, type JobRun } from '../../core/jobs/handler.ts';

const params = z.strictObject({ siteId: id, slug: z.string(), work: dependencyWork });
export type RunParams = z.output<typeof params>;

/** Follows a run of a project's tool. It is the agent's, under the id of the job: it goes on without the panel. */
export const dependenciesRunHandler = jobHandler<RunParams>({
  kind: 'dependencies.run',
  params,
  steps: [{ name: 'dependencies_run', run: follow, compensate: stop }],
});

async function follow(job: JobRun, given: RunParams): Promise<void> {
  for (;;) {
    if (job.signal.aborted) throw new Error('stopped while a run was followed');
    const { seen, isInterrupted, hasMore } = await readOn(job, given);
    if (seen === null || isInterrupted) {
      const wanted = { ...refOf(job, given), work: given.work };
      await patiently(job, () => call(job, 'dependencies.start', wanted, job.actor));
      continue;
    }
    if (seen.state !== 'running' && !hasMore) return finish(seen);
    await pause(job, hasMore ? 0 : pollMs);
  }
}

const refOf = ({ jobId }: JobRun, { siteId, slug }: RunParams) => ({ site: { siteId, slug }, runId: jobId });

async function readOn(
  job: JobRun,
  given: RunParams,
): Promise<{ seen: DependencyRun | null; isInterrupted: boolean; hasMore: boolean }> {
  const before = job.memory['offset'];
  const offset = typeof before === 'number' ? before : 0;
  const answer = await patiently(job, () =>
    call(job, 'dependencies.follow', { ...refOf(job, given), offset }, panelActor),
  );
  const hasMore = answer.nextOffset > offset;
  const { whole, rest } = splitLines(answer.text);
  const texts = rest === '' ? whole : [...whole, rest];
  if (hasMore)
    await job.record({
      lines: texts.map((text) => ({ stream: 'out', text })),
      memory: { ...job.memory, offset: answer.nextOffset },
    });
  return { seen: answer.run, isInterrupted: answer.isInterrupted, hasMore };
}

function finish({ state, failure }: DependencyRun): void {
  if (state === 'succeeded') return;
  const reason = failure?.reason ?? '';
  throw new AppError('in_use', 'The packages were not installed.', {
    ...(isErrorReason(reason) ? { reason } : {}),
    params: failure?.params ?? {},
  });
}

/** What was written so far stays; the tools themselves go on from there. */
async function stop(job: JobRun, given: RunParams): Promise<void> {
  if (!(await isCancelWanted(job))) return;
  await patiently(job, () => call(job, 'dependencies.cancel', refOf(job, given), job.actor));
  await readOn(job, given);
}

type RunAction = 'dependencies.cancel' | 'dependencies.follow' | 'dependencies.start';

function call<N extends RunAction>(
  job: JobRun,
  action: N,
  given: ActionParamsInput<AgentActions[N]>,
  actor: { readonly id: string; readonly name: string },
): Promise<ActionResult<AgentActions[N]>> {
  return job.ctx.agent.call(action, given, { actor, requestId: `job-${job.jobId}` });
}
