import { z } from 'zod';
import { databaseServerSettingsApi } from './database-server-settings.ts';
import { databaseServerStateApi } from './database-server-state.ts';
import { databaseEngines, databasePassword, databaseUser, type DatabaseEngine } from './databases.ts';
import type { Operation } from './http.ts';

/*
 * The database servers of this machine themselves: who may come in and do what. For people who see all sites; others get
 * 404, as if there were none.
 */

const database = {
  mariadb: [
    'SELECT',
    'INSERT',
    'UPDATE',
    'DELETE',
    'CREATE',
    'DROP',
    'REFERENCES',
    'INDEX',
    'ALTER',
    'CREATE TEMPORARY TABLES',
    'LOCK TABLES',
    'CREATE VIEW',
    'SHOW VIEW',
    'CREATE ROUTINE',
    'ALTER ROUTINE',
    'EXECUTE',
    'EVENT',
    'TRIGGER',
    'DELETE HISTORY',
  ],
  postgresql: [
    'CONNECT',
    'TEMPORARY',
    'CREATE',
    'SELECT',
    'INSERT',
    'UPDATE',
    'DELETE',
    'TRUNCATE',
    'REFERENCES',
    'TRIGGER',
  ],
} as const satisfies Record<DatabaseEngine, readonly string[]>;

const table = {
  mariadb: [
    'SELECT',
    'INSERT',
    'UPDATE',
    'DELETE',
    'CREATE',
    'DROP',
    'REFERENCES',
    'INDEX',
    'ALTER',
    'CREATE VIEW',
    'SHOW VIEW',
    'TRIGGER',
    'DELETE HISTORY',
  ],
  postgresql: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'],
} as const satisfies Record<DatabaseEngine, readonly string[]>;

/** What can be granted on a database, and on one table of it. The words of the servers: no statement is made of others. */
export const grantable = { database, table } as const;
export type GrantLevel = keyof typeof grantable;
export const privilege = z.enum([...new Set([...database.mariadb, ...database.postgresql])]);
export type Privilege = z.infer<typeof privilege>;

const presets: Readonly<Record<GrantLevel, Record<DatabaseEngine, Record<'read' | 'write', readonly Privilege[]>>>> = {
  database: {
    mariadb: {
      read: ['SELECT', 'SHOW VIEW'],
      write: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE TEMPORARY TABLES', 'LOCK TABLES', 'SHOW VIEW', 'EXECUTE'],
    },
    postgresql: {
      read: ['CONNECT', 'SELECT'],
      write: ['CONNECT', 'TEMPORARY', 'SELECT', 'INSERT', 'UPDATE', 'DELETE'],
    },
  },
  table: {
    mariadb: { read: ['SELECT', 'SHOW VIEW'], write: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'SHOW VIEW'] },
    postgresql: { read: ['SELECT'], write: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] },
  },
};

export const grantPresets = ['none', 'read', 'write', 'all'] as const;
export type GrantPreset = (typeof grantPresets)[number];

/** The rights of a preset. */
export function presetRights(engine: DatabaseEngine, level: GrantLevel, preset: GrantPreset): readonly Privilege[] {
  if (preset === 'none') return [];
  return preset === 'all' ? grantable[level][engine] : presets[level][engine][preset];
}

/** Which preset these rights are, or that they are none. */
export function presetOf(engine: DatabaseEngine, level: GrantLevel, rights: readonly string[]): GrantPreset | 'custom' {
  const given = new Set(rights);
  const isSame = (preset: GrantPreset): boolean => {
    const wanted = presetRights(engine, level, preset);
    return wanted.length === given.size && wanted.every((each) => given.has(each));
  };
  return grantPresets.find(isSame) ?? 'custom';
}

export const rightWords = ['read', 'write', 'all', 'custom', 'tables', 'server'] as const;
/** In short what an account may do, for a list: the first databases by name, and on how many more. */
const accountRights = z.object({
  items: z.array(z.object({ database: z.string(), may: z.enum(rightWords) })),
  more: z.int(),
});
export type AccountRights = z.infer<typeof accountRights>;

const rightsShown = 6;

/** `tables`: on some tables of it alone; `server`: on everything there is. */
export function rightsOf(engine: DatabaseEngine, grants: readonly AccountGrant[]): AccountRights {
  const found = new Map<string, AccountRights['items'][number]['may']>();
  for (const { database, table, privileges } of grants) {
    const preset = presetOf(engine, 'database', privileges);
    if (database === '*') found.set(database, 'server');
    else if (table !== null) found.set(database, found.get(database) ?? 'tables');
    else if (preset !== 'none') found.set(database, preset);
  }
  const items = [...found].map(([database, may]) => ({ database, may }));
  return { items: items.slice(0, rightsShown), more: Math.max(0, items.length - rightsShown) };
}

/** `localhost`, `%` for any, an address, or an IPv4 network as `10.1.%`. */
const host =
  /^(localhost|%|(\d{1,3}\.){3}\d{1,3}|(\d{1,3}\.){1,3}%|(?=[0-9a-f:]*:)[0-9a-f:]{2,39}(:(\d{1,3}\.){3}\d{1,3})?)$/i;
const isHost = (text: string): boolean =>
  host.test(text) && (text.match(/\d+(?=\.|$)/g) ?? []).every((part) => text.includes(':') || Number(part) <= 255);
export const accountHost = z.string().max(60).refine(isHost, { error: 'database_host_invalid' });
/** The same rule for forms. */
export const hostProblem = (text: string): string | undefined => (isHost(text) ? undefined : 'database_host_invalid');
/** Reached from more than one machine. */
export const isWideHost = (text: string): boolean => text.includes('%');

