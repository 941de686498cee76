import { z } from 'zod';
import type { FileEntry, FileList, fileTypes } from './files.ts';

/*
 * A page of a folder on its way between processes: a column for each fact. Told as one object for each name, 100,000 of them
 * took longer to write and read than to find.
 */

const letters = { file: 'f', folder: 'd', link: 'l', special: 's' } as const satisfies Record<
  (typeof fileTypes)[number],
  string
>;
const types = Object.fromEntries(Object.entries(letters).map(([type, letter]) => [letter, type])) as Record<
  string,
  FileEntry['type']
>;

export const fileColumns = z.object({
  names: z.array(z.string()),
  /** A letter for each name. */
  types: z.string().regex(/^[fdls]*$/),
  sizes: z.array(z.int()),
  modes: z.array(z.int()),
  /** Numbers of `ownerNames`. */
  owners: z.array(z.int().min(0)),
  ownerNames: z.array(z.string()),
  /** Epoch ms. */
  modified: z.array(z.int()),
  /** Of the links: number of the name, and what it names. */
  targets: z.array(z.tuple([z.int(), z.string()])),
  total: z.int(),
  hidden: z.int(),
});
export type FileColumns = z.infer<typeof fileColumns>;

export function letterOf(type: FileEntry['type']): string {
  return letters[type];
}

/** Throws when the columns are not of one length. */
export function listOf(columns: FileColumns): FileList {
  const { names, sizes, modes, owners, ownerNames, modified, total, hidden } = columns;
  const targets = new Map(columns.targets);
  const entries = names.map((name, at): FileEntry => {
    const [type, sizeBytes, mode] = [types[columns.types.charAt(at)], sizes[at], modes[at]];
    const [owner, modifiedMs] = [ownerNames[owners[at] ?? -1], modified[at]];
    if (
      type === undefined ||
      sizeBytes === undefined ||
      mode === undefined ||
      owner === undefined ||
      modifiedMs === undefined
    )
      throw new Error('the columns of a folder are not of one length');
    const modifiedAt = new Date(modifiedMs).toISOString();
    return { name, type, sizeBytes, mode, owner, modifiedAt, target: targets.get(at) ?? null };
  });
  return { entries, total, hidden };
}

export function columnsOf({ entries, total, hidden }: FileList): FileColumns {
  const ownerNames = [...new Set(entries.map(({ owner }) => owner))];
  return {
    names: entries.map(({ name }) => name),
    types: entries.map(({ type }) => letters[type]).join(''),
    sizes: entries.map(({ sizeBytes }) => sizeBytes),
    modes: entries.map(({ mode }) => mode),
    owners: entries.map(({ owner }) => ownerNames.indexOf(owner)),
    ownerNames,
    modified: entries.map(({ modifiedAt }) => Date.parse(modifiedAt)),
    targets: entries.flatMap(({ target }, at) => (target === null ? [] : [[at, target] as [number, string]])),
    total,
    hidden,
  };
}
