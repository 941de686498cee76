import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import { literal, quoted } from '../../backups/dumps/client.ts';
import { isScramOf, scramOf } from '../seal.ts';
import { markOf, type Content, type FoundDatabase, type Owned, type ServerEngine, type Where } from './engine.ts';
import { askPostgresql, asPostgresUser, lookAtPostgresql } from './postgresql-server.ts';

/*
 * Everything that is said to PostgreSQL about databases of sites and their roles. A database belongs to its role, and
 * nobody else connects to it.
 */

const name = (text: string): string => quoted('postgresql', text);
const text = (value: string): string => literal('postgresql', value);
const oidOf = (database: string): string => `(select oid from pg_database where datname = ${text(database)})`;

async function is(where: Where, condition: string): Promise<boolean> {
  return (await askPostgresql(where, `select json_build_array('1') ${condition} limit 1;`)).length > 0;
}

const hasDatabase = (where: Where, database: string): Promise<boolean> =>
  is(where, `from pg_database where datname = ${text(database)}`);
const hasUser = (where: Where, user: string): Promise<boolean> =>
  is(where, `from pg_roles where rolname = ${text(user)}`);

/** The password is given as what the server would keep of it: no statement and no log ever holds the password itself. */
const asSecret = (password: string): string => `login password ${text(scramOf(password))}`;

/** A condition on the role that we come in as. */
const ourselves = 'from pg_roles where rolname = current_user and';
const isSuperuser = async (where: Where): Promise<boolean> =>
  where.remote === undefined || (await is(where, `${ourselves} rolsuper`));

/** Who is no superuser gives a database away only to a role that it is in, and does not see what is kept of passwords. */
async function makeRole(where: Where, { user, databaseId }: Owned, password: string): Promise<void> {
  const join = (await isSuperuser(where)) ? '' : `grant ${name(user)} to current_user;`;
  const mark = where.remote === undefined ? '' : `comment on role ${name(user)} is ${text(markOf(databaseId))};`;
  await askPostgresql(where, `begin; create role ${name(user)} ${asSecret(password)}; ${join} ${mark} commit;`);
}

/** Made by us for this database: the password says so, and elsewhere what is written at the role. */
async function isRoleOf(where: Where, { user, databaseId }: Owned, password: string): Promise<boolean> {
  if (where.remote === undefined) return (await isPassword(where, user, password)) === true;
  const mark = `shobj_description(oid, 'pg_authid') = ${text(markOf(databaseId))}`;
  return await is(where, `from pg_roles where rolname = ${text(user)} and ${mark}`);
}

async function make(where: Where, record: Owned, password: string): Promise<void> {
  const { charset, collation, databaseId, user } = record;
  await makeRole(where, record, password);
  await askPostgresql(
    where,
    `create database ${name(record.name)} owner ${name(user)} template template0 encoding ${text(charset)}
       lc_collate ${text(collation)} lc_ctype ${text(collation)};
     comment on database ${name(record.name)} is ${text(markOf(databaseId))};`,
    { timeoutMs: 60_000 },
  );
  await closeToOthers(where, record);
}

/** Everybody may connect to a new database, and before version 15 make tables in it. */
async function closeToOthers(where: Where, { name: database, user }: Owned): Promise<void> {
  await askPostgresql(
    where,
    `revoke all on database ${name(database)} from public;
     revoke create on schema public from public;
     grant all on schema public to ${name(user)};`,
    { database },
  );
}

const makersPatienceMs = 60_000;

/** The server goes on with the statement of a client that was killed: what it still makes must not come after the drop. */
async function endMakers(where: Where, { name: database, user }: Owned): Promise<void> {
  const isIn = (word: string): string => `position(${text(name(word))} in query) > 0`;
  const sql = `select json_build_array(pg_terminate_backend(pid)::text) from pg_stat_activity
    where pid <> pg_backend_pid() and usename = current_user and state <> 'idle' and (${isIn(database)} or ${isIn(user)});`;
  const endsAt = performance.now() + makersPatienceMs;
  while ((await askPostgresql(where, sql)).length > 0 && performance.now() < endsAt) await wait(50);
}

