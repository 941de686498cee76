import { ftpApi } from '#shared/ftp.ts';
import { route, type App } from '../../core/route.ts';

export function ftpRoutes(app: App): void {
  const { ctx } = app;

  route(app, ftpApi.get, async ({ actor, requestId }) => ctx.agent.call('ftp.read_settings', {}, { actor, requestId }));

  route(app, ftpApi.put, async ({ body, actor, requestId, audit }) => {
    const { users, requiresTls } = body;
    audit.detail['after'] = { users, requiresTls };
    return ctx.agent.call('ftp.put_settings', body, { actor, requestId });
  });
}
