import { errnoOf, listNames, look, readText, removeFile } from '../core/files.ts';
import { giveTree } from '../core/trees.ts';
import { logLine, type Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { deleteUser } from './users.ts';

/*
 * Work that may take long and follows a committed change: files of a removed site get another owner before its user is
 * deleted, so that no later user of the same number owns them. The file that says so is part of the change; the work is
 * safe to repeat and is done after the answer, or at the next start.
 */

export type Chore = {
  readonly user: string;
  /** Folders behind the prefix whose files change hands. */
  readonly folder: string;
  readonly fromUid: number;
  readonly toUid: number;
  readonly isUserDeleted: boolean;
};

const folderOf = (machine: Machine): string => `${machine.stateFolder}/chores`;

export function choreWant(machine: Machine, chore: Chore): Want {
  const bytes = Buffer.from(JSON.stringify(chore));
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  return { kind: 'file', path: `${folderOf(machine)}/${chore.user}`, bytes, mode: 0o600, ...owner };
}

/** Call it where no change is under way. */
export async function doChores(machine: Machine): Promise<void> {
  for (const name of listNames(folderOf(machine))) {
    if (name.startsWith('.')) continue;
    const path = `${folderOf(machine)}/${name}`;
    try {
      const chore = JSON.parse(readText(path) ?? '{}') as Partial<Chore>;
      if (chore.user === undefined || chore.folder === undefined) continue;
      if (look(chore.folder).type === 'folder') await giveOrMissing(chore as Chore);
      if (chore.isUserDeleted === true) await deleteUser(machine, chore.user);
      removeFile(path);
    } catch (error) {
      // One that has to wait (a process of the user still runs) keeps neither the others nor a restoration waiting.
      logLine('error', 'a chore has to be done again', { user: name, error: String(error) });
    }
  }
}

async function giveOrMissing({ folder, fromUid, toUid }: Chore): Promise<void> {
  try {
    await giveTree(folder, fromUid, toUid);
  } catch (error) {
    // Somebody removed it at the same time.
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
