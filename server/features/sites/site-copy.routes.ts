import { copiesApi } from '#shared/site-copies.ts';
import { route, type App } from '../../core/route.ts';
import { getVisibleSite } from './site-editing.ts';
import { startCopy } from './site-copy.ts';

export function siteCopyRoutes(app: App): void {
  const { ctx } = app;

  route(app, copiesApi.start, async ({ params, body, actor, requestId, audit }) => {
    const source = await getVisibleSite(ctx, params.siteId, actor);
    const job = await startCopy(ctx, { actor, requestId }, source, body);
    audit.detail['jobId'] = job.id;
    audit.detail['withSecrets'] = body.withSecrets;
    audit.detail['withDirectives'] = body.withDirectives;
    return job;
  });
}
