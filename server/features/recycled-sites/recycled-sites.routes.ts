import { AppError } from '#shared/errors.ts';
import { recycledSitesApi } from '#shared/recycled-sites.ts';
import type { Actor } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import { route, type App } from '../../core/route.ts';

/** Deleted sites are nobody's assigned ones any more: whoever sees assigned sites only does not see them. */
function mustSeeAll(actor: Actor): void {
  if (actor.siteScope !== 'all') throw new AppError('not_found', 'There is no recycle bin of sites.');
}

/** What deletions of sites left on the machine; the agent keeps it and knows what is there. */
export function recycledSitesRoutes(app: App): void {
  const { ctx } = app;

  route(app, recycledSitesApi.list, async ({ actor, requestId }) => {
    mustSeeAll(actor);
    return ctx.agent.call('recycled_sites.list', {}, { actor, requestId });
  });

  route(app, recycledSitesApi.restore, async ({ params, body, actor, requestId, audit }) => {
    mustSeeAll(actor);
    audit.target = params.recycledId;
    const asked = { ...params, ...body, changeId: newId() };
    const answer = await ctx.agent.call('recycled_sites.restore', asked, { actor, requestId });
    audit.detail['after'] = answer;
    return answer;
  });

  route(app, recycledSitesApi.discard, async ({ body, actor, requestId, audit }) => {
    mustSeeAll(actor);
    audit.detail['ids'] = body.ids;
    const answer = await ctx.agent.call('recycled_sites.discard', body, { actor, requestId });
    audit.detail['sites'] = answer.sites;
    return answer;
  });

  route(app, recycledSitesApi.removeAccount, async ({ params, actor, requestId, audit }) => {
    mustSeeAll(actor);
    audit.target = params.user;
    return ctx.agent.call('recycled_sites.remove_account', { ...params, changeId: newId() }, { actor, requestId });
  });

  route(app, recycledSitesApi.setSettings, async ({ body, actor, requestId, audit }) => {
    mustSeeAll(actor);
    audit.detail['after'] = body;
    return ctx.agent.call('recycled_sites.put_settings', body, { actor, requestId });
  });
}
