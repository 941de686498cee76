import { setTimeout as wait } from 'node:timers/promises';
import { sql, type Kysely } from 'kysely';
import { isProcessGone, processIdentity } from '../core/process-identity.ts';
import { createTable, isMysql, isPostgres, isSqlite, type MigrationDb } from './ddl.ts';
import { isBusy } from './errors.ts';
import { isMissingTable } from './migrate-history.ts';
import type { Db } from './schema.ts';

/*
 * One process migrates at a time. On MySQL and PostgreSQL the lock belongs to the connection and ends with it, however the
 * process ends. SQLite has no such thing: there it is a row with the owner's machine, boot, process number and start,
 * by which the next one sees that its owner is gone.
 */

type LockTables = { schema_migration_owner: { id: string; owner: string; taken_at: number } };

export type Holder = { readonly owner: string; readonly takenAt: number };

/** Another process is still migrating. Nothing was changed. */
export class MigrationLockedError extends Error {
  readonly holder: Holder | undefined;
  constructor(holder: Holder | undefined) {
    const since = holder === undefined ? '' : ` (${nameOfOwner(holder.owner)}, since ${isoOf(holder.takenAt)})`;
    super(`another process is migrating the database${since}`);
    this.name = 'MigrationLockedError';
    this.holder = holder;
  }
}

const rowId = 'migrate';
const pollMs = 100;
/** A number of our own among PostgreSQL's advisory locks. */
const advisoryKey = 7_061_946_351;
/** An owner that cannot be looked at (another machine) is given twice the longest statement. */
const leaseMs = 2 * 60 * 60 * 1000;

function isoOf(at: number): string {
  return new Date(at).toISOString();
}

/** `host, process 123` */
function nameOfOwner(owner: string): string {
  const [place = '', pid = '?'] = owner.split(':');
  return `${place.split('/')[0] ?? ''}, process ${pid}`;
}

function lockOf(db: Db | MigrationDb): Kysely<LockTables> {
  return db as unknown as Kysely<LockTables>;
}

/** Who migrates now, as far as the table says. */
export async function lockHolder(db: Db | MigrationDb): Promise<Holder | undefined> {
  try {
    const row = await lockOf(db).selectFrom('schema_migration_owner').selectAll().executeTakeFirst();
    return row === undefined ? undefined : { owner: row.owner, takenAt: Number(row.taken_at) };
  } catch (error) {
    if (isMissingTable(error)) return undefined;
    throw error;
  }
}

/**
 * Runs `work` while no other process migrates. `db` is one connection and stays the same throughout. Throws
 * MigrationLockedError when the other has not ended after `waitMs`.
 */
export async function withMigrationLock<T>(db: MigrationDb, waitMs: number, work: () => Promise<T>): Promise<T> {
  const endsAt = performance.now() + waitMs;
  while (!(await tryLock(db))) {
    if (performance.now() >= endsAt) throw new MigrationLockedError(await lockHolder(db).catch(() => undefined));
    await wait(pollMs);
  }
  let result: T;
  try {
    result = await work();
  } catch (error) {
    // The connection may be what failed: the lock ends with it, or with this process.
    await release(db).catch(() => undefined);
    throw error;
  }
  await release(db);
  return result;
}

async function tryLock(db: MigrationDb): Promise<boolean> {
  if (isSqlite(db)) return await tryRow(db);
  const asked = isPostgres(db)
    ? await sql<{ got: boolean }>`select pg_try_advisory_lock(${advisoryKey}) as got`.execute(db)
    : await sql<{ got: number }>`select get_lock(${await lockName(db)}, 0) as got`.execute(db);
  if (Number(asked.rows[0]?.got) !== 1) return false;
  await ensureTable(db);
  await lockOf(db).deleteFrom('schema_migration_owner').execute();
  await insertOwner(db);
  return true;
}

async function tryRow(db: MigrationDb): Promise<boolean> {
  try {
    await ensureTable(db);
    return await db.transaction().execute(async (transaction) => {
      const holder = await lockHolder(transaction);
      const isFree = holder === undefined || isProcessGone(holder.owner) || Date.now() - holder.takenAt > leaseMs;
      if (!isFree) return false;
      await lockOf(transaction).deleteFrom('schema_migration_owner').execute();
      await insertOwner(transaction);
      return true;
    });
  } catch (error) {
    // Somebody holds the file for longer than a statement waits: the other one is at work.
    if (isBusy(error)) return false;
    throw error;
  }
}

async function release(db: MigrationDb): Promise<void> {
  await lockOf(db).deleteFrom('schema_migration_owner').where('owner', '=', processIdentity).execute();
  if (isPostgres(db)) await sql`select pg_advisory_unlock(${advisoryKey})`.execute(db);
  if (isMysql(db)) await sql`select release_lock(${await lockName(db)})`.execute(db);
}

async function ensureTable(db: MigrationDb): Promise<void> {
  await createTable(db, 'schema_migration_owner')
    .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('owner', 'varchar(160)', (column) => column.notNull())
    .addColumn('taken_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function insertOwner(db: MigrationDb): Promise<void> {
  const values = { id: rowId, owner: processIdentity, taken_at: Date.now() };
  await lockOf(db).insertInto('schema_migration_owner').values(values).execute();
}

/** MySQL's named locks belong to the whole server; names end at 64 letters. */
async function lockName(db: MigrationDb): Promise<string> {
  const { rows } = await sql<{ name: string }>`select sha1(database()) as name`.execute(db);
  return `aapanel.migrate.${rows[0]?.name ?? ''}`;
}