async function takeBack(where: Where, record: Owned, password: string): Promise<void> {
  await endMakers(where, record);
  const isRoleOurs = await isRoleOf(where, record, password);
  // A crash may have come between the database and its comment: then its owner says whose it is.
  const owner = isRoleOurs ? `or pg_get_userbyid(datdba) = ${text(record.user)}` : '';
  const isOurs = await is(
    where,
    `from pg_database where datname = ${text(record.name)}
       and (shobj_description(oid, 'pg_database') = ${text(markOf(record.databaseId))} ${owner})`,
  );
  if (isOurs) await dropDatabase(where, record.name);
  if (isRoleOurs) await dropUser(where, record.user);
}

async function isPassword(where: Where, user: string, password: string): Promise<boolean | undefined> {
  if (!(await isSuperuser(where))) return await comesIn(where, user, password);
  const sql = `select json_build_array(coalesce(rolpassword, '')) from pg_authid where rolname = ${text(user)};`;
  const [row] = await askPostgresql(where, sql);
  return row === undefined ? undefined : isScramOf(row[0] ?? '', password);
}

/** Where only superusers see what is kept of a password: it is tried. */
async function comesIn(where: Where, user: string, password: string): Promise<boolean | undefined> {
  if (!(await hasUser(where, user))) return undefined;
  try {
    await askPostgresql(where, `select json_build_array('1');`, { address: asPostgresUser(where, user, password) });
    return true;
  } catch (error) {
    if (error instanceof AppError && error.reason === 'database_server_denied') return false;
    // Somebody comes in, only not into this database.
    if (error instanceof AppError && error.params['code'] === '42501') return true;
    throw error;
  }
}

/** With the rights of the role, not those of ours: it makes a table in its database, or this throws. */
async function tryUser(
  where: Where,
  { name: database, user }: Pick<Owned, 'name' | 'user'>,
  password: string,
): Promise<void> {
  const probe = 'set search_path = public; begin; create table aapanel_probe (id int); rollback;';
  if (where.remote !== undefined) {
    await askPostgresql(where, probe, { address: asPostgresUser(where, user, password), database });
    return;
  }
  await askPostgresql(where, `set session authorization ${name(user)}; ${probe}`, { database });
}

async function setPassword(where: Where, record: Owned, password: string): Promise<void> {
  if (await hasUser(where, record.user)) {
    await askPostgresql(where, `alter role ${name(record.user)} ${asSecret(password)};`);
    return;
  }
  await makeRole(where, record, password);
  if (await hasDatabase(where, record.name)) await own(where, record);
}

async function own(where: Where, record: Owned): Promise<void> {
  const sql = `alter database ${name(record.name)} owner to ${name(record.user)};
    comment on database ${name(record.name)} is ${text(markOf(record.databaseId))};`;
  await askPostgresql(where, sql);
  await closeToOthers(where, record);
}

async function lockUser(where: Where, user: string): Promise<void> {
  if (!(await hasUser(where, user))) return;
  await askPostgresql(
    where,
    `alter role ${name(user)} nologin;
     select json_build_array(pg_terminate_backend(pid)::text) from pg_stat_activity where usename = ${text(user)};`,
  );
}

async function unlockUser(where: Where, user: string): Promise<void> {
  if (await hasUser(where, user)) await askPostgresql(where, `alter role ${name(user)} login;`);
}

async function dropDatabase(where: Where, database: string): Promise<void> {
  await askPostgresql(where, `drop database if exists ${name(database)} with (force);`, { timeoutMs: 600_000 });
}

async function dropUser(where: Where, user: string): Promise<void> {
  await askPostgresql(where, `drop role if exists ${name(user)};`);
}

