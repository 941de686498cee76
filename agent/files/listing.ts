import { fstatSync, lstatSync, opendirSync, readlinkSync, type Stats } from 'node:fs';
import { letterOf, type FileColumns } from '#shared/file-columns.ts';
import type { FileEntry, FileSort } from '#shared/files.ts';
import { binName, nameToText, partsToText, textToParts } from './file-names.ts';
import { inFolder, told } from './handles.ts';
import { standingIn } from './standing.ts';

export type ListWish = {
  readonly path: string;
  readonly sort: FileSort;
  readonly isDescending: boolean;
  readonly showsHidden: boolean;
  readonly filter: string;
  /** Names that are let through though they do not have it. */
  readonly also?: readonly string[] | undefined;
  readonly offset: number;
  readonly limit: number;
};

/** Owners by their numbers; names are the agent's business. */
export type RawList = Omit<FileColumns, 'ownerNames'> & { readonly ownerIds: number[] };

type Order = (one: string, other: string) => number;
/** Of a folder, in no order at first. */
type Found = { readonly folders: string[]; readonly others: string[]; readonly hidden: number };
type Kept = Found & { readonly key: string; isOrdered: boolean };

/** Above this many the order is by code points: natural order of 100,000 names would take longer than reading them. */
const mostNatural = 5_000;
const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
/** Names that the kernel tells at a time. */
const readAtOnce = 1_000;
/** A link may name 4,095 bytes, each of which may have to be escaped. */
const mostOfTarget = 1_000;
const ascii = /^[\u0001-\u007f]+$/;

/** Lists folders below a root. What the last one held is kept, for its further pages. */
export function createLister(root: number, mostInNaturalOrder = mostNatural): (wish: ListWish) => Promise<RawList> {
  let kept: Kept | undefined;
  return async (wish) => {
    const parts = textToParts(wish.path);
    return await inFolder(root, parts, (folder) => {
      try {
        const { dev, ino, mtimeMs, ctimeMs } = fstatSync(folder);
        const { sort, isDescending, showsHidden, filter, also } = wish;
        const key = JSON.stringify([dev, ino, mtimeMs, ctimeMs, sort, isDescending, showsHidden, filter, also]);
        // The first page is always of what is there now.
        if (wish.offset === 0 || kept?.key !== key) kept = { key, ...namesIn(folder, wish), isOrdered: false };
        const known = kept;
        return standingIn(folder, () => pageOf(known, wish, mostInNaturalOrder));
      } catch (error) {
        throw told(error, partsToText(parts));
      }
    });
  };
}

function namesIn(folder: number, { path, filter, showsHidden, also }: ListWish): Found {
  const isTopFolder = path === '';
  const wanted = filter.toLowerCase();
  const letThrough = new Set(also);
  const isWanted = (text: string): boolean => text.toLowerCase().includes(wanted) || letThrough.has(text);
  const folders: string[] = [];
  const others: string[] = [];
  let hidden = 0;
  // Told in the order of the disk: `readdir` would bring them into one that is not ours.
  const entries = opendirSync(`/proc/self/fd/${folder}`, { encoding: 'latin1', bufferSize: readAtOnce });
  try {
    for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
      const { name } = entry;
      if (isTopFolder && name === binName) continue;
      if (wanted !== '' && !isWanted(nameToText(name))) continue;
      if (!showsHidden && name.startsWith('.')) hidden++;
      else (entry.isDirectory() ? folders : others).push(name);
    }
  } finally {
    entries.closeSync();
  }
  return { folders, others, hidden };
}

/** Stands in the folder. */
function pageOf(kept: Kept, { offset, limit, sort, isDescending }: ListWish, mostInNaturalOrder: number): RawList {
  const { folders, others, hidden } = kept;
  const total = folders.length + others.length;
  const isNatural = total <= mostInNaturalOrder;
  let page: string[];
  if (kept.isOrdered || offset > 0 || sort !== 'name' || isNatural) {
    if (!kept.isOrdered) for (const names of [folders, others]) putInOrder(names, { sort, isDescending, isNatural });
    kept.isOrdered = true;
    page = [...folders.slice(offset, offset + limit), ...sliceAfter(others, offset - folders.length, limit)];
  } else {
    // Whoever opens a large folder waits for its first names, not for the order of all of them.
    const order: Order = isDescending ? (one, other) => -byBytes(one, other) : byBytes;
    page = firstOf(folders, limit, order);
    if (page.length < limit) page = [...page, ...firstOf(others, limit - page.length, order)];
  }
  return { ...factsOf(page.slice(0, limit)), total, hidden };
}

