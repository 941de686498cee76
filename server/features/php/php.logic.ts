import { AppError } from '#shared/errors.ts';
import type { Context } from '../../context.ts';
import type { Actor } from '../../core/actor.ts';
import { getVisibleSite } from '../sites/sites.logic.ts';

/** How the agent knows a PHP site that the actor may see. Throws `not_found`, also for one of another kind. */
export async function getSiteForPhp(
  ctx: Pick<Context, 'db'>,
  siteId: string,
  actor: Actor,
): Promise<{ siteId: string; slug: string }> {
  const site = await getVisibleSite(ctx, siteId, actor);
  if (site.kind !== 'php') throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
  return { siteId: site.id, slug: site.slug };
}
