import { AppError } from '#shared/errors.ts';
import type { AppStatus, AppWish } from '#shared/apps.ts';
import type { Context } from '../../context.ts';
import type { Actor } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import { getVisibleSite } from '../sites/sites.logic.ts';

type Asker = { readonly actor: Actor; readonly requestId: string };

/** How the agent knows a site with an application that the actor may see. Throws `not_found`, also for another kind. */
async function getSiteForApp(ctx: Pick<Context, 'db'>, siteId: string, actor: Actor) {
  const site = await getVisibleSite(ctx, siteId, actor);
  if (site.kind !== 'app') throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
  return { siteId: site.id, slug: site.slug };
}

export async function statusOfApp(ctx: Context, asker: Asker, siteId: string): Promise<AppStatus> {
  const site = await getSiteForApp(ctx, siteId, asker.actor);
  return ctx.agent.call('apps.status', { site }, asker);
}

/** Ends when it is done; what does not answer is taken back, and the answer says why. */
export async function switchApp(ctx: Context, asker: Asker, siteId: string, to: AppWish): Promise<AppStatus> {
  const site = await getSiteForApp(ctx, siteId, asker.actor);
  try {
    return await ctx.agent.call('apps.switch', { site, to, changeId: newId() }, asker);
  } finally {
    ctx.events.publish({ type: 'site', siteId, change: 'updated' });
  }
}
