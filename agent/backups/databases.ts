import { AppError } from '#shared/errors.ts';
import { listDatabases as findDatabases } from './dumps/databases.ts';
import type { BackupWork } from './work.ts';

/** Databases of one engine. Throws when it does not answer: a backup without them would look like one with. */
export async function listDatabases(work: BackupWork, engine: 'mariadb' | 'postgresql'): Promise<string[]> {
  const { databases, engines } = await findDatabases(work);
  if (engines[engine] !== true)
    throw new AppError('internal', 'The database server does not answer.', {
      reason: 'backup_source_missing',
      params: { subject: engine },
    });
  return databases.flatMap((each) => (each.engine === engine ? [each.name] : []));
}
