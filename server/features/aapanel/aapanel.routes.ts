import { aapanelApi } from '#shared/aapanel.ts';
import { route, type App } from '../../core/route.ts';
import { importSite, readAapanel } from './aapanel.logic.ts';

export function aapanelRoutes(app: App): void {
  const { ctx } = app;

  route(app, aapanelApi.read, async ({ body, actor, requestId, audit }) => {
    audit.target = body.base;
    return readAapanel(ctx, { actor, requestId }, body.base);
  });

  route(app, aapanelApi.import, async ({ body, actor, requestId, audit }) => {
    audit.target = body.name;
    const job = await importSite(ctx, { actor, requestId }, body);
    audit.detail['jobId'] = job.id;
    return job;
  });
}
