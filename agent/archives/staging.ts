import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { errnoOf } from '../core/files.ts';
import { ArchiveError } from './archive-error.ts';
import { bytesOf, type ByteText } from './names.ts';

/*
 * Writes below one open folder and nowhere else: every folder on the way is opened by its handle without following a link,
 * and every file is made anew. Node has no openat; `/proc/self/fd/<n>/<name>` is it.
 */

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;
const folderMode = 0o755;

export type FileWriter = {
  write(bytes: Buffer): void;
  /** Gives the file its time, and closes it. */
  finish(mtimeSeconds: number | undefined): void;
  /** Closes it as it is. */
  abandon(): void;
};

export type Staging = {
  makeFolder(parts: readonly ByteText[]): void;
  openFile(parts: readonly ByteText[], mode: number): FileWriter;
  makeSymlink(parts: readonly ByteText[], target: ByteText, mtimeSeconds: number | undefined): void;
  makeHardLink(parts: readonly ByteText[], existing: readonly ByteText[]): void;
  setFolderTime(parts: readonly ByteText[], mtimeSeconds: number): void;
  /** Closes the handles; the folder itself stays open. */
  close(): void;
};

/** Works below the open folder `root`, which the caller keeps open and closes; with a mask of 022. */
export function openStaging(root: number): Staging {
  const device = fstatSync(root).dev;
  // Handles of the folder that was used last and of those above it.
  const open: { name: ByteText; fd: number }[] = [];

  const enter = (parts: readonly ByteText[]): number => {
    let same = 0;
    while (same < parts.length && open[same]?.name === parts[same]) same++;
    for (const { fd } of open.splice(same)) closeSync(fd);
    for (const part of parts.slice(same)) {
      const fd = openSync(below(open.at(-1)?.fd ?? root, part), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      open.push({ name: part, fd });
      if (fstatSync(fd).dev !== device)
        throw new AppError('internal', 'Another file system stands in the staging folder.', {
          reason: 'other_file_system',
        });
    }
    return open.at(-1)?.fd ?? root;
  };
  const at = (parts: readonly ByteText[]): Buffer => below(enter(parts.slice(0, -1)), parts.at(-1) ?? '');

  return {
    makeFolder: (parts) => explained(parts, () => mkdirSync(at(parts), folderMode)),
    openFile: (parts, mode) => explained(parts, () => fileWriter(at(parts), parts, mode)),
    makeSymlink: (parts, target, mtimeSeconds) =>
      explained(parts, () => {
        const path = at(parts);
        symlinkSync(bytesOf(target), path);
        if (mtimeSeconds !== undefined) lutimesSync(path, mtimeSeconds, mtimeSeconds);
      }),
    makeHardLink: (parts, existing) =>
      explained(parts, () => {
        // The handles of one path close those of the other: a copy of this one stays.
        const folder = openSync(below(enter(existing.slice(0, -1)), '.'), O_RDONLY | O_DIRECTORY);
        try {
          linkSync(below(folder, existing.at(-1) ?? ''), at(parts));
        } finally {
          closeSync(folder);
        }
      }),
    setFolderTime: (parts, mtimeSeconds) =>
      explained(parts, () => utimesSync(itself(enter(parts)), mtimeSeconds, mtimeSeconds)),
    close() {
      for (const { fd } of open.splice(0)) closeSync(fd);
    },
  };
}

/** An open file by a path: the permission model of Node has no calls on handles. */
function itself(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

function below(folder: number, name: ByteText): Buffer {
  return Buffer.from(`/proc/self/fd/${folder}/${name}`, 'latin1');
}

function fileWriter(path: Buffer, parts: readonly ByteText[], mode: number): FileWriter {
  const fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  // The rest is what the process's mask (022) takes away.
  if ((mode & ~folderMode) !== 0) chmodSync(itself(fd), mode);
  return {
    write: (bytes) =>
      explained(parts, () => {
        let done = 0;
        while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done);
      }),
    finish: (mtimeSeconds) =>
      explained(parts, () => {
        if (mtimeSeconds !== undefined) utimesSync(itself(fd), mtimeSeconds, mtimeSeconds);
        // Some file systems tell of a full disk only now.
        closeSync(fd);
      }),
    abandon: () => closeSync(fd),
  };
}

/** Gives what the file system refuses the name it has for a person. */
function explained<T>(parts: readonly ByteText[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new AppError('internal', 'The disk is full; nothing was kept.', { reason: 'disk_full', cause: error });
    const name = bytesOf(parts.join('/'));
    // A file system that takes two names for one, or somebody who works in the staging folder meanwhile.
    if (code === 'EEXIST' || code === 'ELOOP' || code === 'ENOTDIR')
      throw new ArchiveError('name-collision', 'Something already stands under the name of an entry.', name, error);
    if (code === 'EILSEQ' || code === 'EINVAL')
      throw new ArchiveError('name-bytes', 'The file system refuses the name of an entry.', name, error);
    throw error;
  }
}
