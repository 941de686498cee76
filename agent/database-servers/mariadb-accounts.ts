import { grantable, type AccountGrant, type Privilege } from '#shared/database-servers.ts';
import type { Where } from '../databases/engines/engine.ts';
import { wrapped } from '../databases/engines/mariadb-server.ts';
import { mariadb } from '../databases/engines/mariadb.ts';
import { nativeHash } from '../databases/seal.ts';
import {
  isSystemName,
  tableUnknown,
  type AccountRef,
  type AccountsEngine,
  type FoundAccount,
  type WantedGrant,
} from './accounts-engine.ts';

/*
 * Accounts of MariaDB, read from its own tables. Rights are words of a closed list, names are quoted, and a password is
 * given as the hash that the server keeps. Names are such as anybody with a database may have made: every statement with one
 * in it goes past the client as bytes.
 */

const { literal, quoted } = mariadb;
const is = (column: string, value: string): string => `cast(${column} as binary) = cast(${literal(value)} as binary)`;
const account = ({ name, host }: AccountRef): string => `${quoted(name)}@${quoted(host ?? '')}`;
const isAccount = ({ name, host }: AccountRef): string => `${is('user', name)} and ${is('host', host ?? '')}`;
/** In a grant `_` and `%` stand for other characters. */
const pattern = (database: string): string => database.replaceAll(/[\\_%]/g, (sign) => `\\${sign}`);
const identified = (password: string): string => `identified via mysql_native_password using '${nativeHash(password)}'`;

const ask = (where: Where, ...statements: readonly string[]): Promise<string[][]> =>
  mariadb.ask(where, statements.map(wrapped).join('\n'));

const superBit = 1 << 15;

async function list(where: Where): Promise<FoundAccount[]> {
  const rows = await ask(
    where,
    `select 'account', user, host, ifnull(json_value(priv, '$.ssl_type'), 0), ifnull(json_value(priv, '$.account_locked'), 0),
       ifnull(json_value(priv, '$.access'), 0), length(ifnull(json_value(priv, '$.authentication_string'), ''))
     from mysql.global_priv where ifnull(json_value(priv, '$.is_role'), 0) = 0 order by user, host limit 5000`,
  );
  return rows.map(([, name = '', host = '', tls, locked, access, secret]) => ({
    name,
    host,
    isSystem: isSystemName(name) || (Number(access) & superBit) !== 0,
    hasPassword: Number(secret) > 0,
    isLocked: locked === '1' || locked === 'true',
    requiresTls: tls !== '0' && tls !== '',
  }));
}

/** Columns of `mysql.db`, which are there since 10.5. */
const columns: Readonly<Record<string, Privilege>> = {
  select_priv: 'SELECT',
  insert_priv: 'INSERT',
  update_priv: 'UPDATE',
  delete_priv: 'DELETE',
  create_priv: 'CREATE',
  drop_priv: 'DROP',
  references_priv: 'REFERENCES',
  index_priv: 'INDEX',
  alter_priv: 'ALTER',
  create_tmp_table_priv: 'CREATE TEMPORARY TABLES',
  lock_tables_priv: 'LOCK TABLES',
  create_view_priv: 'CREATE VIEW',
  show_view_priv: 'SHOW VIEW',
  create_routine_priv: 'CREATE ROUTINE',
  alter_routine_priv: 'ALTER ROUTINE',
  execute_priv: 'EXECUTE',
  event_priv: 'EVENT',
  trigger_priv: 'TRIGGER',
  delete_history_priv: 'DELETE HISTORY',
};

type RawGrant = AccountGrant & { readonly ref: AccountRef; readonly raw: string };

/** Of one account, or of all. */
async function rawGrants(where: Where, of?: AccountRef): Promise<RawGrant[]> {
  const names = Object.keys(columns);
  const who = of === undefined ? 'true' : isAccount(of);
  const rows = await ask(
    where,
    `select 'server', user, host, json_value(priv, '$.access') from mysql.global_priv
       where ${who} and ifnull(json_value(priv, '$.access'), 0) <> 0`,
    `select 'database', user, host, db, grant_priv, ${names.join(', ')} from mysql.db where ${who} order by db limit 20000`,
    `select 'table', user, host, db, table_name, table_priv from mysql.tables_priv where ${who}
       order by db, table_name limit 20000`,
  );
  return rows.flatMap(([kind, name = '', host = '', raw = '', second = '', ...rest]): RawGrant[] => {
    const ref = { name, host };
    if (kind === 'server')
      return [{ ref, raw: '*', database: '*', table: null, privileges: [], canGrant: false, isEditable: false }];
    if (kind === 'table') {
      const words = (rest[0] ?? '').split(',').filter((each) => each !== '');
      const privileges = words.filter((each) => each !== 'Grant').map((each) => each.toUpperCase());
      return [
        { ref, raw, database: raw, table: second, privileges, canGrant: words.includes('Grant'), isEditable: true },
      ];
    }
    const isPattern = /(?<!\\)(?:\\\\)*%/.test(raw);
    const privileges = names.flatMap((column, index) => (rest[index] === 'Y' ? (columns[column] ?? []) : []));
    const database = isPattern ? raw : raw.replaceAll(/\\([\\_%])/g, '$1');
    return [{ ref, raw, database, table: null, privileges, canGrant: second === 'Y', isEditable: !isPattern }];
  });
}

