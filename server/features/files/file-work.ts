import { isIP } from 'node:net';
import { AppError } from '#shared/errors.ts';
import { filesApi } from '#shared/files.ts';
import type { Job } from '#shared/jobs.ts';
import { isPublicAddress } from '#shared/public-address.ts';
import type { Actor } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import { route, type App } from '../../core/route.ts';
import { getVisibleSite } from '../sites/sites.logic.ts';
import { beginFileWork, type FileWorkParams } from './file-work.logic.ts';
import type { SiteRef } from './file-transfers.ts';

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** For the title of the job; a file that its server names is called by that. What else is in an address may be a secret. */
function fileOf(wish: FileWorkParams['wish']): { file?: string } {
  if (wish.kind === 'fetch') return { file: wish.name ?? new URL(wish.address).host };
  return 'name' in wish ? { file: wish.name } : 'path' in wish ? { file: nameOf(wish.path) } : {};
}

/** What takes its time in the folder of a site: archives, and rights of whole folders. */
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
    await beginFileWork(ctx.agent, { siteId: id, slug, workId, wish }, { actor, requestId });
    const params: FileWorkParams = { siteId: id, slug, wish };
    return ctx.jobs.enqueue({
      id: workId,
      kind: 'files.work',
      subject: {
        name,
        siteId: id,
        what: wish.kind,
        ...fileOf(wish),
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

  route(app, filesApi.fetch, async ({ params: { siteId }, body, actor, requestId, audit }) => {
    const { origin, pathname, hostname, host } = new URL(body.address);
    Object.assign(audit.detail, { ...body, address: `${origin}${pathname}` });
    // What names lead to, the process finds out that fetches.
    const literal = hostname.replace(/^\[|\]$/g, '');
    if (isIP(literal) !== 0 && !isPublicAddress(literal))
      throw new AppError('invalid_request', 'Only the public internet is asked.', {
        reason: 'file_fetch_address',
        params: { host },
      });
    return begin(siteId, { kind: 'fetch', ...body }, { actor, requestId });
  });

  route(app, filesApi.setRights, async ({ params: { siteId }, body, actor, requestId, audit }) => {
    const octal = (mode: number | null): string => (mode === null ? '' : mode.toString(8));
    const { paths, fileMode, folderMode } = body;
    const told = { paths: paths.slice(0, 20), fileMode: octal(fileMode), folderMode: octal(folderMode) };
    Object.assign(audit.detail, { ...body, ...told });
    return begin(siteId, { kind: 'set', ...body }, { actor, requestId });
  });

  route(app, filesApi.undoRights, async ({ params: { siteId, rightsId }, actor, requestId }) =>
    begin(siteId, { kind: 'undo', rightsId }, { actor, requestId }),
  );

  route(app, filesApi.rights, async ({ params: { siteId }, actor, requestId }) =>
    ctx.agent.call('files.rights_list', { site: await siteRef(siteId, actor) }, { actor, requestId }),
  );

  route(app, filesApi.rightsChanges, async ({ params: { siteId, rightsId }, actor, requestId }) =>
    ctx.agent.call('files.rights_changes', { site: await siteRef(siteId, actor), rightsId }, { actor, requestId }),
  );

  route(app, filesApi.preview, async ({ params: { siteId }, query, actor, requestId }) =>
    ctx.agent.call('files.archive_preview', { site: await siteRef(siteId, actor), ...query }, { actor, requestId }),
  );
}
