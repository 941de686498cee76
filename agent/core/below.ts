import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFile,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { promisify } from 'node:util';
import type { Owner } from './files.ts';

/*
 * Changes by a name below an open folder, for work with the rights of somebody else: no path is walked, no link followed.
 */

const { COPYFILE_EXCL, COPYFILE_FICLONE, O_NOFOLLOW } = constants;
const copyBytes = promisify(copyFile);
const O_PATH = 0o10000000;

/** A handle on the thing itself, which needs no right to read and wakes nothing that stands behind a name. */
export function openHandleAt(folder: number, name: string): number {
  return openSync(at(folder, name), O_PATH | O_NOFOLLOW);
}

/** A name (one character per byte) below an open folder: `/proc/self/fd/<n>/<name>` is Node's openat. */
export function at(folder: number, name: string): Buffer {
  return Buffer.from(`/proc/self/fd/${folder}/${name}`, 'latin1');
}

export function makeFolderAt(folder: number, name: string, mode: number): void {
  mkdirSync(at(folder, name), mode);
}

export function makeLinkAt(folder: number, name: string, target: Buffer): void {
  symlinkSync(target, at(folder, name));
}

/** Replaces what has the new name: look first. */
export function renameAt(folder: number, name: string, into: number, newName: string): void {
  renameSync(at(folder, name), at(into, newName));
}

/** A second name for a file; it must be free. A link is not followed. */
export function linkAt(folder: number, name: string, into: number, newName: string): void {
  linkSync(at(folder, name), at(into, newName));
}

export function unlinkAt(folder: number, name: string): void {
  unlinkSync(at(folder, name));
}

export function removeFolderAt(folder: number, name: string): void {
  rmdirSync(at(folder, name));
}

/** The content of an open file under a name that must be free. */
export async function copyFileAt(fd: number, folder: number, name: string): Promise<void> {
  await copyBytes(`/proc/self/fd/${fd}`, at(folder, name), COPYFILE_EXCL | COPYFILE_FICLONE);
}

/** Of an open file or folder. `fchmod` and `futimes` are closed to a process under Node's permission model. */
export function setModeOf(fd: number, mode: number): void {
  chmodSync(`/proc/self/fd/${fd}`, mode);
}

/** Of an open file; `uid` is its own. */
export function setGroupOf(fd: number, uid: number, gid: number): void {
  chownSync(`/proc/self/fd/${fd}`, uid, gid);
}

/** Owner, group and mode of an open file or folder. A handle that may neither read nor write will do. */
export function setAccessOf(fd: number, { uid, gid }: Owner, mode: number): void {
  chownSync(`/proc/self/fd/${fd}`, uid, gid);
  chmodSync(`/proc/self/fd/${fd}`, mode);
}

export function setTimesOf(fd: number, accessedMs: number, modifiedMs: number): void {
  utimesSync(`/proc/self/fd/${fd}`, accessedMs / 1_000, modifiedMs / 1_000);
}

/** Of the thing itself and never of what a link names; `modeOf` gets the open handle, and throws when it shall not be. */
export function changeModeAt(folder: number, name: string, modeOf: (handle: number) => number): void {
  const handle = openHandleAt(folder, name);
  try {
    chmodSync(`/proc/self/fd/${handle}`, modeOf(handle));
  } finally {
    closeSync(handle);
  }
}

/**
 * Owner and mode of the thing itself and never of what a link names; `rightsOf` gets the open handle, and answers undefined when
 * all shall stay. The owner comes first: giving a file away takes special bits from it.
 */
export function changeRightsAt(
  folder: number,
  name: string,
  rightsOf: (
    handle: number,
  ) => { readonly mode: number; readonly owner: { uid: number; gid: number } | null } | undefined,
  afterwards: (handle: number) => void,
): void {
  const handle = openSync(at(folder, name), O_PATH | O_NOFOLLOW);
  try {
    const rights = rightsOf(handle);
    if (rights === undefined) return;
    const path = `/proc/self/fd/${handle}`;
    if (rights.owner !== null) chownSync(path, rights.owner.uid, rights.owner.gid);
    chmodSync(path, rights.mode);
    afterwards(handle);
  } finally {
    closeSync(handle);
  }
}
