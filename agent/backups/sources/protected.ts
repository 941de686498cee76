import { AppError } from '#shared/errors.ts';
import type { BackupWork } from '../work.ts';

/*
 * Folders that are no source and no place to restore to: the kernel's own trees, the agent's state (its keys are never
 * part of a backup) and the places where backups lie.
 */

const kernels = ['/proc', '/sys', '/dev', '/run'];

export type Protected = Pick<BackupWork, 'prefix' | 'stateFolder'> & {
  /** Paths of local targets. */
  readonly targets: readonly string[];
};

/** Throws `backup_source_refused`. `path` as on the machine, without the prefix. */
export function checkFolder({ prefix, stateFolder, targets }: Protected, path: string): void {
  const real = prefix + path;
  const closed = [...kernels.map((each) => prefix + each), stateFolder, ...targets];
  const isInside = closed.some((each) => isWithin(real, each));
  if (path === '/' || isInside) throw refused(path);
}

/** What a folder leaves out because it is closed, as patterns relative to it. */
export function closedBelow({ prefix, stateFolder, targets }: Protected, path: string): string[] {
  const real = prefix + path;
  return [...kernels.map((each) => prefix + each), stateFolder, ...targets]
    .filter((each) => isWithin(each, real) && each !== real)
    .map((each) => each.slice(real.length));
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function refused(path: string): AppError {
  return new AppError('not_allowed', 'This folder is no source and no place for backups.', {
    reason: 'backup_source_refused',
    params: { path },
  });
}
