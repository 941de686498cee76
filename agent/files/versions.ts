import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  writeSync,
  type BigIntStats,
} from 'node:fs';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { maxVersionsBytes, mostVersionedFiles, mostVersions, type FileVersion } from '#shared/file-editing.ts';
import { filePath } from '#shared/file-names.ts';
import { idPattern } from '#shared/http.ts';
import { at, linkAt, makeFolderAt, removeFolderAt, unlinkAt } from '../core/below.ts';
import { errnoOf } from '../core/files.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { inBin, readSmall } from './bin.ts';
import type { OpenFile } from './download.ts';
import { binName, partsToText, textToParts } from './file-names.ts';
import { gone, lookAt, openBelow, told } from './handles.ts';
import { instantOf } from './listing.ts';

/*
 * What files held before they were written over, in the site's own recycle bin: bounded, on the site's disk, closed to all but
 * its user (docs/decisions/0027-editor-of-files.md). What is read there is not believed.
 */

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
const versionsName = 'versions';
const keyPattern = /^[0-9a-f]{40}$/;
/** What a save leaves that was killed. */
const leftOverMs = 60 * 60 * 1_000;
const pieceBytes = 256 * 1024;

const facts = z.object({ path: filePath.min(1), replacedAt: z.int(), replacedBy: z.string().max(128) });
type Facts = z.infer<typeof facts>;
const factsName = (id: string): string => `${id}.json`;
const keyOf = (path: string): string => createHash('sha256').update(path).digest('hex').slice(0, 40);

async function inVersions<T>(root: number, use: (versions: number) => T | Promise<T>): Promise<T> {
  return await inBin(root, async (bin) => await inMade(bin, versionsName, use));
}

/** The folder of the earlier contents of one file. */
export async function inVersionsOf<T>(root: number, path: string, use: (folder: number) => T | Promise<T>): Promise<T> {
  return await inVersions(root, async (versions) => await inMade(versions, keyOf(path), use));
}

