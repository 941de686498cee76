import { appsApi } from '#shared/apps.ts';
import { route, type App } from '../../core/route.ts';
import { statusOfApp, switchApp } from './apps.logic.ts';

export function appsRoutes(app: App): void {
  const { ctx } = app;

  route(app, appsApi.nodeVersions, async ({ actor, requestId }) =>
    ctx.agent.call('apps.node_versions', {}, { actor, requestId }),
  );

  route(app, appsApi.status, async ({ params, actor, requestId }) =>
    statusOfApp(ctx, { actor, requestId }, params.siteId),
  );

  route(app, appsApi.start, async ({ params, actor, requestId }) =>
    switchApp(ctx, { actor, requestId }, params.siteId, 'start'),
  );

  route(app, appsApi.stop, async ({ params, actor, requestId }) =>
    switchApp(ctx, { actor, requestId }, params.siteId, 'stop'),
  );

  route(app, appsApi.restart, async ({ params, actor, requestId }) =>
    switchApp(ctx, { actor, requestId }, params.siteId, 'restart'),
  );
}
