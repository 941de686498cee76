import { logsApi } from '#shared/logs.ts';
import { route, type App } from '../../core/route.ts';
import { getVisibleSite } from '../sites/sites.logic.ts';

export function logsRoutes(app: App): void {
  const { ctx } = app;

  route(app, logsApi.traffic, async ({ params, query, actor, requestId }) => {
    const { id, slug, behaviour, customDirectives } = await getVisibleSite(ctx, params.siteId, actor);
    const asked = { site: { siteId: id, slug }, range: query.range };
    const figures = await ctx.agent.call('logs.traffic', asked, { actor, requestId });
    const isOffByHand = /^\s*access_log\s+off\s*;/m.test(customDirectives);
    return { ...figures, isLogged: behaviour.accessLog.isOn && !isOffByHand };
  });

  route(app, logsApi.rotation, async ({ actor, requestId }) =>
    ctx.agent.call('logs.rotation', {}, { actor, requestId }),
  );

  route(app, logsApi.setRotation, async ({ body, actor, requestId, audit }) => {
    const asker = { actor, requestId };
    audit.detail['before'] = (await ctx.agent.call('logs.rotation', {}, asker)).rotation;
    audit.detail['after'] = body;
    return ctx.agent.call('logs.put_rotation', body, asker);
  });
}
