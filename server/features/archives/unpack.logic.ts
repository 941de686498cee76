import { z } from 'zod';
import type { ActionParamsInput, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { unpackChoices, unpackPhases, type UnpackPhase, type Unpacking } from '#shared/archives.ts';
import { isErrorReason } from '#shared/error-reasons.ts';
import { AppError } from '#shared/errors.ts';
import { id } from '#shared/http.ts';
import { wordpressApp } from '#shared/wordpress.ts';
import { panelActor } from '../../core/agent-client.ts';
import { isCancelWanted, patiently, pause, pollMs, splitLines } from '../../core/jobs/follow.ts';
import { jobHandler, type JobRun } from '../../core/jobs/handler.ts';

const params = z.strictObject({
  siteId: id,
  slug: z.string(),
  uploadId: id,
  choices: unpackChoices,
  /** Made ready for its database on the way. */
  app: wordpressApp.optional(),
});
export type UnpackParams = z.output<typeof params>;

/**
 * Follows an unpacking. It is the agent's, under the id of the job: it goes on without the panel, and the job finds it again.
 */
export const archivesUnpackHandler = jobHandler<UnpackParams>({
  kind: 'archives.unpack',
  params,
  steps: unpackPhases.map((phase) => ({
    name: `unpack_${phase}`,
    run: (job, given) => followUnpacking(job, given, { unpackingId: job.jobId, phase }),
    ...(phase === 'read' ? { compensate: stop } : {}),
  })),
});

/** Until the unpacking is past the phase, or over. Starts it when the agent does not know it, or its process has died. */
export async function followUnpacking(
  job: JobRun,
  given: UnpackParams,
  { unpackingId, phase }: { readonly unpackingId: string; readonly phase: UnpackPhase },
): Promise<void> {
  const { siteId, slug, uploadId, choices, app } = given;
  const site = { siteId, slug };
  const wanted = { site, unpackingId, uploadId, choices, ...(app === undefined ? {} : { app }) };
  for (;;) {
    if (job.signal.aborted) throw new Error('stopped while an unpacking was followed');
    const { seen, isInterrupted, hasMore } = await readOn(job, site, unpackingId);
    if (seen === null || isInterrupted) {
      await patiently(job, () => call(job, 'archives.unpack', wanted, job.actor));
      continue;
    }
    const isPast = unpackPhases.indexOf(seen.phase) > unpackPhases.indexOf(phase);
    if (seen.state !== 'running' && !hasMore) return finish(seen);
    if (seen.state === 'running' && isPast) return;
    await pause(job, hasMore ? 0 : pollMs);
  }
}

async function readOn(
  job: JobRun,
  site: { readonly siteId: string; readonly slug: string },
  unpackingId: string,
): Promise<{ seen: Unpacking | null; isInterrupted: boolean; hasMore: boolean }> {
  const before = job.memory['offset'];
  const offset = typeof before === 'number' ? before : 0;
  const answer = await patiently(job, () => call(job, 'archives.follow', { site, unpackingId, offset }, panelActor));
  const hasMore = answer.nextOffset > offset;
  const { whole, rest } = splitLines(answer.text);
  const texts = rest === '' ? whole : [...whole, rest];
  const progress = answer.unpacking?.progress ?? 0;
  const isNews = hasMore || job.memory['progress'] !== progress;
  if (isNews)
    await job.record({
      lines: texts.map((text) => ({ stream: 'out', text })),
      memory: { ...job.memory, offset: answer.nextOffset, progress },
      progress,
    });
  return { seen: answer.unpacking, isInterrupted: answer.isInterrupted, hasMore };
}

function finish({ state, failure }: Unpacking): void {
  if (state === 'succeeded') return;
  const reason = failure?.reason ?? '';
  throw new AppError('in_use', 'The archive was not unpacked.', {
    ...(isErrorReason(reason) ? { reason } : {}),
    params: failure?.params ?? {},
  });
}

/** An unpacking that failed by itself has taken back everything; one that somebody cancelled is told so. */
async function stop(job: JobRun, { siteId, slug }: UnpackParams): Promise<void> {
  if (!(await isCancelWanted(job))) return;
  const site = { siteId, slug };
  await patiently(job, () => call(job, 'archives.cancel', { site, unpackingId: job.jobId }, job.actor));
  await readOn(job, site, job.jobId);
}

type UnpackAction = 'archives.cancel' | 'archives.follow' | 'archives.unpack';

function call<N extends UnpackAction>(
  job: JobRun,
  action: N,
  given: ActionParamsInput<AgentActions[N]>,
  actor: { readonly id: string; readonly name: string },
): Promise<ActionResult<AgentActions[N]>> {
  return job.ctx.agent.call(action, given, { actor, requestId: `job-${job.jobId}` });
}
