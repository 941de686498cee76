import { createHash, randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { AppError } from '#shared/errors.ts';
import { closeFile, errnoOf, openLog, removeFile, sync, writeAt } from '../../core/files.ts';
import type { DumpPart } from '../manifest.ts';
import type { BackupWork } from '../work.ts';

/**
 * Writes a dump to the scratch folder and answers its path, when it is the one of the manifest to the last byte. Nothing
 * of a dump is executed before all of it was checked.
 */
export async function spoolDump(
  work: Pick<BackupWork, 'scratch' | 'signal'>,
  part: Pick<DumpPart, 'name' | 'bytes' | 'sha256'>,
  input: Readable,
  path = `${work.scratch}/dump-${randomBytes(6).toString('hex')}`,
): Promise<string> {
  removeFile(path);
  const fd = openLog(path);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const piece of input) {
      work.signal.throwIfAborted();
      const chunk = piece as Buffer;
      if (bytes + chunk.length > part.bytes) throw mismatch(part.name);
      hash.update(chunk);
      writeAt(fd, chunk, bytes);
      bytes += chunk.length;
    }
    if (bytes !== part.bytes || hash.digest('hex') !== part.sha256) throw mismatch(part.name);
    await sync(fd);
    return path;
  } catch (error) {
    removeFile(path);
    throw errnoOf(error) === 'ENOSPC' ? diskFull(error) : error;
  } finally {
    closeFile(fd);
    input.destroy();
  }
}

export function mismatch(subject: string): AppError {
  return new AppError('internal', 'What is stored is not what the manifest says.', {
    reason: 'backup_mismatch',
    params: { subject },
  });
}

function diskFull(cause: unknown): AppError {
  return new AppError('internal', 'There is no room left on the disk.', { reason: 'disk_full', cause });
}
