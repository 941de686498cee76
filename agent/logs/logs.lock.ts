import { AppError } from '#shared/errors.ts';
import { makeFolders } from '../core/files.ts';
import { takeLockFile } from '../core/lock.ts';
import type { Machine } from '../core/machine.ts';
import { logsFolder } from './logs.paths.ts';

/** Timer and agent count into the same files: one at a time. undefined: somebody else is at it. */
export async function takeLogsLock(
  machine: Pick<Machine, 'stateFolder'>,
  patienceMs: number,
): Promise<{ release: () => void } | undefined> {
  makeFolders(logsFolder(machine));
  try {
    return await takeLockFile(`${logsFolder(machine)}/lock`, patienceMs);
  } catch (error) {
    if (error instanceof AppError && error.code === 'busy') return undefined;
    throw error;
  }
}
