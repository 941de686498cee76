import type { AccountGrant, Privilege } from '#shared/database-servers.ts';
import { AppError } from '#shared/errors.ts';
import type { Where } from '../databases/engines/engine.ts';

/** An account as the server knows it. */
export type FoundAccount = {
  readonly name: string;
  readonly host: string | null;
  readonly isSystem: boolean;
  readonly hasPassword: boolean;
  readonly isLocked: boolean;
  readonly requiresTls: boolean;
};

export type AccountRef = Pick<FoundAccount, 'host' | 'name'>;

export type WantedGrant = {
  readonly database: string;
  readonly table: string | null;
  readonly privileges: readonly Privilege[];
  readonly canGrant: boolean;
};

/** null: as it is. */
export type AccountTo = {
  readonly host: string | null;
  readonly requiresTls: boolean | null;
  readonly isLocked: boolean | null;
};

/** What differs between the servers. Accounts are such as were just found there. */
export type AccountsEngine = {
  readonly list: (where: Where) => Promise<FoundAccount[]>;
  readonly grants: (where: Where, account: AccountRef) => Promise<AccountGrant[]>;
  /** null: it would be a question to each database. */
  readonly allGrants: ((where: Where) => Promise<(account: AccountRef) => AccountGrant[]>) | null;
  readonly create: (where: Where, accounts: readonly AccountRef[], password: string, tls: boolean) => Promise<void>;
  readonly change: (where: Where, account: AccountRef, to: AccountTo) => Promise<void>;
  readonly setPassword: (where: Where, account: AccountRef, password: string) => Promise<void>;
  readonly setGrant: (where: Where, account: AccountRef, grant: WantedGrant) => Promise<void>;
  readonly drop: (where: Where, account: AccountRef) => Promise<void>;
  readonly setRootPassword: (where: Where, password: string) => Promise<void>;
};

/** Names under which servers and the system come in. */
const systemNames =
  /^(root|mysql|mariadb|mariadb\.sys|mysql\.(sys|session|infoschema)|debian-sys-maint|public|postgres|replication|aapanel(_.*)?|pg_.*)$/i;
export const isSystemName = (name: string): boolean => systemNames.test(name);

/** What the servers keep for themselves; rights on it are rights on everything. */
const systemDatabases = /^(mysql|information_schema|performance_schema|sys|postgres|template[01])$/i;
export const isSystemDatabase = (name: string): boolean => systemDatabases.test(name);

/** There is no such table to give rights on. */
export function tableUnknown(): AppError {
  return new AppError('not_found', 'There is no such table.', {
    reason: 'database_table_unknown',
    fields: [{ field: 'table', code: 'database_table_unknown' }],
  });
}
