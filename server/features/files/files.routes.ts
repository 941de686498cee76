import { Readable } from 'node:stream';
import { listOf } from '#shared/file-columns.ts';
import { filesApi } from '#shared/files.ts';
import type { Actor } from '../../core/actor.ts';
import { goneOf } from '../../core/gone.ts';
import { route, type App } from '../../core/route.ts';
import { getVisibleSite } from '../sites/sites.logic.ts';
import { fileArchiveRoute } from './file-archive.ts';
import { fileEditingRoutes } from './file-editing.ts';
import { fileLinkRoutes } from './file-links.ts';
import { fileFavouriteRoutes } from './file-favourites.ts';
import { fileRemarkRoutes, remarkFollower, remarksIn } from './file-remarks.ts';
import { fileTransferRoutes } from './file-transfers.ts';
import { fileWorkRoutes } from './file-work.ts';

export function filesRoutes(app: App): void {
  const { ctx } = app;
  const siteRef = async (siteId: string, actor: Actor): Promise<{ siteId: string; slug: string }> => {
    const { id, slug } = await getVisibleSite(ctx, siteId, actor);
    return { siteId: id, slug };
  };
  fileTransferRoutes(app, siteRef);
  fileEditingRoutes(app, siteRef);
  fileLinkRoutes(app, siteRef);
  fileWorkRoutes(app, siteRef);
  fileArchiveRoute(app);
  fileFavouriteRoutes(app, siteRef);
  fileRemarkRoutes(app, siteRef);

  const binOf = async (site: Awaited<ReturnType<typeof siteRef>>, asking: { actor: Actor; requestId: string }) =>
    (await ctx.agent.call('files.bin', { site }, asking)).items;

  route(app, filesApi.list, async ({ params, query, actor, requestId }) => {
    const site = await siteRef(params.siteId, actor);
    const { found, onto } = await remarksIn(ctx, site.siteId, query.path);
    const also = query.filter === '' ? [] : found(query.filter);
    return onto(listOf(await ctx.agent.call('files.list', { site, ...query, also }, { actor, requestId })));
  });

  route(
    app,
    filesApi.search,
    async ({ params, body, actor, requestId, reply }) => {
      const site = await siteRef(params.siteId, actor);
      const { bytes } = await ctx.agent.fetch('files.search', { site, ...body }, { actor, requestId });
      reply.headers({
        'content-type': 'application/x-ndjson; charset=utf-8',
        'cache-control': 'no-store',
        // Proxies before us shall not wait for more of it.
        'x-accel-buffering': 'no',
      });
      return (bytes ?? Readable.from([])) as unknown as string;
    },
    { isFile: true, isQuestion: true },
  );

  route(app, filesApi.find, async ({ params, query, actor, requestId }) =>
    ctx.agent.call('files.find', { site: await siteRef(params.siteId, actor), ...query }, { actor, requestId }),
  );

  route(app, filesApi.usage, async ({ params, query, actor, requestId, reply }) => {
    const signal = goneOf(reply);
    const site = await siteRef(params.siteId, actor);
    return ctx.agent.call('files.usage', { site, ...query }, { actor, requestId, signal });
  });

  route(app, filesApi.make, async ({ params, body, actor, requestId, audit }) => {
    const site = await siteRef(params.siteId, actor);
    Object.assign(audit.detail, body);
    const done = await ctx.agent.call('files.make', { site, ...body }, { actor, requestId });
    await remarkFollower(ctx, site).made(done.paths);
    return done;
  });

  route(app, filesApi.rename, async ({ params, body, actor, requestId, audit }) => {
    const site = await siteRef(params.siteId, actor);
    Object.assign(audit.detail, body);
    const done = await ctx.agent.call('files.rename', { site, ...body }, { actor, requestId });
    await remarkFollower(ctx, site).moved([body.path], done.paths);
    return done;
  });

  route(app, filesApi.move, async ({ params, body, actor, requestId, audit }) => {
    const site = await siteRef(params.siteId, actor);
    Object.assign(audit.detail, { ...body, paths: told(body.paths) });
    const done = await ctx.agent.call('files.move', { site, ...body }, { actor, requestId });
    await remarkFollower(ctx, site).moved(body.paths, done.paths);
    return done;
  });

  route(app, filesApi.copy, async ({ params, body, actor, requestId, audit }) => {
    const site = await siteRef(params.siteId, actor);
    Object.assign(audit.detail, { ...body, paths: told(body.paths) });
    const done = await ctx.agent.call('files.copy', { site, ...body }, { actor, requestId });
    await remarkFollower(ctx, site).copied(body.paths, done.paths);
    return done;
  });

  route(app, filesApi.setMode, async ({ params, body, actor, requestId, audit }) => {
    const site = await siteRef(params.siteId, actor);
    Object.assign(audit.detail, { paths: told(body.paths), mode: body.mode.toString(8) });
    return ctx.agent.call('files.set_mode', { site, ...body }, { actor, requestId });
  });

  route(app, filesApi.remove, async ({ params, body, actor, requestId, audit }) => {
    const site = await siteRef(params.siteId, actor);
    Object.assign(audit.detail, { paths: told(body.paths) });
    const done = await ctx.agent.call('files.remove', { site, ...body }, { actor, requestId });
    await remarkFollower(ctx, site).removed(body.paths, () => binOf(site, { actor, requestId }));
    return done;
  });

  route(app, filesApi.bin, async ({ params, actor, requestId }) =>
    ctx.agent.call('files.bin', { site: await siteRef(params.siteId, actor) }, { actor, requestId }),
  );

  route(app, filesApi.restore, async ({ params, body, actor, requestId, audit }) => {
    const site = await siteRef(params.siteId, actor);
    const remarks = remarkFollower(ctx, site);
    const lay = (await remarks.areInBin(body.ids)) ? await binOf(site, { actor, requestId }) : [];
    const done = await ctx.agent.call('files.restore', { site, ...body }, { actor, requestId });
    await remarks.restored(body.ids, lay, done.paths);
    Object.assign(audit.detail, { paths: told(done.paths) });
    return done;
  });

  route(app, filesApi.discard, async ({ params, body, actor, requestId, audit }) => {
    const site = await siteRef(params.siteId, actor);
    Object.assign(audit.detail, { count: body.ids.length });
    await ctx.agent.call('files.discard', { site, ...body }, { actor, requestId });
    await remarkFollower(ctx, site).discarded(body.ids);
  });
}

/** The audit log keeps the first of them, and how many there were. */
const mostTold = 20;

function told(paths: readonly string[]): string[] {
  return paths.length <= mostTold ? [...paths] : [...paths.slice(0, mostTold), `+${paths.length - mostTold}`];
}
