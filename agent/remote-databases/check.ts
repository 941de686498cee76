import { AppError } from '#shared/errors.ts';
import { type Where } from '../databases/engines/engine.ts';
import { askMariadb } from '../databases/engines/mariadb-server.ts';
import { askPostgresql } from '../databases/engines/postgresql-server.ts';

/*
 * Whether the panel can work with a server on another machine: its kind, its version, and what the administrator may do.
 */

export type Checked = {
  readonly version: string;
  readonly isEncrypted: boolean;
  /** How the server calls this machine; PostgreSQL has no hosts in the names of its users. */
  readonly ownHost: string;
};

const otherKind = (): AppError =>
  new AppError('in_use', 'This is a server that the panel does not work with.', { reason: 'remote_server_kind' });
const tooOld = (version: string, least: string): AppError =>
  new AppError('in_use', 'This version of the server is too old.', {
    reason: 'remote_server_old',
    params: { version, least },
  });
const lacking = (rights: readonly string[]): AppError =>
  new AppError('in_use', 'The administrator may not do enough there.', {
    reason: 'remote_server_rights',
    params: { rights: rights.join(', ') },
  });

/** What comes from a server is whatever its owner wants: it is shown and written into statements. */
const plainVersion = (text: string): string => /^[0-9][0-9A-Za-z.+~]{0,29}/.exec(text)?.[0] ?? '';
const hostShape = /^[A-Za-z0-9_.:-]{1,255}$/;

/** Throws `remote_server_kind`, `_old`, `_rights`, or what asking throws. */
export function checkServer(where: Where, engine: 'mariadb' | 'postgresql'): Promise<Checked> {
  return engine === 'mariadb' ? checkMariadb(where) : checkPostgresql(where);
}

/** Comments of databases came with 10.5: they say which ones are the panel's. */
const oldestMariadb = [10, 5] as const;
const neededRights = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER', 'INDEX', 'CREATE USER'];

async function checkMariadb(where: Where): Promise<Checked> {
  const rows = await askMariadb(
    where,
    `select 'server', version(), user(), current_user(); show session status like 'Ssl_cipher';`,
    { timeoutMs: 15_000 },
  );
  const [, said = '', us = '', account = ''] = rows.find(([kind]) => kind === 'server') ?? [];
  if (!/mariadb/i.test(said)) throw otherKind();
  // Behind some front ends it begins with the version of MySQL that they stand for.
  const version = plainVersion(said.replace(/^5\.5\.5-/, ''));
  const [major = 0, minor = 0] = version.split('.').map((each) => Number.parseInt(each, 10));
  if (major < oldestMariadb[0] || (major === oldestMariadb[0] && minor < oldestMariadb[1]))
    throw tooOld(version, oldestMariadb.join('.'));
  await checkRights(where, account);
  const ownHost = us.slice(us.lastIndexOf('@') + 1);
  if (!hostShape.test(ownHost)) throw otherKind();
  return { version, ownHost, isEncrypted: rows.some(([name, cipher]) => name === 'Ssl_cipher' && cipher !== '') };
}

async function checkRights(where: Where, account: string): Promise<void> {
  const at = account.lastIndexOf('@');
  const grantee = `'${account.slice(0, at)}'@'${account.slice(at + 1)}'`;
  const bytes = Buffer.from(grantee).toString('hex');
  const rows = await askMariadb(
    where,
    `select privilege_type from information_schema.user_privileges where grantee = _utf8mb4 x'${bytes}' and is_grantable = 'YES';`,
  );
  const has = new Set(rows.map(([right]) => right));
  const missing = neededRights.filter((right) => !has.has(right));
  if (has.size === 0) missing.push('GRANT OPTION');
  if (missing.length > 0) throw lacking(missing);
}

/** The first with `drop database … with (force)`. */
const oldestPostgresql = 13;

async function checkPostgresql(where: Where): Promise<Checked> {
  const [row] = await askPostgresql(
    where,
    `select json_build_array(current_setting('server_version'), current_setting('server_version_num'),
       rolsuper or rolcreatedb, rolsuper or rolcreaterole,
       coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false))
       from pg_roles where rolname = current_user;`,
    { timeoutMs: 15_000 },
  );
  const [said = '', number, mayDatabases, mayRoles, isEncrypted] = (row ?? []) as unknown[];
  const version = plainVersion(String(said));
  if (!(Number(number) > 0)) throw otherKind();
  if (Number(number) < oldestPostgresql * 10_000) throw tooOld(version, String(oldestPostgresql));
  const missing = [...(mayDatabases === true ? [] : ['CREATEDB']), ...(mayRoles === true ? [] : ['CREATEROLE'])];
  if (missing.length > 0) throw lacking(missing);
  return { version, ownHost: '', isEncrypted: isEncrypted === true };
}
