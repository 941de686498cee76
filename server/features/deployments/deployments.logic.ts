import { randomBytes } from 'node:crypto';
import type { DeployHook } from '#shared/deployments.ts';
import { AppError } from '#shared/errors.ts';
import type { Job } from '#shared/jobs.ts';
import type { DeployTarget } from '#shared/site-deploy.ts';
import type { Site } from '#shared/sites.ts';
import type { Context } from '../../context.ts';
import { newId } from '../../core/id.ts';
import { listOpenJobs } from '../../core/jobs/jobs.store.ts';
import type { Actor } from '../../core/actor.ts';
import { putHook, type HookRow } from './deployments.store.ts';
import type { RunParams } from './run.logic.ts';

export type Asking = { readonly actor: Actor; readonly requestId: string };
type SiteName = Pick<Site, 'id' | 'slug' | 'name'>;

/** How the agent knows a site. */
export const refOf = ({ id, slug }: Pick<Site, 'id' | 'slug'>): { siteId: string; slug: string } => ({
  siteId: id,
  slug,
});

/** Starts here and not in the job: what is wrong with it is said to the person at once. */
export async function startDeployment(
  ctx: Context,
  asking: Asking,
  site: SiteName,
  target?: DeployTarget,
): Promise<Job> {
  if (await isDeploying(ctx, site.id))
    throw new AppError('busy', 'A deployment of this site is under way.', { reason: 'deploy_under_way' });
  const deploymentId = newId();
  const wanted = { site: refOf(site), deploymentId };
  if (target === undefined) await ctx.agent.call('deployments.start', { ...wanted, trigger: 'person' }, asking);
  else await ctx.agent.call('deployments.start_of', { ...wanted, target }, asking);
  return enqueue(ctx, site, { id: deploymentId, trigger: 'person', target, actor: asking.actor });
}

export async function enqueue(
  ctx: Pick<Context, 'jobs'>,
  site: SiteName,
  {
    id,
    trigger,
    target,
    actor,
  }: {
    id: string;
    trigger: RunParams['trigger'];
    target?: DeployTarget | undefined;
    actor: { id: string; name: string };
  },
): Promise<Job> {
  const params: RunParams = { ...refOf(site), trigger, ...(target === undefined ? {} : { target }) };
  return ctx.jobs.enqueue({
    id,
    kind: 'deployments.run',
    subject: { name: site.name, siteId: site.id },
    params,
    actor: { id: actor.id, name: actor.name },
  });
}

export async function isDeploying(ctx: Pick<Context, 'db'>, siteId: string): Promise<boolean> {
  const open = await listOpenJobs(ctx.db, 'deployments.run');
  return open.some(({ params_json }) => (JSON.parse(params_json) as RunParams).siteId === siteId);
}

/** Where pushes are told; `{hookId}` is 80 random bits that nobody guesses. */
export const hookPath = (hookId: string): string => `/api/v1/hooks/${hookId}`;

export function toHook(ctx: Pick<Context, 'doors'>, row: HookRow): DeployHook {
  return {
    url: `${ctx.doors.origin()}${hookPath(row.id)}`,
    createdAt: new Date(row.created_at).toISOString(),
    lastCalledAt: row.last_called_at === null ? null : new Date(row.last_called_at).toISOString(),
    isWaiting: row.waiting_since_at !== null,
  };
}

/** A new address with a new secret; those before are void from now on. */
export async function makeHook(ctx: Context, siteId: string): Promise<{ hook: DeployHook; secret: string }> {
  const secret = randomBytes(24).toString('base64url');
  const row: HookRow = {
    id: newId(),
    site_id: siteId,
    secret,
    created_at: ctx.clock.now(),
    last_called_at: null,
    waiting_since_at: null,
  };
  await putHook(ctx.db, row);
  return { hook: toHook(ctx, row), secret };
}
