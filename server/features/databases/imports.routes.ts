import { databaseImportsApi } from '#shared/database-imports.ts';
import { AppError } from '#shared/errors.ts';
import { can } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import { route, type App } from '../../core/route.ts';
import { getVisibleSite } from '../sites/sites.logic.ts';
import { enqueueRun, getVisible } from './databases.logic.ts';

export function databaseImportsRoutes(app: App): void {
  const { ctx } = app;

  route(app, databaseImportsApi.list, async ({ params: { databaseId }, actor, requestId }) => {
    const asking = { actor, requestId };
    await getVisible(ctx, asking, databaseId);
    const { items } = await ctx.agent.call('databases.imports', { databaseId }, asking);
    return { items: items.map(({ importId, ...facts }) => ({ id: importId, ...facts })) };
  });

  // It begins here and not in the job: what is wrong is said to the person at once.
  route(app, databaseImportsApi.start, async ({ params: { databaseId }, body, actor, requestId, audit }) => {
    const asking = { actor, requestId };
    const { name } = await getVisible(ctx, asking, databaseId);
    if (!can(actor, 'files.read'))
      throw new AppError('not_allowed', 'Your role does not allow this.', { params: { permission: 'files.read' } });
    const { id: siteId, slug } = await getVisibleSite(ctx, body.siteId, actor);
    audit.target = databaseId;
    Object.assign(audit.detail, { name, siteId, path: body.path });
    const runId = newId();
    const given = { databaseId, runId, site: { siteId, slug }, path: body.path };
    await ctx.agent.call('databases.import', given, asking);
    const job = await enqueueRun(ctx, asking, runId, { name, what: 'import' });
    audit.detail['jobId'] = job.id;
    return job;
  });

  route(app, databaseImportsApi.bringBack, async ({ params, actor, requestId, audit }) => {
    const asking = { actor, requestId };
    const { name } = await getVisible(ctx, asking, params.databaseId);
    audit.target = params.databaseId;
    Object.assign(audit.detail, { name, importId: params.importId });
    const runId = newId();
    await ctx.agent.call('databases.bring_back', { ...params, runId }, asking);
    const job = await enqueueRun(ctx, asking, runId, { name, what: 'bring_back' });
    audit.detail['jobId'] = job.id;
    return job;
  });

  route(app, databaseImportsApi.dropCopy, async ({ params, actor, requestId, audit }) => {
    const asking = { actor, requestId };
    const { name } = await getVisible(ctx, asking, params.databaseId);
    audit.target = params.databaseId;
    Object.assign(audit.detail, { name, importId: params.importId });
    await ctx.agent.call('databases.drop_copy', params, asking);
  });
}
