import { showName } from './archive-error.ts';
import { bytesOf, type ByteText } from './names.ts';
import type { Staging } from './staging.ts';

/*
 * A place to unpack into that keeps nothing but what a person wants to know beforehand: the same rules look at the same
 * entries, and no file is made.
 */

/** One name of a level; a folder with all that is in it. */
export type ListedItem = {
  readonly name: string;
  readonly type: 'file' | 'folder' | 'link';
  readonly files: number;
  readonly bytes: number;
};

export type Listing = {
  readonly topCount: number;
  readonly tops: readonly ListedItem[];
  /** Of the one folder that holds everything; null when there is none. */
  readonly inside: { readonly count: number; readonly items: readonly ListedItem[] } | null;
};

/** Names of one level in an answer. */
const mostItems = 150;

type Sum = { type: ListedItem['type']; files: number; bytes: number };
type Level = Map<ByteText, Sum>;

export function createListing(): { readonly staging: Staging; readonly listing: () => Listing } {
  const tops: Level = new Map();
  const inside: Level = new Map();

  const add = (level: Level, name: ByteText, type: Sum['type'], isFile: boolean, bytes: number): void => {
    const present = level.get(name);
    const sum = present ?? { type, files: 0, bytes: 0 };
    sum.files += isFile ? 1 : 0;
    sum.bytes += bytes;
    if (present === undefined) level.set(name, sum);
  };
  const note = ([top, next, ...below]: readonly ByteText[], type: Sum['type'], bytes = 0): void => {
    if (top === undefined) return;
    add(tops, top, next === undefined ? type : 'folder', type !== 'folder', bytes);
    // What the second top-level name shows is that no folder holds everything.
    if (tops.size === 1 && next !== undefined)
      add(inside, next, below.length === 0 ? type : 'folder', type !== 'folder', bytes);
  };

  return {
    staging: {
      makeFolder: (parts) => note(parts, 'folder'),
      openFile(parts) {
        let bytes = 0;
        const end = (): void => note(parts, 'file', bytes);
        return {
          write: (chunk) => void (bytes += chunk.length),
          finish: end,
          abandon: () => undefined,
        };
      },
      makeSymlink: (parts) => note(parts, 'link'),
      makeHardLink: (parts) => note(parts, 'file'),
      setFolderTime: () => undefined,
      close: () => undefined,
    },
    listing() {
      const [first] = tops.values();
      const isInOneFolder = tops.size === 1 && first?.type === 'folder';
      return {
        topCount: tops.size,
        tops: shown(tops),
        inside: isInOneFolder ? { count: inside.size, items: shown(inside) } : null,
      };
    },
  };
}

function shown(level: Level): ListedItem[] {
  return [...level]
    .map(([name, sum]) => ({ name: showName(bytesOf(name)), ...sum }))
    .sort((one, other) => rank(one) - rank(other) || (one.name < other.name ? -1 : 1))
    .slice(0, mostItems);
}

const rank = ({ type }: ListedItem): number => (type === 'folder' ? 0 : 1);
