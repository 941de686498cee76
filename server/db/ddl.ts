import { setTimeout as wait } from 'node:timers/promises';
import {
  CompiledQuery,
  MysqlAdapter,
  PostgresAdapter,
  sql,
  SqliteAdapter,
  type ColumnDefinitionBuilder,
  type CreateTableBuilder,
  type Kysely,
} from 'kysely';

/*
 * For migrations: the only thing of the panel that they import. MySQL takes no change of structure back when a migration
 * stops half-way, so each of these is one statement and can meet its own work already done.
 */

/** A database as a migration sees it: without the table types, which describe the newest state only. */
export type MigrationDb = Kysely<unknown>;

/** Starts `create table if not exists`; text is UTF-8 and compared byte by byte on every database. */
export function createTable(db: MigrationDb, name: string): CreateTableBuilder<string> {
  const table = db.schema.createTable(name).ifNotExists();
  return isMysql(db) ? table.modifyEnd(sql`engine = innodb character set utf8mb4 collate utf8mb4_bin`) : table;
}

export async function createIndex(
  db: MigrationDb,
  name: string,
  table: string,
  columns: readonly string[],
  { isUnique = false }: { readonly isUnique?: boolean } = {},
): Promise<void> {
  let index = db.schema
    .createIndex(name)
    .on(table)
    .columns([...columns]);
  if (isUnique) index = index.unique();
  // MySQL knows no `if not exists` here.
  if (!isMysql(db)) {
    await index.ifNotExists().execute();
    return;
  }
  try {
    await index.execute();
  } catch (error) {
    if (!hasErrno(error, 1061)) throw error;
  }
}

/**
 * An index on a table that is in use. PostgreSQL builds it without stopping writes, which it cannot do inside a
 * transaction: the migration says `export const isTransactional = false`. One that was left broken is built again.
 */
export async function createIndexConcurrently(
  db: MigrationDb,
  name: string,
  table: string,
  columns: readonly string[],
): Promise<void> {
  if (!isPostgres(db)) return createIndex(db, name, table, columns);
  const broken = sql`select 1 from pg_index where indexrelid = to_regclass(${name}) and not indisvalid`;
  if ((await broken.execute(db)).rows.length > 0) {
    await sql`drop index concurrently if exists ${sql.id(name)}`.execute(db);
  }
  const list = sql.join(columns.map((column) => sql.id(column)));
  await sql`create index concurrently if not exists ${sql.id(name)} on ${sql.table(table)} (${list})`.execute(db);
}

/** Takes a table away with what is in it, unless it is gone already. */
export async function dropTable(db: MigrationDb, name: string): Promise<void> {
  await db.schema.dropTable(name).ifExists().execute();
}

/** Takes an index away, unless it is gone already. */
export async function dropIndex(db: MigrationDb, name: string, table: string): Promise<void> {
  if (!isMysql(db)) {
    await db.schema.dropIndex(name).ifExists().execute();
    return;
  }
  try {
    await db.schema.dropIndex(name).on(table).execute();
  } catch (error) {
    // ER_CANT_DROP_FIELD_OR_KEY, ER_NO_SUCH_TABLE
    if (!hasErrno(error, 1091) && !hasErrno(error, 1146)) throw error;
  }
}

/** Adds a column, unless it is there already. */
export async function addColumn(
  db: MigrationDb,
  table: string,
  name: string,
  type: Parameters<ReturnType<MigrationDb['schema']['alterTable']>['addColumn']>[1],
  build: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder = (column) => column,
): Promise<void> {
  if (await hasColumn(db, table, name)) return;
  await db.schema.alterTable(table).addColumn(name, type, build).execute();
}

/** Takes a column away with what is in it, unless it is gone already. */
export async function dropColumn(db: MigrationDb, table: string, name: string): Promise<void> {
  if (!(await hasColumn(db, table, name))) return;
  await db.schema.alterTable(table).dropColumn(name).execute();
}

/** Whether a table has this column now. Asks for this one only: the whole of a MySQL schema takes a while to read. */
export async function hasColumn(db: MigrationDb, table: string, name: string): Promise<boolean> {
  const schema = isMysql(db) ? sql`database()` : sql`current_schema()`;
  const query = isSqlite(db)
    ? sql`select 1 from pragma_table_info(${table}) where name = ${name}`
    : sql`
        select 1 from information_schema.columns
        where table_schema = ${schema} and table_name = ${table} and column_name = ${name}`;
  return (await query.execute(db)).rows.length > 0;
}

/**
 * SQLite only: gives a table another shape, which its `alter table` cannot. `build` makes the new table under the given
 * name; `copy` says where each of its columns comes from. Indexes are made again; columns of theirs must still exist. The
 * migration names the direction in `export const rebuilds`: foreign keys are then switched off around its transaction
 * (inside one the switch does nothing, and dropping the old table would delete what points to it) and checked before the
 * end.
 */
export async function rebuildTable(
  db: MigrationDb,
  table: string,
  build: (name: string) => CreateTableBuilder<string>,
  copy: Readonly<Record<string, string | number | null | { readonly from: string }>>,
): Promise<void> {
  const fresh = `${table}_rebuilt`;
  const query = sql<{ sql: string }>`
    select sql from sqlite_master where type = 'index' and tbl_name = ${table} and sql is not null`;
  const indexes = (await query.execute(db)).rows;
  await build(fresh).execute();
  const names = sql.join(Object.keys(copy).map((name) => sql.id(name)));
  const values = sql.join(
    Object.values(copy).map((value) =>
      typeof value === 'object' && value !== null ? sql`${sql.ref(value.from)}` : sql`${value}`,
    ),
  );
  await sql`insert into ${sql.table(fresh)} (${names}) select ${values} from ${sql.table(table)}`.execute(db);
  await db.schema.dropTable(table).execute();
  await db.schema.alterTable(fresh).renameTo(table).execute();
  for (const index of indexes) await db.executeQuery(CompiledQuery.raw(index.sql));
}

/** Pause between two batches: others get their turn, and the write-ahead log its checkpoint. */
const batchPauseMs = 50;

/**
 * Runs `step` until it says that it changed nothing more. A step changes at most a few thousand rows and gives their
 * number; a backfill in one statement would hold its locks for as long as it takes.
 */
export async function inBatches(step: () => Promise<number>): Promise<void> {
  while ((await step()) > 0) await wait(batchPauseMs);
}

/** Text of up to 16 MiB: MySQL's plain `text` ends at 64 KiB. */
export function longText(db: MigrationDb) {
  return isMysql(db) ? sql`mediumtext` : ('text' as const);
}

export function isMysql(db: MigrationDb): boolean {
  return db.getExecutor().adapter instanceof MysqlAdapter;
}

export function isPostgres(db: MigrationDb): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

export function isSqlite(db: MigrationDb): boolean {
  return db.getExecutor().adapter instanceof SqliteAdapter;
}

function hasErrno(error: unknown, errno: number): boolean {
  return typeof error === 'object' && error !== null && 'errno' in error && error.errno === errno;
}
