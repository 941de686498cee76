import { MysqlAdapter, sql, type ColumnDefinitionBuilder, type CreateTableBuilder, type Kysely } from 'kysely';

/*
 * For migrations. Structure changes are not undone on SQLite (in Kysely) and MySQL when a migration stops half-way, so
 * each of these can meet its own work already done.
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
    if (!isDuplicateKeyName(error)) throw error;
  }
}

/** Adds a column, unless it is there already. */
export async function addColumn(
  db: MigrationDb,
  table: string,
  name: string,
  type: 'bigint' | 'smallint' | 'text' | `varchar(${number})`,
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

async function hasColumn(db: MigrationDb, table: string, name: string): Promise<boolean> {
  const tables = await db.introspection.getTables();
  return tables.some((known) => known.name === table && known.columns.some((column) => column.name === name));
}

/** Text of up to 16 MiB: MySQL's plain `text` ends at 64 KiB. */
export function longText(db: MigrationDb) {
  return isMysql(db) ? sql`mediumtext` : ('text' as const);
}

function isMysql(db: MigrationDb): boolean {
  return db.getExecutor().adapter instanceof MysqlAdapter;
}

/** ER_DUP_KEYNAME */
function isDuplicateKeyName(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errno' in error && error.errno === 1061;
}
