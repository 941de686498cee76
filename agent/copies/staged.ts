import { closeSync, fchmodSync, fchownSync, statfsSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { wwwroot } from '#shared/site-folders.ts';
import { look, makeFolder, makeFolders, openFolder } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import { copiesFolder } from './copy-paths.ts';

/*
 * What is copied waits in a folder that only root enters, whoever its content belongs to: nobody reaches into it before it
 * is a site.
 */

type Where = Pick<Machine, 'prefix'>;

export function stagedPath({ prefix }: Where, copyId: string): string {
  return `${prefix}${copiesFolder}/${copyId}`;
}

export function makeStaged(
  where: Where,
  copyId: string,
  looks: { readonly uid: number; readonly gid: number; readonly mode: number },
): string {
  const path = placeForStaged(where, copyId);
  makeFolder(path, looks);
  return path;
}

/** Its place, with nothing there yet. */
export function placeForStaged(where: Where, copyId: string): string {
  makeFolders(`${where.prefix}${wwwroot}`, 0o755);
  makeFolders(`${where.prefix}${copiesFolder}`, 0o700);
  return stagedPath(where, copyId);
}

/** For one that somebody else made. */
export function dressStaged(
  path: string,
  looks: { readonly uid: number; readonly gid: number; readonly mode: number },
): void {
  const folder = openFolder(path);
  try {
    if (process.getuid?.() === 0) fchownSync(folder, looks.uid, looks.gid);
    fchmodSync(folder, looks.mode);
  } finally {
    closeSync(folder);
  }
}

/** Nothing of it remains. By a program: a tree of a site may be large, and the agent has others to answer. */
export async function removeStaged(where: Where, copyId: string): Promise<void> {
  const path = stagedPath(where, copyId);
  if (look(path).type === 'missing') return;
  const rm = findProgram('rm');
  if (rm === undefined) throw new Error('rm is missing');
  await run(rm, ['-rf', '--one-file-system', '--', path], { timeoutMs: 10 * 60_000 });
  if (look(path).type !== 'missing') throw new Error('what was copied could not be removed');
}

/** Throws `copy_no_space` unless so much fits, with a tenth to spare. */
export function checkRoom(where: Where, neededBytes: number): void {
  const folder = openFolder(`${where.prefix}${copiesFolder}`);
  try {
    const { bavail, bsize } = statfsSync(`/proc/self/fd/${folder}`);
    const freeBytes = Number(bavail) * Number(bsize);
    if (neededBytes * 1.1 <= freeBytes) return;
    throw new AppError('in_use', 'There is not enough room for a copy.', {
      reason: 'copy_no_space',
      params: { neededBytes: Math.ceil(neededBytes * 1.1), freeBytes },
    });
  } finally {
    closeSync(folder);
  }
}
