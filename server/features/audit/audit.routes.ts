import { auditApi } from '#shared/audit.ts';
import { route, type App } from '../../core/route.ts';
import { listAudit } from './audit.store.ts';

export function auditRoutes(app: App): void {
  route(app, auditApi.list, async ({ ctx, query }) => {
    const { items, total } = await listAudit(ctx.db, query);
    return { items, total, page: query.page, pageSize: query.pageSize };
  });
}
