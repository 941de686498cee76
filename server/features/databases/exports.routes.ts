import { Readable } from 'node:stream';
import { databaseExportsApi } from '#shared/database-exports.ts';
import { contentDisposition } from '../../core/content-disposition.ts';
import { newId } from '../../core/id.ts';
import { route, type App } from '../../core/route.ts';
import { getVisible } from './databases.logic.ts';

/** Databases as files of SQL. What was asked for is written down; the bytes go through as the agent hands them out. */
export function databaseExportsRoutes(app: App): void {
  const { ctx } = app;

  route(app, databaseExportsApi.begin, async ({ params: { databaseId }, body, actor, requestId, audit }) => {
    const asking = { actor, requestId };
    const { name } = await getVisible(ctx, asking, databaseId);
    const exportId = newId();
    audit.target = databaseId;
    Object.assign(audit.detail, { name, exportId, ...body });
    const begun = await ctx.agent.call('databases.export', { databaseId, exportId, ...body }, asking);
    return { id: exportId, ...begun };
  });

  route(app, databaseExportsApi.state, async ({ params, actor, requestId }) => {
    const asking = { actor, requestId };
    await getVisible(ctx, asking, params.databaseId);
    return { id: params.exportId, ...(await ctx.agent.call('databases.export_state', params, asking)) };
  });

  route(
    app,
    databaseExportsApi.file,
    async ({ params, actor, requestId, request, reply }) => {
      const asking = { actor, requestId };
      await getVisible(ctx, asking, params.databaseId);
      // Whoever only asks about it does not use it up.
      const { result, bytes } =
        request.method === 'HEAD'
          ? { result: await ctx.agent.call('databases.export_state', params, asking), bytes: null }
          : await ctx.agent.fetch('databases.export_bytes', params, asking);
      reply.headers({
        'content-type': 'application/octet-stream',
        'content-disposition': contentDisposition(result.fileName),
        'cache-control': 'private, no-store',
      });
      return (bytes ?? Readable.from([])) as unknown as string;
    },
    { isFile: true },
  );
}