/** Two rows of the server may speak of one database: written with `\_` and without. */
function merged(raws: readonly RawGrant[]): AccountGrant[] {
  const found = new Map<string, AccountGrant>();
  for (const { raw: _, ref: __, ...grant } of raws) {
    const key = JSON.stringify([grant.database, grant.table]);
    const before = found.get(key);
    const privileges = [...new Set([...(before?.privileges ?? []), ...grant.privileges])];
    found.set(key, { ...grant, privileges, canGrant: grant.canGrant || before?.canGrant === true });
  }
  return [...found.values()];
}

async function allGrants(where: Where): Promise<(account: AccountRef) => AccountGrant[]> {
  const keyOf = ({ name, host }: AccountRef): string => JSON.stringify([name, host]);
  const byAccount = Map.groupBy(await rawGrants(where), ({ ref }) => keyOf(ref));
  return (ref) => merged(byAccount.get(keyOf(ref)) ?? []);
}

/** What is missing is given before what is too much is taken: in between nobody loses what they keep. */
async function setGrant(where: Where, ref: AccountRef, wanted: WantedGrant): Promise<void> {
  const { database, table, privileges, canGrant } = wanted;
  if (table !== null && privileges.length > 0 && !(await hasTable(where, database, table))) throw tableUnknown();
  const before = (await rawGrants(where, ref)).filter(
    (each) => each.isEditable && each.database === database && each.table === table,
  );
  const own = table === null ? pattern(database) : database;
  const place = (raw: string): string => `${quoted(raw)}.${table === null ? '*' : quoted(table)}`;
  const to = account(ref);
  const sql: string[] = [];
  if (privileges.length > 0)
    sql.push(`grant ${privileges.join(', ')} on ${place(own)} to ${to}${canGrant ? ' with grant option' : ''}`);
  const known = new Set<string>(grantable[table === null ? 'database' : 'table'].mariadb);
  for (const { raw, privileges: had, canGrant: could } of before) {
    const kept = new Set<string>(raw === own ? privileges : []);
    const surplus = had.filter((each) => !kept.has(each) && known.has(each));
    // Newer servers have rights that are not named here: nothing means none of them, either.
    if (kept.size === 0) sql.push(`revoke all privileges on ${place(raw)} from ${to}`);
    else if (surplus.length > 0) sql.push(`revoke ${surplus.join(', ')} on ${place(raw)} from ${to}`);
    if (could && !(kept.size > 0 && canGrant)) sql.push(`revoke grant option on ${place(raw)} from ${to}`);
  }
  // Taking the last right takes the row with it, and with that the option.
  if (sql.length > 0) await ask(where, ...sql.toSorted((one, other) => rank(one) - rank(other)));
}

const rank = (sql: string): number => (sql.startsWith('grant ') ? 0 : sql.startsWith('revoke grant option ') ? 1 : 2);

async function hasTable(where: Where, database: string, table: string): Promise<boolean> {
  const sql = `select 1 from information_schema.tables where ${is('table_schema', database)} and ${is('table_name', table)}`;
  return (await ask(where, sql)).length > 0;
}

const tls = (isRequired: boolean): string => `require ${isRequired ? 'ssl' : 'none'}`;

/** Whoever is in by that name goes; those who still may come in again. The server compares hosts as text, so by name. */
const putOut = ({ name }: AccountRef): string => `kill hard user ${account({ name, host: '%' })}`;

async function create(
  where: Where,
  accounts: readonly AccountRef[],
  password: string,
  requiresTls: boolean,
): Promise<void> {
  const made = accounts.map((each) => `${account(each)} ${identified(password)}`);
  try {
    await ask(where, `create user ${made.join(', ')} ${tls(requiresTls)}`);
  } catch (error) {
    // The server makes what it can of several. What has our password is ours; another was made by somebody meanwhile.
    for (const each of accounts) {
      const isOurs = `select 1 from mysql.global_priv where ${isAccount(each)}
        and json_value(priv, '$.authentication_string') = ${literal(nativeHash(password))}`;
      if ((await ask(where, isOurs)).length > 0) await ask(where, `drop user if exists ${account(each)}`);
    }
    throw error;
  }
}

/** MariaDB's side of accounts and rights. */
export const mariadbAccounts: AccountsEngine = {
  list,
  allGrants,
  grants: async (where, ref) => merged(await rawGrants(where, ref)),
  create,
  change: async (where, ref, { host, requiresTls, isLocked }) => {
    const to = { name: ref.name, host: host ?? ref.host };
    const sql: string[] = [];
    if (to.host !== ref.host) sql.push(`rename user ${account(ref)} to ${account(to)}`);
    // What is not changed stays as it is: `require x509` is more than what can be chosen here.
    if (requiresTls !== null) sql.push(`alter user ${account(to)} ${tls(requiresTls)}`);
    if (isLocked !== null) sql.push(`alter user ${account(to)} account ${isLocked ? 'lock' : 'unlock'}`);
    if (sql.length > 0) await ask(where, ...sql, putOut(ref));
  },
  setPassword: async (where, ref, password) => {
    await ask(where, `alter user ${account(ref)} ${identified(password)}`, putOut(ref));
  },
  setGrant,
  drop: async (where, ref) => {
    await ask(where, `drop user if exists ${account(ref)}`, putOut(ref));
  },
  /** The way over the socket stays the first one: the agent and the machine's own scripts come in over it. */
  setRootPassword: async (where, password) => {
    await ask(
      where,
      `alter user root@localhost identified via unix_socket or mysql_native_password using '${nativeHash(password)}'`,
    );
  },
};
