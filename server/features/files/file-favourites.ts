import { AppError } from '#shared/errors.ts';
import { mostFavourites } from '#shared/file-favourites.ts';
import { filesApi } from '#shared/files.ts';
import { route, type App } from '../../core/route.ts';
import { deleteFavourite, favouritePaths, insertFavourite } from './file-favourites.store.ts';
import type { SiteRef } from './file-transfers.ts';

/** Favourite folders of whoever asks. They are paths and nothing more: what lies there is asked like any other folder. */
export function fileFavouriteRoutes(app: App, siteRef: SiteRef): void {
  const { ctx } = app;

  route(app, filesApi.favourites, async ({ params, actor }) => {
    const { siteId } = await siteRef(params.siteId, actor);
    const paths = await favouritePaths(ctx.db, { personId: actor.id, siteId });
    return { items: paths.toSorted().map((path) => ({ path })) };
  });

  route(app, filesApi.addFavourite, async ({ params, body: { path }, actor, audit }) => {
    const { siteId } = await siteRef(params.siteId, actor);
    audit.detail['path'] = path;
    const whose = { personId: actor.id, siteId };
    const paths = await favouritePaths(ctx.db, whose);
    if (paths.includes(path)) return;
    if (paths.length >= mostFavourites)
      throw new AppError('in_use', 'There are as many favourites as there may be.', {
        reason: 'file_favourites_full',
        params: { most: mostFavourites },
      });
    await insertFavourite(ctx.db, { ...whose, path }, ctx.clock.now());
  });

  route(app, filesApi.removeFavourite, async ({ params, query: { path }, actor, audit }) => {
    const { siteId } = await siteRef(params.siteId, actor);
    audit.detail['path'] = path;
    await deleteFavourite(ctx.db, { personId: actor.id, siteId, path });
  });
}
