import type { ConflictChoice } from '#shared/archives.ts';
import { AppError } from '#shared/errors.ts';
import { listNames, look, type Found } from '../core/files.ts';
import type { Want } from '../core/steps.ts';
import type { Move } from './unpacking-records.ts';

/*
 * How what was unpacked gets into a folder that people use: as few renames as there can be. What the folder does not have
 * yet comes as a whole; where both have a folder, the way goes on below it; everything else is a conflict, and the person
 * has said what happens then. Nothing is ever overwritten: what gives way moves to the recycle bin.
 */

export type MergeInput = {
  /** Unpacked files, with owners and modes as they shall be. */
  readonly source: string;
  /** Folder that is there. */
  readonly target: string;
  /** Empty folder for what gives way; its paths mirror the target's. */
  readonly old: string;
  readonly choice: ConflictChoice;
  /** Folders of others below the site are nobody's to write into, least of all ours with the rights of root. */
  readonly isOwn: (folder: { readonly uid: number }) => boolean;
  /** Names right below the target that give way whatever the choice is. */
  readonly givesWay: ReadonlySet<string>;
};

export type Merge = {
  /** For the transaction, in this order. */
  readonly wants: readonly Want[];
  readonly moves: readonly Move[];
  readonly replaced: number;
  readonly kept: number;
};

/** More renames than this in one transaction are refused: it must be possible to take them back at any moment. */
export const mostMoves = 20_000;
/** Stays when a folder is emptied: proofs of certificates lie there. */
const neverEmptied = '.well-known';

export function planMerge(input: MergeInput): Merge {
  const { source, target, old, choice, isOwn, givesWay } = input;
  const wants: Want[] = [];
  const moves: Move[] = [];
  const oldFolders = new Set<string>(['']);
  const gone = new Set<string>();
  let [replaced, kept] = [0, 0];

  const move = (from: string, to: string): void => {
    if (moves.length >= mostMoves)
      throw new AppError('in_use', 'Too many files would have to give way one by one.', {
        reason: 'archive_too_many_conflicts',
        params: { most: mostMoves },
      });
    moves.push({ from, to });
    wants.push({ kind: 'move', from, to });
  };
  const makeOldFolder = (path: string): void => {
    if (oldFolders.has(path)) return;
    makeOldFolder(parentOf(path));
    oldFolders.add(path);
    wants.push({ kind: 'folder', path: `${old}/${path}`, mode: 0o700, ...ownerOfProcess() });
  };
  const giveWay = (path: string): void => {
    makeOldFolder(parentOf(path));
    move(`${target}/${path}`, `${old}/${path}`);
    gone.add(path);
    replaced++;
  };

  const merge = (folder: string): void => {
    for (const name of listNames(`${source}${folder === '' ? '' : `/${folder}`}`)) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const there: Found = gone.has(path) ? { type: 'missing' } : look(`${target}/${path}`);
      if (there.type === 'missing') move(`${source}/${path}`, `${target}/${path}`);
      else if (there.type === 'folder' && look(`${source}/${path}`).type === 'folder') {
        if (!isOwn(there)) throw foreign(path);
        merge(path);
      } else if (choice === 'keep') kept++;
      else {
        giveWay(path);
        move(`${source}/${path}`, `${target}/${path}`);
      }
    }
  };

  for (const name of listNames(target))
    if (givesWay.has(name) || (choice === 'empty' && name !== neverEmptied)) giveWay(name);
  merge('');
  return { wants, moves, replaced, kept };
}

function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

function foreign(path: string): AppError {
  return new AppError('not_allowed', 'A folder on the way does not belong to the site.', {
    reason: 'archive_folder_foreign',
    params: { path },
  });
}

function ownerOfProcess(): { uid: number; gid: number } {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}
