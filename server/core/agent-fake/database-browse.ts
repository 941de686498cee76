import { createHash } from 'node:crypto';
import type { ColumnKind, DatabaseTables, RowFilters, TableCell, TablePage } from '#shared/database-browse.ts';
import { AppError } from '#shared/errors.ts';
import type { FakeActions } from '../agent-fake.ts';

/* What is in the databases of the fake agent: the same two tables in each, until somebody changes a row. */

const orders = 120;
const pageRows = 50;

export const fakeTables: DatabaseTables = {
  items: [
    { name: 'orders', kind: 'table', rows: orders, sizeBytes: 98_304, storage: 'InnoDB', isBroken: false },
    { name: 'settings', kind: 'table', rows: 0, sizeBytes: 16_384, storage: 'InnoDB', isBroken: false },
  ],
  isCut: false,
};

const column = (name: string, type: string, kind: ColumnKind, isKey = false): TablePage['columns'][number] => ({
  name,
  type,
  kind,
  choices: [],
  isGenerated: false,
  isSortable: isKey || name === 'total',
  isNullable: !isKey,
  isKey,
  default: null,
  extra: isKey ? 'auto_increment' : '',
});
const columns = [
  column('id', 'bigint(20) unsigned', 'integer', true),
  column('customer', 'varchar(190)', 'text'),
  column('note', 'longtext', 'text'),
  column('total', 'decimal(10,2)', 'decimal'),
  column('receipt', 'blob', 'bytes'),
];

type Row = readonly TableCell[];
/** Rows of `orders` by their key. */
type Rows = ReadonlyMap<number, Row>;

function rowOf(number: number): Row {
  const note = { text: 'تُسلّم بعد العصر '.repeat(12), isBinary: false, length: 2_400 };
  const receipt = { text: '89504E470D0A1A0A', isBinary: true, length: 8 };
  return [String(number), `عميل ${number}`, number % 3 === 0 ? note : null, '149.50', receipt];
}

const untouched: Rows = new Map(Array.from({ length: orders }, (_, at) => [at + 1, rowOf(at + 1)]));

const refOf = (number: number): string => Buffer.from(`row ${number}`).toString('base64');
const versionOf = (row: Row): string => createHash('sha256').update(JSON.stringify(row)).digest('hex');

/** Throws `database_table_unknown`. */
export function fakeRows(table: string, after: string | null, order: 'down' | 'up', all: Rows = untouched): TablePage {
  const indexes = [{ name: 'PRIMARY', isUnique: true, columns: ['id'] }];
  const common = { indexes, foreignKeys: [], hasKey: true, editing: 'possible' as const };
  if (table === 'settings')
    return { ...common, columns: columns.slice(0, 1), columnCount: 1, rows: [], refs: [], next: null };
  if (table !== 'orders')
    throw new AppError('not_found', 'There is no such table.', { reason: 'database_table_unknown' });
  const from = after === null ? 0 : Number(after);
  const numbers = [...all.keys()].sort((one, other) => (order === 'up' ? one - other : other - one));
  const end = from + pageRows;
  const shown = numbers.slice(from, end);
  return {
    ...common,
    columns,
    columnCount: columns.length,
    rows: shown.map((number) => [...(all.get(number) ?? [])]),
    refs: shown.map(refOf),
    next: end < numbers.length ? String(end) : null,
  };
}

/** As far as the screens need it: parts of what is shown. */
function matches(row: Row, { column: name, operator, value }: RowFilters[number]): boolean {
  const cell = row[columns.findIndex((each) => each.name === name)] ?? null;
  if (operator === 'null') return cell === null;
  const text = cell === null || typeof cell === 'string' ? cell : cell.text;
  return operator === 'is' ? text === value : text?.includes(value) === true;
}

type BrowseActions = Pick<
  FakeActions,
  'databases.change_row' | 'databases.row' | 'databases.rows' | 'databases.tables'
>;

/** Rows that can be changed. A value `fail_row` is refused by the server. */
export function createFakeBrowse(mustKnow: (databaseId: string) => void): BrowseActions {
  const kept = new Map<string, Map<number, Row>>();

  function rowsOf(databaseId: string): Map<number, Row> {
    mustKnow(databaseId);
    const rows = kept.get(databaseId) ?? new Map(untouched);
    kept.set(databaseId, rows);
    return rows;
  }

  function find(databaseId: string, ref: string): [number, Row] {
    const number = Number(Buffer.from(ref, 'base64').toString().replace('row ', ''));
    const row = rowsOf(databaseId).get(number);
    if (row === undefined) throw new AppError('not_found', 'This row is gone.', { reason: 'database_row_gone' });
    return [number, row];
  }

  function cellOf(name: string, value: string | null, at: number): TableCell {
    const wrong = (code: string) =>
      new AppError('invalid_request', 'A value does not fit.', { fields: [{ field: `values.${at}.value`, code }] });
    const kind = columns.find((each) => each.name === name)?.kind;
    if (kind === undefined) throw wrong('row_column_fixed');
    if (value === 'fail_row') throw new AppError('in_use', 'A rule of the table.', { reason: 'database_row_check' });
    if (value === null) return null;
    if (kind === 'decimal' && !/^-?\d+(\.\d+)?$/.test(value)) throw wrong('row_value_decimal');
    if (kind === 'integer' && !/^\d+$/.test(value)) throw wrong('row_value_integer');
    return kind === 'bytes' ? { text: value.toUpperCase(), isBinary: true, length: value.length / 2 } : value;
  }

  return {
    async 'databases.tables'({ databaseId }) {
      mustKnow(databaseId);
      return fakeTables;
    },
    async 'databases.rows'({ databaseId, table, after, order, filters }) {
      const all = [...rowsOf(databaseId)].filter(([, row]) => filters.every((filter) => matches(row, filter)));
      return fakeRows(table, after, order, new Map(all));
    },
    async 'databases.row'({ databaseId, row }) {
      const [, cells] = find(databaseId, row);
      return { columns, cells: [...cells], version: versionOf(cells) };
    },
    async 'databases.change_row'({ databaseId, change }) {
      const rows = rowsOf(databaseId);
      const given = 'values' in change ? change.values : [];
      const values = new Map(given.map(({ column: name, value }, at) => [name, cellOf(name, value, at)]));
      const [number, before] =
        change.kind === 'insert' ? [Math.max(0, ...rows.keys()) + 1, undefined] : find(databaseId, change.row);
      if (change.kind !== 'insert' && before !== undefined && versionOf(before) !== change.version)
        throw new AppError('changed_meanwhile', 'The row is different now.', { reason: 'database_row_changed' });
      if (change.kind === 'delete') rows.delete(number);
      else
        rows.set(
          number,
          columns.map(
            ({ name }, at) =>
              values.get(name) ?? (values.has(name) ? null : (before?.[at] ?? (at === 0 ? String(number) : null))),
          ),
        );
      return {};
    },
  };
}
