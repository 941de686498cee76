import { fstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import type { FileSort } from '#shared/files.ts';
import { at } from '../core/below.ts';
import { binName, nameToText, textToParts } from './file-names.ts';
import { inFolder, lookAt } from './handles.ts';

export type ListWish = {
  readonly path: string;
  readonly sort: FileSort;
  readonly isDescending: boolean;
  readonly showsHidden: boolean;
  readonly filter: string;
  readonly offset: number;
  readonly limit: number;
};

export type RawEntry = {
  readonly name: string;
  readonly type: 'file' | 'folder' | 'link' | 'special';
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid: number;
  readonly modifiedAt: string;
  readonly target: string | null;
};

export type RawList = { readonly entries: RawEntry[]; readonly total: number; readonly hidden: number };

type Named = { readonly name: string; readonly isFolder: boolean };
type Kept = { readonly key: string; readonly names: readonly string[]; readonly hidden: number };

/** Above this many the order is by code points: natural order of 100,000 names would take longer than reading them. */
const mostInNaturalOrder = 5_000;
const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Lists folders below a root. The order of the last one is kept, for its further pages. */
export function createLister(root: number): (wish: ListWish) => Promise<RawList> {
  let kept: Kept | undefined;
  return async (wish) =>
    await inFolder(root, textToParts(wish.path), (folder) => {
      const { dev, ino, mtimeMs, ctimeMs } = fstatSync(folder);
      const { sort, isDescending, showsHidden, filter, offset, limit } = wish;
      const key = JSON.stringify([dev, ino, mtimeMs, ctimeMs, sort, isDescending, showsHidden, filter]);
      // The first page is always of what is there now.
      if (offset === 0 || kept?.key !== key) kept = { key, ...orderOf(folder, wish) };
      const { names, hidden } = kept;
      const entries = names.slice(offset, offset + limit).flatMap((name) => {
        const stats = lookAt(folder, name);
        return stats === undefined ? [] : [entryOf(folder, name, stats)];
      });
      return { entries, total: names.length, hidden };
    });
}

function orderOf(folder: number, wish: ListWish): Omit<Kept, 'key'> {
  const isTopFolder = wish.path === '';
  const wanted = wish.filter.toLowerCase();
  const found: Named[] = [];
  let hidden = 0;
  for (const entry of readdirSync(`/proc/self/fd/${folder}`, { withFileTypes: true, encoding: 'latin1' })) {
    const { name } = entry;
    if (isTopFolder && name === binName) continue;
    if (wanted !== '' && !nameToText(name).toLowerCase().includes(wanted)) continue;
    if (!wish.showsHidden && name.startsWith('.')) hidden++;
    else found.push({ name, isFolder: entry.isDirectory() });
  }
  const sorted = wish.sort === 'name' ? byName(found) : byFact(folder, byName(found), wish.sort);
  if (wish.isDescending) sorted.reverse();
  // Folders first in either direction.
  const names = [...sorted.filter(({ isFolder }) => isFolder), ...sorted.filter(({ isFolder }) => !isFolder)];
  return { names: names.map(({ name }) => name), hidden };
}

function byName(found: Named[]): Named[] {
  if (found.length > mostInNaturalOrder) return found.sort((one, other) => (one.name < other.name ? -1 : 1));
  const texts = new Map(found.map(({ name }) => [name, nameToText(name)]));
  const textOf = ({ name }: Named): string => texts.get(name) ?? '';
  return found.sort((one, other) => natural.compare(textOf(one), textOf(other)) || (one.name < other.name ? -1 : 1));
}

function byFact(folder: number, found: Named[], sort: 'size' | 'modified'): Named[] {
  const facts = new Map(
    found.map(({ name }) => {
      const stats = lookAt(folder, name);
      return [name, sort === 'size' ? (stats?.size ?? 0) : (stats?.mtimeMs ?? 0)];
    }),
  );
  return found.sort((one, other) => (facts.get(one.name) ?? 0) - (facts.get(other.name) ?? 0));
}

export function typeOf(stats: Stats): RawEntry['type'] {
  if (stats.isDirectory()) return 'folder';
  if (stats.isSymbolicLink()) return 'link';
  return stats.isFile() ? 'file' : 'special';
}

function entryOf(folder: number, name: string, stats: Stats): RawEntry {
  const type = typeOf(stats);
  return {
    name: nameToText(name),
    type,
    sizeBytes: type === 'file' ? stats.size : 0,
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    modifiedAt: instantOf(stats.mtimeMs),
    target: type === 'link' ? targetOf(folder, name) : null,
  };
}

function targetOf(folder: number, name: string): string {
  try {
    return nameToText(readlinkSync(at(folder, name), 'latin1'));
  } catch {
    // Something else by now.
    return '';
  }
}

/** Times that no calendar has are the beginning of time. */
export function instantOf(ms: number): string {
  return new Date(ms >= 0 && ms < 253_402_300_800_000 ? ms : 0).toISOString();
}
