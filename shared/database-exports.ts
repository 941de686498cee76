import { z } from 'zod';
import { tableName } from './database-browse.ts';
import { runFailure } from './databases.ts';
import { id, type Operation } from './http.ts';

/*
 * A database as a file of SQL. It comes straight from the server's own dump program and lies on no disk of the panel's, so
 * that what was asked for is had once, and asked for again when it broke off.
 */

/** As the name of the file ends. */
export const exportFormats = ['sql', 'sql.gz', 'sql.zst'] as const;

/** Behind this many it is all of them or fewer. */
export const mostExportTables = 500;

export const exportWish = z.strictObject({
  format: z.enum(exportFormats),
  what: z.enum(['all', 'structure', 'data']),
  /** Names as `listDatabaseTables` gives them; null: the whole database. */
  tables: z.array(tableName).min(1).max(mostExportTables).nullable(),
});
export type ExportWish = z.infer<typeof exportWish>;

export const databaseExport = z.object({
  id,
  fileName: z.string(),
  /** `waiting`: nobody has asked for the file yet. */
  state: z.enum(['waiting', 'running', 'succeeded', 'failed']),
  sentBytes: z.number(),
  /** Views that cannot be read any more, because what they show is gone. */
  leftOut: z.array(z.string()),
  failure: runFailure.nullable(),
});
export type DatabaseExport = z.infer<typeof databaseExport>;

const params = z.object({ databaseId: id });
const one = z.object({ databaseId: id, exportId: id });
const base = '/api/v1/databases/{databaseId}/exports';

export const databaseExportsApi = {
  begin: {
    id: 'exportDatabase',
    method: 'POST',
    path: base,
    access: 'databases.manage',
    summary:
      'Get a database, or tables of it, ready to be downloaded as SQL; the file is asked for within five minutes',
    params,
    body: exportWish,
    response: databaseExport,
    status: 201,
  },
  state: {
    id: 'readDatabaseExport',
    method: 'GET',
    path: `${base}/{exportId}`,
    access: 'databases.manage',
    summary: 'How far the download of an export is, and why it broke off',
    params: one,
    response: databaseExport,
  },
  file: {
    id: 'downloadDatabaseExport',
    method: 'GET',
    path: `${base}/{exportId}/file`,
    access: 'databases.manage',
    summary:
      'The text of an export as it is made, once; the connection breaks off when the dump does not come to its end',
    params: one,
    response: z.string(),
    textType: 'application/octet-stream',
  },
} as const satisfies Record<string, Operation>;
