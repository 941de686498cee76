import { closeSync, createReadStream, fstatSync, readdirSync, statfsSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { mostPreviewed, type ArchiveEntry, type FileArchivePreview, type UnpackConflict } from '#shared/file-work.ts';
import { extractInto, type ExtractReport } from '../archives/extract.ts';
import { foreignLimits, type ExtractLimits } from '../archives/limits.ts';
import { showName } from '../archives/archive-error.ts';
import { bytesOf, type ByteText } from '../archives/names.ts';
import type { Staging } from '../archives/staging.ts';
import { linkAt, makeFolderAt, renameAt, unlinkAt } from '../core/below.ts';
import { makeFoldersBelow, moveEntryToBin } from './bin.ts';
import { openToRead } from './download.ts';
import { partsToText, textToParts } from './file-names.ts';
import { inFolder, lookAt, openBelow, taken, told } from './handles.ts';
import type { Progress } from './work.ts';

/*
 * Archives are unpacked by the rules for strangers' archives (agent/archives), by the site's own user: first into a folder of
 * our own in the bin, whole, then from there into the site, entry by entry by renames.
 */

/** This process holds every name; for more there is the upload of a whole site. */
export const unpackLimits: ExtractLimits = { ...foreignLimits, entries: 150_000 };
/** Left free on the disk. */
const reservedBytes = 64 * 1024 ** 2;
const newName = 'new';

export type UnpackWish = {
  readonly path: string;
  readonly into: string;
  readonly only: readonly string[];
  readonly onConflict: UnpackConflict;
};

export async function unpackFile(
  root: number,
  place: number,
  { path, into, only, onConflict }: UnpackWish,
  { progress, by }: { readonly progress: Progress; readonly by: string },
): Promise<string[]> {
  const parts = textToParts(into);
  const chosen = only.map((each) => textToParts(each).join('/'));
  // A folder that is not there yet is made at the end.
  makeFolderAt(place, newName, 0o700);
  const staged = openBelow(place, newName);
  try {
    const report = await read(root, path, staged, { progress, chosen });
    if (report.files + report.folders + report.symlinks + report.hardlinks === 0 || isEmpty(staged))
      throw new AppError('invalid_request', 'There is nothing in the archive.', { reason: 'file_unpack_nothing' });
    progress.files = report.files + report.hardlinks;
    await makeFoldersBelow(root, parts);
    const merge: Merging = { root, into: parts, onConflict, by, progress };
    return await inFolder(root, parts, async (folder) => {
      if (onConflict === 'refuse') checkFree(staged, folder);
      return await moveAll(staged, folder, merge);
    });
  } catch (error) {
    throw told(error, path);
  } finally {
    closeSync(staged);
  }
}

/** By the same rules, and nothing is made. */
export async function previewArchive(root: number, place: number, path: string): Promise<FileArchivePreview> {
  const entries: ArchiveEntry[] = [];
  let count = 0;
  const add = (parts: readonly ByteText[], type: ArchiveEntry['type'], sizeBytes: number): void => {
    if (++count <= mostPreviewed) entries.push({ path: partsToText(parts), type, sizeBytes });
  };
  const staging: Staging = {
    makeFolder: (parts) => add(parts, 'folder', 0),
    openFile(parts) {
      let bytes = 0;
      return {
        write: (piece) => void (bytes += piece.length),
        finish: () => add(parts, 'file', bytes),
        abandon: () => undefined,
      };
    },
    makeSymlink: (parts) => add(parts, 'link', 0),
    makeHardLink: (parts) => add(parts, 'file', 0),
    setFolderTime: () => undefined,
    close: () => undefined,
  };
  const { files, hardlinks, folders, bytes } = await extract(root, path, place, { staging });
  return { files: files + hardlinks, folders, bytes, entries, entryCount: count };
}

type Reading = { readonly progress: Progress; readonly chosen: readonly ByteText[] };

async function read(root: number, path: string, staged: number, { progress, chosen }: Reading): Promise<ExtractReport> {
  const isWanted = (parts: readonly ByteText[]): boolean => {
    const full = parts.join('/');
    return chosen.some((each) => full === each || full.startsWith(`${each}/`));
  };
  const leadsTo = (parts: readonly ByteText[]): boolean => {
    const full = `${parts.join('/')}/`;
    return chosen.some((each) => each.startsWith(full));
  };
  const pick = chosen.length === 0 ? {} : { only: { isWanted, leadsTo } };
  return await extract(root, path, staged, { ...pick, progress });
}

type Extracting = {
  readonly staging?: Staging;
  readonly only?: {
    readonly isWanted: (parts: readonly ByteText[]) => boolean;
    readonly leadsTo: (parts: readonly ByteText[]) => boolean;
  };
  readonly progress?: Progress;
};

async function extract(
  root: number,
  path: string,
  into: number,
  { staging, only, progress }: Extracting,
): Promise<ExtractReport> {
  const fd = await openToRead(root, path);
  try {
    const { size } = fstatSync(fd);
    if (progress !== undefined) progress.allBytes = size;
    const { bavail, bsize } = statfsSync(`/proc/self/fd/${root}`);
    const room = Math.max(0, bavail * bsize - reservedBytes);
    const limits =
      staging === undefined ? { ...unpackLimits, totalBytes: Math.min(unpackLimits.totalBytes, room) } : unpackLimits;
    return await extractInto(piecesOf(fd, size, progress), into, {
      mode: 'foreign',
      limits,
      ...(staging === undefined ? {} : { staging }),
      ...(only === undefined ? {} : { only }),
    });
  } finally {
    closeSync(fd);
  }
}

async function* piecesOf(fd: number, size: number, progress: Progress | undefined): AsyncGenerator<Buffer> {
  if (size === 0) return;
  const stream = createReadStream('', { fd, start: 0, end: size - 1, autoClose: false, highWaterMark: 256 * 1024 });
  for await (const piece of stream as AsyncIterable<Buffer>) {
    progress?.signal.throwIfAborted();
    yield piece;
    if (progress === undefined) continue;
    progress.bytes += piece.length;
    await progress.breathe();
  }
}

const namesIn = (folder: number): string[] => readdirSync(`/proc/self/fd/${folder}`, 'latin1').sort();
const isEmpty = (folder: number): boolean => namesIn(folder).length === 0;

/** Throws for the first thing that stands in the way, before anything moves. */
function checkFree(staged: number, folder: number): void {
  for (const name of namesIn(staged)) {
    const present = lookAt(folder, name);
    if (present === undefined) continue;
    if (!present.isDirectory() || lookAt(staged, name)?.isDirectory() !== true) throw taken(name);
    const inside = openBelow(staged, name);
    try {
      const there = openBelow(folder, name);
      try {
        checkFree(inside, there);
      } finally {
        closeSync(there);
      }
    } finally {
      closeSync(inside);
    }
  }
}

type Merging = {
  readonly root: number;
  readonly into: readonly string[];
  readonly onConflict: UnpackConflict;
  readonly by: string;
  readonly progress: Progress;
};

/** Answers what is new in the folder itself. */
async function moveAll(staged: number, folder: number, merging: Merging): Promise<string[]> {
  const { root, into, onConflict, by, progress } = merging;
  const done: string[] = [];
  for (const name of namesIn(staged)) {
    const present = lookAt(folder, name);
    const isFolder = lookAt(staged, name)?.isDirectory() === true;
    const path = partsToText([...into, name]);
    done.push(path);
    if (present?.isDirectory() === true && isFolder) {
      const inside = openBelow(staged, name);
      try {
        const there = openBelow(folder, name);
        try {
          await moveAll(inside, there, { ...merging, into: [...into, name] });
        } finally {
          closeSync(there);
        }
      } finally {
        closeSync(inside);
      }
      continue;
    }
    if (present !== undefined && onConflict === 'keep') {
      progress.leaveOut(showName(bytesOf([...into, name].join('/'))));
      continue;
    }
    if (present !== undefined && onConflict === 'replace')
      await moveEntryToBin(root, { folder, name, path, deletedBy: by });
    // What came in between is not written over: a second name for a file fails then, and a folder is only put over nothing.
    if (lookAt(folder, name) !== undefined) throw taken(name);
    if (isFolder) renameAt(staged, name, folder, name);
    else moveFile(staged, name, folder);
  }
  return done;
}

function moveFile(staged: number, name: string, folder: number): void {
  linkAt(staged, name, folder, name);
  unlinkAt(staged, name);
}
