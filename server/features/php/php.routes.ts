import { phpApi } from '#shared/php.ts';
import { route, type App } from '../../core/route.ts';

export function phpRoutes(app: App): void {
  const { ctx } = app;

  route(app, phpApi.versions, async ({ actor, requestId }) => ctx.agent.call('php.versions', {}, { actor, requestId }));
}
