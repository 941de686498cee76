import type { DatabaseTables, TableCell, TablePage } from '#shared/database-browse.ts';
import { AppError } from '#shared/errors.ts';

/* What is in the databases of the fake agent: the same two tables in each. */

const orders = 120;
const pageRows = 50;

export const fakeTables: DatabaseTables = {
  items: [
    { name: 'orders', kind: 'table', rows: orders, sizeBytes: 98_304, storage: 'InnoDB', isBroken: false },
    { name: 'settings', kind: 'table', rows: 0, sizeBytes: 16_384, storage: 'InnoDB', isBroken: false },
  ],
  isCut: false,
};

const column = (name: string, type: string, isKey = false): TablePage['columns'][number] => ({
  name,
  type,
  isNullable: !isKey,
  isKey,
  default: null,
  extra: isKey ? 'auto_increment' : '',
});

function rowOf(number: number): TableCell[] {
  const note = { text: 'تُسلّم بعد العصر '.repeat(12), isBinary: false, length: 2_400 };
  const receipt = { text: '89504E470D0A1A0A', isBinary: true, length: 8 };
  return [String(number), `عميل ${number}`, number % 3 === 0 ? note : null, '149.50', receipt];
}

/** Throws `database_table_unknown`. */
export function fakeRows(table: string, after: string | null, order: 'down' | 'up'): TablePage {
  const indexes = [{ name: 'PRIMARY', isUnique: true, columns: ['id'] }];
  const common = { indexes, foreignKeys: [], hasKey: true };
  if (table === 'settings')
    return { ...common, columns: [column('id', 'int(11)', true)], columnCount: 1, rows: [], next: null };
  if (table !== 'orders')
    throw new AppError('not_found', 'There is no such table.', { reason: 'database_table_unknown' });
  const columns = [
    column('id', 'bigint(20) unsigned', true),
    column('customer', 'varchar(190)'),
    column('note', 'longtext'),
    column('total', 'decimal(10,2)'),
    column('receipt', 'blob'),
  ];
  const from = after === null ? 0 : Number(after);
  const numbers = Array.from({ length: orders }, (_, at) => (order === 'up' ? at + 1 : orders - at));
  const end = from + pageRows;
  const rows = numbers.slice(from, end).map(rowOf);
  return { ...common, columns, columnCount: columns.length, rows, next: end < orders ? String(end) : null };
}
