import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { zlib } from '#shared/lazy-node.ts';
import type { LogRotation } from '#shared/logs.ts';
import {
  append,
  closeFile,
  cutFile,
  giveLog,
  listNames,
  makeFolders,
  nameToo,
  openFile,
  openForAppend,
  readAt,
  removeFile,
  replaceFile,
  sync,
  Unsynced,
} from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { isOfProgram, keptFolder, logPath, type LogName } from './logs.paths.ts';

/*
 * A log is set aside under the name `.1` and a new one stands in its place at the same instant. Whoever still writes to the
 * old one writes to `.1`, which is compressed only when the next one is set aside: no line is lost. Each step may be done
 * again after a crash.
 */

type Where = Pick<Machine, 'prefix' | 'isRoot'>;

const pieceBytes = 1024 * 1024;
const mode = 0o640;

/** Sets a log aside and drops what is too many. Throws when something of another kind stands in the way. */
export async function setAside(where: Where, slug: string, kind: LogName, { keep }: LogRotation): Promise<void> {
  const path = logPath(where, slug, kind);
  const last = `${path}.1`;
  const present = openFile(path);
  if (present === undefined) return;
  try {
    const { ino, size, uid, gid } = present.stats;
    const isNamedTwice = inodeOf(last) === ino;
    if (size === 0 && !isNamedTwice) return;
    if (!isNamedTwice) await compressLast(where, slug, kind);
    // A program that holds its log open for ever is given an emptied file, not another one.
    if (isOfProgram(kind)) await copyAndEmpty(path, last);
    else {
      if (!isNamedTwice) nameToo(path, last);
      const fresh = beside(path, 'fresh');
      removeFile(fresh);
      giveLog(fresh, mode, where.isRoot ? { uid, gid } : null);
      const unsynced = new Unsynced();
      replaceFile(fresh, path, unsynced);
      await unsynced.flush();
    }
  } finally {
    closeFile(present.fd);
  }
  // `.1` is one of those that are kept.
  dropOld(where, slug, kind, keep - 1);
}

/** Name that no pattern of logs takes in. */
function beside(path: string, what: string): string {
  const slash = path.lastIndexOf('/');
  return `${path.slice(0, slash)}/.${path.slice(slash + 1)}.${what}`;
}

function inodeOf(path: string): number | undefined {
  const file = openFile(path);
  if (file === undefined) return undefined;
  closeFile(file.fd);
  return file.stats.ino;
}

/** `.1` becomes a file of the folder of older logs, whole and on the disk before `.1` goes. */
async function compressLast({ prefix }: Where, slug: string, kind: LogName): Promise<void> {
  const last = `${logPath({ prefix }, slug, kind)}.1`;
  const file = openFile(last);
  if (file === undefined) return;
  try {
    if (file.stats.size > 0) {
      const folder = prefix + keptFolder(slug);
      makeFolders(folder);
      const stamp = file.stats.mtime.toISOString().replace(/[-:Z]/g, '').replace(/[T.]/g, '-');
      const part = beside(`${folder}/${kind}`, 'part');
      const { length, sum } = await compress(file.fd, part);
      if (sizeOf(last) !== length) throw new Error(`${last} is still written to`);
      const path = await freeName(`${folder}/${kind}-${stamp}`, sum);
      if (path === undefined) removeFile(part);
      else {
        const unsynced = new Unsynced();
        replaceFile(part, path, unsynced);
        await unsynced.flush();
      }
    }
    removeFile(last);
  } finally {
    closeFile(file.fd);
  }
}

function sizeOf(path: string): number | undefined {
  const file = openFile(path);
  if (file === undefined) return undefined;
  closeFile(file.fd);
  return file.stats.size;
}

/**
 * Two logs may have been written to last at the same instant. undefined: this very one lies there already, since the last
 * time was cut off before it was done.
 */
async function freeName(base: string, sum: string): Promise<string | undefined> {
  for (let number = 0; ; number++) {
    const path = `${base}-${String(number).padStart(2, '0')}.log.zst`;
    const file = openFile(path);
    if (file === undefined) return path;
    try {
      const hash = createHash('sha256');
      await pipeline(
        () => piecesOf(file.fd),
        zlib().createZstdDecompress(),
        async (pieces: AsyncIterable<Buffer>) => {
          for await (const piece of pieces) hash.update(piece);
        },
      );
      if (hash.digest('hex') === sum) return undefined;
    } finally {
      closeFile(file.fd);
    }
  }
}

function* piecesOf(fd: number): Generator<Buffer> {
  for (let offset = 0; ; ) {
    const piece = readAt(fd, offset, pieceBytes);
    if (piece.length === 0) return;
    offset += piece.length;
    yield piece;
  }
}

/** Length and SHA-256 of what was read. */
async function compress(from: number, to: string): Promise<{ length: number; sum: string }> {
  removeFile(to);
  const fd = openForAppend(to, mode);
  const hash = createHash('sha256');
  let length = 0;
  function* pieces(): Generator<Buffer> {
    for (const piece of piecesOf(from)) {
      length += piece.length;
      hash.update(piece);
      yield piece;
    }
  }
  const { constants, createZstdCompress } = zlib();
  const zstd = createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  try {
    await pipeline(pieces, zstd, async (compressed: AsyncIterable<Buffer>) => {
      for await (const piece of compressed) append(fd, piece);
    });
    await sync(fd);
  } finally {
    closeFile(fd);
  }
  return { length, sum: hash.digest('hex') };
}

/** What is written in the instant between the last look and the emptying is lost: as with every tool that copies. */
async function copyAndEmpty(path: string, last: string): Promise<void> {
  const from = openFile(path);
  if (from === undefined) return;
  const part = beside(last, 'part');
  removeFile(part);
  const to = openForAppend(part, mode);
  try {
    let offset = 0;
    for (;;) {
      const piece = readAt(from.fd, offset, pieceBytes);
      if (piece.length === 0) break;
      append(to, piece);
      offset += piece.length;
    }
    await sync(to);
    const unsynced = new Unsynced();
    replaceFile(part, last, unsynced);
    await unsynced.flush();
    const log = openForAppend(path);
    try {
      append(to, readRest(from.fd, offset));
      cutFile(log, 0);
    } finally {
      closeFile(log);
    }
  } finally {
    closeFile(from.fd);
    closeFile(to);
  }
}

function readRest(fd: number, from: number): Buffer {
  return readAt(fd, from, 8 * pieceBytes);
}

function dropOld({ prefix }: Where, slug: string, kind: LogName, keep: number): void {
  const folder = prefix + keptFolder(slug);
  const pattern = new RegExp(`^${kind}-\\d{8}-\\d{6}-\\d{3}-\\d{2,}\\.log\\.zst$`);
  const names = listNames(folder).filter((name) => pattern.test(name));
  for (const name of names.slice(0, Math.max(0, names.length - keep))) removeFile(`${folder}/${name}`);
}
