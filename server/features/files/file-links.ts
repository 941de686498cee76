import { filesApi } from '#shared/files.ts';
import { route, type App } from '../../core/route.ts';
import type { SiteRef } from './file-transfers.ts';
import { createLink, revokeLink, visibleLinks } from './file-links.logic.ts';
import { publicLinkRoutes } from './public-links.ts';

/** Links to files: making and ending them, for people who may read the files of a site. */
export function fileLinkRoutes(app: App, siteRef: SiteRef): void {
  const { ctx } = app;
  // A program could make links that outlive its token.
  const options = { isForPeople: true } as const;
  publicLinkRoutes(app);

  route(
    app,
    filesApi.links,
    async ({ params, actor }) => {
      const { siteId } = await siteRef(params.siteId, actor);
      return { items: await visibleLinks(ctx, siteId, actor) };
    },
    options,
  );

  route(
    app,
    filesApi.makeLink,
    async ({ params, body, actor, requestId, audit }) => {
      const site = await siteRef(params.siteId, actor);
      const { path, hours, password, mostDownloads } = body;
      Object.assign(audit.detail, { path, hours, mostDownloads, hasPassword: password !== null });
      const wish = { site, path, range: null, ifRange: null, withBytes: false };
      await ctx.agent.fetch('files.download', wish, { actor, requestId });
      const { link, token } = await createLink(ctx, site.siteId, actor, body);
      audit.detail['linkId'] = link.id;
      // Never the secret way in, and never a name that the request brought.
      return { link, url: `${ctx.doors.origin()}/s/${token}` };
    },
    { ...options, isAnswerSecret: true },
  );

  route(
    app,
    filesApi.revokeLink,
    async ({ params: { siteId, linkId }, actor, audit }) => {
      const site = await siteRef(siteId, actor);
      Object.assign(audit.detail, await revokeLink(ctx, site.siteId, linkId, actor));
    },
    options,
  );
}
