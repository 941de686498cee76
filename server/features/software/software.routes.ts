import { softwareApi } from '#shared/software.ts';
import { route, type App } from '../../core/route.ts';
import { installSoftware } from './software.logic.ts';

export function softwareRoutes(app: App): void {
  const { ctx } = app;

  route(app, softwareApi.list, async ({ actor, requestId }) => {
    const { items } = await ctx.agent.call('software.status', {}, { actor, requestId });
    return { items };
  });

  route(app, softwareApi.install, async ({ params, actor, audit }) => {
    const job = await installSoftware(ctx, actor, params.name);
    audit.detail['jobId'] = job.id;
    return job;
  });
}
