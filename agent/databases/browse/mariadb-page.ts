import type { DatabaseTables, TableCell, TablePage } from '#shared/database-browse.ts';
import { literal, quoted } from '../../backups/dumps/client.ts';
import { charactersOf, mostTables, pageRows } from './page.ts';

/*
 * The questions of the table browser to MariaDB, and how their answers are read. Rows come in the order of the primary key,
 * each page from where the one before ended: the hundred-thousandth page costs what the first does.
 */

const name = (text: string): string => quoted('mariadb', text);
const text = (value: string): string => literal('mariadb', value);

/** `N` for NULL, otherwise `T` and the text: the client prints both NULL and the word NULL the same. */
const orNull = (value: string): string => `if(${value} is null, 'N', concat('T', ${value}))`;
const fromNullable = (value = 'N'): string | null => (value.startsWith('T') ? value.slice(1) : null);

export const tablesSql = `select table_name, table_type, ${orNull('table_rows')}, ${orNull(
  'data_length + index_length',
)}, ${orNull('engine')}, table_type = 'VIEW' and table_comment <> 'VIEW' from information_schema.tables where table_schema = database()
  order by table_name limit ${mostTables + 1}`;

export function tablesOf(rows: readonly string[][]): DatabaseTables {
  const items = rows.slice(0, mostTables).map(([table = '', type = '', count, size, storage, broken]) => ({
    name: table,
    kind: type.includes('VIEW') ? ('view' as const) : ('table' as const),
    rows: numberOrNull(fromNullable(count)),
    sizeBytes: numberOrNull(fromNullable(size)),
    storage: fromNullable(storage),
    isBroken: broken === '1',
  }));
  return { items, isCut: rows.length > mostTables };
}

const numberOrNull = (value: string | null): number | null => (value === null ? null : Number(value));

type Column = TablePage['columns'][number] & { readonly kind: string };
type Structure = Pick<TablePage, 'foreignKeys' | 'indexes'> & {
  readonly columns: Column[];
  /** Columns of the primary key in its order. */
  readonly primary: string[];
};

export function structureSql(table: string): string[] {
  const here = (prefix = ''): string => `${prefix}table_schema = database() and ${prefix}table_name = ${text(table)}`;
  return [
    `select 'column', table_name, column_name, column_type, data_type, is_nullable, column_key, ${orNull('column_default')},
       concat('T', extra) from information_schema.columns where ${here()} order by ordinal_position`,
    `select 'index', table_name, index_name, non_unique, column_name from information_schema.statistics
       where ${here()} and column_name is not null order by index_name, seq_in_index`,
    `select 'foreign', table_name, constraint_name, column_name, referenced_table_name, referenced_column_name
       from information_schema.key_column_usage
       where ${here()} and referenced_table_name is not null order by constraint_name, ordinal_position`,
  ];
}

/** The server takes names for equal that are not: only what is called exactly so counts. */
export function structureOf(rows: readonly string[][], table: string): Structure {
  const structure: Structure = { columns: [], indexes: [], foreignKeys: [], primary: [] };
  for (const [what, of, first = '', second = '', third = '', fourth = '', ...rest] of rows) {
    if (of !== table) continue;
    if (what === 'column') {
      const [key = '', given, extra = ''] = rest;
      const facts = { name: first, type: second, kind: third.toLowerCase(), isNullable: fourth === 'YES' };
      structure.columns.push({ ...facts, isKey: key === 'PRI', default: fromNullable(given), extra: extra.slice(1) });
    } else if (what === 'index') {
      const before = structure.indexes.find((each) => each.name === first);
      if (before === undefined) structure.indexes.push({ name: first, isUnique: second === '0', columns: [third] });
      else before.columns.push(third);
      if (first === 'PRIMARY') structure.primary.push(third);
    } else {
      const before = structure.foreignKeys.find((each) => each.name === first);
      if (before === undefined)
        structure.foreignKeys.push({ name: first, columns: [second], table: third, targets: [fourth] });
      else {
        before.columns.push(second);
        before.targets.push(fourth);
      }
    }
  }
  return structure;
}