export const databaseAccount = z.object({
  /** Opaque, the same as long as name and host are. */
  id: z.string(),
  name: z.string(),
  /** From where, of MariaDB; null for PostgreSQL, where pg_hba.conf says it. */
  host: z.string().nullable(),
  /** Of the server or of this machine: nothing of it is changed here. */
  isSystem: z.boolean(),
  /** The database it was made with, whose page shows and changes its password. */
  databaseId: z.string().nullable(),
  hasPassword: z.boolean(),
  isLocked: z.boolean(),
  requiresTls: z.boolean(),
});
export type DatabaseAccount = z.infer<typeof databaseAccount>;

export const listedAccount = databaseAccount.extend({
  /** null: the server does not say it of all at once; ask for the account. */
  rights: accountRights.nullable(),
});
export type ListedAccount = z.infer<typeof listedAccount>;

export const accountGrant = z.object({
  database: z.string(),
  /** null: the database with everything in it. */
  table: z.string().nullable(),
  privileges: z.array(z.string()),
  canGrant: z.boolean(),
  /** False for what the panel leaves alone: the whole server, patterns, what it owns. */
  isEditable: z.boolean(),
});
export type AccountGrant = z.infer<typeof accountGrant>;

export const accountId = z.string().regex(/^[A-Za-z0-9_-]{4,800}$/);
/** As found on the server: what is quoted is checked there. */
export const anyName = z
  .string()
  .min(1)
  .max(260)
  .refine((text) => !text.includes('\0'), { error: 'control_characters' });

export const accountCreate = z.strictObject({
  name: databaseUser,
  /** Of MariaDB: one account for each. Of PostgreSQL: none. */
  hosts: z.array(accountHost).max(20),
  password: databasePassword.optional(),
  requiresTls: z.boolean().default(false),
});

export const accountChange = z.strictObject({
  /** Absent: as it is. */
  host: accountHost.optional(),
  requiresTls: z.boolean(),
  isLocked: z.boolean(),
});

export const grantChange = z.strictObject({
  database: anyName,
  table: anyName.nullable().default(null),
  /** Exactly these from now on; none takes everything. */
  privileges: z.array(privilege).max(40),
  canGrant: z.boolean().default(false),
});

const engine = z.enum(databaseEngines);
const params = z.object({ engine });
const accountParams = z.object({ engine, accountId });
const base = '/api/v1/database-servers/{engine}';
const newPassword = z.object({ password: z.string() });

export const databaseServersApi = {
  ...databaseServerSettingsApi,
  ...databaseServerStateApi,
  listAccounts: {
    id: 'listDatabaseAccounts',
    method: 'GET',
    path: `${base}/accounts`,
    access: 'databases.manage',
    summary: 'Accounts of a database server, and the databases that they can be given rights on',
    params,
    response: z.object({ items: z.array(listedAccount), databases: z.array(z.string()) }),
  },
  readAccount: {
    id: 'readDatabaseAccount',
    method: 'GET',
    path: `${base}/accounts/{accountId}`,
    access: 'databases.manage',
    summary: 'An account of a database server with its rights on databases and tables',
    params: accountParams,
    response: z.object({ account: databaseAccount, grants: z.array(accountGrant) }),
  },
  createAccount: {
    id: 'createDatabaseAccount',
    method: 'POST',
    path: `${base}/accounts`,
    access: 'databases.manage',
    summary: 'Make an account on a database server, for one or more hosts, after a fresh factor',
    params,
    body: accountCreate,
    response: z.object({ password: z.string(), items: z.array(databaseAccount) }),
  },
  changeAccount: {
    id: 'changeDatabaseAccount',
    method: 'PUT',
    path: `${base}/accounts/{accountId}`,
    access: 'databases.manage',
    summary: 'From where an account may come in, whether over TLS only, and whether at all, after a fresh factor',
    params: accountParams,
    body: accountChange,
    response: databaseAccount,
  },
  resetAccountPassword: {
    id: 'resetDatabaseAccountPassword',
    method: 'PUT',
    path: `${base}/accounts/{accountId}/password`,
    access: 'databases.manage',
    summary: 'Give an account of a database server another password, after a fresh factor',
    params: accountParams,
    body: z.strictObject({ password: databasePassword.optional() }),
    response: newPassword,
  },
  setGrant: {
    id: 'setDatabaseGrant',
    method: 'PUT',
    path: `${base}/accounts/{accountId}/grants`,
    access: 'databases.manage',
    summary: 'Say exactly which rights an account has on a database or a table, after a fresh factor',
    params: accountParams,
    body: grantChange,
    response: z.object({ grants: z.array(accountGrant) }),
  },
  dropAccount: {
    id: 'dropDatabaseAccount',
    method: 'DELETE',
    path: `${base}/accounts/{accountId}`,
    access: 'databases.manage',
    summary: 'Delete an account of a database server, after a fresh factor',
    params: accountParams,
    response: z.undefined(),
    status: 204,
  },
  setRootPassword: {
    id: 'setDatabaseRootPassword',
    method: 'PUT',
    path: `${base}/root-password`,
    access: 'databases.manage',
    summary: 'Give the superuser of a database server a password besides its way over the socket, after a fresh factor',
    params,
    body: z.strictObject({ password: databasePassword.optional() }),
    response: newPassword,
  },
} as const satisfies Record<string, Operation>;
