import { sql, type Kysely } from 'kysely';
import type { DatabaseConfig } from '../config.ts';

/** A database without its table types: a move knows tables by name only. */
export type AnyDb = Kysely<Record<string, Record<string, unknown>>>;
export type EngineName = DatabaseConfig['type'];

export type MoveTable = {
  readonly name: string;
  /** Sorted, so that rows of two engines compare. */
  readonly columns: readonly string[];
  /** Columns of the primary key in their order: pages are read along it. */
  readonly key: readonly string[];
  /** Tables whose rows must be there first. */
  readonly needs: readonly string[];
};

/** The history of migrations belongs to each database itself. */
const isHistory = (name: string) => name.startsWith('schema_');

/** Every table of the panel in an order in which no row comes before one that it points to. */
export async function readTables(db: AnyDb, engine: EngineName): Promise<MoveTable[]> {
  const found = await db.introspection.getTables();
  const [keys, references] = [await readKeys(db, engine), await readReferences(db, engine)];
  const tables = found
    .filter(({ name, isView }) => !isView && !isHistory(name))
    .map(({ name, columns }) => ({
      name,
      columns: columns.map((column) => column.name).toSorted(),
      key: keys.filter((key) => key.table === name).map((key) => key.column),
      needs: references.filter((each) => each.table === name && each.needs !== name).map((each) => each.needs),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return inOrder(tables);
}

function inOrder(tables: readonly MoveTable[]): MoveTable[] {
  const left = [...tables];
  const ordered: MoveTable[] = [];
  while (left.length > 0) {
    const isPlaced = (name: string) => !left.some((table) => table.name === name);
    const at = left.findIndex((table) => table.needs.every(isPlaced));
    if (at === -1) throw new Error(`tables point to each other: ${left.map(({ name }) => name).join(', ')}`);
    ordered.push(...left.splice(at, 1));
  }
  return ordered;
}

type Key = { readonly table: string; readonly column: string };

async function readKeys(db: AnyDb, engine: EngineName): Promise<Key[]> {
  const query = {
    sqlite: sql<Key>`
      select m.name as "table", i.name as "column" from sqlite_master m, pragma_table_info(m.name) i
      where m.type = 'table' and i.pk > 0 order by m.name, i.pk`,
    postgresql: sql<Key>`
      select t.relname as "table", a.attname as "column"
      from pg_constraint c
      join pg_class t on t.oid = c.conrelid
      cross join lateral unnest(c.conkey) with ordinality as k(number, place)
      join pg_attribute a on a.attrelid = t.oid and a.attnum = k.number
      where c.contype = 'p' and t.relnamespace = current_schema()::regnamespace
      order by t.relname, k.place`,
    mysql: sql<Key>`
      select table_name as ${sql.ref('table')}, column_name as ${sql.ref('column')}
      from information_schema.key_column_usage
      where table_schema = database() and constraint_name = 'PRIMARY' order by table_name, ordinal_position`,
  }[engine];
  return (await query.execute(db)).rows;
}

type Reference = { readonly table: string; readonly needs: string };

async function readReferences(db: AnyDb, engine: EngineName): Promise<Reference[]> {
  const query = {
    sqlite: sql<Reference>`
      select m.name as "table", f."table" as "needs" from sqlite_master m, pragma_foreign_key_list(m.name) f
      where m.type = 'table'`,
    postgresql: sql<Reference>`
      select t.relname as "table", r.relname as "needs" from pg_constraint c
      join pg_class t on t.oid = c.conrelid join pg_class r on r.oid = c.confrelid
      where c.contype = 'f' and t.relnamespace = current_schema()::regnamespace`,
    mysql: sql<Reference>`
      select table_name as ${sql.ref('table')}, referenced_table_name as ${sql.ref('needs')}
      from information_schema.key_column_usage
      where table_schema = database() and referenced_table_name is not null`,
  }[engine];
  return (await query.execute(db)).rows;
}

export type Row = Readonly<Record<string, unknown>>;

/** All rows along the primary key, so many at a time. */
export async function* readPages(db: AnyDb, table: MoveTable, size: number): AsyncGenerator<readonly Row[]> {
  if (table.key.length === 0) throw new Error(`the table ${table.name} has no primary key`);
  const columns = sql.join(table.columns.map((column) => sql.ref(column)));
  const key = sql.join(table.key.map((column) => sql.ref(column)));
  let last: Row | undefined;
  for (;;) {
    const after =
      last === undefined ? sql`` : sql`where (${key}) > (${sql.join(table.key.map((name) => last?.[name]))})`;
    const query = sql<Row>`select ${columns} from ${sql.table(table.name)} ${after} order by ${key} limit ${size}`;
    const { rows } = await query.execute(db);
    if (rows.length > 0) yield rows;
    if (rows.length < size) return;
    last = rows.at(-1);
  }
}
