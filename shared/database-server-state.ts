import { z } from 'zod';
import { databaseEngines } from './databases.ts';
import type { Operation } from './http.ts';

/*
 * What a database server is doing now, and what somebody can stop of it. Statements hold what people have written into
 * them, so this is for whoever may manage the databases of all sites.
 */

/** Of MariaDB the number of the connection; of PostgreSQL the process and when it began, since numbers come again. */
export const processId = z.string().regex(/^\d{1,20}(-\d{1,20})?$/);

export const serverProcess = z.object({
  id: processId,
  user: z.string(),
  /** Empty: over the socket of this machine. */
  host: z.string(),
  database: z.string(),
  /** A statement is under way. */
  isRunning: z.boolean(),
  /** Of the statement, or since the last one ended; milliseconds. */
  sinceMs: z.number(),
  /** What the server says it is waiting for or doing, in its words. */
  state: z.string(),
  /** The first characters of it. */
  statement: z.string(),
  isCut: z.boolean(),
  /** False for threads of the server itself. */
  canEnd: z.boolean(),
});
export type ServerProcess = z.infer<typeof serverProcess>;

export const serverState = z.object({
  version: z.string(),
  /** Seconds. */
  uptime: z.number(),
  connections: z.object({ open: z.int(), running: z.int(), most: z.int(), limit: z.int() }),
  /** Of all databases, as the server counts it. */
  sizeBytes: z.number(),
  databases: z.int(),
  /** Memory for data. `hits`: the part of reads since the start that needed no disk; null: nothing was read yet. */
  cache: z.object({ sizeBytes: z.number(), hits: z.number().nullable() }),
  /** Since the start; null where the server does not count them. */
  statements: z.number().nullable(),
  slowStatements: z.number().nullable(),
  processes: z.array(serverProcess),
  /** There are more processes than are listed. */
  isCut: z.boolean(),
});
export type ServerState = z.infer<typeof serverState>;

export const processEnds = ['statement', 'connection'] as const;

const engine = z.enum(databaseEngines);
const base = '/api/v1/database-servers/{engine}';

export const databaseServerStateApi = {
  readState: {
    id: 'readDatabaseServer',
    method: 'GET',
    path: base,
    access: 'databases.manage',
    summary: 'What a database server is doing: uptime, size, connections, and who runs what',
    params: z.object({ engine }),
    response: serverState,
  },
  endProcess: {
    id: 'endDatabaseProcess',
    method: 'POST',
    path: `${base}/processes/{processId}/end`,
    access: 'databases.manage',
    summary: 'Stop the statement of a connection, or the connection itself',
    params: z.object({ engine, processId }),
    body: z.strictObject({ what: z.enum(processEnds) }),
    response: z.undefined(),
    status: 204,
  },
} as const satisfies Record<string, Operation>;
