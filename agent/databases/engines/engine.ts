import type { DatabaseEngine, DatabaseServer } from '#shared/databases.ts';
import { AppError } from '#shared/errors.ts';
import type { ServerAddress } from '../../backups/dumps/address.ts';
import type { Machine } from '../../core/machine.ts';
import { databasesFolder, type DatabaseRecord } from '../records.ts';

/*
 * What differs between the servers of this machine, behind one small contract. Everything above it (records, runs, the
 * recycle bin, locks) is the same for all of them.
 */

/** A server on another machine. Its names and passwords are kept below a `stateFolder` of its own. */
export type RemotePlace = {
  readonly address: Extract<ServerAddress, { kind: 'credentials' }>;
  /** MariaDB: the host in the names of users that the panel makes there. */
  readonly usersHost: string;
};

/** `remote`: absent, the server of this machine is meant. */
export type Where = Pick<Machine, 'prefix' | 'stateFolder'> & { readonly remote?: RemotePlace };

/** A database with a user of its own, as the panel makes it. */
export type Owned = Pick<DatabaseRecord, 'charset' | 'collation' | 'databaseId' | 'name' | 'user'>;

export type AskOptions = {
  /** Absent: as the superuser over the Unix socket, or as the administrator of the server elsewhere. */
  readonly address?: ServerAddress;
  /** Absent: none, or the server's own. */
  readonly database?: string;
  readonly timeoutMs?: number;
};

export type FoundDatabase = {
  readonly name: string;
  readonly charset: string;
  readonly collation: string;
  readonly sizeBytes: number;
  /** null: not known from outside of it. */
  readonly tables: number | null;
};

export type Content = {
  readonly tables: readonly string[];
  readonly rows: number;
  readonly sizeBytes: number;
  /** Routines, events and triggers too: 0 with no table means that nothing is in it. */
  readonly code: number;
  readonly connections: number;
};

/**
 * Names are quoted and values are literals in here, although their grammar was checked before. Every call that asks the
 * server throws a `database_server_*` reason when it is away or refuses.
 */
export type ServerEngine = {
  readonly engine: DatabaseEngine;
  readonly quoted: (name: string) => string;
  readonly literal: (value: string) => string;
  /** Rows, each value as text. PostgreSQL answers what `json_build_array` gives, one row a line. */
  readonly ask: (where: Where, sql: string, options?: AskOptions) => Promise<string[][]>;
  /** As somebody who has the password, the way a site connects. */
  readonly asUser: (where: Where, user: string, password: string) => ServerAddress;
  /** Never throws for a server that is away: that is a state. */
  readonly look: (where: Where) => Promise<DatabaseServer>;
  /** Every database but those that the server keeps for itself, and what a restore is just loading. */
  readonly list: (where: Where) => Promise<FoundDatabase[]>;
  readonly hasDatabase: (where: Where, name: string) => Promise<boolean>;
  /** From whatever host. */
  readonly hasUser: (where: Where, user: string) => Promise<boolean>;
  readonly content: (where: Where, database: string, user: string) => Promise<Content>;
  /** Rights that a user of ours was given by hand, besides those on its database. */
  readonly hasOtherRights: (where: Where, user: string, database: string) => Promise<boolean>;
  /** Database, user and rights. What is made before it throws is for `takeBack`. */
  readonly make: (where: Where, record: Owned, password: string) => Promise<void>;
  /** Removes what is ours of it: somebody may have made one of the same name in the same moment. */
  readonly takeBack: (where: Where, record: Owned, password: string) => Promise<void>;
  /** Comes in as a site would and makes a table, or throws. */
  readonly tryUser: (where: Where, record: Pick<Owned, 'name' | 'user'>, password: string) => Promise<void>;
  /** undefined: there is no such user. */
  readonly isPassword: (where: Where, user: string, password: string) => Promise<boolean | undefined>;
  /** A user that was dropped by hand comes back with its rights. */
  readonly setPassword: (where: Where, record: Owned, password: string) => Promise<void>;
  /** Nobody comes in with it any more, and whoever is in is put out. */
  readonly lockUser: (where: Where, user: string) => Promise<void>;
  readonly unlockUser: (where: Where, user: string) => Promise<void>;
  readonly dropDatabase: (where: Where, database: string) => Promise<void>;
  readonly dropUser: (where: Where, user: string) => Promise<void>;
  /** Of a database that is gone: what it leaves behind with a user that stays. */
  readonly takeRights: (where: Where, user: string, database: string) => Promise<void>;
  /** Before a dump is loaded that may name it. */
  readonly makeUser: (where: Where, record: Owned, password: string) => Promise<void>;
  /** A restored database is ours again, and its user comes in with the password. */
  readonly adopt: (where: Where, record: Owned, password: string) => Promise<void>;
};

export const scratchOf = (where: Pick<Machine, 'stateFolder'>, name = 'agent'): string =>
  `${databasesFolder(where)}/scratch/${name}`;

/** Says in the server itself whose a database is. */
export const markOf = (databaseId: string): string => `aapanel ${databaseId}`;

export function serverAway(cause: unknown): AppError {
  return new AppError('in_use', 'The database server does not answer.', { reason: 'database_server_away', cause });
}

export function serverMissing(): AppError {
  return new AppError('in_use', 'No database server is installed.', { reason: 'database_server_missing' });
}

export function serverDenied(cause: unknown): AppError {
  return new AppError('in_use', 'The database server does not let root in.', {
    reason: 'database_server_denied',
    cause,
  });
}

/** What the client said stays in the cause: it may hold names that are nobody's business. */
export function serverRefused(code: number | string, cause: unknown): AppError {
  return new AppError('internal', 'The database server refused a statement.', {
    reason: 'database_server_refused',
    params: { code },
    cause,
  });
}