/** Anything that it owns or was granted anywhere but in its database, and groups that it is in. */
function hasOtherRights(where: Where, user: string, database: string): Promise<boolean> {
  const role = `(select oid from pg_roles where rolname = ${text(user)})`;
  const own = `coalesce(${oidOf(database)}, 0)`;
  return is(
    where,
    `from (select 1 from pg_shdepend where refclassid = 'pg_authid'::regclass and refobjid = ${role}
         and not (dbid = ${own} and dbid <> 0)
         and not (dbid = 0 and classid = 'pg_database'::regclass and objid = ${own})
       union all select 1 from pg_auth_members where ${role} in (member, roleid)
         and member <> coalesce((select oid ${ourselves} not rolsuper), 0)) as rights`,
  );
}

const ownSchemas = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;
/** What an extension has brought belongs to the extension. */
const madeByHand = (catalog: string, alias: string): string =>
  `not exists (select 1 from pg_depend where classid = '${catalog}'::regclass and objid = ${alias}.oid and deptype = 'e')`;

async function content(where: Where, database: string, user: string): Promise<Content> {
  const rows = await askPostgresql(
    where,
    `select json_build_array('table', case when n.nspname = 'public' then '' else n.nspname || '.' end || c.relname,
         greatest(c.reltuples, 0)::bigint::text, pg_total_relation_size(c.oid)::text)
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p', 'v', 'm', 'f') and ${ownSchemas} order by 1::text;
     select json_build_array('code', (
         (select count(*) from pg_proc c join pg_namespace n on n.oid = c.pronamespace where ${ownSchemas} and ${madeByHand('pg_proc', 'c')})
       + (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'S' and ${ownSchemas})
       + (select count(*) from pg_type c join pg_namespace n on n.oid = c.typnamespace where c.typtype in ('d', 'e', 'r') and ${ownSchemas})
       + (select count(*) from pg_namespace n where n.nspname <> 'public' and ${ownSchemas})
       + (select count(*) from pg_extension where extname <> 'plpgsql')
       + (select count(*) from pg_largeobject_metadata))::text);
     select json_build_array('connections', (select count(*) from pg_stat_activity where usename = ${text(user)})::text);`,
    { database },
  );
  const tables = rows.filter(([kind]) => kind === 'table');
  const numberOf = (kind: string): number => Number(rows.find(([each]) => each === kind)?.[1] ?? 0);
  const sum = (column: number): number => tables.reduce((all, row) => all + Number(row[column] ?? 0), 0);
  return {
    tables: tables.flatMap(([, table]) => table ?? []),
    rows: sum(2),
    sizeBytes: sum(3),
    code: numberOf('code'),
    connections: numberOf('connections'),
  };
}

async function list(where: Where): Promise<FoundDatabase[]> {
  const rows = await askPostgresql(
    where,
    `select json_build_array(datname, pg_encoding_to_char(encoding),
         coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale', datcollate),
         case when has_database_privilege(oid, 'connect') then pg_database_size(oid)::text end)
       from pg_database d where not datistemplate and datname <> 'postgres'
         and datname !~ '^aapanel_(new|old)_[0-9a-f]{12}$' order by datname;`,
  );
  // How many tables are in another database, nobody can say from here.
  return rows.map(([database = '', charset = '', collation = '', size]) => ({
    name: database,
    charset,
    collation,
    sizeBytes: Number(size ?? 0),
    tables: null,
  }));
}

export const postgresql: ServerEngine = {
  engine: 'postgresql',
  quoted: name,
  literal: text,
  ask: askPostgresql,
  asUser: asPostgresUser,
  look: lookAtPostgresql,
  list,
  hasDatabase,
  hasUser,
  content,
  hasOtherRights,
  make,
  takeBack,
  tryUser,
  isPassword,
  setPassword,
  lockUser,
  unlockUser,
  dropDatabase,
  dropUser,
  takeRights: () => Promise.resolve(),
  /** What is loaded names its owner: with a role of that name there, none is made in its place. */
  makeUser: async (where, { user }, password) => {
    if (!(await hasUser(where, user))) await askPostgresql(where, `create role ${name(user)} ${asSecret(password)};`);
  },
  adopt: async (where, record, password) => {
    await setPassword(where, record, password);
    await own(where, record);
  },
};
