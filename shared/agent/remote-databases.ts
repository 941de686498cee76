import { z } from 'zod';
import {
  charsetOrEncoding,
  databaseLocale,
  databaseName,
  databasePassword,
  databaseRemovalPreview,
  databaseUser,
} from '../databases.ts';
import { id } from '../http.ts';
import {
  remoteDatabase,
  remoteDatabases,
  remoteServer,
  remoteServerFacts,
  remoteServerFound,
} from '../remote-databases.ts';
import type { AgentAction } from './action.ts';

const serverRef = z.strictObject({ serverId: id });
const databaseRef = z.strictObject({ serverId: id, databaseId: id });
const changing = {
  permission: 'databases.manage',
  ticket: 'always',
  isReadOnly: false,
  timeoutMs: 120_000,
  maxResultBytes: 128 * 1024,
} as const;

export const remoteDatabasesServers = {
  name: 'remote_databases.servers',
  permission: 'databases.manage',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({ items: z.array(remoteServer) }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 8 * 1024 * 1024,
  summary: 'Database servers on other machines, as they are kept; no passwords',
} as const satisfies AgentAction;

/** Answers `server: null` for a trial. */
export const remoteDatabasesPutServer = {
  ...changing,
  name: 'remote_databases.put_server',
  params: remoteServerFacts,
  result: z.object({ server: remoteServer.nullable(), found: remoteServerFound }),
  isIdempotent: true,
  timeoutMs: 60_000,
  summary:
    'Come in to a database server on another machine and keep how; a kept password only goes where it was given for',
} as const satisfies AgentAction;

export const remoteDatabasesRemoveServer = {
  ...changing,
  name: 'remote_databases.remove_server',
  params: serverRef,
  result: z.object({ name: z.string() }),
  isIdempotent: false,
  summary: 'Forget a database server on another machine with every password that is kept of it; nothing changes there',
} as const satisfies AgentAction;

/** Brings to an end what a lost connection has left there before. */
export const remoteDatabasesList = {
  ...changing,
  name: 'remote_databases.list',
  ticket: 'never',
  params: serverRef,
  result: remoteDatabases,
  isIdempotent: true,
  maxResultBytes: 8 * 1024 * 1024,
  summary: 'Databases of a server on another machine with owner and size; no passwords',
} as const satisfies AgentAction;

/** The same id never makes a second one. */
export const remoteDatabasesCreate = {
  ...changing,
  name: 'remote_databases.create',
  ticket: 'never',
  params: serverRef.extend({
    databaseId: id,
    name: databaseName,
    user: databaseUser,
    /** null: a random one is made. */
    password: databasePassword.nullable(),
    /** null: the usual one. */
    charset: charsetOrEncoding.nullable(),
    locale: databaseLocale.nullable(),
  }),
  result: z.object({ database: remoteDatabase, password: z.string() }),
  isIdempotent: true,
  summary: 'Make a database with a user of its own on a server on another machine; both or neither',
} as const satisfies AgentAction;

export const remoteDatabasesChangePassword = {
  ...changing,
  name: 'remote_databases.change_password',
  params: databaseRef.extend({ password: databasePassword.nullable() }),
  result: z.object({ password: z.string() }),
  isIdempotent: false,
  summary: 'Give the user of a database on another machine another password, tried before it counts',
} as const satisfies AgentAction;

export const remoteDatabasesPreviewRemoval = {
  ...changing,
  name: 'remote_databases.preview_removal',
  ticket: 'never',
  params: databaseRef,
  result: databaseRemovalPreview,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 60_000,
  summary: 'What deleting a database on another machine would remove',
} as const satisfies AgentAction;

export const remoteDatabasesRemove = {
  ...changing,
  name: 'remote_databases.remove',
  params: databaseRef.extend({ confirm: z.string().regex(/^[0-9a-f]{64}$/) }),
  result: z.object({ name: z.string() }),
  isIdempotent: false,
  timeoutMs: 600_000,
  summary: 'Delete a database on another machine with its user; no dump is kept',
} as const satisfies AgentAction;
