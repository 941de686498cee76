import { closeSync, fstatSync, readdirSync, type Stats } from 'node:fs';
import { uploadKeptMs } from '#shared/file-transfers.ts';
import { AppError } from '#shared/errors.ts';
import { uploadsFolder } from '#shared/site-folders.ts';
import { linkAt, openHandleAt, setAccessOf, setModeOf, unlinkAt } from '../core/below.ts';
import { closeFile, makeFolders, openFolder } from '../core/files.ts';
import { findGroup, logLine, type Machine } from '../core/machine.ts';
import { inFolder, lookAt } from './handles.ts';
import { uploadDataParts } from './uploads.ts';
import type { Place } from './workers.ts';

/*
 * Uploads that the web process writes itself, so that no byte goes through two processes more. The file is the site's own, made
 * by its own user in its own folder. While it is open it has a second name in a folder of root's, where the web process may go
 * through and change nothing, and the group of the panel may write to it and not read it. Neither of the two who could lie is
 * believed: what the site's user put there is looked at by a handle, and what the web process wrote stays the site's.
 */

const folderMode = 0o710;
const openMode = 0o620;
const closedMode = 0o600;

type Where = Pick<Machine, 'prefix' | 'isRoot' | 'settings'>;
type Ref = { readonly siteId: string; readonly uploadId: string };

/** Both are ids of the panel's own form. */
const nameOf = ({ siteId, uploadId }: Ref): string => `${siteId}.${uploadId}`;

/**
 * Gives the group of the panel a way to write an upload. Answers its path; null when there can be none, as on another file
 * system: the bytes are sent then.
 */
export async function openUpload(machine: Where, place: Place, ref: Ref): Promise<string | null> {
  const gid = machine.isRoot ? findGroup(machine.settings.group) : place.gid;
  if (gid === undefined) return null;
  const folder = makeUploadsFolder(machine, gid);
  if (folder === undefined) return null;
  let root: number | undefined;
  try {
    sweep(machine, folder);
    root = openFolder(place.path);
    return await inFolder(root, uploadDataParts(ref.uploadId).slice(0, -1), (upload) => {
      const isOpen = giveName(machine, { upload, folder, name: nameOf(ref) }, { ...place, gid });
      return isOpen ? `${machine.prefix}${uploadsFolder}/${nameOf(ref)}` : null;
    });
  } finally {
    if (root !== undefined) closeFile(root);
    closeFile(folder);
  }
}

type Names = { readonly upload: number; readonly folder: number; readonly name: string };

/** False for what the web process shall not write to: the site's user decides what lies in the site's folder. */
function giveName(machine: Where, { upload, folder, name }: Names, owner: { uid: number; gid: number }): boolean {
  const data = uploadDataParts('').at(-1) ?? '';
  const handle = openHandleAt(upload, data);
  try {
    const stats = fstatSync(handle);
    const present = lookAt(folder, name);
    const isNamed = present !== undefined && isSame(present, stats);
    if (!stats.isFile() || stats.uid !== owner.uid || stats.nlink !== (isNamed ? 2 : 1)) return false;
    if (!isNamed) {
      if (present !== undefined) unlinkAt(folder, name);
      try {
        linkAt(upload, data, folder, name);
      } catch {
        // Another file system, or one without second names.
        return false;
      }
      // Swapped meanwhile for something else.
      const linked = lookAt(folder, name);
      if (linked === undefined || !isSame(linked, stats)) {
        unlinkAt(folder, name);
        return false;
      }
    }
    if (machine.isRoot) setAccessOf(handle, owner, openMode);
    return true;
  } finally {
    closeSync(handle);
  }
}

/** Takes the way to write away again, before the file comes into its place or is deleted. */
export function closeUpload(machine: Where, place: Place, ref: Ref): void {
  const folder = findUploadsFolder(machine);
  if (folder === undefined) return;
  try {
    const name = nameOf(ref);
    if (lookAt(folder, name) === undefined) return;
    const handle = openHandleAt(folder, name);
    try {
      // First, so that one who is killed in between does it again.
      if (machine.isRoot) setAccessOf(handle, place, closedMode);
      unlinkAt(folder, name);
      // A name that neither we nor the panel made.
      if (fstatSync(handle).nlink > 1)
        throw new AppError('not_found', 'There is no such upload.', { reason: 'file_upload_unknown' });
    } finally {
      closeSync(handle);
    }
  } finally {
    closeFile(folder);
  }
}

/** Takes names away whose upload has gone: they would hold its bytes on the disk. */
export function sweepUploads(machine: Where): void {
  const folder = findUploadsFolder(machine);
  if (folder === undefined) return;
  try {
    sweep(machine, folder);
  } finally {
    closeFile(folder);
  }
}

function sweep({ isRoot }: Where, folder: number): void {
  for (const name of readdirSync(`/proc/self/fd/${folder}`, 'latin1')) {
    const stats = lookAt(folder, name);
    if (stats?.isFile() !== true) continue;
    if (stats.nlink > 1 && Date.now() - stats.mtimeMs < 2 * uploadKeptMs) continue;
    if (isRoot) {
      const handle = openHandleAt(folder, name);
      setModeOf(handle, closedMode);
      closeSync(handle);
    }
    unlinkAt(folder, name);
  }
}

/** Made when it is missing, and as it has to be in any case. undefined: not on this machine. */
function makeUploadsFolder(machine: Where, gid: number): number | undefined {
  const path = machine.prefix + uploadsFolder;
  try {
    makeFolders(path, folderMode);
    const folder = openFolder(path);
    if (machine.isRoot) setAccessOf(folder, { uid: 0, gid }, folderMode);
    return folder;
  } catch (error) {
    logLine('error', 'the folder of uploads cannot be used', { path, error: String(error) });
    return undefined;
  }
}

function findUploadsFolder({ prefix }: Where): number | undefined {
  try {
    return openFolder(prefix + uploadsFolder);
  } catch {
    return undefined;
  }
}

const isSame = (one: Stats, other: Stats): boolean => one.dev === other.dev && one.ino === other.ino;
