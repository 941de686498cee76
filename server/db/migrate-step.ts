import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import { isPostgres, isSqlite, type MigrationDb } from './ddl.ts';
import { isBusy } from './errors.ts';
import { forget, record, setState } from './migrate-history.ts';
import { currentChecksum, type Migration } from './migrate-source.ts';

/** How long one statement may wait for a lock, and run. A migration that cannot get a lock must not queue everybody. */
export type Limits = {
  readonly lockTimeoutSeconds: number;
  readonly statementTimeoutSeconds: number;
  readonly lockRetries: number;
  readonly retryDelayMs: number;
};

export const defaultLimits: Limits = {
  lockTimeoutSeconds: 10,
  statementTimeoutSeconds: 3600,
  lockRetries: 3,
  retryDelayMs: 10_000,
};

export type Direction = 'up' | 'down';

/**
 * One migration in one direction, with its row of the history. SQLite and PostgreSQL: both in one transaction. MySQL, and
 * what PostgreSQL cannot do in one: the row says first that it is under way, and the steps meet themselves half done.
 */
export async function runStep(
  db: MigrationDb,
  migration: Migration,
  direction: Direction,
  { limits, toolVersion }: { readonly limits: Limits; readonly toolVersion: string },
): Promise<void> {
  const isWhole = isSqlite(db) || (isPostgres(db) && migration.module.isTransactional !== false);
  for (let tries = 0; ; tries += 1) {
    try {
      if (isWhole) await runWhole(db, migration, direction, limits, toolVersion);
      else await runResumable(db, migration, direction, limits, toolVersion);
      return;
    } catch (error) {
      if (!isLockTimeout(error) || tries >= limits.lockRetries) throw error;
      await wait(limits.retryDelayMs);
    }
  }
}

async function runWhole(
  db: MigrationDb,
  migration: Migration,
  direction: Direction,
  limits: Limits,
  toolVersion: string,
): Promise<void> {
  const isRebuilding = isSqlite(db) && migration.module.rebuilds?.includes(direction) === true;
  // Inside a transaction this would do nothing.
  if (isRebuilding) await sql`pragma foreign_keys = off`.execute(db);
  try {
    await db.transaction().execute(async (transaction) => {
      if (isPostgres(transaction)) await limitPostgres(transaction, limits, true);
      const startedAt = performance.now();
      await call(transaction, migration, direction);
      if (isRebuilding) await checkForeignKeys(transaction);
      await note(transaction, migration, direction, performance.now() - startedAt, toolVersion);
    });
  } finally {
    if (isRebuilding) await sql`pragma foreign_keys = on`.execute(db);
  }
}

async function runResumable(
  db: MigrationDb,
  migration: Migration,
  direction: Direction,
  limits: Limits,
  toolVersion: string,
): Promise<void> {
  if (isPostgres(db)) await limitPostgres(db, limits, false);
  else await limitMysql(db, limits);
  try {
    const startedAt = performance.now();
    if (direction === 'up') await record(db, { ...rowOf(migration, 0, toolVersion), state: 'running' });
    else await setState(db, migration.name, 'undoing');
    await call(db, migration, direction);
    await note(db, migration, direction, performance.now() - startedAt, toolVersion);
  } finally {
    await (isPostgres(db) ? unlimitPostgres(db) : unlimitMysql(db));
  }
}

async function call(db: MigrationDb, { name, module }: Migration, direction: Direction): Promise<void> {
  if (direction === 'up') return await module.up(db);
  if (module.down === undefined) throw new Error(`${name} has no way back`);
  await module.down(db);
}

async function note(
  db: MigrationDb,
  migration: Migration,
  direction: Direction,
  durationMs: number,
  toolVersion: string,
): Promise<void> {
  if (direction === 'up') await record(db, rowOf(migration, Math.round(durationMs), toolVersion));
  else await forget(db, migration.name);
}

function rowOf(migration: Migration, durationMs: number, toolVersion: string) {
  return {
    name: migration.name,
    timestamp: new Date().toISOString(),
    checksum: currentChecksum(migration),
    duration_ms: durationMs,
    tool_version: toolVersion,
    state: null,
  };
}

/** Throws when a row points to one that is not there (SQLite). */
export async function checkForeignKeys(db: MigrationDb): Promise<void> {
  const { rows } = await sql<{ table: string; parent: string }>`pragma foreign_key_check`.execute(db);
  const [first] = rows;
  if (first !== undefined) throw new Error(`rows of ${first.table} point to rows of ${first.parent} that do not exist`);
}

async function limitPostgres(db: MigrationDb, limits: Limits, isLocal: boolean): Promise<void> {
  await sql`
    select set_config('lock_timeout', ${`${limits.lockTimeoutSeconds}s`}, ${isLocal}),
           set_config('statement_timeout', ${`${limits.statementTimeoutSeconds}s`}, ${isLocal})`.execute(db);
}

async function unlimitPostgres(db: MigrationDb): Promise<void> {
  await sql`reset lock_timeout`.execute(db);
  await sql`reset statement_timeout`.execute(db);
}

async function limitMysql(db: MigrationDb, limits: Limits): Promise<void> {
  await sql`set session lock_wait_timeout = ${limits.lockTimeoutSeconds}`.execute(db);
  await sql`set session innodb_lock_wait_timeout = ${limits.lockTimeoutSeconds}`.execute(db);
  await onMariadb(() => sql`set session max_statement_time = ${limits.statementTimeoutSeconds}`.execute(db));
}

async function unlimitMysql(db: MigrationDb): Promise<void> {
  await sql`set session lock_wait_timeout = default`.execute(db);
  await sql`set session innodb_lock_wait_timeout = default`.execute(db);
  await onMariadb(() => sql`set session max_statement_time = default`.execute(db));
}

/** MySQL knows no such limit for changes of structure (ER_UNKNOWN_SYSTEM_VARIABLE). */
async function onMariadb(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Error && 'errno' in error && error.errno === 1193)) throw error;
  }
}

/** PostgreSQL lock_not_available, MySQL ER_LOCK_WAIT_TIMEOUT, SQLite busy: nothing was done by that statement. */
function isLockTimeout(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  return code === '55P03' || errno === 1205 || isBusy(error);
}
