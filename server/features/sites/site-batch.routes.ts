import { batchesApi } from '#shared/site-batches.ts';
import { route, type App } from '../../core/route.ts';
import { readBatch, startBatch } from './site-batch.ts';

export function siteBatchRoutes(app: App): void {
  const { ctx } = app;

  route(app, batchesApi.start, async ({ body, actor, requestId, audit }) => {
    const job = await startBatch(ctx, { actor, requestId }, body);
    audit.detail['jobId'] = job.id;
    audit.detail['change'] = body.change;
    audit.detail['siteIds'] = body.siteIds;
    return job;
  });

  route(app, batchesApi.results, async ({ params, actor }) => readBatch(ctx, actor, params.jobId));
}
