import { Migrator } from 'kysely/migration';
import { migrations } from './migrations/list.ts';
import type { Db } from './schema.ts';

/** The database was made by a newer version of the panel, or its history is broken. Nothing was changed. */
export class MigrationHistoryError extends Error {
  constructor(cause: unknown) {
    super('the database does not fit this version of the panel', { cause });
    this.name = 'MigrationHistoryError';
  }
}

/**
 * Brings the database up to date and returns the names of what was applied. Two processes at once: one works, the other
 * waits. Throws MigrationHistoryError, or what the failed step threw.
 */
export async function migrateToLatest(db: Db): Promise<string[]> {
  const { error, results = [] } = await migratorOf(db).migrateToLatest();
  const failed = results.find(({ status }) => status === 'Error');
  if (failed !== undefined) throw new Error(`the migration ${failed.migrationName} failed`, { cause: error });
  if (error !== undefined) throw new MigrationHistoryError(error);
  return results.filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName);
}

/** Names that wait to be applied, in order. */
export async function pendingMigrations(db: Db): Promise<string[]> {
  const known = await migratorOf(db).getMigrations();
  return known.filter(({ executedAt }) => executedAt === undefined).map(({ name }) => name);
}

function migratorOf(db: Db): Migrator {
  return new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
    migrationTableName: 'schema_migration',
    migrationLockTableName: 'schema_migration_lock',
  });
}
