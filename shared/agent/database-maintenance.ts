import { checkMaintenance, maintenanceFacts } from '../database-maintenance.ts';
import { id } from '../http.ts';
import type { AgentAction } from './action.ts';
import { runState } from './databases.ts';

/** Starts (or finds) a run that outlives web process and agent; poll with `databases.run`. */
export const databasesMaintain = {
  name: 'databases.maintain',
  permission: 'databases.manage',
  ticket: 'never',
  params: checkMaintenance(maintenanceFacts.extend({ databaseId: id, runId: id })),
  result: runState,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 4 * 1_024,
  summary: "Start the upkeep of tables of a database, one statement for each, as the database's own account",
} as const satisfies AgentAction;
