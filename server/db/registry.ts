import type { DatabaseConfig } from '../config.ts';
import type { Pool } from './pool.ts';
import type { Db } from './schema.ts';

/** What stands behind an open database. */
export type OpenDatabase = {
  readonly pool: Pool;
  readonly database: DatabaseConfig;
  /** The same database over a connection that only the health checks use; with SQLite the database itself. */
  readonly reserved: Db;
};

const opened = new WeakMap<Db, OpenDatabase>();

export function rememberDatabase(db: Db, database: OpenDatabase): void {
  opened.set(db, database);
}

/** Throws for a transaction and for what `openDatabase` did not open. */
export function openDatabaseOf(db: Db): OpenDatabase {
  const found = opened.get(db);
  if (found === undefined) throw new Error('this is not a database that was opened here');
  return found;
}
