import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { id, type BodyOf } from '#shared/http.ts';
import { batchChange, type BatchChange, type BatchResult, type batchesApi } from '#shared/site-batches.ts';
import type { Job } from '#shared/jobs.ts';
import type { Site, sitesApi } from '#shared/sites.ts';
import type { Context } from '../../context.ts';
import { canSeeJob, type Actor } from '../../core/actor.ts';
import { patiently } from '../../core/jobs/follow.ts';
import { jobHandler, type JobRun } from '../../core/jobs/handler.ts';
import { findJobRow, toJob } from '../../core/jobs/jobs.store.ts';
import { newId } from '../../core/id.ts';
import { findSite } from './site-cache.ts';
import { checkVisible, siteGone, type Asker } from './site-editing.ts';
import { changeSiteFields } from './sites.logic.ts';

const kind = 'sites.batch';

const params = z.strictObject({ siteIds: z.array(id), change: batchChange });
type BatchParams = z.output<typeof params>;

/** Throws `not_found` when one of the sites is not there for the actor: then nothing is begun. */
export async function startBatch(
  ctx: Context,
  { actor }: Asker,
  { siteIds, change }: BodyOf<typeof batchesApi.start>,
): Promise<Job> {
  for (const siteId of siteIds) checkVisible(actor, siteId);
  return ctx.jobs.enqueue({
    id: newId(),
    kind,
    subject: { what: change.kind, count: String(siteIds.length) },
    params: { siteIds, change },
    actor: { id: actor.id, name: actor.name },
  });
}

/** What became of each site so far; those that are still to come are not there. */
export async function readBatch(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  jobId: string,
): Promise<{ job: Job; total: number; results: BatchResult[] }> {
  const row = await findJobRow(ctx.db, jobId);
  if (row === undefined || row.kind !== kind || !canSeeJob(actor, toJob(row)))
    throw new AppError('not_found', 'There is no such job.', { reason: 'job_unknown' });
  const { siteIds } = params.parse(JSON.parse(row.params_json));
  const memory = JSON.parse(row.memory_json) as { results?: BatchResult[] };
  return { job: toJob(row), total: siteIds.length, results: memory.results ?? [] };
}

/**
 * One site after the other, each by the change that a person could make to it alone. What became of each is kept as it
 * comes, so a restart goes on with the next one; a batch that is stopped leaves those changed that were changed.
 */
export const sitesBatchHandler = jobHandler<BatchParams>({
  kind,
  params,
  steps: [{ name: 'change_sites', run: changeSites }],
});

async function changeSites(job: JobRun, { siteIds, change }: BatchParams): Promise<void> {
  const before = job.memory['results'];
  let results = Array.isArray(before) ? (before as BatchResult[]) : [];
  for (const siteId of siteIds.slice(results.length)) {
    if (job.signal.aborted) throw new Error('stopped between two sites');
    const result = await changeOne(job, siteId, change);
    results = [...results, result];
    await job.record({
      lines: [{ stream: result.failure === null ? 'out' : 'err', text: lineOf(result) }],
      memory: { results },
      progress: (100 * results.length) / siteIds.length,
    });
  }
  const refused = results.filter(({ state }) => state === 'refused').length;
  if (refused === 0) return;
  throw new AppError('in_use', 'Some sites could not be changed; the others are.', {
    reason: 'batch_partly',
    params: { refused, total: results.length },
  });
}

function lineOf({ name, state, failure }: BatchResult): string {
  return failure === null ? `${name}: ${state}` : `${name}: refused: ${failure.reason ?? failure.code}`;
}

async function changeOne(job: JobRun, siteId: string, change: BatchChange): Promise<BatchResult> {
  const site = await findSite(job.ctx.db, siteId);
  const named = { siteId, name: site?.name ?? '…' };
  try {
    const changeId = await patiently(job, () => changeAsSeen(job, siteId, change));
    return { ...named, state: changeId === null ? 'unchanged' : 'changed', failure: null };
  } catch (error) {
    // The panel's own trouble and that of the agent end the job, which can be started again.
    if (!(error instanceof AppError) || ['internal', 'agent_unavailable', 'timeout'].includes(error.code)) throw error;
    const { code, reason, params: facts } = error;
    return { ...named, state: 'refused', failure: { code, reason: reason ?? null, params: { ...facts } } };
  }
}

/** Somebody who changes a site between the look at it and the change is met by a look anew: nothing of theirs is put back. */
const mostLooks = 3;

async function changeAsSeen(job: JobRun, siteId: string, change: BatchChange): Promise<string | null> {
  const asker = { actor: actorOf(job, siteId), requestId: `job-${job.jobId}` };
  for (let look = 1; ; look++) {
    const site = await findSite(job.ctx.db, siteId);
    if (site === undefined) throw siteGone();
    try {
      return (await changeSiteFields(job.ctx, asker, siteId, updateOf(site, change), site.revision)).changeId;
    } catch (error) {
      const isOld = error instanceof AppError && error.reason === 'revision_changed';
      if (!isOld || look >= mostLooks) throw error;
    }
  }
}

/** Throws for a site that cannot have it. */
function updateOf(site: Site, change: BatchChange): BodyOf<typeof sitesApi.update> {
  switch (change.kind) {
    case 'enable':
      return { isEnabled: true };
    case 'disable':
      return { isEnabled: false };
    case 'category':
      return { category: change.category };
    case 'php':
      if (site.php === null) throw new AppError('in_use', 'It is not a PHP site.', { reason: 'batch_not_php' });
      return { php: { ...site.php, version: change.version } };
    case 'https':
      if (site.tls === null) throw new AppError('in_use', 'It has no certificate.', { reason: 'batch_no_certificate' });
      return { tls: { ...site.tls, isForced: change.isForced } };
    case 'end':
      return { reach: { ...site.reach, endsAt: change.endsAt } };
  }
}

/** Whoever began it, for the one site: that they may was asked when it began. */
function actorOf({ actor: { id: personId, name } }: JobRun, siteId: string): Actor {
  return { id: personId, name, role: '', permissions: [], siteScope: 'assigned', siteIds: [siteId], sessionId: '' };
}
