import { closeSync, constants, fstatSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import {
  at,
  changeModeAt,
  copyFileAt,
  makeFolderAt,
  makeLinkAt,
  removeFolderAt,
  setModeOf,
  setTimesOf,
  unlinkAt,
} from '../core/below.ts';
import { AppError } from '#shared/errors.ts';
import { errnoOf } from '../core/files.ts';
import { lookAt, maxDepth, openBelow, taken } from './handles.ts';

/*
 * Whole trees below handles, with the rights of whoever runs this. No link is followed; what is neither file, folder nor
 * link is not copied.
 */

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
/** More than this is work for a job. */
const mostCopied = 50_000;

export type CopyLimit = { count: number; readonly endsAt: number };

/** Copies one thing to a name that is free; throws with a part of it there. */
export async function copyTree(
  from: number,
  name: string,
  into: number,
  newName: string,
  limit: CopyLimit,
  depth = 0,
): Promise<void> {
  if (++limit.count > mostCopied || depth > maxDepth || Date.now() > limit.endsAt)
    throw new AppError('too_large', 'This is too much for one copy.', {
      reason: 'file_copy_large',
      params: { most: mostCopied },
    });
  const stats = lookAt(from, name);
  if (stats === undefined) return;
  if (stats.isSymbolicLink()) return makeLinkAt(into, newName, readlinkSync(at(from, name), 'buffer'));
  if (stats.isDirectory()) return await copyFolder(from, name, into, newName, limit, depth);
  if (!stats.isFile()) return;
  const fd = openSync(at(from, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const opened = fstatSync(fd);
    if (!opened.isFile()) return;
    const { mode, atimeMs, mtimeMs } = opened;
    // By the open file and a name that must be free: neither end can become a link in between.
    await copyFileAt(fd, into, newName);
    const copied = openSync(at(into, newName), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      setModeOf(copied, mode & 0o777);
      setTimesOf(copied, atimeMs, mtimeMs);
    } finally {
      closeSync(copied);
    }
  } catch (error) {
    throw errnoOf(error) === 'EEXIST' ? taken(newName) : error;
  } finally {
    closeSync(fd);
  }
}

async function copyFolder(
  from: number,
  name: string,
  into: number,
  newName: string,
  limit: CopyLimit,
  depth: number,
): Promise<void> {
  const source = openBelow(from, name);
  try {
    const { mode } = fstatSync(source);
    makeFolderAt(into, newName, 0o700);
    const made = openBelow(into, newName);
    try {
      const own = fstatSync(made);
      for (const entry of readdirSync(`/proc/self/fd/${source}`, 'latin1')) {
        // A folder that is copied into itself does not meet its own copy.
        const stats = lookAt(source, entry);
        if (stats === undefined || (stats.dev === own.dev && stats.ino === own.ino)) continue;
        await copyTree(source, entry, made, entry, limit, depth + 1);
      }
      setModeOf(made, (mode & 0o777) | (fstatSync(made).mode & 0o2000));
    } finally {
      closeSync(made);
    }
  } finally {
    closeSync(source);
  }
}

/** Deletes one thing with all that is in it. What lies on another file system is left, and with it its folders. */
export async function removeTree(
  folder: number,
  name: string,
  device = fstatSync(folder).dev,
  depth = 0,
): Promise<void> {
  const stats = lookAt(folder, name);
  if (stats === undefined) return;
  if (!stats.isDirectory()) return unlinkAt(folder, name);
  if (depth > maxDepth) throw new Error('the folders are nested too deep');
  const inside = openToEmpty(folder, name);
  try {
    if (fstatSync(inside).dev !== device)
      throw new AppError('in_use', 'This lies on another file system.', {
        reason: 'file_other_disk',
        params: { name },
      });
    let count = 0;
    for (const entry of readdirSync(`/proc/self/fd/${inside}`, 'latin1')) {
      if (++count % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
      await removeTree(inside, entry, device, depth + 1);
    }
  } finally {
    closeSync(inside);
  }
  removeFolderAt(folder, name);
}

/** Folders that were closed to their own owner are opened: by a handle, so that no link in their place is changed. */
function openToEmpty(folder: number, name: string): number {
  let fd: number;
  try {
    fd = openBelow(folder, name);
  } catch (error) {
    if (errnoOf(error) !== 'EACCES') throw error;
    changeModeAt(folder, name, () => 0o700);
    fd = openBelow(folder, name);
  }
  const { mode } = fstatSync(fd);
  if ((mode & 0o700) !== 0o700) {
    try {
      setModeOf(fd, mode | 0o700);
    } catch {
      // Another's folder: then deleting in it tells.
    }
  }
  return fd;
}
