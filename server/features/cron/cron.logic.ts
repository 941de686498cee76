import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { ListedCronJob } from '#shared/cron.ts';
import { isGraveCron, type CronFacts } from '#shared/cron-work.ts';
import { AppError } from '#shared/errors.ts';
import type { Context } from '../../context.ts';
import { can, canSeeSite, type Actor } from '../../core/actor.ts';
import { findSite, getVisibleSite } from '../sites/sites.logic.ts';

/** Who asks, and by which request. */
export type Asking = { readonly actor: Actor; readonly requestId: string };

type Owned = { readonly siteId: string | null };

/** Jobs of the machine are for those who see all sites. */
function canSee(actor: Actor, { siteId }: Owned): boolean {
  return actor.siteScope === 'all' || (siteId !== null && canSeeSite(actor, siteId));
}

/** As people see it, with the name of its site. */
export async function withSite<J extends Owned>(
  ctx: Context,
  job: J,
): Promise<J & { readonly site: ListedCronJob['site'] }> {
  const site = job.siteId === null ? undefined : await findSite(ctx, job.siteId);
  return { ...job, site: site === undefined ? null : { id: site.id, name: site.name } };
}

/** What this person may see. */
export async function listVisibleJobs(ctx: Context, asking: Asking) {
  const { items, ...machine } = await ctx.agent.call('cron.list', {}, asking);
  const visible = items.filter((job) => canSee(asking.actor, job));
  return { ...machine, items: await Promise.all(visible.map((job) => withSite(ctx, job))) };
}

/** With its runs. Throws `not_found`, also for a job of a site that is not theirs. */
export async function getVisibleJob(
  ctx: Context,
  asking: Asking,
  jobId: string,
): Promise<ActionResult<AgentActions['cron.runs']>> {
  const found = await ctx.agent.call('cron.runs', { jobId }, asking);
  if (!canSee(asking.actor, found.job))
    throw new AppError('not_found', 'There is no such scheduled job.', { reason: 'cron_job_unknown' });
  return found;
}

/** Whoever has assigned sites only makes no job that they would not see; what is the machine's needs its own right. */
export async function checkJobSite(ctx: Context, { siteId, work }: CronFacts, actor: Actor): Promise<void> {
  if (siteId !== null) await getVisibleSite(ctx, siteId, actor);
  else if (actor.siteScope !== 'all')
    throw new AppError('invalid_request', 'The site is missing.', { fields: [{ field: 'siteId', code: 'required' }] });
  if (isGraveCron({ siteId, work }) && !can(actor, 'cron.machine'))
    throw new AppError('not_allowed', 'Your role does not allow this.', { params: { permission: 'cron.machine' } });
}

/** What the audit log keeps: what a job is, and never what its script or address says, where secrets may stand. */
export function toldOf({ name, siteId, work, schedule, isEnabled }: CronFacts): Record<string, unknown> {
  return { name, siteId, work: toldWork(work), schedule, isEnabled };
}

function toldWork(work: CronFacts['work']): Record<string, unknown> {
  switch (work.kind) {
    case 'script':
      return { kind: work.kind, language: work.language, linuxUser: work.linuxUser };
    case 'url':
      return { kind: work.kind, host: new URL(work.url).host, mayBePrivate: work.mayBePrivate };
    default:
      return work;
  }
}
