import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '#shared/errors.ts';

/*
 * Work on files that survives somebody who swaps folders for links meanwhile: every folder of a path is opened one by
 * one with O_NOFOLLOW, and names are used below the open folder. Node has no openat; `/proc/self/fd/<n>/<name>` is it.
 */

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

export type Owner = { readonly uid: number; readonly gid: number };

export type Found =
  | { readonly type: 'missing' }
  | ({ readonly type: 'file'; readonly mode: number; readonly size: number } & Owner)
  | ({ readonly type: 'folder'; readonly mode: number } & Owner)
  | ({ readonly type: 'link'; readonly target: string } & Owner)
  | { readonly type: 'other' };

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Opens a folder without following a link anywhere on the way. The caller closes it. */
export function openFolder(path: string): number {
  if (!path.startsWith('/') || path.includes('\0')) throw new TypeError('an absolute path is needed');
  let fd = openSync('/', O_RDONLY | O_DIRECTORY);
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      closeSync(fd);
      throw new TypeError('no way up in paths');
    }
    const parent = fd;
    try {
      fd = openSync(`/proc/self/fd/${parent}/${part}`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    } catch (error) {
      const isLink = errnoOf(error) === 'ELOOP' || (errnoOf(error) === 'ENOTDIR' && isLinkAt(parent, part));
      throw isLink ? linkRefused(path) : error;
    } finally {
      closeSync(parent);
    }
  }
  return fd;
}

function isLinkAt(folder: number, name: string): boolean {
  return lstatSync(`/proc/self/fd/${folder}/${name}`).isSymbolicLink();
}

function linkRefused(path: string): AppError {
  return new AppError('not_allowed', 'A symbolic link stands in the path.', {
    reason: 'path_is_link',
    params: { path },
  });
}

/** Runs `use` with the race-free path of `path` (below its open parent) and the parent's descriptor. */
export function inParent<T>(path: string, use: (at: string, folder: number) => T): T {
  const folder = openFolder(dirname(path));
  try {
    return use(`/proc/self/fd/${folder}/${basename(path)}`, folder);
  } finally {
    closeSync(folder);
  }
}

/** What stands at a path; a parent that is missing counts as missing. */
export function look(path: string): Found {
  try {
    return inParent(path, lookAt);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { type: 'missing' };
    throw error;
  }
}

function lookAt(at: string): Found {
  const stats = lstatSync(at, { throwIfNoEntry: false });
  if (stats === undefined) return { type: 'missing' };
  const { uid, gid } = stats;
  const mode = stats.mode & 0o7777;
  if (stats.isFile()) return { type: 'file', mode, uid, gid, size: stats.size };
  if (stats.isDirectory()) return { type: 'folder', mode, uid, gid };
  if (stats.isSymbolicLink()) return { type: 'link', target: readlinkSync(at), uid, gid };
  return { type: 'other' };
}

