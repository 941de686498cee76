import { closeSync, fstatSync, lstatSync, opendirSync, type Dir, type Stats } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import {
  mostLargestFiles,
  mostUsageItems,
  type FileAmount,
  type FileUsage,
  type LargeFile,
  type UsageItem,
} from '#shared/file-usage.ts';
import { errnoOf } from '../core/files.ts';
import { binName, nameToText, partsToText, textToParts } from './file-names.ts';
import { inFolder, maxDepth, openBelow, told } from './handles.ts';
import { instantOf, lookHere, typeOf } from './listing.ts';
import { standingIn } from './standing.ts';

/*
 * What takes the space of a folder: each thing in it with everything below. Folders are opened one in another, no link is
 * followed, and what lies on another file system is not counted.
 */

export type UsageWish = { readonly path: string; readonly mostSeconds: number; readonly mostEntries: number };

/** Names that are looked at between two looks at the clock. */
const namesAtOnce = 500;

type Walk = {
  readonly dev: number;
  readonly endsAt: number;
  readonly mostEntries: number;
  readonly signal: AbortSignal;
  readonly breathe: () => Promise<void>;
  /** Files of several names that were counted by one of them. */
  readonly counted: Set<number | bigint>;
  readonly largest: LargeFile[];
  seen: number;
  why: FileUsage['why'];
  unread: number;
  elsewhere: number;
};
/** The folder that is gone through now, and what is in it is added to. */
type Place = {
  readonly folder: number;
  /** From the site's folder on, in bytes. */
  readonly parts: readonly string[];
  readonly isInBin: boolean;
  readonly sum: FileAmount;
};
type Use = (name: string, stats: Stats) => void;

/** A function, as others change it meanwhile. */
const isGoingOn = ({ why }: Walk): boolean => why === 'whole';
const nothing = (): FileAmount => ({ bytes: 0, diskBytes: 0, files: 0, folders: 0 });

/** Measures what is in a folder below `root`, with the rights of this process. Throws when it is stopped. */
export async function measureFolder(
  root: number,
  { path, mostSeconds, mostEntries }: UsageWish,
  { signal, breathe }: Pick<Walk, 'signal' | 'breathe'>,
): Promise<FileUsage> {
  const parts = textToParts(path);
  const endsAt = Date.now() + mostSeconds * 1_000;
  return await inFolder(root, parts, async (folder) => {
    const { dev, blocks } = fstatSync(folder);
    const walk: Walk = {
      dev,
      endsAt,
      mostEntries,
      signal,
      breathe,
      counted: new Set(),
      largest: [],
      seen: 0,
      why: 'whole',
      unread: 0,
      elsewhere: 0,
    };
    const table = createTable();
    const waiting: { readonly name: string; readonly diskBytes: number }[] = [];
    const total = { ...nothing(), diskBytes: blocks * 512 };
    try {
      await lookThrough(walk, folder, (name, stats) => {
        const sum = nothing();
        if (stats.isDirectory()) {
          total.folders++;
          if (isHere(walk, stats)) return void waiting.push({ name, diskBytes: stats.blocks * 512 });
        } else addFile(walk, { parts, isInBin: false, sum }, name, stats);
        table.add({ ...sum, name: nameToText(name), type: typeOf(stats), isPartial: false });
      });
    } catch (error) {
      throw told(error, partsToText(parts));
    }
    for (const { name, diskBytes } of waiting) {
      const isInBin = parts.length === 0 && name === binName;
      const sum = { ...nothing(), diskBytes };
      const isPartial = !(await measureBelow(walk, { folder, parts, isInBin, sum }, name));
      table.add({ ...sum, name: nameToText(name), type: isInBin ? 'bin' : 'folder', isPartial });
    }
    const { items, rest } = table.end();
    const { why, unread, elsewhere, largest } = walk;
    for (const each of [...items, rest]) addTo(total, each);
    return { ...total, items, rest, largest: sortedLargest(largest), why, unread, elsewhere };
  });
}

/** False: another file system begins there. */
function isHere(walk: Walk, { dev }: Stats): boolean {
  if (dev === walk.dev) return true;
  walk.elsewhere++;
  return false;
}

/** Goes through a folder and all below it, and answers whether it came to its end. The folder itself is counted already. */
async function measureBelow(walk: Walk, above: Place, name: string): Promise<boolean> {
  if (!isGoingOn(walk)) return false;
  const parts = [...above.parts, name];
  if (parts.length > maxDepth) {
    walk.unread++;
    return true;
  }
  const folder = openOrSkip(walk, above.folder, name);
  if (folder === undefined) return true;
  try {
    const { isInBin, sum } = above;
    const place: Place = { folder, parts, isInBin, sum };
    // No more than names: there may be a great many.
    const waiting: string[] = [];
    await lookThrough(walk, folder, (below, stats) => {
      if (!stats.isDirectory()) return addFile(walk, place, below, stats);
      sum.folders++;
      if (!isHere(walk, stats)) return;
      sum.diskBytes += stats.blocks * 512;
      waiting.push(below);
    });
    for (const below of waiting) if (!(await measureBelow(walk, place, below))) return false;
    return isGoingOn(walk);
  } catch (error) {
    if (error instanceof AppError) throw error;
    skip(walk, error);
    return true;
  } finally {
    closeSync(folder);
  }
}

