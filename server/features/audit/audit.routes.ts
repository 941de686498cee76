import { auditApi } from '#shared/audit.ts';
import { route, type App } from '../../core/route.ts';
import { exportAudit } from './audit-export.ts';
import { chainOf, verifyAudit } from './audit.logic.ts';
import { listAudit } from './audit.store.ts';

export function auditRoutes(app: App): void {
  route(app, auditApi.list, async ({ ctx, query }) => {
    const { items, total } = await listAudit(ctx.db, query);
    return { items, total, page: query.page, pageSize: query.pageSize };
  });

  route(
    app,
    auditApi.export,
    async ({ ctx, query: { format, ...filter }, reply }) => {
      const text = await exportAudit(ctx, filter, format);
      const type = format === 'json' ? 'application/json; charset=utf-8' : 'text/csv; charset=utf-8';
      const day = new Date(ctx.clock.now()).toISOString().slice(0, 10);
      reply.headers({ 'content-type': type, 'content-disposition': `attachment; filename="audit-${day}.${format}"` });
      return text;
    },
    { isFile: true },
  );

  route(
    app,
    auditApi.verify,
    async ({ ctx, actor, requestId }) => verifyAudit(ctx, chainOf(ctx, { actor, requestId })),
    { mayWaitForAudit: true },
  );
}
