import { tlsChecksApi } from '#shared/tls-check.ts';
import { createRateWindow } from '../../core/rate-window.ts';
import { route, type App } from '../../core/route.ts';
import { getVisibleSite } from '../sites/sites.logic.ts';

/** What it takes to speak TLS to others is loaded with the first check. */
const logic = () => import('./tls-checks.logic.ts');

const limits = { most: 10, windowMs: 60_000 };

export function tlsChecksRoutes(app: App): void {
  const { ctx } = app;
  const take = createRateWindow(limits);

  route(
    app,
    tlsChecksApi.checkHost,
    async ({ body, audit }) => {
      audit.target = body.host;
      const { checkPublicHost } = await logic();
      return await checkPublicHost(body, { now: ctx.clock.now() });
    },
    { before: ({ actor }) => take(actor.id, ctx.clock.now()) },
  );

  route(
    app,
    tlsChecksApi.checkSite,
    async ({ params, actor }) => {
      const site = await getVisibleSite(ctx, params.siteId, actor);
      const { checkSite } = await logic();
      return await checkSite(site, 443, ctx.clock.now());
    },
    { before: ({ actor }) => take(actor.id, ctx.clock.now()) },
  );
}
