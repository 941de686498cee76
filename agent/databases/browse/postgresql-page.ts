import type { DatabaseTables, TableCell, TablePage } from '#shared/database-browse.ts';
import { quoted } from '../../backups/dumps/client.ts';
import {
  charactersOf,
  columnsShown,
  mostTables,
  pageRows,
  tableUnknown,
  type RowsPage,
  type RowsWish,
} from './page.ts';

/*
 * The questions of the table browser to PostgreSQL. Every function and operator is named with its schema: what the account
 * has made under the same name in another one is not asked.
 */

type Row = readonly (string | null)[];
type Ask = (sql: string) => Promise<Row[]>;

const name = (text: string): string => quoted('postgresql', text);
/** Whatever the account has set for backslashes. */
const text = (value: string): string => `e'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
const is = 'operator(pg_catalog.=)';

/** A table as the browser calls it: the same name is always the same table. */
const shownName = `case when n.nspname operator(pg_catalog.=) 'public' then pg_catalog.quote_ident(c.relname)
  else pg_catalog.concat(pg_catalog.quote_ident(n.nspname), '.', pg_catalog.quote_ident(c.relname)) end`;

const ordinary = `n.nspname operator(pg_catalog.!~) '^pg_' and n.nspname operator(pg_catalog.<>) 'information_schema'`;

/** Tables, partitioned ones and their parts, those of other servers, and views of both kinds, that the account may read. */
export const postgresqlTablesSql = `select ${shownName}, c.relkind, c.reltuples::bigint,
    pg_catalog.pg_total_relation_size(c.oid), am.amname
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
    left join pg_catalog.pg_am am on am.oid operator(pg_catalog.=) c.relam
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and ${ordinary}
    and pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_table_privilege(c.oid, 'select')
  order by n.nspname operator(pg_catalog.<>) 'public', n.nspname, c.relname limit ${mostTables + 1}`;

export function postgresqlTables(rows: readonly Row[]): DatabaseTables {
  const items = rows.slice(0, mostTables).map(([name, kind, count, size, storage]) => ({
    name: name ?? '',
    kind: kind === 'v' || kind === 'm' ? ('view' as const) : ('table' as const),
    // -1: it was never analysed.
    rows: kind === 'v' || Number(count) < 0 ? null : Number(count),
    sizeBytes: kind === 'v' ? null : Number(size),
    storage: storage ?? null,
    isBroken: false,
  }));
  return { items, isCut: rows.length > mostTables };
}

type Column = TablePage['columns'][number] & { readonly isBytes: boolean };
type Structure = Pick<TablePage, 'foreignKeys' | 'indexes'> & {
  /** Its name with its schema, as it stands in a statement. */
  readonly table: string;
  readonly columns: Column[];
  /** In the order of the primary key. */
  readonly key: Column[] | undefined;
};

/** One page of a table, and how it is built. */
export async function postgresqlPage(ask: Ask, { table, order, from }: RowsWish): Promise<RowsPage> {
  const structure = await structureOf(ask, table);
  const { key, indexes, foreignKeys } = structure;
  const facts = key?.map(({ name: of, type }) => ({ name: of, type }));
  const columns = structure.columns.slice(0, columnsShown);
  const found = await ask(pageSql(structure, columns, await from(facts), order));
  const rows = found.slice(0, pageRows);
  const last = found.length > pageRows && key !== undefined ? rows.at(-1) : undefined;
  return {
    columns: columns.map(({ name: of, type, isNullable, isKey, default: given, extra }) => ({
      name: of,
      type,
      isNullable,
      isKey,
      default: given,
      extra,
    })),
    columnCount: structure.columns.length,
    indexes,
    foreignKeys,
    rows: rows.map((row) => columns.map((column, at) => cellOf(column, row[at * 2] ?? null, row[at * 2 + 1] ?? null))),
    key: facts,
    lastKey: last?.slice(columns.length * 2).map((value) => value ?? ''),
  };
}

/** Throws `database_table_unknown`, also for one that the account may not read. */
async function structureOf(ask: Ask, table: string): Promise<Structure> {
  const [found] = await ask(`select c.oid, n.nspname, c.relname
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid ${is} c.relnamespace
    where ${shownName} ${is} ${text(table)} and c.relkind in ('r', 'p', 'v', 'm', 'f') and ${ordinary}
      and pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_table_privilege(c.oid, 'select')`);
  const [oid, schema, relation] = found ?? [];
  if (oid == null || schema == null || relation == null) throw tableUnknown();
  const columns = await columnsOf(ask, oid);
  const indexes = await indexesOf(ask, oid);
  const primary = indexes.find(({ isPrimary }) => isPrimary);
  const key = primary?.columns.flatMap((each) => columns.find((column) => column.name === each) ?? []);
  const isWhole = key !== undefined && key.length === primary?.columns.length;
  return {
    table: `${name(schema)}.${name(relation)}`,
    columns: columns.map((column) => ({ ...column, isKey: primary?.columns.includes(column.name) === true })),
    indexes: indexes.map(({ name: of, isUnique, columns: parts }) => ({ name: of, isUnique, columns: parts })),
    foreignKeys: await foreignKeysOf(ask, oid),
    key: isWhole ? key : undefined,
  };
}

async function columnsOf(ask: Ask, oid: string): Promise<Column[]> {
  const rows = await ask(`select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
      pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
      case when t.typtype ${is} 'd' then t.typbasetype else t.oid end
    from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid ${is} a.atttypid
      left join pg_catalog.pg_attrdef d on d.adrelid ${is} a.attrelid and d.adnum ${is} a.attnum
    where a.attrelid ${is} ${oid} and a.attnum operator(pg_catalog.>) 0 and not a.attisdropped order by a.attnum`);
  return rows.map(([of, type, isNotNull, expression, identity, generated, base]) => {
    const extras = [
      ...(identity === '' || identity === null ? [] : ['identity']),
      ...(generated === '' || generated === null ? [] : [`generated as (${expression ?? ''})`]),
    ];
    return {
      name: of ?? '',
      type: type ?? '',
      isNullable: isNotNull !== 't',
      isKey: false,
      default: generated === '' ? (expression ?? null) : null,
      extra: extras.join(' '),
      isBytes: base === bytea,
    };
  });
}

const bytea = '17';

async function indexesOf(
  ask: Ask,
  oid: string,
): Promise<(TablePage['indexes'][number] & { readonly isPrimary: boolean })[]> {
  const rows = await ask(`select c.relname, i.indisunique, i.indisprimary,
      coalesce(a.attname, pg_catalog.pg_get_indexdef(i.indexrelid, k.at::int, true))
    from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid ${is} i.indexrelid
      cross join lateral pg_catalog.unnest(i.indkey::int2[]) with ordinality as k(number, at)
      left join pg_catalog.pg_attribute a on a.attrelid ${is} i.indrelid and a.attnum ${is} k.number
        and k.number operator(pg_catalog.<>) 0
    where i.indrelid ${is} ${oid} and k.at operator(pg_catalog.<=) i.indnkeyatts order by c.relname, k.at`);
  const indexes = new Map<string, TablePage['indexes'][number] & { readonly isPrimary: boolean }>();
  for (const [index, isUnique, isPrimary, column] of rows) {
    const before = indexes.get(index ?? '');
    if (before !== undefined) before.columns.push(column ?? '');
    else
      indexes.set(index ?? '', {
        name: index ?? '',
        isUnique: isUnique === 't',
        isPrimary: isPrimary === 't',
        columns: [column ?? ''],
      });
  }
  return [...indexes.values()];
}

async function foreignKeysOf(ask: Ask, oid: string): Promise<TablePage['foreignKeys']> {
  const rows = await ask(`select f.conname, a.attname, ${shownName}, b.attname
    from pg_catalog.pg_constraint f
      cross join lateral rows from (pg_catalog.unnest(f.conkey), pg_catalog.unnest(f.confkey)) with ordinality as k(own, other, at)
      join pg_catalog.pg_attribute a on a.attrelid ${is} f.conrelid and a.attnum ${is} k.own
      join pg_catalog.pg_attribute b on b.attrelid ${is} f.confrelid and b.attnum ${is} k.other
      join pg_catalog.pg_class c on c.oid ${is} f.confrelid
      join pg_catalog.pg_namespace n on n.oid ${is} c.relnamespace
    where f.conrelid ${is} ${oid} and f.contype ${is} 'f' order by f.conname, k.at`);
  const keys = new Map<string, TablePage['foreignKeys'][number]>();
  for (const [of, column, target, targetColumn] of rows) {
    const before = keys.get(of ?? '') ?? { name: of ?? '', columns: [], table: target ?? '', targets: [] };
    before.columns.push(column ?? '');
    before.targets.push(targetColumn ?? '');
    keys.set(before.name, before);
  }
  return [...keys.values()];
}

/** For each column its beginning and its length, then the key, whole. */
function pageSql(
  { table, key = [] }: Structure,
  columns: readonly Column[],
  from: readonly string[] | null,
  order: 'down' | 'up',
): string {
  const characters = charactersOf(columns.length);
  // A bare name to sort by would be that of a result: of the key as text.
  const own = (of: string): string => `r.${name(of)}`;
  const cells = columns.flatMap(({ name: of, isBytes }) =>
    isBytes
      ? [
          `pg_catalog.upper(pg_catalog.encode(pg_catalog.substring(${own(of)}::bytea, 1, ${characters}), 'hex'))`,
          `pg_catalog.octet_length(${own(of)}::bytea)`,
        ]
      : [`pg_catalog.left(${own(of)}::text, ${characters})`, `pg_catalog.length(${own(of)}::text)`],
  );
  const whole = key.map(({ name: of }) => `${own(of)}::text`);
  const names = key.map(({ name: of }) => own(of)).join(', ');
  // Compared as the key is sorted, by operators and collation of its own types.
  const values = key.map(({ type }, at) => `${text(from?.[at] ?? '')}::${type}`).join(', ');
  const where = from === null || key.length === 0 ? '' : ` where (${names}) ${order === 'up' ? '>' : '<'} (${values})`;
  const by = key.map(({ name: of }) => `${own(of)} ${order === 'up' ? 'asc' : 'desc'}`).join(', ');
  const sorted = by === '' ? '' : ` order by ${by}`;
  return `select ${[...cells, ...whole].join(', ')} from ${table} as r${where}${sorted} limit ${pageRows + 1}`;
}

function cellOf({ isBytes }: Column, shown: string | null, length: string | null): TableCell {
  if (shown === null) return null;
  const whole = Number(length);
  return isBytes || Array.from(shown).length < whole ? { text: shown, isBinary: isBytes, length: whole } : shown;
}
