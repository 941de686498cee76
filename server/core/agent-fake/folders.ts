import { posix } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { columnsOf } from '#shared/file-columns.ts';
import type { BinItem, FileEntry } from '#shared/files.ts';
import { newId } from '../id.ts';
import type { FakeActions, FakeCall } from '../agent-fake.ts';
import { createFakeEditing } from './editing.ts';
import { createFakeSearch } from './file-search.ts';
import { createFakeUsage } from './file-usage.ts';
import { createFakeFileWork } from './file-work.ts';
import { createFakeTransfers } from './transfers.ts';

type FilesAction = Extract<keyof FakeActions, `files.${string}`>;
export type Thing = Omit<FileEntry, 'name'> & {
  /** Of what was sent; others hold as many bytes as they say. */
  readonly content?: Buffer;
};
/** Path → what is there. */
export type Tree = Map<string, Thing>;
export type Removed = { readonly item: BinItem; readonly tree: Tree };

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const join = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);
const isIn = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** The part of the fake agent that knows files of sites: each begins with the same few, in memory. */
export function createFakeFolders(
  now: () => number,
  requireTicket: (call: FakeCall) => void,
): Pick<FakeActions, FilesAction> {
  const sites = new Map<string, { tree: Tree; bin: Map<string, Removed> }>();
  const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

  function siteOf({ siteId }: { readonly siteId: string }): { tree: Tree; bin: Map<string, Removed> } {
    const known = sites.get(siteId);
    if (known !== undefined) return known;
    const tree: Tree = new Map();
    const add = (path: string, type: Thing['type'], sizeBytes = 0, target: string | null = null): void => {
      const mode = type === 'folder' ? 0o755 : type === 'link' ? 0o777 : 0o644;
      const modifiedAt = new Date(now() - tree.size * 3_600_000).toISOString();
      tree.set(path, { type, sizeBytes, mode, owner: 'site-k3v7q2aa', modifiedAt, target });
    };
    add('index.html', 'file', 1_284);
    add('assets', 'folder');
    for (const name of ['logo.svg', 'style.css', 'photo2.jpg', 'photo10.jpg']) add(`assets/${name}`, 'file', 48_213);
    const photo = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0x10, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1]);
    for (const name of ['photo2.jpg', 'photo10.jpg']) {
      const thing = tree.get(`assets/${name}`);
      if (thing !== undefined) tree.set(`assets/${name}`, { ...thing, sizeBytes: photo.length, content: photo });
    }
    add('تقارير الشهر', 'folder');
    add('تقارير الشهر/تقرير 1.pdf', 'file', 912_004);
    add('.htaccess', 'file', 310);
    add('odd\\x0aname\\xff.txt', 'file', 12);
    add('invoice\u202efdp.exe', 'file', 4_096);
    add('public', 'link', 0, '../elsewhere');
    add('backup.tar.gz', 'file', 734_003_200);
    add('access.log', 'file', 5 * 1024 ** 3);
    const site = { tree, bin: new Map<string, Removed>() };
    sites.set(siteId, site);
    return site;
  }

  function get(tree: Tree, path: string): Thing {
    const thing = tree.get(path);
    if (thing === undefined) throw gone(path);
    return thing;
  }

  function checkFolder(tree: Tree, path: string): void {
    if (path !== '' && tree.get(path)?.type !== 'folder') throw gone(path);
  }

  function checkFree(tree: Tree, path: string): void {
    if (tree.has(path))
      throw new AppError('already_exists', 'Taken.', { reason: 'file_exists', params: { name: nameOf(path) } });
  }

  function free(tree: Tree, path: string): string {
    const dot = nameOf(path).lastIndexOf('.');
    const cut = dot > 0 ? path.length - nameOf(path).length + dot : path.length;
    let candidate = path;
    for (let number = 2; tree.has(candidate); number++)
      candidate = `${path.slice(0, cut)} (${number})${path.slice(cut)}`;
    return candidate;
  }

  function take(tree: Tree, path: string): Tree {
    const taken: Tree = new Map([...tree].filter(([each]) => isIn(each, path)));
    for (const each of taken.keys()) tree.delete(each);
    return taken;
  }

  function put(tree: Tree, things: Tree, from: string, to: string): void {
    for (const [path, thing] of things) tree.set(to + path.slice(from.length), thing);
  }

  function toBin(site: { readonly siteId: string }, path: string, deletedBy: string): void {
    const { tree, bin } = siteOf(site);
    const { type, sizeBytes } = get(tree, path);
    const id = newId();
    const deletedAt = new Date(now()).toISOString();
    bin.set(id, { item: { id, path, type, sizeBytes, deletedAt, deletedBy }, tree: take(tree, path) });
  }

  type Choices = { readonly paths: string[]; readonly into: string; readonly onConflict: 'refuse' | 'rename' };
  function place(tree: Tree, { paths, into, onConflict }: Choices, isMove: boolean): { paths: string[] } {
    checkFolder(tree, into);
    for (const path of paths) {
      get(tree, path);
      if (isIn(into, path))
        throw new AppError('in_use', 'Into itself.', { reason: 'file_into_itself', params: { name: path } });
      if (onConflict === 'refuse') checkFree(tree, join(into, nameOf(path)));
    }
    return {
      paths: paths.map((path) => {
        const to = free(tree, join(into, nameOf(path)));
        put(tree, isMove ? take(tree, path) : new Map([...tree].filter(([each]) => isIn(each, path))), path, to);
        return to;
      }),
    };
  }

  return {
    ...createFakeTransfers({ now, treeOf: (site) => siteOf(site).tree, free, toBin }),
    ...createFakeEditing({ now, treeOf: (site) => siteOf(site).tree }),
    ...createFakeSearch({ treeOf: (site) => siteOf(site).tree }),
    ...createFakeUsage({ treeOf: (site) => siteOf(site).tree, binOf: (site) => [...siteOf(site).bin.values()] }),
    ...createFakeFileWork({ now, treeOf: (site) => siteOf(site).tree, toBin, requireTicket }),
    async 'files.list'({ site, path, sort, isDescending, showsHidden, filter, also = [], offset, limit }) {
      const { tree } = siteOf(site);
      checkFolder(tree, path);
      const all = [...tree]
        .filter(([each]) => parentOf(each) === path)
        .filter(([each]) => nameOf(each).toLowerCase().includes(filter.toLowerCase()) || also.includes(nameOf(each)))
        .map(([each, thing]): FileEntry => ({ name: nameOf(each), ...thing }));
      const seen = all.filter(({ name }) => showsHidden || !name.startsWith('.'));
      const order = (one: FileEntry, other: FileEntry): number => {
        if (sort === 'size') return one.sizeBytes - other.sizeBytes;
        return sort === 'modified'
          ? one.modifiedAt.localeCompare(other.modifiedAt)
          : natural.compare(one.name, other.name);
      };
      seen.sort(
        (one, other) =>
          Number(other.type === 'folder') - Number(one.type === 'folder') ||
          order(one, other) * (isDescending ? -1 : 1),
      );
      const entries = seen.slice(offset, offset + limit);
      return columnsOf({ entries, total: seen.length, hidden: all.length - seen.length });
    },
    async 'files.find'({ site, path, name, showsHidden }) {
      const { tree } = siteOf(site);
      checkFolder(tree, path);
      const wanted = name.toLowerCase();
      const fits = (each: string): boolean =>
        /[*?[\]{}]/.test(name) ? posix.matchesGlob(each.toLowerCase(), wanted) : each.toLowerCase().includes(wanted);
      const below = [...tree].filter(([each]) => path === '' || each.startsWith(`${path}/`));
      const seen = below.filter(([each]) => showsHidden || !each.split('/').some((part) => part.startsWith('.')));
      const items = seen
        .filter(([each]) => fits(nameOf(each)))
        .map(([each, { type, sizeBytes, modifiedAt }]) => ({ path: each, type, sizeBytes, modifiedAt }));
      return { items, why: 'whole', seen: seen.length };
    },
    async 'files.make'({ site, folder, name, type }) {
      const { tree } = siteOf(site);
      checkFolder(tree, folder);
      const path = join(folder, name);
      checkFree(tree, path);
      const mode = type === 'folder' ? 0o755 : 0o644;
      const modifiedAt = new Date(now()).toISOString();
      tree.set(path, { type, sizeBytes: 0, mode, owner: 'site-k3v7q2aa', modifiedAt, target: null });
      return { paths: [path] };
    },
    async 'files.rename'({ site, path, name }) {
      const { tree } = siteOf(site);
      get(tree, path);
      const to = join(parentOf(path), name);
      checkFree(tree, to);
      put(tree, take(tree, path), path, to);
      return { paths: [to] };
    },
    'files.move': async ({ site, ...wish }) => place(siteOf(site).tree, wish, true),
    'files.copy': async ({ site, ...wish }) => place(siteOf(site).tree, wish, false),
    async 'files.set_mode'({ site, paths, mode }) {
      const { tree } = siteOf(site);
      for (const path of paths) tree.set(path, { ...get(tree, path), mode });
      return { paths };
    },
    async 'files.remove'({ site, paths }, { actor }) {
      for (const path of paths) toBin(site, path, actor.name);
      return { paths };
    },
    'files.bin': async ({ site }) => ({ items: [...siteOf(site).bin.values()].map(({ item }) => item).reverse() }),
    async 'files.restore'({ site, ids }) {
      const { tree, bin } = siteOf(site);
      return {
        paths: ids.map((id) => {
          const removed = bin.get(id);
          if (removed === undefined) throw gone(id);
          const to = free(tree, removed.item.path);
          put(tree, removed.tree, removed.item.path, to);
          bin.delete(id);
          return to;
        }),
      };
    },
    async 'files.discard'({ site, ids }) {
      for (const id of ids) siteOf(site).bin.delete(id);
      return {};
    },
  };
}

function gone(name: string): AppError {
  return new AppError('not_found', 'There is no such file.', { reason: 'file_gone', params: { name } });
}
