import { databaseBrowseApi } from '#shared/database-browse.ts';
import { route, type App } from '../../core/route.ts';
import { getVisible } from '../databases/databases.logic.ts';

/** Tables and rows of databases, for those who manage them. */
export function databaseBrowseRoutes(app: App): void {
  const { ctx } = app;

  route(app, databaseBrowseApi.tables, async ({ params, actor, requestId }) => {
    const asking = { actor, requestId };
    await getVisible(ctx, asking, params.databaseId);
    return ctx.agent.call('databases.tables', { databaseId: params.databaseId }, asking);
  });

  route(app, databaseBrowseApi.rows, async ({ params, query, actor, requestId }) => {
    const asking = { actor, requestId };
    await getVisible(ctx, asking, params.databaseId);
    const { table, after = null, order } = query;
    return ctx.agent.call('databases.rows', { databaseId: params.databaseId, table, after, order }, asking);
  });
}
