import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  type Stats,
} from 'node:fs';
import { errnoOf, openFolder } from '../../core/files.ts';

/*
 * Copies of small trees into folders of root's own. Where they come from may belong to somebody who changes them
 * meanwhile: folders are opened below their opened parent, and no link is followed.
 */

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** `without`: names at the top that are left out. A source that is missing copies nothing. */
export function copyTree(from: string, to: string, without: readonly string[] = []): void {
  let folder: number;
  try {
    folder = openFolder(from);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw error;
  }
  copyFolder(folder, to, new Set(without));
}

/** Takes over and closes `folder`. */
function copyFolder(folder: number, to: string, without: ReadonlySet<string>): void {
  try {
    const stats = fstatSync(folder);
    mkdirSync(to, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(`/proc/self/fd/${folder}`))
      if (!without.has(name)) copyOne(folder, name, `${to}/${name}`);
    dress(to, stats, 0o3777);
  } finally {
    closeSync(folder);
  }
}

function copyOne(folder: number, name: string, to: string): void {
  const at = `/proc/self/fd/${folder}/${name}`;
  try {
    const stats = lstatSync(at);
    if (stats.isSymbolicLink()) return symlinkSync(readlinkSync(at), to);
    if (stats.isDirectory()) return copyFolder(openSync(at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), to, new Set());
    if (stats.isFile()) copyFile(at, to);
  } catch (error) {
    // Gone or replaced by a link between two looks; sockets and pipes are made again by whoever uses them.
    if (!['ENOENT', 'ELOOP', 'ENOTDIR'].includes(errnoOf(error))) throw error;
  }
}

/** One regular file, with its owner, mode and times. */
export function copyFile(from: string, to: string): void {
  const fd = openSync(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return;
    copyFileSync(`/proc/self/fd/${fd}`, to);
    dress(to, stats, 0o777);
  } finally {
    closeSync(fd);
  }
}

function dress(path: string, { uid, gid, mode, atime, mtime }: Stats, bits: number): void {
  if (process.getuid?.() === 0) chownSync(path, uid, gid);
  chmodSync(path, mode & bits);
  utimesSync(path, atime, mtime);
}
