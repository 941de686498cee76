import { databaseConsoleApi } from '#shared/database-console.ts';
import { kindOf } from '#shared/statement-kind.ts';
import { goneOf } from '../../core/gone.ts';
import { route, type App } from '../../core/route.ts';
import { getVisible } from '../databases/databases.logic.ts';

/** The SQL console. What a statement says stays between the person and the server: no log and no audit row has it. */
export function databaseConsoleRoutes(app: App): void {
  const { ctx } = app;

  route(
    app,
    databaseConsoleApi.query,
    async ({ params, body, actor, requestId, reply }) => {
      const asking = { actor, requestId };
      const signal = goneOf(reply);
      await getVisible(ctx, asking, params.databaseId);
      return ctx.agent.call('databases.query', { databaseId: params.databaseId, ...body }, { ...asking, signal });
    },
    // Reads only, although it is a POST: statements are too long, and too private, for an address.
    { isPiece: true },
  );

  route(
    app,
    databaseConsoleApi.execute,
    async ({ params, body, actor, requestId, reply, audit }) => {
      const asking = { actor, requestId };
      const signal = goneOf(reply);
      const { name, engine } = await getVisible(ctx, asking, params.databaseId);
      audit.detail['name'] = name;
      audit.detail['kind'] = kindOf(engine, body.statement);
      const given = { databaseId: params.databaseId, ...body };
      const answer = await ctx.agent.call('databases.execute', given, { ...asking, signal });
      audit.detail['outcome'] = answer.results.at(-1)?.outcome ?? 'done';
      return answer;
    },
    { isAnswerSecret: true },
  );

  route(app, databaseConsoleApi.history, async ({ params, actor, requestId }) => {
    const asking = { actor, requestId };
    await getVisible(ctx, asking, params.databaseId);
    return ctx.agent.call('databases.console', { databaseId: params.databaseId }, asking);
  });

  route(app, databaseConsoleApi.clearHistory, async ({ params, actor, requestId, audit }) => {
    const asking = { actor, requestId };
    const { name } = await getVisible(ctx, asking, params.databaseId);
    audit.detail['name'] = name;
    await ctx.agent.call('databases.clear_console', { databaseId: params.databaseId }, asking);
  });
}
