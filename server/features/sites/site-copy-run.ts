import { z } from 'zod';
import { aapanelBase, aapanelName } from '#shared/aapanel.ts';
import type { ActionParamsInput, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { slug } from '#shared/agent/slug.ts';
import { isErrorReason } from '#shared/error-reasons.ts';
import { AppError } from '#shared/errors.ts';
import { id } from '#shared/http.ts';
import type { SiteCopyState } from '#shared/site-copies.ts';
import { siteFileDatabaseChoice } from '#shared/site-files.ts';
import { siteFacts } from '#shared/sites.ts';
import type { Actor } from '../../core/actor.ts';
import { panelActor } from '../../core/agent-client.ts';
import { patiently, pause, pollMs, splitLines } from '../../core/jobs/follow.ts';
import { jobHandler, type JobRun } from '../../core/jobs/handler.ts';
import { specOf } from './site-changes.ts';
import { makeGatheredSite } from './site-gathered.ts';

const params = z.strictObject({
  source: z.union([
    z.strictObject({ siteId: id, slug }),
    z.strictObject({ base: aapanelBase, name: aapanelName }),
    z.strictObject({
      uploadId: id,
      databases: z.array(siteFileDatabaseChoice).default([]),
      certificateId: id.nullable().default(null),
    }),
  ]),
  /** Of the new site. */
  siteId: id,
  snapshot: siteFacts.extend({ slug, name: z.string(), remark: z.string(), category: z.string() }),
  withSecrets: z.boolean(),
  /** Whoever asked sees only sites that were given to them: this one is, then. */
  isAssigned: z.boolean(),
});
export type CopyParams = z.output<typeof params>;

/** Follows the copying of files, which is the agent's and goes on without the panel, and makes the site of them. */
export const sitesCopyHandler = jobHandler<CopyParams>({
  kind: 'sites.copy',
  params,
  steps: [
    { name: 'copy_files', run: follow, compensate: takeBack },
    { name: 'copy_site', run: makeSite },
  ],
});

async function follow(job: JobRun, given: CopyParams): Promise<void> {
  for (;;) {
    // Cancelled: `takeBack` tells the agent. Shut down: the copy goes on, and the next process follows it.
    if (job.signal.aborted) throw new Error('stopped while a copy was followed');
    const { copy, isInterrupted, hasMore } = await readOn(job);
    if (copy === null || isInterrupted) {
      // A job that was started again, or a process that died. What needs a ticket is refused here.
      await patiently(job, () => start(job, given));
      continue;
    }
    if (copy.state !== 'running' && !hasMore) return finish(copy);
    await pause(job, hasMore ? 0 : pollMs);
  }
}

function start(job: JobRun, { source, siteId, snapshot, withSecrets }: CopyParams): Promise<SiteCopyState> {
  const spec = specOf(siteId, snapshot);
  return call(job, 'copies.start', { copyId: job.jobId, source, spec, withSecrets }, job.actor);
}

async function readOn(job: JobRun): Promise<{ copy: SiteCopyState | null; isInterrupted: boolean; hasMore: boolean }> {
  const before = job.memory['offset'];
  const offset = typeof before === 'number' ? before : 0;
  const answer = await patiently(job, () => call(job, 'copies.follow', { copyId: job.jobId, offset }));
  const hasMore = answer.nextOffset > offset;
  const { whole, rest } = splitLines(answer.text);
  const texts = rest === '' ? whole : [...whole, rest];
  if (hasMore || answer.copy !== null)
    await job.record({
      lines: texts.map((text) => ({ stream: 'out', text })),
      memory: { ...job.memory, offset: answer.nextOffset },
      progress: answer.copy?.progress ?? null,
    });
  return { copy: answer.copy, isInterrupted: answer.isInterrupted, hasMore };
}

function finish({ state, failure }: SiteCopyState): void {
  if (state === 'copied' || state === 'settled') return;
  const reason = failure?.reason ?? 'copy_interrupted';
  throw new AppError('in_use', 'The files were not copied.', {
    ...(isErrorReason(reason) ? { reason } : {}),
    params: failure?.params ?? {},
  });
}

/** Also when the site could not be made: then what was copied for it goes. One that became a site stays. */
async function takeBack(job: JobRun): Promise<void> {
  await patiently(job, () => call(job, 'copies.cancel', { copyId: job.jobId }));
  await readOn(job);
}

async function makeSite(job: JobRun, given: CopyParams): Promise<void> {
  const { id: personId, name } = job.actor;
  const siteScope = given.isAssigned ? 'assigned' : 'all';
  const actor: Actor = { id: personId, name, role: '', permissions: [], siteScope, siteIds: [], sessionId: '' };
  const asker = { actor, requestId: `job-${job.jobId}` };
  await makeGatheredSite(job.ctx, asker, given, (changeId) =>
    job.ctx.agent.call('copies.settle', { copyId: job.jobId, changeId }, asker),
  );
}

type CopyAction = 'copies.cancel' | 'copies.follow' | 'copies.start';

/** As the panel, unless said otherwise: a person who was shut out meanwhile must not make their copy look failed. */
function call<N extends CopyAction>(
  job: JobRun,
  action: N,
  given: ActionParamsInput<AgentActions[N]>,
  actor: JobRun['actor'] = panelActor,
): Promise<ActionResult<AgentActions[N]>> {
  return job.ctx.agent.call(action, given, { actor, requestId: `job-${job.jobId}` });
}
