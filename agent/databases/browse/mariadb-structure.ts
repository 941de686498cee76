import type { ColumnKind, DatabaseTables } from '#shared/database-browse.ts';
import { literal, quoted } from '../../backups/dumps/client.ts';
import { mostTables, tableUnknown, type Ask, type Column, type Structure } from './page.ts';

/* What MariaDB says about tables and how one is built. */

export const tablesSql = `select table_name, table_type, table_rows, data_length + index_length, engine,
    table_type = 'VIEW' and table_rows is null and table_comment <> 'VIEW' from information_schema.tables where table_schema = database()
  order by table_name limit ${mostTables + 1}`;

export function tablesOf(rows: readonly (readonly (string | null)[])[]): DatabaseTables {
  const items = rows.slice(0, mostTables).map(([table, type, count, size, storage, broken]) => ({
    name: table ?? '',
    kind: type?.includes('VIEW') === true ? ('view' as const) : ('table' as const),
    rows: numberOrNull(count),
    sizeBytes: numberOrNull(size),
    storage: storage ?? null,
    isBroken: broken === '1',
  }));
  return { items, isCut: rows.length > mostTables };
}

const numberOrNull = (value: string | null | undefined): number | null => (value == null ? null : Number(value));

/** Throws `database_table_unknown`, also for one that the account may not read. */
export async function mariadbStructure(ask: Ask, table: string): Promise<Structure> {
  const here = (prefix = ''): string =>
    `${prefix}table_schema = database() and ${prefix}table_name = ${literal('mariadb', table)}`;
  // The server takes names for equal that are not: only what is called exactly so counts.
  const about = async (sql: string): Promise<string[][]> =>
    (await ask(sql)).filter(([of]) => of === table).map((row) => row.slice(1).map((each) => each ?? ''));
  const built = (
    await ask(`select table_name, column_name, column_type, data_type, is_nullable, column_key, column_default, extra,
        character_set_name, collation_name
      from information_schema.columns where ${here()} order by ordinal_position`)
  ).flatMap(([of, ...facts]) => (of === table ? columnOf(facts) : []));
  if (built.length === 0) throw tableUnknown();
  const firsts = new Set<string>();
  const indexes: Structure['indexes'] = [];
  for (const [
    index = '',
    nonUnique,
    column = '',
    part,
  ] of await about(`select table_name, index_name, non_unique, column_name, sub_part
      from information_schema.statistics where ${here()} and column_name is not null order by index_name, seq_in_index`)) {
    const before = indexes.find(({ name }) => name === index);
    if (before === undefined) {
      indexes.push({ name: index, isUnique: nonUnique === '0', columns: [column] });
      // An index of the beginnings of texts says nothing about their order.
      if (part === '') firsts.add(column);
    } else before.columns.push(column);
  }
  const columns = built.map((column) => ({ ...column, isSortable: column.isInOrder && firsts.has(column.name) }));
  const foreignKeys: Structure['foreignKeys'] = [];
  for (const [key = '', column = '', target = '', targetColumn = ''] of await about(`select table_name, constraint_name,
      column_name, referenced_table_name, referenced_column_name from information_schema.key_column_usage
      where ${here()} and referenced_table_name is not null order by constraint_name, ordinal_position`)) {
    const before = foreignKeys.find(({ name }) => name === key);
    if (before === undefined)
      foreignKeys.push({ name: key, columns: [column], table: target, targets: [targetColumn] });
    else {
      before.columns.push(column);
      before.targets.push(targetColumn);
    }
  }
  const [[type = '', transactions = ''] = []] = await about(`select t.table_name, t.table_type, e.transactions
    from information_schema.tables t left join information_schema.engines e on e.engine = t.engine where ${here('t.')}`);
  const identity = identityOf(columns, indexes);
  const editing = type.includes('VIEW')
    ? 'view'
    : type !== 'BASE TABLE' || transactions !== 'YES'
      ? 'storage'
      : identity === undefined
        ? 'no_key'
        : 'possible';
  return { table: quoted('mariadb', table), columns, indexes, foreignKeys, identity, editing };
}

function columnOf(facts: readonly (string | null)[]): Column {
  const [name = '', type = '', kind = '', nullable = '', key = '', , extra = ''] = facts.map((each) => each ?? '');
  const [charset, collation] = facts.slice(7);
  const isConverted =
    charset != null && collation != null && charset !== 'utf8mb4' && kindOf(kind.toLowerCase()) === 'text';
  const isChoice = kind.toLowerCase() === 'enum';
  return {
    name,
    type,
    kind: kindOf(kind.toLowerCase()),
    choices: isChoice ? [...type.matchAll(/'((?:[^']|'')*)'/g)].map(([, word = '']) => word.replaceAll("''", "'")) : [],
    isGenerated: /\bGENERATED\b/i.test(extra),
    isNullable: nullable === 'YES',
    isKey: key === 'PRI',
    default: facts[5] ?? null,
    extra,
    isInOrder: isInOrder(kind.toLowerCase()),
    isSortable: false,
    ...(isConverted ? { charset: { name: charset, collation } } : {}),
  };
}

const kinds: Readonly<Record<string, ColumnKind>> = {
  bit: 'bits',
  date: 'date',
  datetime: 'datetime',
  decimal: 'decimal',
  double: 'number',
  enum: 'choice',
  float: 'number',
  time: 'time',
  timestamp: 'datetime',
  year: 'integer',
};

function kindOf(type: string): ColumnKind {
  if (/^(tiny|small|medium|big)?int$/.test(type)) return 'integer';
  if (/binary$|blob$/.test(type)) return 'bytes';
  if (/^(geometry|point|linestring|polygon|multi\w+|geometrycollection)$/.test(type)) return 'other';
  return kinds[type] ?? 'text';
}

/** Not `enum` and `set`, which are sorted by number and compared as words, nor what rounds. */
const isInOrder = (type: string): boolean =>
  /^((tiny|small|medium|big)?int|decimal|year|date|datetime|timestamp|time|char|varchar|\w*text|uuid|\w*binary|\w*blob)$/.test(
    type,
  );

/** The primary key, or else another that no two rows share. */
function identityOf(columns: readonly Column[], indexes: Structure['indexes']): Column[] | undefined {
  return [...indexes]
    .sort((one, other) => Number(other.name === 'PRIMARY') - Number(one.name === 'PRIMARY'))
    .filter(({ isUnique }) => isUnique)
    .map((index) => index.columns.map((each) => columns.find(({ name }) => name === each)))
    .find((found): found is Column[] =>
      found.every((each) => each !== undefined && !each.isNullable && (each.isInOrder || each.kind === 'choice')),
    );
}