function openOrSkip(walk: Walk, above: number, name: string): number | undefined {
  try {
    return openBelow(above, name);
  } catch (error) {
    skip(walk, error);
    return undefined;
  }
}

/** What went away meanwhile takes no space any more. */
function skip(walk: Walk, error: unknown): void {
  if (errnoOf(error) !== 'ENOENT') walk.unread++;
}

/** Every name of an open folder with what the kernel knows of it, until a limit is met. */
async function lookThrough(walk: Walk, folder: number, use: Use): Promise<void> {
  const entries = opendirSync(`/proc/self/fd/${folder}`, { encoding: 'latin1', bufferSize: namesAtOnce });
  try {
    for (;;) {
      if (walk.signal.aborted) throw new AppError('in_use', 'The walk was stopped.', { reason: 'file_work_stopped' });
      if (Date.now() > walk.endsAt) walk.why = 'time';
      if (!isGoingOn(walk)) return;
      const isOver = standingIn(folder, () => lookAtSome(walk, entries, use));
      if (isOver) return;
      await walk.breathe();
    }
  } finally {
    entries.closeSync();
  }
}

/** Stands in the folder; true: there are no more names, or none may be looked at any more. */
function lookAtSome(walk: Walk, entries: Dir, use: Use): boolean {
  for (let count = 0; count < namesAtOnce; count++) {
    const entry = entries.readSync();
    if (entry === null) return true;
    if (walk.seen >= walk.mostEntries) {
      walk.why = 'entries';
      return true;
    }
    walk.seen++;
    const stats = lookHere(entry.name);
    // Gone meanwhile.
    if (stats !== undefined) use(entry.name, stats);
  }
  return false;
}

/** Stands in the file's folder. A file of several names takes its space once: where it is met first. */
function addFile(walk: Walk, { parts, isInBin, sum }: Omit<Place, 'folder'>, name: string, stats: Stats): void {
  sum.files++;
  if (stats.nlink > 1) {
    const key = fileNumber(name, stats);
    if (walk.counted.has(key)) return;
    walk.counted.add(key);
  }
  const bytes = stats.isFile() || stats.isSymbolicLink() ? stats.size : 0;
  const diskBytes = stats.blocks * 512;
  sum.bytes += bytes;
  sum.diskBytes += diskBytes;
  if (stats.isFile() && !isInBin) keepLarge(walk.largest, { parts, name, bytes, diskBytes, stats });
}

/** Some file systems number their files beyond what a number holds exactly. */
function fileNumber(name: string, { ino }: Stats): number | bigint {
  return Number.isSafeInteger(ino) ? ino : lstatSync(Buffer.from(name, 'latin1'), { bigint: true }).ino;
}

type Large = Pick<LargeFile, 'bytes' | 'diskBytes'> & {
  readonly parts: readonly string[];
  readonly name: string;
  readonly stats: Stats;
};

const bySize = (one: Pick<FileAmount, 'bytes' | 'diskBytes'>, other: typeof one): number =>
  other.diskBytes - one.diskBytes || other.bytes - one.bytes;

function keepLarge(largest: LargeFile[], { parts, name, bytes, diskBytes, stats }: Large): void {
  const last = largest[mostLargestFiles - 1];
  if (last !== undefined && bySize({ bytes, diskBytes }, last) >= 0) return;
  const path = partsToText([...parts, name]);
  largest.push({ path, bytes, diskBytes, modifiedAt: instantOf(stats.mtimeMs) });
  largest.sort(bySize);
  largest.length = Math.min(largest.length, mostLargestFiles);
}

const sortedLargest = (largest: readonly LargeFile[]): LargeFile[] =>
  largest.toSorted((one, other) => bySize(one, other) || (one.path < other.path ? -1 : 1));

function addTo(sum: FileAmount, { bytes, diskBytes, files, folders }: FileAmount): void {
  sum.bytes += bytes;
  sum.diskBytes += diskBytes;
  sum.files += files;
  sum.folders += folders;
}

/** The largest things of a folder, however many there are; the others only as their sum. */
function createTable() {
  let items: UsageItem[] = [];
  const rest = { ...nothing(), items: 0 };
  const cut = (): void => {
    items.sort((one, other) => bySize(one, other) || (one.name < other.name ? -1 : 1));
    for (const item of items.slice(mostUsageItems)) {
      addTo(rest, item);
      rest.items++;
    }
    items = items.slice(0, mostUsageItems);
  };
  return {
    add(item: UsageItem): void {
      items.push(item);
      if (items.length >= 4 * mostUsageItems) cut();
    },
    end(): { items: UsageItem[]; rest: typeof rest } {
      cut();
      return { items, rest };
    },
  };
}
