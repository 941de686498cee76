import { phpApi } from '#shared/php.ts';
import { route, type App } from '../../core/route.ts';
import { getSiteForPhp } from './php.logic.ts';

export function phpRoutes(app: App): void {
  const { ctx } = app;

  route(app, phpApi.pool, async ({ params, actor, requestId }) => {
    const site = await getSiteForPhp(ctx, params.siteId, actor);
    return ctx.agent.call('php.pool', { site }, { actor, requestId });
  });

  route(app, phpApi.restart, async ({ params, actor, requestId }) => {
    const site = await getSiteForPhp(ctx, params.siteId, actor);
    return ctx.agent.call('php.restart_pool', { site }, { actor, requestId });
  });

  route(app, phpApi.extensions, async ({ params, actor, requestId }) =>
    ctx.agent.call('php.extensions', params, { actor, requestId }),
  );

  route(app, phpApi.versions, async ({ actor, requestId }) => ctx.agent.call('php.versions', {}, { actor, requestId }));
}
