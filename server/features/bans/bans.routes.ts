import { bansApi } from '#shared/doors.ts';
import { route, type App } from '../../core/route.ts';
import { banByHand, takeBanAway } from './bans.logic.ts';
import { listActing } from './bans.store.ts';

export function bansRoutes(app: App): void {
  const { ctx } = app;

  route(app, bansApi.list, async ({ query }) => {
    // What was banned a moment ago is on its way into the table.
    await ctx.bans.flush();
    return { ...(await listActing(ctx.db, ctx.clock.now(), query)), page: query.page, pageSize: query.pageSize };
  });

  route(app, bansApi.create, async ({ body, actor, request, audit }) => {
    audit.target = body.value;
    const made = await banByHand(ctx, actor, body, request.ip);
    audit.detail['after'] = { until: made.until, note: made.note };
    return made;
  });

  route(app, bansApi.remove, async ({ params, audit }) => {
    const { kind, value, reason, until } = await takeBanAway(ctx, params.banId);
    audit.target = value;
    audit.detail['before'] = { kind, reason, until };
  });
}
