import { closeFile, listNames, look, openFolder, readText, removeFile } from '../core/files.ts';
import { logLine, type Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { privateFile, selfOwner } from './site-records.ts';

/*
 * What somebody deleted for good with a site: it lies in the recycle bin, where root alone looks in, until the change is
 * kept and no process of the site's user runs any more; then it is deleted. The file that says so is part of the change;
 * the work is safe to repeat and is done after the answer, or at the next start.
 */

export const recycleBin = '/www/recycle_bin';

type Discard = {
  /** Linux user of the site; empty: it had none. While it is there, its processes could still be in the tree. */
  readonly user: string;
  /** Names in the recycle bin. */
  readonly names: readonly string[];
};

const folderOf = ({ stateFolder }: Pick<Machine, 'stateFolder'>): string => `${stateFolder}/discards`;

/** Names in the recycle bin that are being deleted for good. */
export function pendingDiscards(machine: Pick<Machine, 'stateFolder'>): Set<string> {
  const notes = listNames(folderOf(machine)).filter((name) => !name.startsWith('.'));
  return new Set(notes.flatMap((name) => readDiscard(`${folderOf(machine)}/${name}`).names));
}

function readDiscard(path: string): Discard {
  return JSON.parse(readText(path) ?? '{"user":"","names":[]}') as Discard;
}

/** `paths`: below the recycle bin. */
export function discardWants(machine: Machine, changeId: string, user: string, paths: readonly string[]): Want[] {
  if (paths.length === 0) return [];
  const discard: Discard = { user, names: paths.map((path) => path.slice(recycleBin.length + 1)) };
  return [
    { kind: 'folder', path: folderOf(machine), mode: 0o700, ...selfOwner(machine) },
    privateFile(machine, `${folderOf(machine)}/${changeId}`, JSON.stringify(discard)),
  ];
}

/** Call it after the chores; it may take long, and other changes go on meanwhile. */
export async function doDiscards(machine: Machine): Promise<void> {
  if (listNames(folderOf(machine)).length === 0) return;
  await machine.locks.hold('discards', Number.POSITIVE_INFINITY, async () => {
    for (const name of listNames(folderOf(machine))) {
      if (name.startsWith('.')) continue;
      try {
        await doDiscard(machine, `${folderOf(machine)}/${name}`);
      } catch (error) {
        logLine('error', 'what was deleted for good is still there and will be tried again', {
          changeId: name,
          error: String(error),
        });
      }
    }
  });
}

async function doDiscard(machine: Machine, path: string): Promise<void> {
  const { user, names } = readDiscard(path);
  if (user !== '' && look(`${machine.stateFolder}/chores/${user}`).type !== 'missing') return;
  const { removeTree } = await import('../files/tree-work.ts');
  const bin = openFolder(machine.prefix + recycleBin);
  try {
    for (const name of names) await removeTree(bin, name);
  } finally {
    closeFile(bin);
  }
  removeFile(path);
}
