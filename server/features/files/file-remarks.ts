import { AppError } from '#shared/errors.ts';
import { mostRemarks } from '#shared/file-remarks.ts';
import { filesApi, mostInPage, type BinItem, type FileList } from '#shared/files.ts';
import type { Context } from '../../context.ts';
import type { Actor } from '../../core/actor.ts';
import { route, type App } from '../../core/route.ts';
import { changeRemarks, listRemarks, type FileRemark } from './file-remarks.store.ts';
import type { SiteRef } from './file-transfers.ts';

/*
 * Remarks on files and folders. They stand in the panel's database by site and path, so they follow what is renamed, moved,
 * copied, deleted and restored through the panel, and nothing else.
 */

type Site = { readonly siteId: string; readonly slug: string };
type Asking = { readonly actor: Actor; readonly requestId: string };
type Ctx = Pick<Context, 'agent' | 'db' | 'log'>;

export function fileRemarkRoutes(app: App, siteRef: SiteRef): void {
  const { ctx } = app;

  route(app, filesApi.setRemark, async ({ params, body: { path, remark }, actor, requestId, audit }) => {
    const site = await siteRef(params.siteId, actor);
    Object.assign(audit.detail, { path, after: remark });
    await checkIsThere(ctx, site, path, { actor, requestId });
    const all = await listRemarks(ctx.db, site.siteId);
    const before = all.find((each) => each.binId === '' && each.path === path);
    audit.detail['before'] = before?.remark ?? '';
    if (before === undefined && remark !== '' && all.length >= mostRemarks)
      throw new AppError('in_use', 'There are as many remarks as there may be.', {
        reason: 'file_remarks_full',
        params: { most: mostRemarks },
      });
    const wanted = { path, binId: '', remark };
    await changeRemarks(
      ctx.db,
      site.siteId,
      remark === '' ? { gone: [wanted], made: [] } : { gone: [], made: [wanted] },
    );
  });
}

/** Throws `not_found` (`file_gone`). */
async function checkIsThere({ agent }: Ctx, site: Site, path: string, asking: Asking): Promise<void> {
  const [folder, name] = split(path);
  const order = { sort: 'name', isDescending: false, showsHidden: true, offset: 0, limit: mostInPage } as const;
  const { names } = await agent.call(
    'files.list',
    { site, path: folder, filter: name.slice(0, 255), ...order },
    asking,
  );
  if (!names.includes(name))
    throw new AppError('not_found', 'There is no such file.', { reason: 'file_gone', params: { name: path } });
}

export type FolderRemarks = {
  /** Names whose remark has what is looked for. */
  readonly found: (text: string) => string[];
  /** The entries with what is remarked on them. */
  readonly onto: (list: FileList) => FileList;
};

/** Those on what is in one folder. */
export async function remarksIn({ db }: Ctx, siteId: string, folder: string): Promise<FolderRemarks> {
  const remarks = new Map<string, string>();
  for (const { path, binId, remark } of await listRemarks(db, siteId)) {
    const [above, name] = split(path);
    if (binId === '' && above === folder) remarks.set(name, remark);
  }
  return {
    found(text) {
      const wanted = text.toLowerCase();
      return [...remarks].filter(([, remark]) => remark.toLowerCase().includes(wanted)).map(([name]) => name);
    },
    onto: ({ entries, ...rest }) => ({
      ...rest,
      entries: entries.map((entry) => {
        const remark = remarks.get(entry.name);
        return remark === undefined ? entry : { ...entry, remark };
      }),
    }),
  };
}

/** What an operation did with things of a site. The files are as they are by now: a remark that is lost stops nothing. */
export function remarkFollower(ctx: Ctx, { siteId }: Site) {
  const { db, log } = ctx;

  async function follow(
    work: (all: readonly FileRemark[]) => Promise<Parameters<typeof changeRemarks>[2] | undefined>,
  ) {
    try {
      const all = await listRemarks(db, siteId);
      const change = all.length === 0 ? undefined : await work(all);
      if (change !== undefined) await changeRemarks(db, siteId, change);
    } catch (error) {
      log.warn({ err: error, siteId }, 'remarks on files did not follow a change');
    }
  }

  const live = (all: readonly FileRemark[], path: string): FileRemark[] =>
    all.filter((each) => each.binId === '' && isIn(each.path, path));

  return {
    /** `from[n]` is at `to[n]` now, with all that is in it. */
    moved: (from: readonly string[], to: readonly string[]) =>
      follow(async (all) => {
        const pairs = from.flatMap((path, index) =>
          live(all, path).map((each) => ({ each, to: below(each, path, to[index]) })),
        );
        // What a remark of an earlier thing says is not about the one that is there now.
        return {
          gone: [...to.flatMap((path) => live(all, path)), ...pairs.map(({ each }) => each)],
          made: pairs.map((each) => each.to),
        };
      }),
    copied: (from: readonly string[], to: readonly string[]) =>
      follow(async (all) => {
        const made = from.flatMap((path, index) => live(all, path).map((each) => below(each, path, to[index])));
        return {
          gone: to.flatMap((path) => live(all, path)),
          made: made.slice(0, Math.max(0, mostRemarks - all.length)),
        };
      }),
    made: (paths: readonly string[]) =>
      follow(async (all) => ({ gone: paths.flatMap((path) => live(all, path)), made: [] })),
    /** `listBin`: newest first. */
    removed: (paths: readonly string[], listBin: () => Promise<readonly BinItem[]>) =>
      follow(async (all) => {
        const found = paths.flatMap((path) => live(all, path).map((each) => ({ each, path })));
        if (found.length === 0) return undefined;
        const items = await listBin();
        const made = found.flatMap(({ each, path }) => {
          const binId = items.find((item) => item.path === path)?.id;
          return binId === undefined ? [] : [{ ...each, binId }];
        });
        return { gone: found.map(({ each }) => each), made };
      }),
    /** `from`: where the things of these ids lay; they are at `to` now. */
    restored: (ids: readonly string[], from: readonly BinItem[], to: readonly string[]) =>
      follow(async (all) => {
        const gone = all.filter(({ binId }) => ids.includes(binId));
        const made = gone.flatMap((each) => {
          const path = from.find(({ id }) => id === each.binId)?.path;
          return path === undefined ? [] : [{ ...below(each, path, to[ids.indexOf(each.binId)]), binId: '' }];
        });
        return { gone, made };
      }),
    discarded: (ids: readonly string[]) =>
      follow(async (all) => ({ gone: all.filter(({ binId }) => ids.includes(binId)), made: [] })),
    /** Whether anything in the bin has one. */
    areInBin: async (ids: readonly string[]) =>
      (await listRemarks(db, siteId)).some(({ binId }) => ids.includes(binId)),
  };
}

const isIn = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** The same remark where its thing is now. */
function below(remark: FileRemark, from: string, to = from): FileRemark {
  return { ...remark, path: `${to}${remark.path.slice(from.length)}` };
}

function split(path: string): [folder: string, name: string] {
  const at = path.lastIndexOf('/');
  return at === -1 ? ['', path] : [path.slice(0, at), path.slice(at + 1)];
}
