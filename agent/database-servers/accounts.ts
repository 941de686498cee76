import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { grantable, rightsOf, type AccountGrant, type DatabaseAccount } from '#shared/database-servers.ts';
import type { DatabaseEngine } from '#shared/databases.ts';
import { AppError } from '#shared/errors.ts';
import { engineOf, mustRun } from '../databases/engines/engines.ts';
import type { Where } from '../databases/engines/engine.ts';
import { listRecords, userExists } from '../databases/records.ts';
import { newPassword } from '../databases/seal.ts';
import { isSystemDatabase, type AccountsEngine, type FoundAccount } from './accounts-engine.ts';
import { mariadbAccounts } from './mariadb-accounts.ts';
import { postgresqlAccounts } from './postgresql-accounts.ts';

/*
 * Accounts of the servers. Whoever is changed was found on the server in this very call: a name is never taken from a
 * request and put into a statement, but for new ones, whose grammar is plain.
 */

const engines: Readonly<Record<DatabaseEngine, AccountsEngine>> = {
  mariadb: mariadbAccounts,
  postgresql: postgresqlAccounts,
};

type Params<N extends keyof AgentActions> = ActionParams<AgentActions[N]>;

const idOf = ({ name, host }: Pick<FoundAccount, 'host' | 'name'>): string =>
  Buffer.from(JSON.stringify([name, host])).toString('base64url');

function shown(where: Where, engine: DatabaseEngine, account: FoundAccount): DatabaseAccount {
  const isOurs = account.host === null || account.host === 'localhost';
  const record = listRecords(where).find((each) => isOurs && each.engine === engine && each.user === account.name);
  return { id: idOf(account), ...account, databaseId: record?.databaseId ?? null };
}

/** Everybody who may come in, and what they may be given rights on. Throws `database_server_*`, as all of these do. */
export async function listAccounts(
  where: Where,
  engine: DatabaseEngine,
): Promise<ActionResult<AgentActions['database_servers.list_accounts']>> {
  await mustRun(where, engine);
  const [found, databases, grants] = await Promise.all([
    engines[engine].list(where),
    engineOf({ engine }).list(where),
    engines[engine].allGrants?.(where),
  ]);
  return {
    items: found.map((account) => ({
      ...shown(where, engine, account),
      rights: grants === undefined ? null : rightsOf(engine, grants(account)),
    })),
    databases: databases.map(({ name }) => name).filter((name) => !isSystemDatabase(name)),
  };
}

type Ref = { readonly engine: DatabaseEngine; readonly accountId: string };

/** Throws `database_account_unknown`. */
async function getAccount(where: Where, { engine, accountId }: Ref): Promise<DatabaseAccount> {
  await mustRun(where, engine);
  const found = (await engines[engine].list(where)).find((each) => idOf(each) === accountId);
  if (found === undefined)
    throw new AppError('not_found', 'There is no such account.', { reason: 'database_account_unknown' });
  return shown(where, engine, found);
}

/** Throws for accounts of the system, too. */
async function getOrdinary(where: Where, ref: Ref): Promise<DatabaseAccount> {
  const account = await getAccount(where, ref);
  if (!account.isSystem) return account;
  throw new AppError('not_allowed', 'This account belongs to the server or to the system.', {
    reason: 'database_account_system',
    params: { name: account.name },
  });
}

/** Throws for accounts that belong to a database of the panel, too: their passwords are kept with it. */
async function getFree(where: Where, ref: Ref): Promise<DatabaseAccount> {
  const account = await getOrdinary(where, ref);
  if (account.databaseId === null) return account;
  throw new AppError('in_use', 'This account belongs to a database of the panel.', {
    reason: 'database_account_owned',
    params: { name: account.name },
  });
}

/** An account with all of its rights. Throws `database_account_unknown`, as all do that follow. */
export async function readAccount(
  where: Where,
  ref: Ref,
): Promise<{ account: DatabaseAccount; grants: AccountGrant[] }> {
  const account = await getAccount(where, ref);
  return { account, grants: await engines[ref.engine].grants(where, account) };
}

