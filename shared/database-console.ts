import { z } from 'zod';
import { tableCell } from './database-browse.ts';
import { id, instant, type Operation } from './http.ts';

/*
 * The SQL console: one statement at a time, either as an account that may only read or as the database's own user, within
 * limits of rows, bytes and time. Closing the connection of a request stops its statement on the database server.
 */

export const consoleLimits = {
  mostCharacters: 100_000,
  rows: { usual: 1_000, most: 10_000 },
  seconds: { usual: 30, most: 60 },
  /** Of one value, in characters or bytes; more of it is not shown. */
  cell: 32_768,
  /** Of all values of an answer, as JSON. */
  bytes: 8 * 1024 * 1024,
} as const;

/** Names of the errors are keys of `errors.fields`. */
export const consoleStatement = z
  .string()
  .regex(/\S/, { error: 'required' })
  .max(consoleLimits.mostCharacters, { error: 'console_statement_long' })
  .regex(/^[^\0]*$/, { error: 'console_statement_nul' });

export const consoleQuery = z.strictObject({
  statement: consoleStatement,
  maxRows: z.int().min(1).max(consoleLimits.rows.most).default(consoleLimits.rows.usual),
  timeoutSeconds: z.int().min(1).max(consoleLimits.seconds.most).default(consoleLimits.seconds.usual),
});

export const consoleResult = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('rows'),
    columns: z.array(z.object({ name: z.string(), type: z.string() })),
    rows: z.array(z.array(tableCell)),
    /** The limit that ended it before the last row; null: these are all rows. */
    cut: z.enum(['rows', 'bytes']).nullable(),
  }),
  z.object({ outcome: z.literal('done'), affectedRows: z.number().nullable() }),
  z.object({
    outcome: z.literal('failed'),
    /** Of the server: a number of MariaDB, five signs of PostgreSQL. */
    code: z.string(),
    message: z.string(),
    /** Where in the statement, counted in characters from 1. */
    position: z.int().nullable(),
    /** `several`: more than one statement; `reading`: it would change something and may not; `copy`: it moves files. */
    why: z.enum(['several', 'reading', 'copy', 'other']),
  }),
  /** `time`: at its limit; `cancelled`: whoever asked is gone. Stopped on the server too. */
  z.object({ outcome: z.literal('stopped'), why: z.enum(['time', 'cancelled']) }),
]);
export type ConsoleResult = z.infer<typeof consoleResult>;
export type ConsoleRows = Extract<ConsoleResult, { outcome: 'rows' }>;

export const consoleAnswer = z.object({
  /** Its first word, such as `SELECT`; `OTHER` for anything unusual. */
  kind: z.string(),
  /** More than one where a procedure answers with several. */
  results: z.array(consoleResult),
  durationMs: z.number(),
});
export type ConsoleAnswer = z.infer<typeof consoleAnswer>;

export const consoleEntry = z.object({
  statement: z.string(),
  mode: z.enum(['read', 'write']),
  at: instant,
  hasFailed: z.boolean(),
});
export type ConsoleEntry = z.infer<typeof consoleEntry>;

export const consoleHistory = z.object({ items: z.array(consoleEntry) });

const params = z.object({ databaseId: id });
const base = '/api/v1/databases/{databaseId}/console';

export const databaseConsoleApi = {
  /** 404 for a database of others, as for the following. */
  query: {
    id: 'queryDatabase',
    method: 'POST',
    path: `${base}/query`,
    access: 'databases.manage',
    summary: 'Run one reading statement as an account that cannot write, within limits of rows, bytes and time',
    params,
    body: consoleQuery,
    response: consoleAnswer,
  },
  execute: {
    id: 'executeStatement',
    method: 'POST',
    path: `${base}/execute`,
    access: 'databases.manage',
    summary:
      "Run one statement as the database's own user, after a fresh factor, within limits of rows, bytes and time",
    params,
    body: consoleQuery,
    response: consoleAnswer,
  },
  history: {
    id: 'listConsoleHistory',
    method: 'GET',
    path: `${base}/history`,
    access: 'databases.manage',
    summary: "The person's own last statements in a database; nobody else sees them",
    params,
    response: consoleHistory,
  },
  clearHistory: {
    id: 'clearConsoleHistory',
    method: 'DELETE',
    path: `${base}/history`,
    access: 'databases.manage',
    summary: "Forget the person's own statements in a database",
    params,
    response: z.undefined(),
    status: 204,
  },
} as const satisfies Record<string, Operation>;
