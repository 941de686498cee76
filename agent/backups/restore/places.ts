import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
  rmdirSync,
  statfsSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { AppError } from '#shared/errors.ts';
import {
  errnoOf,
  listNames,
  makeFolders,
  openFolder,
  putFile,
  readText,
  removeFile,
  Unsynced,
} from '../../core/files.ts';

/*
 * The folder beside a target in which what will replace it is made ready: same file system, so that the swap is renames;
 * root's alone, so that nobody can change what has been checked. Held open, and used through its descriptor only.
 */

export type Holder = {
  readonly path: string;
  readonly fd: number;
  readonly inode: string;
  /** Path below the open folder, for as long as it is open. */
  at(name: string): string;
  close(): void;
};

const namePattern = /^\.aapanel-restore\.[a-z0-9]{8,40}$/;
const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

/** Where restores that are under way are noted. `backups`: the agent's folder of backups. */
export const restoresFolder = (backups: string): string => `${backups}/restores`;

/** Noted before it is made, so that what a crash leaves is found. */
export async function makeHolder(backups: string, target: string): Promise<Holder> {
  const parent = openFolder(dirname(target));
  try {
    const name = `.aapanel-restore.${randomBytes(8).toString('hex')}`;
    const path = `${dirname(target) === '/' ? '' : dirname(target)}/${name}`;
    makeFolders(restoresFolder(backups));
    const unsynced = new Unsynced();
    putFile(notePath(backups, name), Buffer.from(path), { mode: 0o600 }, 'holder', unsynced);
    await unsynced.flush();
    const at = `/proc/self/fd/${parent}/${name}`;
    mkdirSync(at, 0o700);
    const fd = openSync(at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    fchmodSync(fd, 0o700);
    fsyncSync(parent);
    return holderOf(path, fd);
  } finally {
    closeSync(parent);
  }
}

const notePath = (backups: string, name: string): string => `${restoresFolder(backups)}/${name.slice(1)}.holder`;

/** Removes what crashed restores had made ready; those whose swap is not decided must be recovered first. */
export function dropLeftHolders(backups: string): void {
  for (const name of listNames(restoresFolder(backups))) {
    // A note that was cut off while it was written says nothing.
    if (name.startsWith('.')) removeFile(`${restoresFolder(backups)}/${name}`);
    if (name.startsWith('.') || !name.endsWith('.holder')) continue;
    const holder = openHolder(readText(`${restoresFolder(backups)}/${name}`) ?? '', undefined);
    if (holder === undefined) removeFile(`${restoresFolder(backups)}/${name}`);
    else dropHolder(backups, holder);
  }
}

/** The holder a crash left; undefined when it is gone or another folder stands there. */
export function openHolder(path: string, inode: string | undefined): Holder | undefined {
  if (!namePattern.test(basename(path))) return undefined;
  let fd: number;
  try {
    fd = openFolder(path);
  } catch {
    return undefined;
  }
  const holder = holderOf(path, fd);
  if ((inode === undefined || holder.inode === inode) && fstatSync(fd).uid === (process.getuid?.() ?? 0)) return holder;
  holder.close();
  return undefined;
}

function holderOf(path: string, fd: number): Holder {
  const { dev, ino } = fstatSync(fd);
  return {
    path,
    fd,
    inode: `${dev}:${ino}`,
    at: (name) => `/proc/self/fd/${fd}/${name}`,
    close: () => closeSync(fd),
  };
}

/** Removes the holder with all that is left in it. */
export function dropHolder(backups: string, holder: Holder): void {
  for (const name of ['new', 'old', 'stage']) rmSync(holder.at(name), { recursive: true, force: true });
  try {
    const parent = openFolder(dirname(holder.path));
    try {
      rmdirSync(`/proc/self/fd/${parent}/${basename(holder.path)}`);
    } finally {
      closeSync(parent);
    }
  } catch (error) {
    // Somebody moved or removed it: what was in it is gone all the same.
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTEMPTY') throw error;
  } finally {
    holder.close();
  }
  removeFile(notePath(backups, basename(holder.path)));
}

/** Every file takes whole blocks, every folder at least one. */
const perMember = 4096;

/** What a restore needs: the result and a tenth more. */
export function bytesNeeded({ bytes, count }: { bytes: number; count: number }): number {
  return Math.ceil((bytes + count * perMember) * 1.1);
}

/** Throws `backup_no_space` before anything is written. `path`: a folder on the file system in question. */
export function checkSpace(path: string, needed: number): number {
  const { bavail, bsize } = statfsSync(nearestFolder(path));
  const free = bavail * bsize;
  if (free >= needed) return free;
  throw new AppError('in_use', 'There is not enough room.', {
    reason: 'backup_no_space',
    params: { path, neededBytes: needed, freeBytes: free },
  });
}

function nearestFolder(path: string): string {
  let at = path;
  while (at !== '/' && lstatSync(at, { throwIfNoEntry: false })?.isDirectory() !== true) at = dirname(at);
  return at;
}
