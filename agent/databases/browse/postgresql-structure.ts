import type { ColumnKind, DatabaseTables } from '#shared/database-browse.ts';
import { quoted } from '../../backups/dumps/client.ts';
import { mostTables, tableUnknown, type Ask, type Column, type Structure } from './page.ts';

/*
 * What PostgreSQL says about tables and how one is built. Every function and operator is named with its schema: what the account
 * has made under the same name in another one is not asked.
 */

type Row = readonly (string | null)[];

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

/** Throws `database_table_unknown`, also for one that the account may not read. */
export async function postgresqlStructure(ask: Ask, table: string): Promise<Structure> {
  const [found] = await ask(`select c.oid, n.nspname, c.relname, c.relkind
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid ${is} c.relnamespace
    where ${shownName} ${is} ${text(table)} and c.relkind in ('r', 'p', 'v', 'm', 'f') and ${ordinary}
      and pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_table_privilege(c.oid, 'select')`);
  const [oid, schema, relation, relkind] = found ?? [];
  if (oid == null || schema == null || relation == null) throw tableUnknown();
  const given = await columnsOf(ask, oid);
  const indexes = await indexesOf(ask, oid);
  const primary = indexes.find(({ isPrimary }) => isPrimary);
  const firsts = new Set(indexes.flatMap(({ isOrdered, columns: [first] }) => (isOrdered ? [first] : [])));
  const columns = given.map((column) => ({
    ...column,
    isKey: primary?.columns.includes(column.name) === true,
    isSortable: firsts.has(column.name),
  }));
  const identity = [primary, ...indexes.filter(({ isIdentity }) => isIdentity)]
    .map((index) => index?.columns.map((each) => columns.find((column) => column.name === each)))
    .find((of): of is Column[] => of?.every((each) => each !== undefined && !each.isNullable) === true);
  const isTable = relkind === 'r' || relkind === 'p';
  return {
    table: `${name(schema)}.${name(relation)}`,
    columns,
    indexes: indexes.map(({ name: of, isUnique, columns: parts }) => ({ name: of, isUnique, columns: parts })),
    foreignKeys: await foreignKeysOf(ask, oid),
    identity,
    editing: relkind === 'f' ? 'storage' : !isTable ? 'view' : identity === undefined ? 'no_key' : 'possible',
  };
}

async function columnsOf(ask: Ask, oid: string): Promise<Column[]> {
  const rows = await ask(`select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
      pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
      b.oid, (select pg_catalog.json_agg(e.enumlabel order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid ${is} b.oid)
    from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid ${is} a.atttypid
      join pg_catalog.pg_type b on b.oid ${is} case when t.typtype ${is} 'd' then t.typbasetype else t.oid end
      left join pg_catalog.pg_attrdef d on d.adrelid ${is} a.attrelid and d.adnum ${is} a.attnum
    where a.attrelid ${is} ${oid} and a.attnum operator(pg_catalog.>) 0 and not a.attisdropped order by a.attnum`);
  return rows.map(([of, type, isNotNull, expression, identity, generated, base, labels]) => {
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
      kind: labels == null ? (kinds[base ?? ''] ?? 'text') : 'choice',
      choices: labels == null ? [] : (JSON.parse(labels) as string[]),
      isGenerated: (generated ?? '') !== '' || identity === 'a',
      isInOrder: true,
      isSortable: false,
    };
  });
}

/** By the numbers that the server's own types have everywhere. */
const kinds: Readonly<Record<string, ColumnKind>> = {
  16: 'boolean',
  17: 'bytes',
  20: 'integer',
  21: 'integer',
  23: 'integer',
  114: 'json',
  700: 'number',
  701: 'number',
  1082: 'date',
  1083: 'time',
  1114: 'datetime',
  1184: 'datetime',
  1266: 'time',
  1700: 'decimal',
  3802: 'json',
};

type Index = Structure['indexes'][number] & {
  readonly isPrimary: boolean;
  /** Unique at every instant, over all rows, and of columns alone. */
  readonly isIdentity: boolean;
  /** Of all rows, in the order of its columns. */
  readonly isOrdered: boolean;
};

async function indexesOf(ask: Ask, oid: string): Promise<Index[]> {
  const rows = await ask(`select c.relname, i.indisunique, i.indisprimary,
      i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null and i.indexprs is null,
      i.indisvalid and i.indpred is null and m.amname ${is} 'btree' and i.indcollation[0] ${is} (select f.attcollation
        from pg_catalog.pg_attribute f where f.attrelid ${is} i.indrelid and f.attnum ${is} i.indkey[0]),
      coalesce(a.attname, pg_catalog.pg_get_indexdef(i.indexrelid, k.at::int, true))
    from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid ${is} i.indexrelid
      join pg_catalog.pg_am m on m.oid ${is} c.relam
      cross join lateral pg_catalog.unnest(i.indkey::int2[]) with ordinality as k(number, at)
      left join pg_catalog.pg_attribute a on a.attrelid ${is} i.indrelid and a.attnum ${is} k.number
        and k.number operator(pg_catalog.<>) 0
    where i.indrelid ${is} ${oid} and k.at operator(pg_catalog.<=) i.indnkeyatts order by c.relname, k.at`);
  const indexes = new Map<string, Index>();
  for (const [index, isUnique, isPrimary, isIdentity, isOrdered, column] of rows) {
    const before = indexes.get(index ?? '');
    if (before !== undefined) before.columns.push(column ?? '');
    else
      indexes.set(index ?? '', {
        name: index ?? '',
        isUnique: isUnique === 't',
        isPrimary: isPrimary === 't',
        isIdentity: isIdentity === 't',
        isOrdered: isOrdered === 't',
        columns: [column ?? ''],
      });
  }
  return [...indexes.values()];
}

async function foreignKeysOf(ask: Ask, oid: string): Promise<Structure['foreignKeys']> {
  const rows = await ask(`select f.conname, a.attname, ${shownName}, b.attname
    from pg_catalog.pg_constraint f
      cross join lateral rows from (pg_catalog.unnest(f.conkey), pg_catalog.unnest(f.confkey)) with ordinality as k(own, other, at)
      join pg_catalog.pg_attribute a on a.attrelid ${is} f.conrelid and a.attnum ${is} k.own
      join pg_catalog.pg_attribute b on b.attrelid ${is} f.confrelid and b.attnum ${is} k.other
      join pg_catalog.pg_class c on c.oid ${is} f.confrelid
      join pg_catalog.pg_namespace n on n.oid ${is} c.relnamespace
    where f.conrelid ${is} ${oid} and f.contype ${is} 'f' order by f.conname, k.at`);
  const keys = new Map<string, Structure['foreignKeys'][number]>();
  for (const [of, column, target, targetColumn] of rows) {
    const before = keys.get(of ?? '') ?? { name: of ?? '', columns: [], table: target ?? '', targets: [] };
    before.columns.push(column ?? '');
    before.targets.push(targetColumn ?? '');
    keys.set(before.name, before);
  }
  return [...keys.values()];
}
