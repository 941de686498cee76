import { fstatSync, opendirSync } from 'node:fs';
import { posix } from 'node:path';
import { mostFindSeconds, mostNamesFound, type FoundName, type FoundNames } from '#shared/file-find.ts';
import { binName, nameToText, partsToText, textToParts } from './file-names.ts';
import { inFolder, lookAt, maxDepth } from './handles.ts';
import { instantOf, typeOf } from './listing.ts';

/*
 * Names of a whole tree, folder by folder: those that lie near come first. A link is told of, never followed; what lies on
 * another file system is looked at as one name.
 */

export type FindWish = { readonly path: string; readonly name: string; readonly showsHidden: boolean };

const breathMs = 20;

/** Looks through an open folder with the rights of this process. */
export async function findNames(root: number, { path, name, showsHidden }: FindWish): Promise<FoundNames> {
  const above = textToParts(path);
  const isWanted = wantedBy(name);
  const items: FoundName[] = [];
  const endsAt = Date.now() + mostFindSeconds * 1_000;
  const { dev } = fstatSync(root);
  let seen = 0;
  let why: FoundNames['why'] = 'whole';
  let breathedAt = Date.now();
  const breathe = async (): Promise<void> => {
    if (Date.now() - breathedAt < breathMs) return;
    await new Promise((resolve) => setImmediate(resolve));
    breathedAt = Date.now();
  };

  const waiting: string[][] = [[]];
  /** What is in one folder; its folders wait. */
  async function lookThrough(folder: number, parts: readonly string[]): Promise<void> {
    const entries = opendirSync(`/proc/self/fd/${folder}`, { encoding: 'latin1', bufferSize: 500 });
    try {
      for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
        if (above.length + parts.length === 0 && entry.name === binName) continue;
        if (!showsHidden && entry.name.startsWith('.')) continue;
        seen++;
        const below = [...parts, entry.name];
        const isFolder = entry.isDirectory();
        if (isWanted(nameToText(entry.name), below)) {
          const stats = lookAt(folder, entry.name);
          if (stats !== undefined) {
            const type = typeOf(stats);
            const sizeBytes = type === 'file' ? stats.size : 0;
            items.push({
              path: partsToText([...above, ...below]),
              type,
              sizeBytes,
              modifiedAt: instantOf(stats.mtimeMs),
            });
          }
        }
        if (isFolder && below.length < maxDepth) waiting.push(below);
        if (items.length >= mostNamesFound) why = 'most';
        else if (Date.now() > endsAt) why = 'time';
        if (why !== 'whole') return;
        await breathe();
      }
    } finally {
      entries.closeSync();
    }
  }

  for (let at = 0; at < waiting.length && why === 'whole'; at++) {
    const parts = waiting[at] ?? [];
    try {
      await inFolder(root, [...above, ...parts], async (folder) => {
        if (fstatSync(folder).dev === dev) await lookThrough(folder, parts);
      });
    } catch (error) {
      // The folder itself must be there; one below it may be closed, or gone again.
      if (parts.length === 0) throw error;
    }
    // What was gone through is not kept.
    waiting[at] = [];
  }
  return { items, why, seen };
}

function wantedBy(name: string): (text: string, below: readonly string[]) => boolean {
  const wanted = name.toLowerCase();
  if (!/[*?[\]{}]/.test(name)) return (text) => text.toLowerCase().includes(wanted);
  if (!name.includes('/')) return (text) => posix.matchesGlob(text.toLowerCase(), wanted);
  return (_, below) => posix.matchesGlob(partsToText(below).toLowerCase(), wanted);
}
