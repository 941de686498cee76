import { archivesApi } from '#shared/archives.ts';
import { newId } from '../../core/id.ts';
import { route, type App } from '../../core/route.ts';
import { getVisibleSite } from '../sites/sites.logic.ts';
import { refOf, startUnpacking } from './archives.logic.ts';

export function archivesRoutes(app: App): void {
  const { ctx } = app;

  route(app, archivesApi.state, async ({ params, actor, requestId }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    return ctx.agent.call('archives.state', { site: refOf(site) }, { actor, requestId });
  });

  route(app, archivesApi.begin, async ({ params, body, actor, requestId, audit }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    const uploadId = newId();
    Object.assign(audit.detail, { uploadId, sizeBytes: body.sizeBytes });
    return ctx.agent.call('archives.begin', { site: refOf(site), uploadId, ...body }, { actor, requestId });
  });

  route(
    app,
    archivesApi.write,
    async ({ params, body, actor, requestId }) => {
      const site = await getVisibleSite(ctx, params.siteId, actor);
      const piece = { site: refOf(site), uploadId: params.uploadId, ...body };
      return ctx.agent.call('archives.write', piece, { actor, requestId });
    },
    { isPiece: true },
  );

  route(app, archivesApi.discard, async ({ params, actor, requestId }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    const asked = { site: refOf(site), uploadId: params.uploadId };
    await ctx.agent.call('archives.discard', asked, { actor, requestId });
  });

  route(app, archivesApi.preview, async ({ params, body, actor, requestId }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    const asked = { site: refOf(site), uploadId: params.uploadId, choices: body };
    return ctx.agent.call('archives.preview', asked, { actor, requestId });
  });

  route(app, archivesApi.unpack, async ({ params, body, actor, requestId, audit }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    const job = await startUnpacking(ctx, { actor, requestId }, { site, uploadId: params.uploadId, choices: body });
    Object.assign(audit.detail, { jobId: job.id, folder: body.folder, onConflict: body.onConflict });
    return job;
  });

  route(app, archivesApi.undo, async ({ params, actor, requestId }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    const asked = { site: refOf(site), unpackingId: params.unpackingId, changeId: newId() };
    return ctx.agent.call('archives.undo', asked, { actor, requestId });
  });
}