/** One account for each host, with the same password and without rights. Throws `database_user_exists`. */
export async function createAccount(
  where: Where,
  { engine, name, hosts, password: given, requiresTls }: Params<'database_servers.create_account'>,
): Promise<{ password: string; items: DatabaseAccount[] }> {
  await mustRun(where, engine);
  const places = engine === 'postgresql' ? [null] : [...new Set(hosts.map((host) => host.toLowerCase()))];
  if (places.length === 0 || (engine === 'postgresql' && hosts.length > 0))
    throw new AppError('invalid_request', 'The hosts are not valid.', {
      fields: [{ field: 'hosts', code: places.length === 0 ? 'required' : 'database_host_invalid' }],
    });
  const known = await engines[engine].list(where);
  const isTaken = known.some((each) => each.name === name && places.some((host) => host === each.host));
  const isRecorded = listRecords(where).some((each) => each.engine === engine && each.user === name);
  if (isTaken || isRecorded) throw userExists(name);
  const password = given ?? newPassword();
  await engines[engine].create(
    where,
    places.map((host) => ({ name, host })),
    password,
    requiresTls,
  );
  const made = (await engines[engine].list(where)).filter(
    (each) => each.name === name && places.some((host) => host === each.host),
  );
  return { password, items: made.map((account) => shown(where, engine, account)) };
}

/** Where it comes from, whether over TLS only, whether at all. */
export async function changeAccount(
  where: Where,
  { host, requiresTls, isLocked, ...ref }: Params<'database_servers.change_account'>,
): Promise<DatabaseAccount> {
  const account = host === null ? await getOrdinary(where, ref) : await getFree(where, ref);
  if (host !== null && account.host === null)
    throw new AppError('invalid_request', 'The accounts of this server have no hosts.', {
      fields: [{ field: 'host', code: 'database_host_invalid' }],
    });
  const to = { name: account.name, host: host?.toLowerCase() ?? account.host };
  if (idOf(to) !== account.id && (await engines[ref.engine].list(where)).some((each) => idOf(each) === idOf(to)))
    throw userExists(account.name);
  await engines[ref.engine].change(where, account, {
    host: to.host,
    requiresTls: requiresTls === account.requiresTls ? null : requiresTls,
    isLocked: isLocked === account.isLocked ? null : isLocked,
  });
  return await getAccount(where, { engine: ref.engine, accountId: idOf(to) });
}

/** Answers the new password, which is kept nowhere. */
export async function setAccountPassword(
  where: Where,
  { password: given, ...ref }: Params<'database_servers.set_account_password'>,
): Promise<{ password: string }> {
  const account = await getFree(where, ref);
  const password = given ?? newPassword();
  await engines[ref.engine].setPassword(where, account, password);
  return { password };
}

/** Exactly these rights there, never on what the server keeps for itself. Throws `database_grant_*`. */
export async function setGrant(
  where: Where,
  { database, table, privileges, canGrant, ...ref }: Params<'database_servers.set_grant'>,
): Promise<{ grants: AccountGrant[] }> {
  const account = await getOrdinary(where, ref);
  if (isSystemDatabase(database))
    throw new AppError('not_allowed', 'The server keeps this database for itself.', {
      reason: 'database_grant_system',
      params: { name: database },
    });
  const known: readonly string[] = grantable[table === null ? 'database' : 'table'][ref.engine];
  if (privileges.some((each) => !known.includes(each)))
    throw new AppError('invalid_request', 'There is no such right here.', {
      fields: [{ field: 'privileges', code: 'not_a_choice' }],
    });
  if (!(await engineOf(ref).hasDatabase(where, database)))
    throw new AppError('not_found', 'There is no such database.', { reason: 'database_unknown' });
  const before = await engines[ref.engine].grants(where, account);
  const whole = before.find((each) => each.database === database && each.table === null);
  // Its own database: what the site works with is not taken away here, and an owner has everything.
  if (whole?.isEditable === false || isOwn(where, ref.engine, account, database))
    throw new AppError('in_use', 'This database belongs to the account.', {
      reason: 'database_grant_owner',
      params: { name: database },
    });
  const wanted = { database, table, privileges: [...new Set(privileges)], canGrant };
  await engines[ref.engine].setGrant(where, account, wanted);
  return { grants: await engines[ref.engine].grants(where, account) };
}

function isOwn(where: Where, engine: DatabaseEngine, account: DatabaseAccount, database: string): boolean {
  return listRecords(where).some(
    (each) => each.engine === engine && each.databaseId === account.databaseId && each.name === database,
  );
}

/** What it has made stays. */
export async function dropAccount(where: Where, ref: Ref): Promise<void> {
  await engines[ref.engine].drop(where, await getFree(where, ref));
}

/** Beside the way over the socket, which stays. */
export async function setRootPassword(
  where: Where,
  { engine, password: given }: Params<'database_servers.set_root_password'>,
): Promise<{ password: string }> {
  await mustRun(where, engine);
  const password = given ?? newPassword();
  await engines[engine].setRootPassword(where, password);
  // Whoever locks themselves out of the socket locks the panel out: it is seen at once.
  await mustRun(where, engine);
  return { password };
}