const isBytes = (kind: string): boolean => /binary$|blob$/.test(kind);
const isNumber = (kind: string): boolean => /^(tinyint|smallint|mediumint|int|bigint|decimal|year)$/.test(kind);
const isShape = (kind: string): boolean =>
  /^(geometry|point|linestring|polygon|multi\w+|geometrycollection)$/.test(kind);
/** What compares the way it is sorted. Not `enum` and `set`, which are sorted by number and compared as words. */
const isInOrder = (kind: string): boolean =>
  isBytes(kind) || isNumber(kind) || /^(date|datetime|timestamp|time|char|varchar|\w*text|uuid)$/.test(kind);

/** undefined: there is no primary key that pages can go by. */
export function keyOf({ columns, primary }: Structure): Column[] | undefined {
  const key = primary.flatMap((each) => columns.find((column) => column.name === each) ?? []);
  return key.length > 0 && key.length === primary.length && key.every(({ kind }) => isInOrder(kind)) ? key : undefined;
}

function cellSql({ name: column, kind }: Column, characters: number): string {
  const value = name(column);
  const shown = isBytes(kind)
    ? `concat('B', octet_length(${value}), ':', hex(left(${value}, ${characters})))`
    : textSql(isShape(kind) ? `st_astext(${value})` : kind === 'bit' ? `bin(${value} + 0)` : value, characters);
  return `if(${value} is null, 'N', ${shown})`;
}

const textSql = (value: string, characters: number): string =>
  `concat('T', char_length(${value}), ':', left(${value}, ${characters}))`;

/** After the cells of the columns that are shown, those of the key, whole. */
export function pageSql(
  table: string,
  columns: readonly Column[],
  key: readonly Column[] | undefined,
  from: readonly string[] | null,
  order: 'down' | 'up',
): string {
  const characters = charactersOf(columns.length);
  const cells = columns.map((column) => cellSql(column, characters));
  const whole = (key ?? []).map(({ name: column, kind }) =>
    isBytes(kind) ? `hex(${name(column)})` : `concat(${name(column)})`,
  );
  const where = key === undefined || from === null ? '' : ` where ${beyond(key, from, order)}`;
  const sorted = (key ?? []).map(({ name: column }) => `${name(column)} ${order === 'up' ? 'asc' : 'desc'}`).join(', ');
  const by = sorted === '' ? '' : ` order by ${sorted}`;
  return `select ${[...cells, ...whole].join(', ')} from ${name(table)}${where}${by} limit ${pageRows + 1}`;
}

/** Written out, because the server finds no place in an index by `(a, b) > (x, y)`. */
function beyond(key: readonly Column[], from: readonly string[], order: 'down' | 'up'): string {
  const sign = order === 'up' ? '>' : '<';
  const [column, ...others] = key;
  const [value = '', ...rest] = from;
  if (column === undefined) return 'false';
  const left = name(column.name);
  const right = valueSql(column, value);
  if (others.length === 0) return `${left} ${sign} ${right}`;
  return `${left} ${sign}= ${right} and (${left} ${sign} ${right} or (${beyond(others, rest, order)}))`;
}

function valueSql({ kind }: Column, value: string): string {
  if (isBytes(kind)) return `x'${/^[0-9A-F]*$/.test(value) ? value : ''}'`;
  return isNumber(kind) && /^-?\d+(\.\d+)?$/.test(value) ? value : text(value);
}

/** As `cellSql` has them printed. */
export function cellsOf(row: readonly string[]): TableCell[] {
  return row.map((printed) => {
    if (printed === 'N') return null;
    const end = printed.indexOf(':');
    const value = printed.slice(end + 1);
    const length = Number(printed.slice(1, end));
    const isBinary = printed.startsWith('B');
    return isBinary || Array.from(value).length < length ? { text: value, isBinary, length } : value;
  });
}
