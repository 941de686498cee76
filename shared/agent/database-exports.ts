import { z } from 'zod';
import { databaseExport, exportWish } from '../database-exports.ts';
import { id } from '../http.ts';
import type { AgentAction } from './action.ts';

const one = z.strictObject({ databaseId: id, exportId: id });
const known = databaseExport.omit({ id: true });

const reading = {
  permission: 'databases.manage',
  ticket: 'never',
  isReadOnly: true,
  timeoutMs: 30_000,
  maxResultBytes: 4 * 1024 * 1024,
} as const;

/** The same id is the same export. */
export const databasesExport = {
  ...reading,
  name: 'databases.export',
  params: one.extend(exportWish.shape),
  result: known,
  isIdempotent: true,
  summary: 'Check what shall be exported of a database and keep the wish for five minutes',
} as const satisfies AgentAction;

export const databasesExportBytes = {
  ...reading,
  name: 'databases.export_bytes',
  params: one,
  result: known,
  bytes: 'out',
  isIdempotent: false,
  summary: "Run the server's own dump program as the database's own account and hand out what it writes, once",
} as const satisfies AgentAction;

export const databasesExportState = {
  ...reading,
  name: 'databases.export_state',
  params: one,
  result: known,
  isIdempotent: true,
  timeoutMs: 10_000,
  summary: 'How far an export is, and why it broke off',
} as const satisfies AgentAction;