async function inMade<T>(above: number, name: string, use: (folder: number) => T | Promise<T>): Promise<T> {
  let folder: number;
  try {
    try {
      makeFolderAt(above, name, 0o700);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
    folder = openBelow(above, name);
  } catch (error) {
    throw told(error, name);
  }
  try {
    return await use(folder);
  } finally {
    closeSync(folder);
  }
}

type Keeping = {
  readonly folder: number;
  readonly name: string;
  /** As it was looked at: something else that came in between is not written over. */
  readonly present: BigIntStats;
  readonly path: string;
  readonly by: string;
};

/** Gives a file a second name in its history. */
export function keepVersion(versions: number, { folder, name, present, path, by }: Keeping): void {
  const id = newChangeId();
  const fd = openSync(at(versions, factsName(id)), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeSync(fd, JSON.stringify({ path, replacedAt: Date.now(), replacedBy: by } satisfies Facts));
  } finally {
    closeSync(fd);
  }
  try {
    linkAt(folder, name, versions, id);
  } catch (error) {
    removeVersion(versions, id);
    throw error;
  }
  const kept = lstatSync(at(versions, id), { bigint: true });
  // All but the time of the second name itself.
  if (kept.ino === present.ino && kept.size === present.size && kept.mtimeNs === present.mtimeNs) return;
  removeVersion(versions, id);
  throw new AppError('changed_meanwhile', 'The file is another one by now.', {
    reason: 'file_changed',
    params: { name: path },
  });
}

/** Newest first. */
export async function listVersions(root: number, path: string): Promise<FileVersion[]> {
  const text = partsToText(textToParts(path));
  if (!hasVersions(root, text)) return [];
  return await inVersionsOf(root, text, (folder) =>
    idsIn(folder)
      .flatMap((id) => readVersion(folder, id, text) ?? [])
      .sort((one, other) => (one.replacedAt < other.replacedAt ? 1 : -1)),
  );
}

export async function openVersion(root: number, path: string, id: string): Promise<Pick<OpenFile, 'bytes' | 'stream'>> {
  const text = partsToText(textToParts(path));
  if (!hasVersions(root, text)) throw gone(path);
  return await inVersionsOf(root, text, (folder) => {
    if (readVersion(folder, id, text) === undefined) throw gone(path);
    const fd = openSync(at(folder, id), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size === 0) {
      closeSync(fd);
      if (!stats.isFile()) throw gone(path);
      return { bytes: 0, stream: null };
    }
    const range = { start: 0, end: stats.size - 1 };
    return { bytes: stats.size, stream: createReadStream('', { fd, ...range, highWaterMark: pieceBytes }) };
  });
}

/** Looks first: a site whose files nobody edits gets no folder for it. Opening it looks again, without any link. */
function hasVersions(root: number, path: string): boolean {
  return [binName, `${binName}/${versionsName}`, `${binName}/${versionsName}/${keyOf(path)}`].every(
    (each) => lookAt(root, each)?.isDirectory() === true,
  );
}

function idsIn(folder: number): string[] {
  return readdirSync(`/proc/self/fd/${folder}`, 'latin1').filter((name) => idPattern.test(name));
}

function readVersion(folder: number, id: string, path: string): FileVersion | undefined {
  try {
    const stats = lookAt(folder, id);
    const known = facts.safeParse(JSON.parse(readSmall(folder, factsName(id))));
    if (stats?.isFile() !== true || !known.success || known.data.path !== path) return undefined;
    const { replacedAt, replacedBy } = known.data;
    return { id, sizeBytes: stats.size, replacedAt: instantOf(replacedAt), replacedBy };
  } catch {
    // Not one of ours, or half of one.
    return undefined;
  }
}

function removeVersion(folder: number, id: string): void {
  for (const name of [id, factsName(id)])
    try {
      unlinkAt(folder, name);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
}

type Kept = { readonly key: string; readonly id: string; readonly sizeBytes: number; readonly keptMs: number };

/** Keeps the history within its limits: of each file, of all of them, oldest first. Never in the way of a save. */
export function tidyVersions(root: number): void {
  const opened: number[] = [];
  const open = (above: number, name: string): number => {
    const folder = openBelow(above, name);
    opened.push(folder);
    return folder;
  };
  try {
    const versions = open(open(root, binName), versionsName);
    const all: Kept[] = [];
    for (const key of readdirSync(`/proc/self/fd/${versions}`, 'latin1'))
      if (keyPattern.test(key)) all.push(...tidyFile(versions, key));
    all.sort((one, other) => other.keptMs - one.keptMs);
    const files = new Set<string>();
    let bytes = 0;
    for (const { key, id, sizeBytes } of all) {
      bytes += sizeBytes;
      if (bytes <= maxVersionsBytes && files.size < mostVersionedFiles) files.add(key);
      else inKey(versions, key, (folder) => removeVersion(folder, id));
    }
    for (const key of readdirSync(`/proc/self/fd/${versions}`, 'latin1'))
      if (!files.has(key)) removeEmpty(versions, key);
  } catch {
    // The site has put something else there: the next save looks again.
  } finally {
    for (const folder of opened) closeSync(folder);
  }
}

function tidyFile(versions: number, key: string): Kept[] {
  return inKey(versions, key, (folder) => {
    const names = readdirSync(`/proc/self/fd/${folder}`, 'latin1');
    const kept: Kept[] = [];
    for (const name of names) {
      const stats = lookAt(folder, name);
      if (stats === undefined) continue;
      // The facts are written once, and never touched again: their time is when it was kept.
      const keptMs = lookAt(folder, factsName(name))?.mtimeMs;
      if (idPattern.test(name) && keptMs !== undefined) kept.push({ key, id: name, sizeBytes: stats.size, keptMs });
      else if (!isNeeded(name, names) && Date.now() - stats.ctimeMs > leftOverMs) unlinkAt(folder, name);
    }
    kept.sort((one, other) => other.keptMs - one.keptMs);
    for (const { id } of kept.splice(mostVersions)) removeVersion(folder, id);
    return kept;
  });
}

function isNeeded(name: string, names: readonly string[]): boolean {
  return name.endsWith('.json') && names.includes(name.slice(0, -'.json'.length));
}

function inKey<T>(versions: number, key: string, use: (folder: number) => T): T {
  const folder = openBelow(versions, key);
  try {
    return use(folder);
  } finally {
    closeSync(folder);
  }
}

function removeEmpty(versions: number, key: string): void {
  try {
    removeFolderAt(versions, key);
  } catch {
    // Somebody saves it just now.
  }
}
