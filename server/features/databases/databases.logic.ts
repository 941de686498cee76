import { z } from 'zod';
import type { ActionParamsInput, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { Database, KnownDatabase, RemovedDatabase } from '#shared/databases.ts';
import { isErrorReason } from '#shared/error-reasons.ts';
import { AppError } from '#shared/errors.ts';
import { id } from '#shared/http.ts';
import type { Job } from '#shared/jobs.ts';
import type { Context } from '../../context.ts';
import { can, canSeeSite, type Actor } from '../../core/actor.ts';
import { checkElevated } from '../../core/agent-tickets.ts';
import { panelActor } from '../../core/agent-client.ts';
import { newId } from '../../core/id.ts';
import { isCancelWanted, patiently, pause, pollMs, splitLines } from '../../core/jobs/follow.ts';
import { jobHandler, type JobRun } from '../../core/jobs/handler.ts';

/** Who asks, and by which request. */
export type Asking = { readonly actor: Actor; readonly requestId: string };

type Listed = ActionResult<AgentActions['databases.list']>;

/** Databases that belong to no site are for those who see all sites. */
export function canSee(actor: Actor, { siteId }: { readonly siteId: string | null }): boolean {
  return actor.siteScope === 'all' || (siteId !== null && canSeeSite(actor, siteId));
}

/** What this person may see of the servers of the machine. `siteId`: of one site only. */
export async function listVisible(ctx: Context, asking: Asking, siteId?: string): Promise<Listed> {
  const { servers, items, removed } = await ctx.agent.call('databases.list', {}, asking);
  const isWanted = (each: { readonly siteId: string | null }): boolean =>
    canSee(asking.actor, each) && (siteId === undefined || each.siteId === siteId);
  return { servers, items: items.filter(isWanted), removed: removed.filter(isWanted) };
}

/** Throws `not_found`, also for a database of a site that is not theirs. */
export async function getVisible(
  ctx: Context,
  asking: Asking,
  databaseId: string,
): Promise<KnownDatabase & { readonly databaseId: string }> {
  const { items } = await ctx.agent.call('databases.list', {}, asking);
  const found = items.find((each) => each.databaseId === databaseId);
  if (found === undefined || !canSee(asking.actor, found)) throw databaseUnknown();
  return { ...found, databaseId };
}

function databaseUnknown(): AppError {
  return new AppError('not_found', 'There is no such database.', { reason: 'database_unknown' });
}

export function shown({ databaseId, ...facts }: KnownDatabase, siteName: string | undefined): Database {
  const site = facts.siteId === null || siteName === undefined ? null : { id: facts.siteId, name: siteName };
  return { id: databaseId, ...facts, site };
}

async function getRemoved(ctx: Context, asking: Asking, removalId: string): Promise<RemovedDatabase> {
  const { removed } = await ctx.agent.call('databases.list', {}, asking);
  const found = removed.find((each) => each.removalId === removalId);
  if (found === undefined || !canSee(asking.actor, found))
    throw new AppError('not_found', 'Nothing is kept of this deletion.', { reason: 'database_removal_unknown' });
  return found;
}

/** Begins here and not in the job: what is wrong is said to the person at once. */
export async function removeDatabase(ctx: Context, asking: Asking, databaseId: string, confirm: string): Promise<Job> {
  const { name } = await getVisible(ctx, asking, databaseId);
  const runId = newId();
  await ctx.agent.call('databases.remove', { databaseId, runId, confirm }, asking);
  return enqueueRun(ctx, asking, runId, { name, what: 'remove' });
}

/** Begins here and not in the job, as a deletion does. */
export async function renameDatabase(
  ctx: Context,
  asking: Asking,
  databaseId: string,
  name: string,
): Promise<{ job: Job; before: string }> {
  const { name: before } = await getVisible(ctx, asking, databaseId);
  const runId = newId();
  await ctx.agent.call('databases.rename', { databaseId, runId, name }, asking);
  return { job: await enqueueRun(ctx, asking, runId, { name: before, next: name, what: 'rename' }), before };
}

type Confirmed = { readonly databaseId: string; readonly confirm: string };

/**
 * Before a site is deleted with databases of its own: may they go, and are they still what the person has seen? Nothing has
 * been changed when this throws.
 */
export async function checkSiteDatabases(
  ctx: Context,
  asking: Asking,
  siteId: string,
  wanted: readonly Confirmed[],
): Promise<readonly Confirmed[]> {
  if (wanted.length === 0) return [];
  if (!can(asking.actor, 'databases.manage'))
    throw new AppError('not_allowed', 'Your role does not allow this.', { params: { permission: 'databases.manage' } });
  await checkElevated(ctx.agent, asking, 'deleteSite', { siteId });
  for (const { databaseId, confirm } of wanted) {
    if ((await getVisible(ctx, asking, databaseId)).siteId !== siteId) throw databaseUnknown();
    const preview = await ctx.agent.call('databases.preview_removal', { databaseId }, asking);
    if (preview.confirm !== confirm)
      throw new AppError('changed_meanwhile', 'The list of what would be removed has changed.', {
        reason: 'removal_list_changed',
      });
  }
  return wanted;
}

/** The site is gone by now: a database whose deletion cannot begin stays, and is said by its absence from the answer. */
export async function removeSiteDatabases(
  ctx: Context,
  asking: Asking,
  confirmed: readonly Confirmed[],
): Promise<string[]> {
  const jobIds: string[] = [];
  for (const { databaseId, confirm } of confirmed) {
    try {
      jobIds.push((await removeDatabase(ctx, asking, databaseId, confirm)).id);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      ctx.log.warn({ code: error.code, reason: error.reason, databaseId }, 'the database of a deleted site stays');
    }
  }
  return jobIds;
}

export async function restoreDatabase(ctx: Context, asking: Asking, removalId: string): Promise<Job> {
  const { name } = await getRemoved(ctx, asking, removalId);
  const runId = newId();
  await ctx.agent.call('databases.restore', { removalId, runId }, asking);
  return enqueueRun(ctx, asking, runId, { name, what: 'restore' });
}

export async function discardRemoved(ctx: Context, asking: Asking, removalId: string): Promise<RemovedDatabase> {
  const removed = await getRemoved(ctx, asking, removalId);
  await ctx.agent.call('databases.discard_removed', { removalId }, asking);
  return removed;
}

/** The job that follows a run of the agent's. */
export function enqueueRun(
  ctx: Context,
  { actor }: Asking,
  runId: string,
  subject: Record<string, string>,
): Promise<Job> {
  return ctx.jobs.enqueue({ id: runId, kind: 'databases.run', subject, params: { runId }, actor });
}

const params = z.strictObject({ runId: id });

/** Follows a run. It is the agent's: it goes on without the panel, and the job finds it again. */
export const databasesRunHandler = jobHandler<z.output<typeof params>>({
  kind: 'databases.run',
  params,
  steps: [{ name: 'database_run', run: follow, compensate: stop }],
});

/** A run that is cut off this often has a reason that does not go away while we wait. */
const mostResumes = 10;
const resumePauseMs = 3_000;

async function follow(job: JobRun, { runId }: z.output<typeof params>): Promise<void> {
  for (let resumes = 0; ; ) {
    // A deletion or a restore goes on: half a database is no database. An import is told to stop, by `stop`.
    if (job.signal.aborted) throw new Error('stopped while a run was followed');
    const { run, hasMore } = await readOn(job, runId);
    if (run === null || (run.state === 'interrupted' && resumes >= mostResumes))
      throw new AppError('in_use', 'The run was cut off.', { reason: 'database_run_interrupted' });
    if (run.state === 'interrupted') {
      resumes += 1;
      await patiently(job, () => call(job, 'databases.resume', { runId }));
      await pause(job, resumePauseMs);
    } else if (run.state !== 'running' && !hasMore) return finish(run);
    else await pause(job, hasMore ? 0 : pollMs);
  }
}

type Run = NonNullable<ActionResult<AgentActions['databases.run']>['run']>;

async function readOn(job: JobRun, runId: string): Promise<{ run: Run | null; hasMore: boolean }> {
  const before = job.memory['offset'];
  const offset = typeof before === 'number' ? before : 0;
  const answer = await patiently(job, () => call(job, 'databases.run', { runId, offset }));
  const hasMore = answer.nextOffset > offset;
  const { whole, rest } = splitLines(answer.text);
  const texts = rest === '' ? whole : [...whole, rest];
  const progress = answer.run?.progress ?? null;
  if (hasMore || job.memory['progress'] !== progress)
    await job.record({
      lines: texts.map((text) => ({ stream: 'out', text })),
      memory: { ...job.memory, offset: answer.nextOffset, progress },
      ...(progress === null ? {} : { progress }),
    });
  return { run: answer.run, hasMore };
}

async function stop(job: JobRun, { runId }: z.output<typeof params>): Promise<void> {
  if (!(await isCancelWanted(job))) return;
  await patiently(job, () => call(job, 'databases.stop', { runId }));
  await readOn(job, runId);
}

function finish({ state, failure }: Run): void {
  if (state === 'succeeded') return;
  const reason = failure?.reason ?? '';
  throw new AppError('in_use', 'The run failed.', {
    reason: isErrorReason(reason) ? reason : 'database_run_failed',
    params: failure?.params ?? {},
  });
}

function call<N extends 'databases.resume' | 'databases.run' | 'databases.stop'>(
  job: JobRun,
  action: N,
  given: ActionParamsInput<AgentActions[N]>,
): Promise<ActionResult<AgentActions[N]>> {
  return job.ctx.agent.call(action, given, { actor: panelActor, requestId: `job-${job.jobId}` });
}
