import { AppError } from '#shared/errors.ts';
import { makeFolders } from '../../core/files.ts';
import { takeLockFile } from '../../core/lock.ts';
import type { BackupWork } from '../work.ts';

/**
 * Whoever puts things in place holds this, and whoever cleans up after a crash: what a restore that is alive has made
 * ready must not be taken for leftovers. The kernel's own lock, gone with the process. Throws `backup_restore_running`.
 */
export async function takeRestoreLock({ folder }: Pick<BackupWork, 'folder'>): Promise<{ release: () => void }> {
  makeFolders(`${folder}/locks`);
  return await takeLockFile(`${folder}/locks/restore`, 0).catch(() => {
    throw new AppError('busy', 'Another restore is under way.', { reason: 'backup_restore_running' });
  });
}
