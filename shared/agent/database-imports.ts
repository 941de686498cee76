import { z } from 'zod';
import { databaseImport } from '../database-imports.ts';
import { filePath } from '../file-names.ts';
import { id } from '../http.ts';
import type { AgentAction } from './action.ts';
import { runState } from './databases.ts';
import { slug } from './slug.ts';

const databaseRef = z.strictObject({ databaseId: id });

const changing = {
  permission: 'databases.manage',
  ticket: 'never',
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 4 * 1_024,
} as const;

/** Starts (or finds) a run that outlives web process and agent; poll with `databases.run`. */
export const databasesImport = {
  ...changing,
  name: 'databases.import',
  params: databaseRef.extend({ runId: id, site: z.strictObject({ siteId: id, slug }), path: filePath.min(1) }),
  result: runState,
  summary: "Start loading a SQL file of a site into a database, as the database's own account",
} as const satisfies AgentAction;

export const databasesImports = {
  name: 'databases.imports',
  permission: 'databases.manage',
  ticket: 'never',
  params: databaseRef,
  result: z.object({ items: z.array(databaseImport.omit({ id: true }).extend({ importId: id })) }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 256 * 1_024,
  summary: 'Imports into a database and the copies from before them',
} as const satisfies AgentAction;

export const databasesBringBack = {
  ...changing,
  name: 'databases.bring_back',
  params: databaseRef.extend({ importId: id, runId: id }),
  result: runState,
  summary: 'Start putting a database back as it was before an import',
} as const satisfies AgentAction;

export const databasesDropCopy = {
  ...changing,
  name: 'databases.drop_copy',
  params: databaseRef.extend({ importId: id }),
  result: z.object({}),
  summary: 'Delete the copy of a database from before an import',
} as const satisfies AgentAction;

/** Only imports stop; a deletion or a restore comes to its end. */
export const databasesStop = {
  ...changing,
  name: 'databases.stop',
  params: z.strictObject({ runId: id }),
  result: z.object({}),
  summary: 'Stop an import into a database',
} as const satisfies AgentAction;
