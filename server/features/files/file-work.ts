import { filesApi } from '#shared/files.ts';
import type { Job } from '#shared/jobs.ts';
import type { Actor } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import { route, type App } from '../../core/route.ts';
import { getVisibleSite } from '../sites/sites.logic.ts';
import type { FileWorkParams } from './file-work.logic.ts';
import type { SiteRef } from './file-transfers.ts';

/** Archives: made, looked at and unpacked in the folder of a site. */
export function fileWorkRoutes(app: App, siteRef: SiteRef): void {
  const { ctx } = app;

  /** Starts here and not in the job: what is wrong with it is said to the person at once. */
  async function begin(
    siteId: string,
    wish: FileWorkParams['wish'],
    { actor, requestId }: { readonly actor: Actor; readonly requestId: string },
  ): Promise<Job> {
    const { id, slug, name } = await getVisibleSite(ctx, siteId, actor);
    const workId = newId();
    await ctx.agent.call('files.work_begin', { site: { siteId: id, slug }, workId, wish }, { actor, requestId });
    const params: FileWorkParams = { siteId: id, slug, wish };
    return ctx.jobs.enqueue({
      id: workId,
      kind: 'files.work',
      subject: {
        name,
        siteId: id,
        what: wish.kind,
        file: wish.kind === 'pack' ? wish.name : wish.path.slice(wish.path.lastIndexOf('/') + 1),
      },
      params,
      actor: { id: actor.id, name: actor.name },
    });
  }

  route(app, filesApi.pack, async ({ params: { siteId }, body, actor, requestId, audit }) => {
    Object.assign(audit.detail, { ...body, paths: body.paths.slice(0, 20) });
    return begin(siteId, { kind: 'pack', ...body }, { actor, requestId });
  });

  route(app, filesApi.unpack, async ({ params: { siteId }, body, actor, requestId, audit }) => {
    Object.assign(audit.detail, { ...body, only: body.only.slice(0, 20) });
    return begin(siteId, { kind: 'unpack', ...body }, { actor, requestId });
  });

  route(app, filesApi.preview, async ({ params: { siteId }, query, actor, requestId }) =>
    ctx.agent.call('files.archive_preview', { site: await siteRef(siteId, actor), ...query }, { actor, requestId }),
  );
}
