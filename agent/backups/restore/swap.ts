import { closeSync, fsyncSync, lstatSync, renameSync, type Stats } from 'node:fs';
import { basename, dirname } from 'node:path';
import { AppError } from '#shared/errors.ts';
import {
  errnoOf,
  listNames,
  makeFolders,
  openFolder,
  putFile,
  readText,
  removeFile,
  Unsynced,
} from '../../core/files.ts';
import { dropHolder, dropLeftHolders, openHolder, restoresFolder, type Holder } from './places.ts';

/*
 * Several things change places with what lies in their way, all or none: two renames each, under a journal. After a crash
 * `recoverSwaps` ends in the old or in the new.
 *
 *   swapping  written before the first rename: a crash takes everything back
 *   swapped   written after the last: a crash goes on forward (only the old ones are left to be removed)
 */

export type Swap = {
  /** `new` in it goes to the target; what lay there comes to `old`. */
  readonly holder: Holder;
  readonly target: string;
};

type Journal = {
  readonly state: 'swapping' | 'swapped';
  readonly swaps: readonly {
    readonly holder: string;
    readonly inode: string;
    readonly target: string;
    readonly hadOld: boolean;
  }[];
};

/** For tests: called before every step that changes something; may end the process. */
export type Checkpoint = (step: string) => void;
let checkpoint: Checkpoint = () => undefined;
export function onSwapStep(given: Checkpoint): void {
  checkpoint = given;
}

/** `backups`: the agent's folder of backups. Throws with everything as it was. The holders are gone afterwards. */
export async function swapAll(backups: string, id: string, swaps: readonly Swap[]): Promise<void> {
  makeFolders(restoresFolder(backups));
  const path = `${restoresFolder(backups)}/${id}.json`;
  const noted = swaps.map(({ holder, target }) => ({
    holder: holder.path,
    inode: holder.inode,
    target,
    hadOld: statsOf(target) !== undefined,
  }));
  checkpoint('journal');
  await note(path, { state: 'swapping', swaps: noted });
  try {
    for (const [index, { holder, target }] of swaps.entries()) {
      withParent(target, (parent, at) => {
        checkpoint(`take ${index}`);
        if (noted[index]?.hadOld === true) renameSync(at, holder.at('old'));
        else if (lstatSync(at, { throwIfNoEntry: false }) !== undefined) throw appeared(target);
        checkpoint(`put ${index}`);
        renameSync(holder.at('new'), at);
        fsyncSync(parent);
        fsyncSync(holder.fd);
      });
    }
    checkpoint('end');
    await note(path, { state: 'swapped', swaps: noted });
  } catch (error) {
    for (const [index, { holder, target }] of [...swaps.entries()].reverse())
      takeBack(holder, target, noted[index]?.hadOld === true);
    removeFile(path);
    throw error;
  }
  checkpoint('clean');
  for (const { holder } of swaps) dropHolder(backups, holder);
  checkpoint('forget');
  removeFile(path);
}

function appeared(path: string): AppError {
  return new AppError('changed_meanwhile', 'Something appeared in the way meanwhile.', {
    reason: 'path_occupied',
    params: { path },
  });
}

/** Takes back or ends what a crash left. Answers how many it found. */
export function recoverSwaps(backups: string): number {
  const names = listNames(restoresFolder(backups)).filter((name) => /^[a-z0-9-]+\.json$/.test(name));
  for (const name of names) {
    const path = `${restoresFolder(backups)}/${name}`;
    const { state, swaps } = JSON.parse(readText(path) ?? '') as Journal;
    for (const swap of [...swaps].reverse()) {
      const holder = openHolder(swap.holder, swap.inode);
      if (holder === undefined) continue;
      if (state === 'swapping') takeBack(holder, swap.target, swap.hadOld);
      dropHolder(backups, holder);
    }
    removeFile(path);
  }
  dropLeftHolders(backups);
  return names.length;
}

/** Idempotent: wherever the two renames were cut off. */
function takeBack(holder: Holder, target: string, hadOld: boolean): void {
  withParent(target, (parent, at) => {
    const isNewThere = statsIn(holder, 'new') === undefined;
    const isOldAway = statsIn(holder, 'old') !== undefined;
    if (isNewThere && (isOldAway || !hadOld) && lstatSync(at, { throwIfNoEntry: false }) !== undefined)
      renameSync(at, holder.at('new'));
    if (isOldAway) renameSync(holder.at('old'), at);
    fsyncSync(parent);
  });
}

function statsIn(holder: Holder, name: string): Stats | undefined {
  return lstatSync(holder.at(name), { throwIfNoEntry: false });
}

function statsOf(path: string): Stats | undefined {
  try {
    return withParent(path, (_, at) => lstatSync(at, { throwIfNoEntry: false }));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function withParent<T>(path: string, use: (parent: number, at: string) => T): T {
  const parent = openFolder(dirname(path));
  try {
    return use(parent, `/proc/self/fd/${parent}/${basename(path)}`);
  } finally {
    closeSync(parent);
  }
}

async function note(path: string, journal: Journal): Promise<void> {
  const unsynced = new Unsynced();
  putFile(path, Buffer.from(JSON.stringify(journal)), { mode: 0o600 }, 'restore', unsynced);
  await unsynced.flush();
}
