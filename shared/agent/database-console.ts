import { z } from 'zod';
import { consoleAnswer, consoleHistory, consoleQuery } from '../database-console.ts';
import { id } from '../http.ts';
import type { AgentAction } from './action.ts';

const params = z.strictObject({ databaseId: id, ...consoleQuery.shape });
/** A limit of the statement's own comes first; what is left is for connecting and for stopping it. */
const timeoutMs = 80_000;
const maxResultBytes = 16 * 1024 * 1024;

export const databasesClearConsole = {
  name: 'databases.clear_console',
  permission: 'databases.manage',
  ticket: 'never',
  params: z.strictObject({ databaseId: id }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 1_024,
  summary: 'Forget the statements that the acting person ran in the console of a database',
} as const satisfies AgentAction;

export const databasesConsole = {
  name: 'databases.console',
  permission: 'databases.manage',
  ticket: 'never',
  params: z.strictObject({ databaseId: id }),
  result: consoleHistory,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 4 * 1024 * 1024,
  summary: 'The statements that the acting person ran last in the console of a database, which are kept sealed',
} as const satisfies AgentAction;

export const databasesExecute = {
  name: 'databases.execute',
  permission: 'databases.manage',
  ticket: 'always',
  params,
  result: consoleAnswer,
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs,
  maxResultBytes,
  summary: 'Run one statement of SQL in a database as its own user; stopped with the request or at its limit',
} as const satisfies AgentAction;

export const databasesQuery = {
  name: 'databases.query',
  permission: 'databases.manage',
  ticket: 'never',
  params,
  result: consoleAnswer,
  isReadOnly: true,
  isIdempotent: false,
  timeoutMs,
  maxResultBytes,
  summary: 'Run one reading statement of SQL as an account that may only read, in a transaction that is taken back',
} as const satisfies AgentAction;
