import { nginxSettingsApi } from '#shared/nginx-settings.ts';
import { route, type App } from '../../core/route.ts';

export function nginxSettingsRoutes(app: App): void {
  const { ctx } = app;

  route(app, nginxSettingsApi.get, async ({ actor, requestId }) =>
    ctx.agent.call('nginx.read_settings', {}, { actor, requestId }),
  );

  route(app, nginxSettingsApi.put, async ({ body, actor, requestId, audit }) => {
    audit.detail['after'] = body;
    return ctx.agent.call('nginx.put_settings', body, { actor, requestId });
  });
}
