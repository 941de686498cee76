import { z } from 'zod';
import { id, type Operation } from './http.ts';

/*
 * Looking into a database of a site: its tables, how they are built, and their rows page by page. Nothing here changes
 * anything; `database-rows.ts` does.
 */

/**
 * MariaDB: a name as the server knows it. PostgreSQL: as the server quotes it, with its schema where that is not `public`.
 * Anything but NUL.
 */
export const tableName = z
  .string()
  .min(1)
  .max(260)
  .regex(/^[^\0]+$/);

/** A column as the server knows it. */
export const columnName = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\0]+$/);

/** Where a page begins: made by the agent, sealed, and of use for nothing else. */
export const rowsCursor = z.string().regex(/^[A-Za-z0-9+/=]{1,16384}$/);

export const databaseTable = z.object({
  name: z.string(),
  kind: z.enum(['table', 'view']),
  /** As the server estimates them; null: not known. */
  rows: z.number().nullable(),
  sizeBytes: z.number().nullable(),
  storage: z.string().nullable(),
  /** A view of what is gone. */
  isBroken: z.boolean(),
});
export type DatabaseTable = z.infer<typeof databaseTable>;

export const databaseTables = z.object({
  items: z.array(databaseTable),
  /** There are more than are listed. */
  isCut: z.boolean(),
});
export type DatabaseTables = z.infer<typeof databaseTables>;

/** How a value is written, whatever the server calls its type. `other`: shown, and not written here. */
export const columnKinds = [
  'bits',
  'boolean',
  'bytes',
  'choice',
  'date',
  'datetime',
  'decimal',
  'integer',
  'json',
  'number',
  'other',
  'text',
  'time',
] as const;
export type ColumnKind = (typeof columnKinds)[number];

export const tableColumn = z.object({
  name: z.string(),
  type: z.string(),
  kind: z.enum(columnKinds),
  /** The only values of a `choice`. */
  choices: z.array(z.string()),
  /** The server makes its values: nobody writes them. */
  isGenerated: z.boolean(),
  /** An index begins with it, so pages can come in its order. */
  isSortable: z.boolean(),
  isNullable: z.boolean(),
  isKey: z.boolean(),
  /** As the server writes it; null: none. */
  default: z.string().nullable(),
  extra: z.string(),
});
export type TableColumn = z.infer<typeof tableColumn>;

export const tableIndex = z.object({ name: z.string(), isUnique: z.boolean(), columns: z.array(z.string()) });

export const tableForeignKey = z.object({
  name: z.string(),
  columns: z.array(z.string()),
  table: z.string(),
  targets: z.array(z.string()),
});

/** null: NULL. An object: bytes as hexadecimal digits, or a text of which this is only the beginning. */
export const tableCell = z.union([
  z.null(),
  z.string(),
  z.object({
    text: z.string(),
    isBinary: z.boolean(),
    /** Of the whole value, in characters or bytes. */
    length: z.number(),
  }),
]);
export type TableCell = z.infer<typeof tableCell>;

export const tablePage = z.object({
  /** The first 200. */
  columns: z.array(tableColumn),
  columnCount: z.int(),
  indexes: z.array(tableIndex),
  foreignKeys: z.array(tableForeignKey),
  rows: z.array(z.array(tableCell)),
  /** By which each of the rows is found again, in their order; none where rows cannot be changed. */
  refs: z.array(rowsCursor),
  /** Whether rows can be changed, or why not: by `storage` the table has no transactions. */
  editing: z.enum(['possible', 'view', 'no_key', 'storage']),
  /** Where the next page begins; null: this is the last, or the table has no key to go on by. */
  next: rowsCursor.nullable(),
  /** False: there is no primary or other unique key to go by, so only the first rows are shown. */
  hasKey: z.boolean(),
});
export type TablePage = z.infer<typeof tablePage>;

/** The last two have no value. `is_not` keeps rows without a value too; texts are compared as the column compares them. */
export const filterOperators = [
  'contains',
  'begins',
  'is',
  'is_not',
  'less',
  'at_most',
  'more',
  'at_least',
  'null',
  'not_null',
] as const;
export type FilterOperator = (typeof filterOperators)[number];

export const rowFilters = z
  .array(
    z.strictObject({
      column: columnName,
      operator: z.enum(filterOperators),
      /** Bytes as hexadecimal digits. */
      value: z
        .string()
        .max(1_000)
        .refine((text) => text.isWellFormed(), { error: 'row_value_invalid' }),
    }),
  )
  .max(5);
export type RowFilters = z.infer<typeof rowFilters>;

const params = z.object({ databaseId: id });

export const databaseBrowseApi = {
  /** 404 for a database of others, as for the following. */
  tables: {
    id: 'listDatabaseTables',
    method: 'GET',
    path: '/api/v1/databases/{databaseId}/tables',
    access: 'databases.manage',
    summary: 'Tables and views of a database with their rows and sizes, seen as its own user',
    params,
    response: databaseTables,
  },
  rows: {
    id: 'listTableRows',
    method: 'GET',
    path: '/api/v1/databases/{databaseId}/rows',
    access: 'databases.manage',
    summary: 'How a table is built, and one page of its rows in the order of its primary key, in a read-only session',
    params,
    query: z.object({
      table: tableName,
      /** `next` of the page before. */
      after: rowsCursor.optional(),
      order: z.enum(['up', 'down']).default('up'),
    }),
    response: tablePage,
  },
  find: {
    id: 'findTableRows',
    method: 'POST',
    path: '/api/v1/databases/{databaseId}/rows/search',
    access: 'databases.manage',
    summary: 'One page of the rows of a table that match, in the order of an indexed column, in a read-only session',
    params,
    body: z.strictObject({
      table: tableName,
      after: rowsCursor.nullable().default(null),
      order: z.enum(['up', 'down']).default('up'),
      /** null: the key. */
      sort: columnName.nullable().default(null),
      filters: rowFilters.default([]),
    }),
    response: tablePage,
  },
} as const satisfies Record<string, Operation>;
