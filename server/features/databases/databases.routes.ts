import { databaseChangesApi } from '#shared/database-changes.ts';
import { charsetsOf, databasesApi, type Database, type KnownDatabase } from '#shared/databases.ts';
import { AppError } from '#shared/errors.ts';
import type { Actor } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import { route, type App } from '../../core/route.ts';
import { findSite, getVisibleSite } from '../sites/sites.logic.ts';
import {
  discardRemoved,
  getVisible,
  listVisible,
  removeDatabase,
  renameDatabase,
  restoreDatabase,
  shown,
} from './databases.logic.ts';

export function databasesRoutes(app: App): void {
  const { ctx } = app;

  const withSite = async (found: KnownDatabase): Promise<Database> =>
    shown(found, found.siteId === null ? undefined : (await findSite(ctx, found.siteId))?.name);

  /** Whoever has assigned sites only cannot make something that they would not see. */
  async function checkSite(siteId: string | null, actor: Actor): Promise<void> {
    if (siteId !== null) await getVisibleSite(ctx, siteId, actor);
    else if (actor.siteScope !== 'all')
      throw new AppError('invalid_request', 'The site is missing.', {
        fields: [{ field: 'siteId', code: 'required' }],
      });
  }

  route(app, databasesApi.list, async ({ query, actor, requestId }) => {
    if (query.siteId !== undefined) await getVisibleSite(ctx, query.siteId, actor);
    const { servers, items, removed } = await listVisible(ctx, { actor, requestId }, query.siteId);
    return { servers, items: await Promise.all(items.map(withSite)), removed };
  });

  route(app, databasesApi.create, async ({ body, actor, requestId, audit }) => {
    const { engine, name, user, locale, siteId, password = null } = body;
    const charset = body.charset ?? charsetsOf[engine][0];
    await checkSite(siteId, actor);
    const databaseId = newId();
    audit.target = databaseId;
    audit.detail['after'] = { engine, name, user, siteId };
    const given = { databaseId, engine, name, user, charset, locale, siteId, password };
    return withSite(await ctx.agent.call('databases.create', given, { actor, requestId }));
  });

  route(app, databasesApi.link, async ({ params, body, actor, requestId, audit }) => {
    const asking = { actor, requestId };
    const found = await getVisible(ctx, asking, params.databaseId);
    await checkSite(body.siteId, actor);
    audit.detail['before'] = { siteId: found.siteId };
    audit.detail['after'] = { siteId: body.siteId };
    await ctx.agent.call('databases.link', { databaseId: params.databaseId, siteId: body.siteId }, asking);
    return withSite({ ...found, siteId: body.siteId });
  });

  route(
    app,
    databasesApi.showPassword,
    async ({ params, actor, requestId, audit }) => {
      const asking = { actor, requestId };
      const { name, user } = await getVisible(ctx, asking, params.databaseId);
      audit.detail['name'] = name;
      audit.detail['user'] = user;
      return ctx.agent.call('databases.show_password', { databaseId: params.databaseId }, asking);
    },
    { isAnswerSecret: true },
  );

  route(
    app,
    databasesApi.changePassword,
    async ({ params, body, actor, requestId, audit }) => {
      const asking = { actor, requestId };
      const { name, user } = await getVisible(ctx, asking, params.databaseId);
      audit.detail['name'] = name;
      audit.detail['user'] = user;
      const given = { databaseId: params.databaseId, password: body.password ?? null };
      return ctx.agent.call('databases.change_password', given, asking);
    },
    { isAnswerSecret: true },
  );

  route(app, databaseChangesApi.rename, async ({ params, body, actor, requestId, audit }) => {
    const { job, before } = await renameDatabase(ctx, { actor, requestId }, params.databaseId, body.name);
    audit.detail['before'] = { name: before };
    audit.detail['after'] = { name: body.name };
    audit.detail['jobId'] = job.id;
    return job;
  });

  route(app, databaseChangesApi.changeOwner, async ({ params, body, actor, requestId, audit }) => {
    const asking = { actor, requestId };
    const { databaseId } = params;
    const { name, user } = await getVisible(ctx, asking, databaseId);
    audit.detail['name'] = name;
    audit.detail['before'] = { user };
    audit.detail['after'] = { user: body.user };
    return withSite(await ctx.agent.call('databases.change_owner', { databaseId, ...body }, asking));
  });

  route(app, databasesApi.previewRemoval, async ({ params, actor, requestId }) => {
    const asking = { actor, requestId };
    await getVisible(ctx, asking, params.databaseId);
    return ctx.agent.call('databases.preview_removal', { databaseId: params.databaseId }, asking);
  });

  route(app, databasesApi.remove, async ({ params, body, actor, requestId, audit }) => {
    const job = await removeDatabase(ctx, { actor, requestId }, params.databaseId, body.confirm);
    audit.detail['name'] = job.subject['name'];
    audit.detail['jobId'] = job.id;
    return job;
  });

  route(app, databasesApi.restore, async ({ params, actor, requestId, audit }) => {
    const job = await restoreDatabase(ctx, { actor, requestId }, params.removalId);
    audit.target = params.removalId;
    audit.detail['name'] = job.subject['name'];
    audit.detail['jobId'] = job.id;
    return job;
  });

  route(app, databasesApi.discardRemoved, async ({ params, actor, requestId, audit }) => {
    audit.target = params.removalId;
    const { name } = await discardRemoved(ctx, { actor, requestId }, params.removalId);
    audit.detail['name'] = name;
  });
}