/** Opens a regular file for reading; undefined when it is missing. Links, pipes and devices are refused. */
export function openFile(path: string): { fd: number; stats: Stats } | undefined {
  try {
    return inParent(path, (at) => {
      const fd = openSync(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      const stats = fstatSync(fd);
      if (stats.isFile()) return { fd, stats };
      closeSync(fd);
      throw new AppError('not_allowed', 'This is not a regular file.', { reason: 'not_a_file', params: { path } });
    });
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    if (errnoOf(error) === 'ELOOP') throw linkRefused(path);
    throw error;
  }
}

/** Content of a regular file; undefined when it is missing. Throws `too_large` above `maxBytes`. */
export function readBytes(path: string, maxBytes = 1024 * 1024): Buffer | undefined {
  const file = openFile(path);
  if (file === undefined) return undefined;
  try {
    if (file.stats.size > maxBytes)
      throw new AppError('too_large', 'The file is too large.', { reason: 'file_too_large', params: { path } });
    return readAt(file.fd, 0, Math.min(file.stats.size, maxBytes));
  } finally {
    closeSync(file.fd);
  }
}

export function readText(path: string, maxBytes?: number): string | undefined {
  return readBytes(path, maxBytes)?.toString('utf8');
}

/** Up to `length` bytes from `offset`; fewer at the end of the file. */
export function readAt(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const count = readSync(fd, bytes, done, length - done, offset + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}

export function closeFile(fd: number): void {
  closeSync(fd);
}

/** Names in a folder, sorted; empty when it is missing. */
export function listNames(path: string): string[] {
  try {
    const folder = openFolder(path);
    try {
      return readdirSync(`/proc/self/fd/${folder}`).sort();
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Descriptors whose data is not on the disk yet. `flush` syncs all at once (the file system groups them) and closes. */
export class Unsynced {
  readonly #fds: number[] = [];
  /** Each once: thousands of files may move in one folder. */
  readonly #folders = new Set<string>();

  add(fd: number): void {
    this.#fds.push(fd);
  }

  /** The folder of a path whose entries were changed. */
  addParent(path: string): void {
    const fd = openFolder(dirname(path));
    const { dev, ino } = fstatSync(fd);
    if (this.#folders.has(`${dev}:${ino}`)) return closeSync(fd);
    this.#folders.add(`${dev}:${ino}`);
    this.#fds.push(fd);
  }

  /** Closes without syncing: for files that need not outlive a power cut. */
  drop(): void {
    this.#folders.clear();
    for (const fd of this.#fds.splice(0)) closeSync(fd);
  }

  async flush(): Promise<void> {
    const fds = this.#fds.splice(0);
    this.#folders.clear();
    try {
      await Promise.all(fds.map((fd) => syncFile(fd)));
    } finally {
      for (const fd of fds) closeSync(fd);
    }
  }
}

const syncFile = (fd: number): Promise<void> => promisify(fsync)(fd);

export type FileLook = { readonly mode: number } & Partial<Owner>;

/** Name beside a file that belongs to a change: starts with a dot, so that no `*.conf` pattern takes it in. */
export function besideName(path: string, tag: string): string {
  return `${dirname(path)}/.${basename(path)}.${tag}`;
}

/** Puts a whole file in place by rename. Durable after `unsynced.flush()`. */
export function putFile(path: string, bytes: Buffer, looks: FileLook, tag: string, unsynced: Unsynced): void {
  inParent(path, (at, folder) => {
    const temporary = `/proc/self/fd/${folder}/${basename(besideName(path, `${tag}.new`))}`;
    unlinkIfThere(temporary);
    const fd = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      writeAll(fd, bytes);
      if (looks.uid !== undefined && looks.gid !== undefined) fchownSync(fd, looks.uid, looks.gid);
      fchmodSync(fd, looks.mode);
      renameSync(temporary, at);
    } catch (error) {
      closeSync(fd);
      unlinkIfThere(temporary);
      throw error;
    }
    unsynced.add(fd);
    unsynced.addParent(path);
  });
}

/** `owner`: the one whose files it may lead to; otherwise ours. */
export function putLink(path: string, target: string, tag: string, unsynced: Unsynced, owner?: Owner): void {
  inParent(path, (at, folder) => {
    const temporary = `/proc/self/fd/${folder}/${basename(besideName(path, `${tag}.new`))}`;
    unlinkIfThere(temporary);
    symlinkSync(target, temporary);
    if (owner !== undefined) lchownSync(temporary, owner.uid, owner.gid);
    renameSync(temporary, at);
    unsynced.addParent(path);
  });
}

/** A second name for a file, so that going back needs no space on the disk. Nothing when it cannot be made. */
export function keepBeside(path: string, tag: string): void {
  inParent(path, (at, folder) => {
    const kept = `/proc/self/fd/${folder}/${basename(besideName(path, `${tag}.old`))}`;
    unlinkIfThere(kept);
    linkSync(at, kept);
  });
}

/** A second name for a file of the same file system; refuses to replace anything, and never follows a link. */
export function nameToo(path: string, other: string): void {
  inParent(path, (at) => inParent(other, (otherAt) => linkSync(at, otherAt)));
}

/** Renames the kept file back; false when there is none. */
export function takeBack(path: string, tag: string, unsynced: Unsynced): boolean {
  return inParent(path, (at, folder) => {
    const kept = `/proc/self/fd/${folder}/${basename(besideName(path, `${tag}.old`))}`;
    if (lstatSync(kept, { throwIfNoEntry: false }) === undefined) return false;
    renameSync(kept, at);
    // Two names of one file: rename leaves both.
    unlinkIfThere(kept);
    unsynced.addParent(path);
    return true;
  });
}

/** Removes what a change left beside a file. A parent that is missing has nothing. */
export function dropBeside(path: string, tag: string): void {
  try {
    inParent(path, (_, folder) => {
      for (const end of ['new', 'old'])
        unlinkIfThere(`/proc/self/fd/${folder}/${basename(besideName(path, `${tag}.${end}`))}`);
    });
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

export function removeFile(path: string, unsynced?: Unsynced): void {
  try {
    inParent(path, (at) => unlinkIfThere(at));
    unsynced?.addParent(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

/** Removes a folder with everything in it: for the agent's own state only. */
export function removeOwnFolder(path: string): void {
  inParent(path, (at) => rmSync(at, { recursive: true, force: true }));
}

export function makeFolder(path: string, looks: FileLook, unsynced?: Unsynced): void {
  inParent(path, (at) => {
    mkdirSync(at, 0o700);
    const fd = openSync(at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      if (looks.uid !== undefined && looks.gid !== undefined) fchownSync(fd, looks.uid, looks.gid);
      fchmodSync(fd, looks.mode);
    } finally {
      closeSync(fd);
    }
  });
  unsynced?.addParent(path);
}

/** Removes a folder when it is empty; true when it is gone. */
export function removeEmptyFolder(path: string, unsynced: Unsynced): boolean {
  try {
    inParent(path, (at) => rmdirSync(at));
    unsynced.addParent(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return true;
    if (errnoOf(error) === 'ENOTEMPTY') return false;
    throw error;
  }
}

/** Renames within one file system; refuses to replace anything. */
export function movePath(from: string, to: string, unsynced: Unsynced): void {
  inParent(from, (fromAt) =>
    inParent(to, (toAt) => {
      if (lstatSync(toAt, { throwIfNoEntry: false }) !== undefined)
        throw new AppError('in_use', 'Something stands in the way.', { reason: 'path_occupied', params: { path: to } });
      renameSync(fromAt, toAt);
    }),
  );
  unsynced.addParent(from);
  unsynced.addParent(to);
}

/** Renames a file over another of the same file system. */
export function replaceFile(from: string, to: string, unsynced: Unsynced): void {
  inParent(from, (fromAt) => inParent(to, (toAt) => renameSync(fromAt, toAt)));
  unsynced.addParent(to);
}

/** Opens (and makes) a file that only grows; position is kept by the caller. */
export function openLog(path: string, mode = 0o600): number {
  return inParent(path, (at) => openSync(at, constants.O_RDWR | O_CREAT | O_NOFOLLOW, mode));
}

/** Opens (and makes) a file that several processes write to, each at its end. */
export function openForAppend(path: string, mode = 0o600): number {
  return inParent(path, (at) => openSync(at, O_WRONLY | constants.O_APPEND | O_CREAT | O_NOFOLLOW, mode));
}

/** A log that others write to in a folder of ours: made when it is missing; its mode and owner are as given from then on. */
export function giveLog(path: string, mode: number, owner: Owner | null): void {
  const fd = openForAppend(path, mode);
  fchmodSync(fd, mode);
  if (owner !== null) fchownSync(fd, owner.uid, owner.gid);
  closeSync(fd);
}

/** A log that has grown over `maxBytes` keeps its last `keptBytes`; whoever appends to it goes on behind them. */
export function trimLog(path: string, maxBytes: number, keptBytes: number): void {
  const file = openFile(path);
  if (file === undefined) return;
  const { size } = file.stats;
  const end = size > maxBytes ? readAt(file.fd, size - keptBytes, keptBytes) : undefined;
  closeFile(file.fd);
  if (end === undefined) return;
  const fd = openForAppend(path);
  cutFile(fd, 0);
  // The first line of it is the end of a longer one.
  append(fd, end.subarray(end.indexOf(10) + 1));
  closeFile(fd);
}

/** Writes behind everything else in a file of `openForAppend`. */
export function append(fd: number, content: string | Buffer): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  let done = 0;
  while (done < bytes.length) done += writeSync(fd, bytes, done);
}

export function writeAt(fd: number, bytes: Buffer, offset: number): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, offset + done);
}

export function cutFile(fd: number, size: number): void {
  ftruncateSync(fd, size);
}

export async function sync(fd: number): Promise<void> {
  await syncFile(fd);
}

export function syncNow(fd: number): void {
  fsyncSync(fd);
}

/** Makes every missing folder of a path (0700): for the agent's own state only. */
export function makeFolders(path: string, mode = 0o700): void {
  let at = '';
  for (const part of path.split('/').filter((each) => each !== '')) {
    at += `/${part}`;
    if (look(at).type === 'missing') makeFolder(at, { mode });
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  writeAt(fd, bytes, 0);
}

function unlinkIfThere(at: string): void {
  try {
    unlinkSync(at);
  } catch (error) {
    const code = errnoOf(error);
    // A read-only file system refuses before it looks whether there is anything.
    const isMissing = code === 'EROFS' && lstatSync(at, { throwIfNoEntry: false }) === undefined;
    if (code !== 'ENOENT' && !isMissing) throw error;
  }
}
