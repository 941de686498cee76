import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, type BigIntStats } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { closeFile, makeFolders, openFile, replaceFile, Unsynced } from '../core/files.ts';
import { readLines } from '../core/lines.ts';
import type { Seen } from './walk.ts';

/*
 * SHA-256 of files, read while restic reads them from the same page cache. What was read before and has not changed since
 * (device, inode, size, mtime, ctime) is not opened again: the list of the run before is the cache, in the same order.
 */

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** Times of files move in steps of up to this: a younger file may change again without showing it. */
export const settlingNs = 50_000_000n;

export type HashedLine = {
  /** Base64 of the raw path. */
  readonly p: string;
  readonly t: Seen['type'];
  readonly dev: string;
  readonly ino: string;
  readonly size: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** mtime and ctime in nanoseconds. */
  readonly m: string;
  readonly c: string;
  /** Of files; missing when it changed or could not be read. */
  readonly sha?: string;
  readonly isUnreadable?: true;
  /** Its ctime was old enough when it was read: the hash may be used again. */
  readonly isOld?: true;
  /** Of links, base64. */
  readonly to?: string;
};

/** Hashes of the run before, asked in rising order of paths. */
export type HashCache = { find(seen: Seen): string | undefined; close(): void };

export const cachePath = (folder: string, root: string): string =>
  `${folder}/hashes/${createHash('sha256').update(root).digest('hex').slice(0, 32)}.ndjson`;

export function openHashCache(path: string): HashCache {
  const file = openFile(path);
  if (file === undefined) return { find: () => undefined, close: () => undefined };
  const lines = readLines(file.fd);
  let current = nextLine(lines);
  return {
    find({ path: wanted, stats }) {
      while (current !== undefined && Buffer.compare(Buffer.from(current.p, 'base64'), wanted) < 0)
        current = nextLine(lines);
      if (current?.isOld !== true || current.t !== 'file') return undefined;
      const isSame =
        Buffer.from(current.p, 'base64').equals(wanted) &&
        current.dev === String(stats.dev) &&
        current.ino === String(stats.ino) &&
        current.size === String(stats.size) &&
        current.m === String(stats.mtimeNs) &&
        current.c === String(stats.ctimeNs);
      return isSame ? current.sha : undefined;
    },
    close: () => closeFile(file.fd),
  };
}

function nextLine(lines: Generator<Buffer>): HashedLine | undefined {
  const { value, done } = lines.next();
  if (done === true) return undefined;
  try {
    return JSON.parse(value.toString('utf8')) as HashedLine;
  } catch {
    // A damaged cache is an empty one.
    return undefined;
  }
}

/** Makes the list of this run the cache of the next. */
export async function keepHashes(folder: string, root: string, listPath: string): Promise<void> {
  makeFolders(`${folder}/hashes`);
  const unsynced = new Unsynced();
  replaceFile(listPath, cachePath(folder, root), unsynced);
  await unsynced.flush();
}

export function createHasher(
  signal: AbortSignal,
): (base: string, seen: Seen, known: string | undefined) => Promise<HashedLine> {
  const piece = Buffer.alloc(1024 * 1024);
  let sinceBreath = 0;
  /** Other streams of this process go on in between. */
  async function rest(bytes: number): Promise<void> {
    sinceBreath += bytes + 4096;
    if (sinceBreath < 8 * 1024 * 1024) return;
    sinceBreath = 0;
    await breathe();
    signal.throwIfAborted();
  }
  async function sumOf(fd: number): Promise<string> {
    const hash = createHash('sha256');
    for (;;) {
      const count = readSync(fd, piece, 0, piece.length, null);
      if (count === 0) return hash.digest('hex');
      hash.update(piece.subarray(0, count));
      await rest(count);
    }
  }
  return async (base, seen, known) => {
    const { path, type, stats, target } = seen;
    await rest(0);
    if (type !== 'file') return { ...lineOf(path, type, stats), ...(target ? { to: target.toString('base64') } : {}) };
    if (known !== undefined) return { ...lineOf(path, type, stats), sha: known, isOld: true };
    let fd: number;
    try {
      fd = openSync(Buffer.concat([Buffer.from(`${base}/`), path]), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch {
      return { ...lineOf(path, type, stats), isUnreadable: true };
    }
    try {
      const before = fstatSync(fd, { bigint: true });
      const line = lineOf(path, type, before);
      if (!before.isFile()) return line;
      const isOld = before.ctimeNs < BigInt(Date.now()) * 1_000_000n - settlingNs;
      const sha = await sumOf(fd);
      const after = fstatSync(fd, { bigint: true });
      if (after.ctimeNs !== before.ctimeNs || after.size !== before.size) return line;
      return { ...line, sha, ...(isOld ? { isOld } : {}) };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Error && 'code' in error) return { ...lineOf(path, type, stats), isUnreadable: true };
      throw error;
    } finally {
      closeSync(fd);
    }
  };
}

function lineOf(path: Buffer, type: Seen['type'], stats: BigIntStats): HashedLine {
  return {
    p: path.toString('base64'),
    t: type,
    dev: String(stats.dev),
    ino: String(stats.ino),
    size: String(stats.size),
    mode: Number(stats.mode & 0o7777n),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    m: String(stats.mtimeNs),
    c: String(stats.ctimeNs),
  };
}
