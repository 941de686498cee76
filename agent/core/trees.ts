import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lchownSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  type Stats,
} from 'node:fs';
import { openFolder } from './files.ts';

/*
 * Walks over whole trees that belong to somebody else, who may change them meanwhile: every folder is opened below its
 * opened parent, and no link is followed.
 */

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** Lets other work of this process go on now and then, however large a tree is. */
function createBreather(): () => Promise<void> | undefined {
  let count = 0;
  return () => (++count % 500 === 0 ? immediate() : undefined);
}

const immediate = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

/** Folders in each other that are walked: each keeps a descriptor open. */
const maxDepth = 500;

function openInside(folder: number, name: string): number {
  return openSync(`/proc/self/fd/${folder}/${name}`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

/** Gives a link itself to somebody; what it leads to stays as it is. `at`: below an open folder. */
export function giveLink(at: Buffer, { uid, gid }: { readonly uid: number; readonly gid: number }): void {
  lchownSync(at, uid, gid);
}

/** Gives everything below a folder that belongs to one user to another; groups stay, no link is followed. */
export async function giveTree(path: string, fromUid: number, toUid: number): Promise<void> {
  const breathe = createBreather();
  const give = async (folder: number, depth: number): Promise<void> => {
    try {
      if (depth > maxDepth) throw new Error('the folders are nested too deep');
      if (fstatSync(folder).uid === fromUid) fchownSync(folder, toUid, -1);
      for (const entry of readdirSync(`/proc/self/fd/${folder}`, { withFileTypes: true })) {
        await breathe();
        const at = `/proc/self/fd/${folder}/${entry.name}`;
        if (entry.isDirectory()) await give(openInside(folder, entry.name), depth + 1);
        else if (lstatSync(at, { throwIfNoEntry: false })?.uid === fromUid) lchownSync(at, toUid, -1);
      }
    } finally {
      closeSync(folder);
    }
  };
  await give(openFolder(path), 0);
}

/**
 * Gives everything below a folder that root alone reaches to one owner: folders look as told, files are readable for whom
 * the folders are and writable for the owner alone; of their own modes only "may be run" counts.
 */
export async function dressTree(
  path: string,
  looks: { readonly uid: number; readonly gid: number; readonly mode: number },
): Promise<void> {
  const breathe = createBreather();
  const fileMode = (looks.mode & 0o644) | 0o600;
  const isRoot = process.getuid?.() === 0;
  const dress = async (folder: number, depth: number): Promise<void> => {
    try {
      if (depth > maxDepth) throw new Error('the folders are nested too deep');
      for (const entry of readdirSync(`/proc/self/fd/${folder}`, { withFileTypes: true, encoding: 'buffer' })) {
        await breathe();
        const at = Buffer.concat([Buffer.from(`/proc/self/fd/${folder}/`), entry.name]);
        if (entry.isSymbolicLink()) {
          if (isRoot) lchownSync(at, looks.uid, looks.gid);
          continue;
        }
        const isFolder = entry.isDirectory();
        if (!isFolder && !entry.isFile()) throw new Error('neither file, folder nor link');
        const fd = openSync(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | (isFolder ? O_DIRECTORY : 0));
        if (isRoot) fchownSync(fd, looks.uid, looks.gid);
        if (isFolder) {
          fchmodSync(fd, looks.mode);
          await dress(fd, depth + 1);
          continue;
        }
        const mayRun = (fstatSync(fd).mode & 0o100) !== 0;
        fchmodSync(fd, fileMode | (mayRun ? looks.mode & 0o111 : 0));
        closeSync(fd);
      }
    } finally {
      closeSync(folder);
    }
  };
  await dress(openFolder(path), 0);
}

/** Every link below a folder: the names down to it and its target, as bytes, one character each. */
export async function eachLink(path: string, take: (parts: readonly string[], target: string) => void): Promise<void> {
  const breathe = createBreather();
  const walk = async (folder: number, above: readonly string[]): Promise<void> => {
    try {
      if (above.length > maxDepth) throw new Error('the folders are nested too deep');
      for (const entry of readdirSync(`/proc/self/fd/${folder}`, { withFileTypes: true, encoding: 'buffer' })) {
        await breathe();
        if (!entry.isSymbolicLink() && !entry.isDirectory()) continue;
        const at = Buffer.concat([Buffer.from(`/proc/self/fd/${folder}/`), entry.name]);
        const parts = [...above, entry.name.toString('latin1')];
        if (entry.isSymbolicLink()) take(parts, readlinkSync(at, 'latin1'));
        else await walk(openSync(at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), parts);
      }
    } finally {
      closeSync(folder);
    }
  };
  await walk(openFolder(path), []);
}

export type TreeSum = { count: number; sizeBytes: number; newestMs: number; hash: string; isTruncated: boolean };

/** Counts what lies below a folder (its own entry not), with a hash over names, sizes and times; bounded. */
export async function sumTree(path: string, maxEntries: number, endsAt: number): Promise<TreeSum> {
  const hash = createHash('sha256');
  const sum = { count: 0, sizeBytes: 0, newestMs: 0, isTruncated: false };
  const breathe = createBreather();
  const walk = async (folder: number, name: string, depth: number): Promise<void> => {
    try {
      for (const entry of readdirSync(`/proc/self/fd/${folder}`).sort()) {
        if (sum.count >= maxEntries || depth > maxDepth || Date.now() > endsAt) {
          sum.isTruncated = true;
          return;
        }
        await breathe();
        const stats = lstatSync(`/proc/self/fd/${folder}/${entry}`, { throwIfNoEntry: false });
        if (stats === undefined) continue;
        hash.update(`${name}/${entry}\0${stats.size}\0${stats.mtimeMs}\n`);
        sum.newestMs = Math.max(sum.newestMs, stats.mtimeMs);
        if (stats.isDirectory()) await walk(openInside(folder, entry), `${name}/${entry}`, depth + 1);
        else {
          sum.count++;
          sum.sizeBytes += stats.size;
        }
      }
    } finally {
      closeSync(folder);
    }
  };
  await walk(openFolder(path), '', 0);
  return { ...sum, hash: hash.digest('hex') };
}

export type TreeEntry = {
  /** Below the folder, one character per byte (`latin1`). */
  readonly path: string;
  readonly type: 'file' | 'folder' | 'link' | 'other_file_system' | 'special';
  readonly sizeBytes: number;
};

/** Everything below a folder, each folder before what is in it. `isLeftOut`: neither told of nor entered. */
export function* walkTree(path: string, isLeftOut: (path: string) => boolean = () => false): Generator<TreeEntry> {
  const root = openFolder(path);
  yield* walkIn(root, '', fstatSync(root).dev, isLeftOut, 0);
}

function* walkIn(
  folder: number,
  at: string,
  device: number,
  isLeftOut: (path: string) => boolean,
  depth: number,
): Generator<TreeEntry> {
  try {
    if (depth > maxDepth) throw new Error('the folders are nested too deep');
    for (const name of readdirSync(`/proc/self/fd/${folder}`, 'latin1')) {
      const path = at === '' ? name : `${at}/${name}`;
      if (isLeftOut(path)) continue;
      const inside = Buffer.from(`/proc/self/fd/${folder}/${name}`, 'latin1');
      const stats = lstatSync(inside, { throwIfNoEntry: false });
      if (stats === undefined) continue;
      const type = typeOf(stats, device);
      yield { path, type, sizeBytes: type === 'file' ? stats.size : 0 };
      if (type === 'folder')
        yield* walkIn(openSync(inside, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), path, device, isLeftOut, depth + 1);
    }
  } finally {
    closeSync(folder);
  }
}

function typeOf(stats: Stats, device: number): TreeEntry['type'] {
  if (stats.isDirectory()) return stats.dev === device ? 'folder' : 'other_file_system';
  if (stats.isSymbolicLink()) return 'link';
  return stats.isFile() ? 'file' : 'special';
}
