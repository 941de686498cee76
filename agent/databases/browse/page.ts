import type { RowFilters, TableCell, TableColumn, TablePage } from '#shared/database-browse.ts';
import { AppError } from '#shared/errors.ts';
import type { Bound } from '../wire/bound.ts';
import { beyond, filteredBy, type Key } from './conditions.ts';

/* What the table browser of both servers shares: how a page and a row are asked for, and how their values are read. */

export const pageRows = 50;
export const columnsShown = 200;
export const mostTables = 5_000;
const mostCharacters = 300;

/** How much of each value is shown: of many columns less, so that no page grows beyond half a million. */
export const charactersOf = (columns: number): number =>
  Math.max(40, Math.min(mostCharacters, Math.floor(500_000 / (columns * pageRows))));

export type Column = TableColumn & {
  /** It compares the way it is sorted, so pages can go by it. */
  readonly isInOrder: boolean;
  /** Of a text whose values are converted before they are compared with it, so that its index is used (MariaDB). */
  readonly charset?: { readonly name: string; readonly collation: string };
};

export type Structure = Pick<TablePage, 'editing' | 'foreignKeys' | 'indexes'> & {
  /** As it stands in a statement. */
  readonly table: string;
  readonly columns: readonly Column[];
  /** Columns that no two rows share the values of, never NULL; undefined: there are none. */
  readonly identity: readonly Column[] | undefined;
};

/** What the two servers write differently. */
export type Dialect = {
  readonly name: (of: string) => string;
  /** A value of a column in a comparison, and one that is written into it. `at` from 1. */
  readonly compared: (column: Column, at: number) => string;
  /** The same for a value that the column can hold: its index is used. */
  readonly keyed: (column: Column, at: number) => string;
  readonly placed: (at: number) => string;
  /** Where rows without a value stand when the smallest comes first. */
  readonly areNullsFirst: boolean;
  /** The beginning of a text, or any part of it, as a pattern of `value` made by `patternOf`. */
  readonly matches: (column: Column, place: string) => string;
  /** Equal, also where one of them is NULL. */
  readonly same: (left: string, right: string) => string;
  /** Finds a place in an index by `(a, b) > (x, y)`. */
  readonly comparesRows: boolean;
  readonly bound: (column: Column, value: string) => Bound;
  /** The beginning of a value and its whole length, both as text. */
  readonly cell: (column: Column, characters: number) => readonly [string, string];
  /** The whole value, as `bound` takes it. */
  readonly whole: (column: Column) => string;
  /** Different for every different value. */
  readonly digest: (column: Column) => string;
};

export type Ask = (sql: string, values?: readonly Bound[]) => Promise<readonly (string | null)[][]>;

type KeyFacts = readonly { readonly name: string; readonly type: string }[];
export const factsOf = (columns: Key | undefined): KeyFacts | undefined =>
  columns?.map(({ name, type }) => ({ name, type }));

export type RowsWish = {
  readonly order: 'down' | 'up';
  /** null: the key alone. */
  readonly sort: string | null;
  readonly filters: RowFilters;
  /** Key of the row before this page, once it is known what the key is; null: from the beginning. */
  readonly from: (key: KeyFacts | undefined) => Promise<readonly (string | null)[] | null>;
};

export type RowsPage = Omit<TablePage, 'hasKey' | 'next' | 'refs'> & {
  readonly key: KeyFacts | undefined;
  /** undefined: nothing follows, or there is no key to go on by. */
  readonly lastKey: readonly (string | null)[] | undefined;
  /** What tells each row from all others; none where rows cannot be changed. */
  readonly identities: readonly (readonly string[])[];
};

export const tableUnknown = (): AppError =>
  new AppError('not_found', 'There is no such table.', { reason: 'database_table_unknown' });

/** Throws for a column that no index begins with. */
function keyOf({ identity = [], columns }: Structure, sort: string | null): readonly Column[] | undefined {
  const key = identity.length > 0 && identity.every(({ isInOrder }) => isInOrder) ? identity : undefined;
  if (sort === null) return key;
  const first = columns.find(({ name, isSortable }) => name === sort && isSortable);
  if (first === undefined || key === undefined)
    throw new AppError('invalid_request', 'Rows cannot be sorted by this.', {
      fields: [{ field: 'sort', code: 'not_a_choice' }],
    });
  return [first, ...key.filter(({ name }) => name !== sort)];
}

/** One page of a table, and how it is built. */
export async function readPage(
  ask: Ask,
  dialect: Dialect,
  structure: Structure,
  { order, sort, filters, from }: RowsWish,
): Promise<RowsPage> {
  const { identity = [] } = structure;
  const key = keyOf(structure, sort);
  const columns = structure.columns.slice(0, columnsShown);
  const characters = charactersOf(columns.length);
  const start = await from(factsOf(key));
  const values: Bound[] = [];
  const conditions = filters.map((_, at) => filteredBy(dialect, structure.columns, filters, at, values));
  if (key !== undefined && start !== null) conditions.push(beyond(dialect, key, start, order, values));
  const where = conditions.length === 0 ? '' : ` where ${conditions.map((each) => `(${each})`).join(' and ')}`;
  const by = (key ?? []).map(({ name }) => `r.${dialect.name(name)} ${order === 'up' ? 'asc' : 'desc'}`).join(', ');
  const cells = columns.flatMap((column) => dialect.cell(column, characters));
  const whole = [...identity, ...(key ?? [])].map(dialect.whole);
  const sql = `select ${[...cells, ...whole].join(', ')} from ${structure.table} as r${where}${
    by === '' ? '' : ` order by ${by}`
  } limit ${pageRows + 1}`;
  const found = await ask(sql, values);
  const rows = found.slice(0, pageRows);
  const keyFrom = cells.length + identity.length;
  const identities =
    identity.length === 0 ? [] : rows.map((row) => row.slice(cells.length, keyFrom).map((each) => each ?? ''));
  return {
    columns: columns.map(shownColumn),
    columnCount: structure.columns.length,
    indexes: structure.indexes,
    foreignKeys: structure.foreignKeys,
    editing: structure.editing,
    rows: rows.map((row) => cellsOf(columns, row)),
    key: factsOf(key),
    lastKey: found.length > pageRows && key !== undefined ? rows.at(-1)?.slice(keyFrom) : undefined,
    identities: structure.editing === 'possible' ? identities : [],
  };
}

export function shownColumn(column: Column): TableColumn {
  const { name, type, kind, choices, isGenerated, isSortable, isNullable, isKey, default: given, extra } = column;
  return { name, type, kind, choices, isGenerated, isSortable, isNullable, isKey, default: given, extra };
}

/** As `Dialect.cell` has them. */
export function cellsOf(columns: readonly Column[], row: readonly (string | null)[]): TableCell[] {
  return columns.map(({ kind }, at) => {
    const text = row[at * 2] ?? null;
    if (text === null) return null;
    const length = Number(row[at * 2 + 1]);
    const isBinary = kind === 'bytes';
    return isBinary || Array.from(text).length < length ? { text, isBinary, length } : text;
  });
}
