import { z } from 'zod';
import { databaseOwner } from '../database-changes.ts';
import { databaseName, knownDatabase } from '../databases.ts';
import { id } from '../http.ts';
import type { AgentAction } from './action.ts';
import { runState } from './databases.ts';

/** Starts (or finds) a run that outlives web process and agent; poll with `databases.run`. */
export const databasesRename = {
  name: 'databases.rename',
  permission: 'databases.manage',
  ticket: 'always',
  params: z.strictObject({ databaseId: id, runId: id, name: databaseName }),
  result: runState,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 4 * 1_024,
  summary: 'Start giving a database of the panel another name, with all that is in it and all rights on it',
} as const satisfies AgentAction;

export const databasesChangeOwner = {
  name: 'databases.change_owner',
  permission: 'databases.manage',
  ticket: 'always',
  params: z.strictObject({ databaseId: id, ...databaseOwner.shape }),
  result: knownDatabase,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 120_000,
  maxResultBytes: 16 * 1_024,
  summary: 'Give a PostgreSQL database and all that is in it to another ordinary role',
} as const satisfies AgentAction;
