import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { BinItem } from '#shared/files.ts';
import { at, changeModeAt, makeFolderAt, renameAt } from '../core/below.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { discardFromBin, listBin, moveToBin, restoreFromBin } from './bin.ts';
import { excerptsOf, type Excerpts, type FoundPlace } from './excerpts.ts';
import { partsToText, textToName, textToParts } from './file-names.ts';
import { freeName } from './free-name.ts';
import { gone, inFolder, intoItself, lookAt, taken, told } from './handles.ts';
import type { RightsLine } from './rights-record.ts';
import { createLister, type ListWish, type RawList } from './listing.ts';
import { copyTree, removeTree } from './tree-work.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

export type Choices = {
  readonly paths: readonly string[];
  readonly into: string;
  readonly onConflict: 'refuse' | 'rename';
};
export type Done = { readonly paths: string[] };

/** What can be done below one folder. Plain data in and out: it is asked over a pipe. */
export type FolderWork = {
  list(wish: ListWish): Promise<RawList>;
  folderFacts(wish: { readonly path: string }): Promise<{ readonly dev: number; readonly ino: number }>;
  excerpts(wish: { readonly folder: string; readonly places: readonly FoundPlace[] }): Promise<Excerpts[]>;
  make(wish: { readonly folder: string; readonly name: string; readonly type: 'file' | 'folder' }): Promise<Done>;
  rename(wish: { readonly path: string; readonly name: string }): Promise<Done>;
  move(wish: Choices): Promise<Done>;
  copy(wish: Choices & { readonly endsAt: number }): Promise<Done>;
  setMode(wish: { readonly paths: readonly string[]; readonly mode: number; readonly by: string }): Promise<Done>;
  remove(wish: { readonly paths: readonly string[]; readonly deletedBy: string }): Promise<Done>;
  bin(): Promise<{ items: BinItem[] }>;
  restore(wish: { readonly ids: readonly string[] }): Promise<Done>;
  discard(wish: { readonly ids: readonly string[] }): Promise<Record<never, never>>;
};

/** Work below an open folder with the rights of this process. */
export function createFolderWork(root: number): FolderWork {
  const list = createLister(root);

  /** Runs `use` in the folder of a thing that is there. */
  async function atThing<T>(
    path: string,
    use: (folder: number, name: string, above: string[]) => T | Promise<T>,
  ): Promise<T> {
    const parts = textToParts(path);
    const name = parts.pop();
    if (name === undefined) throw gone(path);
    return await inFolder(root, parts, async (folder) => {
      try {
        if (lookAt(folder, name) === undefined) throw gone(path);
        return await use(folder, name, parts);
      } catch (error) {
        throw told(error, path);
      }
    });
  }

  /** One after another into a folder; with `refuse` nothing begins while any of the names is taken. */
  async function into(
    { paths, into: target, onConflict }: Choices,
    act: (from: number, name: string, folder: number, newName: string) => void | Promise<void>,
  ): Promise<Done> {
    const targetParts = textToParts(target);
    for (const path of paths) if (target === path || target.startsWith(`${path}/`)) throw intoItself(path);
    return await inFolder(root, targetParts, async (folder) => {
      if (onConflict === 'refuse')
        for (const path of paths) {
          const name = textToParts(path).at(-1) ?? '';
          if (lookAt(folder, name) !== undefined) throw taken(name);
        }
      const done: string[] = [];
      for (const path of paths)
        await atThing(path, async (from, name) => {
          const newName = onConflict === 'rename' ? freeName(folder, name) : name;
          if (lookAt(folder, newName) !== undefined) throw taken(newName);
          await act(from, name, folder, newName);
          done.push(partsToText([...targetParts, newName]));
        });
      return { paths: done };
    });
  }

  return {
    list,
    folderFacts: async ({ path }) =>
      await inFolder(root, textToParts(path), (folder) => {
        const { dev, ino } = fstatSync(folder);
        return { dev, ino };
      }),
    excerpts: async ({ folder, places }) => await excerptsOf(root, folder, places),
    async make({ folder: path, name: text, type }) {
      const parts = textToParts(path);
      const name = textToName(text);
      // The bin's own name is refused like anything else below it.
      textToParts(partsToText([...parts, name]));
      return await inFolder(root, parts, (folder) => {
        try {
          if (type === 'folder') makeFolderAt(folder, name, 0o755);
          else closeSync(openSync(at(folder, name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644));
        } catch (error) {
          throw told(error, text);
        }
        return { paths: [partsToText([...parts, name])] };
      });
    },
    rename: async ({ path, name: text }) =>
      await atThing(path, (folder, name, above) => {
        const newName = textToName(text);
        textToParts(partsToText([...above, newName]));
        // Node knows no rename that refuses by itself: between this look and the rename only the site itself could lose.
        if (lookAt(folder, newName) !== undefined) throw taken(newName);
        renameAt(folder, name, folder, newName);
        return { paths: [partsToText([...above, newName])] };
      }),
    move: async (wish) => await into(wish, (from, name, folder, newName) => renameAt(from, name, folder, newName)),
    copy: async ({ endsAt, ...wish }) => {
      const limit = { count: 0, endsAt };
      return await into(wish, async (from, name, folder, newName) => {
        // Under a name of our own until it is whole: nobody sees half of it, and taking it back meets nothing else.
        const ownName = `.aapanel-copy-${newChangeId()}`;
        try {
          await copyTree(from, name, folder, ownName, limit);
          if (lookAt(folder, newName) !== undefined) throw taken(newName);
          renameAt(folder, ownName, folder, newName);
        } catch (error) {
          await removeTree(folder, ownName);
          throw error;
        }
      });
    },
    async setMode({ paths, mode, by }) {
      const { inSiteStore, keepingModes } = await import('./rights.ts');
      const lines: RightsLine[] = [];
      for (const path of paths)
        await atThing(path, (folder, name) => {
          const stats = lookAt(folder, name);
          // A link has no mode of its own.
          if (stats === undefined || (!stats.isFile() && !stats.isDirectory())) throw gone(path);
          const before = { mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid };
          const after = { ...before, mode: (stats.mode & 0o7000) | mode };
          const type = stats.isFile() ? 'file' : 'folder';
          if (after.mode !== before.mode) lines.push({ path, type, ino: stats.ino, before, after });
        });
      const change = async (): Promise<void> => {
        for (const path of paths)
          await atThing(path, (folder, name) => {
            changeModeAt(folder, name, (handle) => {
              const stats = fstatSync(handle);
              if (!stats.isFile() && !stats.isDirectory()) throw gone(path);
              return (stats.mode & 0o7000) | mode;
            });
          });
      };
      await inSiteStore(root, async (on) => await keepingModes(on, { by, paths, mode, lines }, change));
      return { paths: [...paths] };
    },
    async remove({ paths, deletedBy }) {
      for (const path of paths) await moveToBin(root, path, deletedBy);
      return { paths: [...paths] };
    },
    bin: async () => ({ items: await listBin(root) }),
    async restore({ ids }) {
      const paths: string[] = [];
      for (const id of ids) paths.push(await restoreFromBin(root, id));
      return { paths };
    },
    async discard({ ids }) {
      for (const id of ids) await discardFromBin(root, id);
      return {};
    },
  };
}
