import { Readable } from 'node:stream';
import { AppError } from '#shared/errors.ts';
import type { FakeActions, FakeCall } from '../agent-fake.ts';
import { createFakeRights } from './file-rights.ts';
import type { Thing, Tree } from './folders.ts';

type WorkAction =
  | 'files.archive_preview'
  | 'files.download_archive'
  | `files.rights_${'begin' | 'changes' | 'list'}`
  | `files.work_${'begin' | 'state' | 'stop'}`;
type Ref = { readonly siteId: string };
type Work = NonNullable<Awaited<ReturnType<FakeActions['files.work_state']>>['work']>;
type Parts = {
  readonly now: () => number;
  readonly treeOf: (site: Ref) => Tree;
  readonly toBin: (site: Ref, path: string, by: string) => void;
  readonly requireTicket: (call: FakeCall) => void;
};

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const join = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);

/** Rights in memory, and archives: what was packed here is known by its path, others hold a page and a picture. */
export function createFakeFileWork({ now, treeOf, toBin, requireTicket }: Parts): Pick<FakeActions, WorkAction> {
  const archives = new Map<string, Tree>();
  const works = new Map<string, Work>();
  const key = ({ siteId }: Ref, text: string): string => `${siteId}/${text}`;

  function thing(type: Thing['type'], sizeBytes: number): Thing {
    const mode = type === 'folder' ? 0o755 : 0o644;
    return { type, sizeBytes, mode, owner: 'site-k3v7q2aa', modifiedAt: new Date(now()).toISOString(), target: null };
  }

  function contentOf(site: Ref, path: string): Tree {
    if (treeOf(site).get(path)?.type !== 'file')
      throw new AppError('not_found', 'There is no such file.', { reason: 'file_gone', params: { name: path } });
    const made: Tree = new Map([
      ['shop', thing('folder', 0)],
      ['shop/index.html', thing('file', 1_200)],
      ['shop/صورة.png', thing('file', 48_000)],
    ]);
    return archives.get(key(site, path)) ?? made;
  }

  function taken(path: string): AppError {
    return new AppError('already_exists', 'Taken.', { reason: 'file_exists', params: { name: nameOf(path) } });
  }

  function put(tree: Tree, path: string, item: Thing): void {
    const names = path.split('/').slice(0, -1);
    for (let depth = 1; depth <= names.length; depth++) {
      const folder = names.slice(0, depth).join('/');
      if (!tree.has(folder)) tree.set(folder, thing('folder', 0));
    }
    tree.set(path, item);
  }

  const none = { leftOut: 0, leftOutNames: [], failure: null };
  const nothing = { ...none, files: 0, bytes: 0, allFiles: 0, allBytes: 0, paths: [] };
  function end(workId: string, paths: string[], files: number): void {
    works.set(workId, { ...none, state: 'done', files, bytes: 1, allFiles: files, allBytes: 1, paths });
  }

  return {
    ...createFakeRights({ now, treeOf, requireTicket, end: (workId, files) => end(workId, [], files) }),
    async 'files.archive_preview'({ site, path }) {
      const all = [...contentOf(site, path)];
      const isFolder = ([, { type }]: (typeof all)[number]): boolean => type === 'folder';
      return {
        files: all.filter((each) => !isFolder(each)).length,
        folders: all.filter(isFolder).length,
        bytes: all.reduce((sum, [, { sizeBytes }]) => sum + sizeBytes, 0),
        entries: all.map(([each, { type, sizeBytes }]) => ({
          path: each,
          type: type === 'special' ? 'file' : type,
          sizeBytes,
        })),
        entryCount: all.length,
      };
    },
    async 'files.download_archive'({ site, paths, withBytes }, { giveBytes }) {
      const all = [...treeOf(site)].filter(([path]) =>
        paths.some((each) => path === each || path.startsWith(`${each}/`)),
      );
      const missing = paths.find((path) => !treeOf(site).has(path));
      if (missing !== undefined)
        throw new AppError('not_found', 'There is no such file.', { reason: 'file_gone', params: { name: missing } });
      // No archive that opens: what would be in it.
      if (withBytes) giveBytes?.(Readable.from([Buffer.from(all.map(([path]) => path).join('\n'))]));
      return { files: all.length, bytes: all.reduce((sum, [, { sizeBytes }]) => sum + sizeBytes, 0), leftOut: 0 };
    },
    async 'files.work_begin'({ site, workId, wish }, { actor }) {
      if (works.has(workId)) return {};
      const tree = treeOf(site);
      const done = (paths: string[], files: number): void => end(workId, paths, files);
      if (wish.kind === 'pack') {
        const path = join(wish.into, wish.name);
        if (tree.has(path)) throw taken(path);
        const packed: Tree = new Map(
          wish.paths.flatMap((each) =>
            [...tree]
              .filter(([at]) => at === each || at.startsWith(`${each}/`))
              .map(([at, item]): [string, Thing] => [nameOf(each) + at.slice(each.length), item]),
          ),
        );
        archives.set(key(site, path), packed);
        tree.set(path, thing('file', 20_000));
        done([path], packed.size);
        return {};
      }
      if (wish.kind === 'fetch') {
        const { host, pathname } = new URL(wish.address);
        if (host === 'fail.test') {
          const failure = { reason: 'file_fetch_status', params: { host, status: 404 } };
          works.set(workId, { ...nothing, state: 'failed', failure });
          return {};
        }
        const path = join(wish.into, wish.name ?? (nameOf(pathname) || 'download'));
        if (tree.has(path) && wish.onConflict === 'refuse') throw taken(path);
        if (tree.has(path) && wish.onConflict === 'replace') toBin(site, path, actor.name);
        put(tree, path, thing('file', 4_096));
        done([path], 1);
        return {};
      }
      const chosen = [...contentOf(site, wish.path)].filter(
        ([each]) => wish.only.length === 0 || wish.only.some((one) => each === one || each.startsWith(`${one}/`)),
      );
      const inTheWay = chosen.filter(([each, { type }]) => type !== 'folder' && tree.has(join(wish.into, each)));
      if (wish.onConflict === 'refuse' && inTheWay[0] !== undefined) throw taken(inTheWay[0][0]);
      for (const [each, item] of chosen) {
        const path = join(wish.into, each);
        const isThere = tree.has(path);
        if (isThere && (item.type === 'folder' || wish.onConflict === 'keep')) continue;
        if (isThere) toBin(site, path, actor.name);
        put(tree, path, item);
      }
      done([...new Set(chosen.map(([each]) => join(wish.into, each.split('/')[0] ?? '')))], chosen.length);
      return {};
    },
    'files.work_state': async ({ workId }) => ({ work: works.get(workId) ?? null }),
    'files.work_stop': async () => ({}),
  };
}
