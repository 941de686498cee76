import { z } from 'zod';
import { rowsCursor, tableName } from '../database-browse.ts';
import { rowValues, rowVersion, tableRow } from '../database-rows.ts';
import { id } from '../http.ts';
import type { AgentAction } from './action.ts';

const shown = { row: rowsCursor, version: rowVersion };

export const databasesChangeRow = {
  name: 'databases.change_row',
  permission: 'databases.manage',
  ticket: 'always',
  params: z.strictObject({
    databaseId: id,
    table: tableName,
    change: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('insert'), values: rowValues }),
      z.strictObject({ kind: z.literal('update'), ...shown, values: rowValues.min(1) }),
      z.strictObject({ kind: z.literal('delete'), ...shown }),
    ]),
  }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs: 30_000,
  maxResultBytes: 1_024,
  summary: 'Add, change or delete exactly one row of a table as the user of its database, in one transaction',
} as const satisfies AgentAction;

export const databasesRow = {
  name: 'databases.row',
  permission: 'databases.manage',
  ticket: 'never',
  params: z.strictObject({ databaseId: id, table: tableName, row: rowsCursor }),
  result: tableRow,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 16 * 1024 * 1024,
  summary: 'One row of a table, read as the user of its database in a read-only session',
} as const satisfies AgentAction;