function sliceAfter(names: readonly string[], from: number, limit: number): string[] {
  return names.slice(Math.max(0, from), Math.max(0, from + limit));
}

const byBytes: Order = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

/** The first few in order, without ordering the rest. */
function firstOf(names: readonly string[], most: number, order: Order): string[] {
  const best: string[] = [];
  let worst: string | undefined;
  for (const name of names) {
    if (worst !== undefined && order(name, worst) >= 0) continue;
    best.push(name);
    if (best.length < 2 * most) continue;
    best.sort(order);
    best.length = most;
    worst = best.at(-1);
  }
  return best.sort(order).slice(0, most);
}

/** Folders and the rest each for themselves: folders come first in either direction. */
function putInOrder(
  names: string[],
  { sort, isDescending, isNatural }: Pick<ListWish, 'sort' | 'isDescending'> & { readonly isNatural: boolean },
): void {
  names.sort();
  if (isNatural) putInNaturalOrder(names);
  if (sort !== 'name') {
    const facts = new Map<string, number>();
    for (const name of names) {
      const stats = lookHere(name);
      facts.set(name, (sort === 'size' ? stats?.size : stats?.mtimeMs) ?? 0);
    }
    names.sort((one, other) => (facts.get(one) ?? 0) - (facts.get(other) ?? 0));
  }
  if (isDescending) names.reverse();
}

function putInNaturalOrder(names: string[]): void {
  const texts = new Map(names.map((name) => [name, nameToText(name)]));
  const textOf = (name: string): string => texts.get(name) ?? '';
  names.sort((one, other) => natural.compare(textOf(one), textOf(other)));
}

/** At a name of the folder that is stood in, never through a link. */
export function lookHere(name: string): Stats | undefined {
  return lstatSync(ascii.test(name) ? name : Buffer.from(name, 'latin1'), { throwIfNoEntry: false });
}

function factsOf(page: readonly string[]): Omit<RawList, 'total' | 'hidden'> {
  const [names, sizes, modes, owners, ownerIds, modified]: [string[], ...number[][]] = [[], [], [], [], [], []];
  const targets: [number, string][] = [];
  let types = '';
  for (const name of page) {
    const stats = lookHere(name);
    // Gone meanwhile.
    if (stats === undefined) continue;
    const type = typeOf(stats);
    if (type === 'link') targets.push([names.length, targetOf(name)]);
    let owner = ownerIds.indexOf(stats.uid);
    if (owner === -1) owner = ownerIds.push(stats.uid) - 1;
    names.push(nameToText(name));
    types += letterOf(type);
    sizes.push(type === 'file' ? stats.size : 0);
    modes.push(stats.mode & 0o7777);
    owners.push(owner);
    modified.push(calendarMs(stats.mtimeMs));
  }
  return { names, types, sizes, modes, owners, ownerIds, modified, targets };
}

export function typeOf(stats: Stats): FileEntry['type'] {
  if (stats.isDirectory()) return 'folder';
  if (stats.isSymbolicLink()) return 'link';
  return stats.isFile() ? 'file' : 'special';
}

function targetOf(name: string): string {
  try {
    return nameToText(readlinkSync(Buffer.from(name, 'latin1'), 'latin1').slice(0, mostOfTarget));
  } catch {
    // Something else by now.
    return '';
  }
}

/** Times that no calendar has are the beginning of time. */
function calendarMs(ms: number): number {
  return ms >= 0 && ms < 253_402_300_800_000 ? Math.trunc(ms) : 0;
}

export function instantOf(ms: number): string {
  return new Date(calendarMs(ms)).toISOString();
}
