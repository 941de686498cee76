import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { databaseBrowseApi } from '#shared/database-browse.ts';
import { databaseMaintenanceApi } from '#shared/database-maintenance.ts';
import { databaseRowsApi } from '#shared/database-rows.ts';
import { newId } from '../../core/id.ts';
import { route, type App, type RouteArgs } from '../../core/route.ts';
import { enqueueRun, getVisible } from '../databases/databases.logic.ts';

/** Tables and rows of databases, for those who manage them. What rows hold stands in no log and no audit row. */
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
    const given = { table, after, order, sort: null, filters: [] };
    return ctx.agent.call('databases.rows', { databaseId: params.databaseId, ...given }, asking);
  });

  route(
    app,
    databaseBrowseApi.find,
    async ({ params, body, actor, requestId }) => {
      const asking = { actor, requestId };
      await getVisible(ctx, asking, params.databaseId);
      return ctx.agent.call('databases.rows', { databaseId: params.databaseId, ...body }, asking);
    },
    // Reads only, although it is a POST: what rows hold is too private for an address.
    { isPiece: true },
  );

  route(app, databaseRowsApi.read, async ({ params, query, actor, requestId }) => {
    const asking = { actor, requestId };
    await getVisible(ctx, asking, params.databaseId);
    return ctx.agent.call('databases.row', { databaseId: params.databaseId, ...query }, asking);
  });

  type Change = ActionParams<AgentActions['databases.change_row']>['change'];
  type Changing = Pick<RouteArgs<typeof databaseRowsApi.delete>, 'actor' | 'audit' | 'params' | 'requestId'>;
  const changeRow = async ({ params, actor, requestId, audit }: Changing, table: string, change: Change) => {
    const asking = { actor, requestId };
    const { name } = await getVisible(ctx, asking, params.databaseId);
    audit.detail['name'] = name;
    audit.detail['table'] = table;
    if ('values' in change) audit.detail['columns'] = change.values.map(({ column }) => column).join(', ');
    await ctx.agent.call('databases.change_row', { databaseId: params.databaseId, table, change }, asking);
  };
  route(app, databaseRowsApi.insert, (args) => {
    const { table, values } = args.body;
    return changeRow(args, table, { kind: 'insert', values });
  });
  route(app, databaseRowsApi.update, (args) => {
    const { table, ...change } = args.body;
    return changeRow(args, table, { kind: 'update', ...change });
  });
  route(app, databaseRowsApi.delete, (args) => {
    const { table, ...change } = args.body;
    return changeRow(args, table, { kind: 'delete', ...change });
  });

  // It begins here and not in the job: what is wrong is said to the person at once.
  route(app, databaseMaintenanceApi.start, async ({ params: { databaseId }, body, actor, requestId, audit }) => {
    const asking = { actor, requestId };
    const { name } = await getVisible(ctx, asking, databaseId);
    const { kind, tables } = body;
    Object.assign(audit.detail, { name, kind, tables: tables.length });
    const runId = newId();
    await ctx.agent.call('databases.maintain', { databaseId, runId, ...body }, asking);
    const job = await enqueueRun(ctx, asking, runId, { name, what: 'maintain' });
    audit.detail['jobId'] = job.id;
    return job;
  });
}
