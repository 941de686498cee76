import { wordpressApi } from '#shared/wordpress.ts';
import { findLastJob } from '../../core/jobs/jobs.store.ts';
import { route, type App } from '../../core/route.ts';
import { getVisibleSite } from '../sites/sites.logic.ts';
import { installWordpress, missingExtensions } from './wordpress.logic.ts';

export function wordpressRoutes(app: App): void {
  const { ctx } = app;

  route(app, wordpressApi.state, async ({ params, actor, requestId }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    const [missing, job] = await Promise.all([
      site.php === null ? [] : missingExtensions(ctx, { actor, requestId }, site),
      findLastJob(ctx.db, 'wordpress.install', site.id),
    ]);
    return { missingExtensions: missing, job: job ?? null };
  });

  route(app, wordpressApi.install, async ({ params, body, actor, requestId, audit }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    const job = await installWordpress(ctx, { actor, requestId }, site, body);
    audit.detail['jobId'] = job.id;
    return job;
  });
}
