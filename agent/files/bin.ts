import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { at, linkAt, makeFolderAt, removeFolderAt, renameAt, unlinkAt } from '../core/below.ts';
import { z } from 'zod';
import { filePath } from '#shared/file-names.ts';
import type { BinItem } from '#shared/files.ts';
import { idPattern } from '#shared/http.ts';
import { errnoOf } from '../core/files.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { binName, partsToText, textToParts } from './file-names.ts';
import { gone, inFolder, lookAt, openBelow, told } from './handles.ts';
import { instantOf, typeOf } from './listing.ts';
import { freeName } from './free-name.ts';
import { removeTree } from './tree-work.ts';

/*
 * The recycle bin lies in the site's folder, so that deleting is a rename, whatever the size. It is closed to all but the
 * site's user (nginx too), who may write anything into it: what is read there is not believed.
 */

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
const contentName = 'content';
const factsName = 'facts.json';
const maxFactsBytes = 16 * 1024;
const mostListed = 5_000;
const facts = z.object({ path: filePath.min(1), deletedBy: z.string().max(128), deletedAt: z.int() });

export async function moveToBin(root: number, path: string, deletedBy: string): Promise<void> {
  const parts = textToParts(path);
  const name = parts.at(-1);
  if (name === undefined) throw gone(path);
  await inFolder(root, parts.slice(0, -1), async (folder) => {
    if (lookAt(folder, name) === undefined) throw gone(path);
    await inNewPlace(root, path, deletedBy, (place) => renameAt(folder, name, place, contentName));
  });
}

/** Moves what an open folder has under a name to the bin. */
export async function moveEntryToBin(
  root: number,
  { folder, name, path, deletedBy }: { folder: number; name: string; path: string; deletedBy: string },
): Promise<void> {
  await inNewPlace(root, path, deletedBy, (place) => renameAt(folder, name, place, contentName));
}

/** Keeps a file in the bin by a second name, before something takes its place in one step. */
export async function keepInBin(
  root: number,
  { folder, name, path, deletedBy }: { folder: number; name: string; path: string; deletedBy: string },
): Promise<void> {
  await inNewPlace(root, path, deletedBy, (place) => linkAt(folder, name, place, contentName));
}

async function inNewPlace(root: number, path: string, deletedBy: string, fill: (place: number) => void): Promise<void> {
  await inBin(root, (bin) => {
    const id = newChangeId();
    makeFolderAt(bin, id, 0o700);
    const place = openBelow(bin, id);
    try {
      const fd = openSync(at(place, factsName), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
      writeSync(fd, JSON.stringify({ path, deletedBy, deletedAt: Date.now() }));
      closeSync(fd);
      fill(place);
    } catch (error) {
      unlinkAt(place, factsName);
      removeFolderAt(bin, id);
      throw told(error, path);
    } finally {
      closeSync(place);
    }
  });
}

/** Newest first. */
export async function listBin(root: number): Promise<BinItem[]> {
  if (lookAt(root, binName)?.isDirectory() !== true) return [];
  return await inBin(root, (bin) => {
    const ids = readdirSync(`/proc/self/fd/${bin}`, 'latin1').filter((name) => idPattern.test(name));
    return ids
      .slice(0, mostListed)
      .flatMap((id) => readItem(bin, id) ?? [])
      .sort((one, other) => (one.deletedAt < other.deletedAt ? 1 : -1));
  });
}

/** Where it is now: its old place, or beside it when that is taken. Folders that have gone are made again. */
export async function restoreFromBin(root: number, id: string): Promise<string> {
  return await inBin(root, async (bin) => {
    const item = readItem(bin, id);
    const parts = item === undefined ? [] : textToParts(item.path);
    const name = parts.at(-1);
    if (item === undefined || name === undefined) throw gone(id);
    const above = parts.slice(0, -1);
    await makeFoldersBelow(root, above);
    return await inFolder(root, above, (folder) => {
      const newName = freeName(folder, name);
      const place = openBelow(bin, id);
      try {
        renameAt(place, contentName, folder, newName);
        unlinkAt(place, factsName);
      } catch (error) {
        throw told(error, item.path);
      } finally {
        closeSync(place);
      }
      removeFolderAt(bin, id);
      return partsToText([...above, newName]);
    });
  });
}

export async function discardFromBin(root: number, id: string): Promise<void> {
  if (lookAt(root, binName) === undefined) return;
  await inBin(root, async (bin) => await removeTree(bin, id));
}

export async function inBin<T>(root: number, use: (bin: number) => T | Promise<T>): Promise<T> {
  try {
    makeFolderAt(root, binName, 0o700);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw told(error, binName);
  }
  let bin: number;
  try {
    bin = openSync(at(root, binName), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    throw told(error, binName);
  }
  try {
    return await use(bin);
  } finally {
    closeSync(bin);
  }
}

function readItem(bin: number, id: string): BinItem | undefined {
  try {
    const place = openBelow(bin, id);
    try {
      const stats = lookAt(place, contentName);
      const known = facts.safeParse(JSON.parse(readSmall(place, factsName)));
      if (stats === undefined || !known.success) return undefined;
      const { path, deletedBy, deletedAt } = known.data;
      const type = typeOf(stats);
      return {
        id,
        path,
        type,
        sizeBytes: type === 'file' ? stats.size : 0,
        deletedAt: instantOf(deletedAt),
        deletedBy,
      };
    } finally {
      closeSync(place);
    }
  } catch {
    // Not one of ours, or half of one.
    return undefined;
  }
}

export function readSmall(folder: number, name: string): string {
  const fd = openSync(at(folder, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > maxFactsBytes) throw new Error('no facts');
    const bytes = Buffer.alloc(stats.size);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}

export async function makeFoldersBelow(root: number, parts: readonly string[]): Promise<void> {
  for (let depth = 0; depth < parts.length; depth++)
    await inFolder(root, parts.slice(0, depth), (folder) => {
      try {
        makeFolderAt(folder, parts[depth] ?? '', 0o755);
      } catch (error) {
        if (errnoOf(error) !== 'EEXIST') throw told(error, partsToText(parts));
      }
    });
}
