import { createHash, type Hash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { DumpContent } from './scanner-facts.ts';

/** Rows and hash of every table in an order that does not depend on the file, after SQLite's own check of all of it. */
export function readSqliteContent(path: string): DumpContent {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
  try {
    checkIntegrity(database);
    const tables = listTables(database).map((name) => ({ name, ...sumTable(database, name) }));
    const count = (type: string): number =>
      Number(database.prepare('select count(*) as n from sqlite_schema where type = ?').get(type)?.['n'] ?? 0);
    return { tables, counts: { routines: 0, triggers: count('trigger'), views: count('view'), events: 0 } };
  } finally {
    database.close();
  }
}

function checkIntegrity(database: DatabaseSync): void {
  const [first, second] = database.prepare('pragma integrity_check(2)').all();
  const verdict = String(first?.['integrity_check'] ?? '');
  if (verdict !== 'ok' || second !== undefined)
    throw new Error(`the database file is damaged: ${verdict.slice(0, 200)}`);
}

/** Tables of people and the shadow tables of virtual ones; a virtual table has no rows of its own. */
function listTables(database: DatabaseSync): string[] {
  return database
    .prepare(
      `select name from sqlite_schema where type = 'table' and sql not like 'create virtual%'
        and (name not like 'sqlite\\_%' escape '\\' or name = 'sqlite_sequence') order by name`,
    )
    .all()
    .map(({ name }) => String(name));
}

function sumTable(database: DatabaseSync, name: string): { rows: number; sha256: string } {
  const quoted = `"${name.replaceAll('"', '""')}"`;
  const hash = createHash('sha256');
  // Names cannot be bound; they are quoted.
  const everyRow = `select * from ${quoted} order by ${orderOf(database, name)}`;
  const statement = database.prepare(everyRow);
  statement.setReturnArrays(true);
  statement.setReadBigInts(true);
  let rows = 0;
  for (const row of statement.iterate() as Iterable<unknown>) {
    rows += 1;
    for (const value of row as readonly unknown[]) addValue(hash, value);
  }
  return { rows, sha256: hash.digest('hex') };
}

/** By the rowid, which is the order on the disk; by the key where there is none. */
function orderOf(database: DatabaseSync, name: string): string {
  const [table] = database.prepare('select wr from pragma_table_list where name = ? and schema = ?').all(name, 'main');
  if (Number(table?.['wr'] ?? 0) === 0) {
    const columns = columnsOf(database, name).map((column) => String(column['name']).toLowerCase());
    const rowid = ['rowid', '_rowid_', 'oid'].find((alias) => !columns.includes(alias));
    return rowid ?? '1';
  }
  const key = columnsOf(database, name)
    .filter((column) => Number(column['pk']) > 0)
    .sort((a, b) => Number(a['pk']) - Number(b['pk']));
  return key.map((column) => `"${String(column['name']).replaceAll('"', '""')}"`).join(', ');
}

function columnsOf(database: DatabaseSync, name: string): Record<string, unknown>[] {
  return database.prepare('select name, pk from pragma_table_info(?)').all(name);
}

/** Type and length stand before each value, so that no two rows look alike that are not. */
function addValue(hash: Hash, value: unknown): void {
  if (value === null) return void hash.update('n;');
  if (typeof value === 'bigint') return void hash.update(`i${value};`);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9, 'f');
    bytes.writeDoubleBE(value, 1);
    return void hash.update(bytes);
  }
  const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from(value as Uint8Array);
  hash.update(`${typeof value === 'string' ? 't' : 'b'}${bytes.length}:`);
  hash.update(bytes);
}
