import { z } from 'zod';
import { runFailure } from './databases.ts';
import { filePath } from './file-names.ts';
import { id, instant, type Operation } from './http.ts';
import { job } from './jobs.ts';

/*
 * SQL files that are put into databases. The file lies in the folder of a site and is read as its Linux user; what it asks
 * for is done with the rights of the database's own account.
 */

/** Names of files that can be loaded, as far as names tell. */
export const importNamePattern = /\.(sql|sql\.gz|sql\.zst|zip|gz|zst)$/i;

export const databaseImport = z.object({
  id,
  /** In the folder of the site. */
  path: z.string(),
  siteId: id,
  /** Of the file as it lies there; 0 until it is opened. */
  sizeBytes: z.number(),
  doneBytes: z.number(),
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
  /** Whether anything of the file came into the database. */
  hasBegun: z.boolean(),
  failure: runFailure.nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
  /** The database as it was before, while it is kept. */
  copy: z.object({ sizeBytes: z.number(), tables: z.int() }).nullable(),
});
export type DatabaseImport = z.infer<typeof databaseImport>;

const params = z.object({ databaseId: id });
const one = z.object({ databaseId: id, importId: id });
const base = '/api/v1/databases/{databaseId}/imports';

export const databaseImportsApi = {
  list: {
    id: 'listDatabaseImports',
    method: 'GET',
    path: base,
    access: 'databases.manage',
    summary: 'Imports into a database, newest first, each with the copy from before while it is kept',
    params,
    response: z.object({ items: z.array(databaseImport) }),
  },
  start: {
    id: 'importIntoDatabase',
    method: 'POST',
    path: base,
    access: 'databases.manage',
    summary: "Load a SQL file of a site into a database, with the rights of the database's own account, as a job",
    params,
    body: z.strictObject({ siteId: id, path: filePath.min(1) }),
    response: job,
    status: 202,
  },
  bringBack: {
    id: 'undoDatabaseImport',
    method: 'POST',
    path: `${base}/{importId}/undo`,
    access: 'databases.manage',
    summary: 'Put the database back as it was before an import, as a job',
    params: one,
    response: job,
    status: 202,
  },
  dropCopy: {
    id: 'deleteDatabaseImportCopy',
    method: 'DELETE',
    path: `${base}/{importId}/copy`,
    access: 'databases.manage',
    summary: 'Delete the copy from before an import; there is no way back from it then',
    params: one,
    response: z.undefined(),
    status: 204,
  },
} as const satisfies Record<string, Operation>;
