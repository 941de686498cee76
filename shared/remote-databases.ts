import { z } from 'zod';
import {
  charsetOrEncoding,
  charsetsOf,
  databaseEngines,
  databaseLocale,
  databaseName,
  databasePassword,
  databaseRemovalPreview,
  databaseUser,
  knownDatabase,
  type DatabaseEngine,
} from './databases.ts';
import { id, instant, line, type Operation } from './http.ts';
import { remoteProblems } from './remote-database-host.ts';

/*
 * Database servers on other machines: how the panel comes in there, and the databases on them. For people who see all
 * sites; others get 404, as if there were none.
 */

/** `verify`: encrypted, and the certificate is checked; `off`: whoever is in between reads along. */
export const remoteTlsModes = ['verify', 'off'] as const;
export type RemoteTlsMode = (typeof remoteTlsModes)[number];

/** Where users of new databases come in from. `here`: from this machine only; PostgreSQL says it in its own settings. */
export const remoteUsersFrom = ['here', 'any'] as const;

const checked = (field: keyof typeof remoteProblems) =>
  z.string().superRefine((text, check) => {
    const problem = remoteProblems[field](text);
    if (problem !== undefined) check.addIssue({ code: 'custom', message: problem });
  });

const place = {
  engine: z.enum(databaseEngines),
  name: line(64, 1),
  host: checked('host'),
  port: z.int().min(1).max(65_535),
  /** Name of the administrator. */
  user: checked('user'),
  tls: z.enum(remoteTlsModes),
  /** Certificates of the authority that signs the server's, as PEM; null: those that the system trusts. */
  authority: checked('authority').nullable(),
  usersFrom: z.enum(remoteUsersFrom),
};

export const remoteServer = z.object({
  serverId: id,
  ...place,
  /** As it was when the panel last came in. */
  version: z.string(),
  /** MariaDB: the host in the names of the users that the panel makes. */
  usersHost: z.string(),
  addedAt: instant,
  /** How many databases of it the panel has made. */
  databases: z.int(),
});
export type RemoteServer = z.infer<typeof remoteServer>;

/** The password: null, as it is kept, which is only for the place that it was given for. */
export const remoteServerFacts = z.strictObject({
  serverId: id,
  isNew: z.boolean(),
  /** Only try. */
  isTrial: z.boolean(),
  ...place,
  password: checked('password').nullable(),
});
export type RemoteServerFacts = z.infer<typeof remoteServerFacts>;

export const remoteServerInput = z.strictObject({
  ...place,
  authority: place.authority.default(null),
  usersFrom: place.usersFrom.default('here'),
  tls: place.tls.default('verify'),
  /** Absent: the one that is kept. */
  password: checked('password').optional(),
});

/** What was found there. */
export const remoteServerFound = z.object({ version: z.string(), isEncrypted: z.boolean() });

export const remoteDatabase = knownDatabase.omit({ siteId: true });
export type RemoteDatabase = z.infer<typeof remoteDatabase>;

export const remoteDatabases = z.object({
  server: remoteServer,
  items: z.array(remoteDatabase),
  /** Of PostgreSQL: locales that new databases can have; `C` besides. */
  locales: z.array(z.string()),
});

const isCharsetOf = (engine: DatabaseEngine, charset: string): boolean =>
  (charsetsOf[engine] as readonly string[]).includes(charset);
export const isRemoteCharset = isCharsetOf;

export const remoteDatabaseInput = z.strictObject({
  name: databaseName,
  user: databaseUser,
  /** Absent: a random one is made. */
  password: databasePassword.optional(),
  /** Of MariaDB a character set, of PostgreSQL an encoding. Absent: the usual one. */
  charset: charsetOrEncoding.optional(),
  locale: databaseLocale.nullable().default(null),
});

const confirm = z.string().regex(/^[0-9a-f]{64}$/);
const params = z.object({ serverId: id });
const databaseParams = z.object({ serverId: id, databaseId: id });
const base = '/api/v1/remote-database-servers';
const access = 'databases.manage';

export const remoteDatabasesApi = {
  listServers: {
    id: 'listRemoteDatabaseServers',
    method: 'GET',
    path: base,
    access,
    summary: 'Database servers on other machines; their passwords are never answered',
    response: z.object({ items: z.array(remoteServer) }),
  },
  addServer: {
    id: 'addRemoteDatabaseServer',
    method: 'POST',
    path: base,
    access,
    summary: 'Add a database server on another machine, tried before it is kept, after a fresh factor',
    body: remoteServerInput,
    response: remoteServer,
    status: 201,
  },
  tryServer: {
    id: 'tryRemoteDatabaseServer',
    method: 'POST',
    path: '/api/v1/remote-database-server-trials',
    access,
    summary: 'Come in to a database server on another machine and keep nothing of it, after a fresh factor',
    /** `serverId`: one that is kept, and whose password counts when none is given. */
    body: remoteServerInput.extend({ serverId: id.optional() }),
    response: remoteServerFound,
  },
  changeServer: {
    id: 'changeRemoteDatabaseServer',
    method: 'PUT',
    path: `${base}/{serverId}`,
    access,
    summary: 'Change how the panel comes in to a database server on another machine, after a fresh factor',
    params,
    body: remoteServerInput,
    response: remoteServer,
  },
  removeServer: {
    id: 'removeRemoteDatabaseServer',
    method: 'DELETE',
    path: `${base}/{serverId}`,
    access,
    summary: 'Forget a database server on another machine with its passwords; its databases stay, after a fresh factor',
    params,
    response: z.undefined(),
    status: 204,
  },
  listDatabases: {
    id: 'listRemoteDatabases',
    method: 'GET',
    path: `${base}/{serverId}/databases`,
    access,
    summary: 'Databases of a server on another machine with their sizes; says why when the panel does not come in',
    params,
    response: remoteDatabases,
  },
  createDatabase: {
    id: 'createRemoteDatabase',
    method: 'POST',
    path: `${base}/{serverId}/databases`,
    access,
    summary: 'Create a database with a user of its own on a server on another machine; both or neither',
    params,
    body: remoteDatabaseInput,
    response: z.object({ database: remoteDatabase, password: z.string() }),
    status: 201,
  },
  changePassword: {
    id: 'changeRemoteDatabasePassword',
    method: 'PUT',
    path: `${base}/{serverId}/databases/{databaseId}/password`,
    access,
    summary: "Change the password of a database's user on another machine, after a fresh factor",
    params: databaseParams,
    body: z.strictObject({ password: databasePassword.optional() }),
    response: z.object({ password: z.string() }),
  },
  previewRemoval: {
    id: 'previewRemoteDatabaseRemoval',
    method: 'GET',
    path: `${base}/{serverId}/databases/{databaseId}/removal`,
    access,
    summary: 'List what deleting a database on another machine would remove',
    params: databaseParams,
    response: databaseRemovalPreview,
  },
  removeDatabase: {
    id: 'deleteRemoteDatabase',
    method: 'POST',
    path: `${base}/{serverId}/databases/{databaseId}/removal`,
    access,
    summary: 'Delete a database on another machine with its user for good: no dump is kept; after a fresh factor',
    params: databaseParams,
    body: z.strictObject({ confirm }),
    response: z.undefined(),
    status: 204,
  },
} as const satisfies Record<string, Operation>;
