import { z } from 'zod';
import { columnName, databaseTables, rowFilters, rowsCursor, tableName, tablePage } from '../database-browse.ts';
import { id } from '../http.ts';
import type { AgentAction } from './action.ts';

export const databasesRows = {
  name: 'databases.rows',
  permission: 'databases.manage',
  ticket: 'never',
  params: z.strictObject({
    databaseId: id,
    table: tableName,
    after: rowsCursor.nullable(),
    order: z.enum(['up', 'down']),
    sort: columnName.nullable(),
    filters: rowFilters,
  }),
  result: tablePage,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 16 * 1024 * 1024,
  summary: 'Columns, indexes and one page of rows of a table, read as the user of its database in a read-only session',
} as const satisfies AgentAction;

export const databasesTables = {
  name: 'databases.tables',
  permission: 'databases.manage',
  ticket: 'never',
  params: z.strictObject({ databaseId: id }),
  result: databaseTables,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 4 * 1024 * 1024,
  summary: 'Tables and views of a database with rows and sizes, read as its own user',
} as const satisfies AgentAction;
