import { z } from 'zod';
import { columnName, rowsCursor, tableCell, tableColumn, tableName } from './database-browse.ts';
import { id, type Operation } from './http.ts';

/*
 * Rows of a table, one at a time: each is found by its primary key (or another that is unique and never NULL), and changed
 * only while it still is what the person saw.
 */

export const rowLimits = { characters: 65_536, columns: 200 } as const;

/** null: NULL. Bytes are hexadecimal digits. Names of the errors are keys of `errors.fields`. */
const rowValue = z
  .string()
  .max(rowLimits.characters, { error: 'row_value_long' })
  .refine((text) => text.isWellFormed(), { error: 'row_value_invalid' })
  .nullable();

/** Columns that are not named stay as they are, or get what the table gives by itself. */
export const rowValues = z
  .array(z.strictObject({ column: columnName, value: rowValue }))
  .max(rowLimits.columns)
  .refine((all) => new Set(all.map(({ column }) => column)).size === all.length);
export type RowValues = z.infer<typeof rowValues>;

/** Of a row as it was shown: another one as soon as anything in it is different. */
export const rowVersion = z.string().regex(/^[0-9a-f]{64}$/);

export const tableRow = z.object({
  /** The first 200. */
  columns: z.array(tableColumn),
  cells: z.array(tableCell),
  version: rowVersion,
});
export type TableRow = z.infer<typeof tableRow>;

const params = z.object({ databaseId: id });
const shown = { table: tableName, row: rowsCursor, version: rowVersion };

export const databaseRowsApi = {
  /** 404 for a database of others, as for the following. */
  read: {
    id: 'getTableRow',
    method: 'GET',
    path: '/api/v1/databases/{databaseId}/row',
    access: 'databases.manage',
    summary: 'One row of a table with long values, and the version that a change of it names',
    params,
    query: z.object({ table: tableName, row: rowsCursor }),
    response: tableRow,
  },
  insert: {
    id: 'insertTableRow',
    method: 'POST',
    path: '/api/v1/databases/{databaseId}/rows',
    access: 'databases.manage',
    summary: "Add a row to a table as the database's own user, after a fresh factor",
    params,
    body: z.strictObject({ table: tableName, values: rowValues }),
    response: z.undefined(),
    status: 204,
  },
  update: {
    id: 'updateTableRow',
    method: 'PATCH',
    path: '/api/v1/databases/{databaseId}/row',
    access: 'databases.manage',
    summary: 'Change one row of a table, after a fresh factor; refused when it is no longer as it was shown',
    params,
    body: z.strictObject({ ...shown, values: rowValues.min(1, { error: 'required' }) }),
    response: z.undefined(),
    status: 204,
  },
  delete: {
    id: 'deleteTableRow',
    method: 'POST',
    path: '/api/v1/databases/{databaseId}/row/deletion',
    access: 'databases.manage',
    summary: 'Delete one row of a table, after a fresh factor; refused when it is no longer as it was shown',
    params,
    body: z.strictObject(shown),
    response: z.undefined(),
    status: 204,
  },
} as const satisfies Record<string, Operation>;
