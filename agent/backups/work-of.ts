import type { ReportLine } from '#shared/backups.ts';
import { listNames, makeFolders, removeOwnFolder } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import type { BackupWork } from './work.ts';

export const backupsFolder = (stateFolder: string): string => `${stateFolder}/backups`;

type Place = Pick<Machine, 'hasSystemd' | 'isRoot' | 'prefix' | 'settings' | 'stateFolder' | 'now'>;
type Hooks = Pick<BackupWork, 'log' | 'phase'> & { readonly report: (line: ReportLine) => void };

const silent: Hooks = { log: () => undefined, phase: () => undefined, report: () => undefined };

/** What the code of a run works with. The scratch folder is made anew. */
export function makeWork(place: Place, runId: string, signal: AbortSignal, hooks: Hooks = silent): BackupWork {
  const folder = backupsFolder(place.stateFolder);
  const scratch = `${folder}/scratch/${runId}`;
  makeFolders(`${folder}/scratch`);
  removeOwnFolder(scratch);
  makeFolders(scratch);
  const { hasSystemd, isRoot, prefix, settings, stateFolder, now } = place;
  return { hasSystemd, isRoot, prefix, settings, stateFolder, now, runId, folder, scratch, signal, ...hooks };
}

export function endWork({ scratch }: BackupWork): void {
  removeOwnFolder(scratch);
}

/** Removes what runs left that ended without doing so. `isInUse` tells of the names that still live. */
export function dropOldScratch(stateFolder: string, isInUse: (name: string) => boolean): void {
  const root = `${backupsFolder(stateFolder)}/scratch`;
  for (const name of listNames(root)) if (!isInUse(name)) removeOwnFolder(`${root}/${name}`);
}
