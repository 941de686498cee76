import { grantable, type AccountGrant } from '#shared/database-servers.ts';
import type { Where } from '../databases/engines/engine.ts';
import { postgresql } from '../databases/engines/postgresql.ts';
import { scramOf } from '../databases/seal.ts';
import {
  isSystemName,
  tableUnknown,
  type AccountRef,
  type AccountsEngine,
  type WantedGrant,
} from './accounts-engine.ts';

/*
 * Roles of PostgreSQL. Rights on a database are those on the database itself and on every table in it, also on those that
 * its owner makes later; a change of them is one transaction.
 */

const { ask, literal: text, quoted: name } = postgresql;
const roleOid = ({ name: role }: AccountRef): string => `(select oid from pg_roles where rolname = ${text(role)})`;
const ownSchemas = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;
const shownTable = `case when n.nspname = 'public' then '' else n.nspname || '.' end || c.relname`;
const tables = `pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'f') and ${ownSchemas}`;
const onDatabase = ['CONNECT', 'TEMPORARY', 'CREATE'] as const;

async function list(where: Where) {
  const rows = await ask(
    where,
    `select json_build_array(rolname, rolcanlogin::text, (rolsuper or rolreplication or rolbypassrls)::text,
       (rolpassword is not null)::text) from pg_authid where rolname !~ '^pg_' order by rolname limit 5000;`,
  );
  return rows.map(([role = '', canLogin, isPowerful, hasPassword]) => ({
    name: role,
    host: null,
    isSystem: isSystemName(role) || isPowerful === 'true',
    hasPassword: hasPassword === 'true',
    isLocked: canLogin !== 'true',
    requiresTls: false,
  }));
}

/** More would be a question to each of them. */
const mostDatabases = 100;

async function grants(where: Where, ref: AccountRef): Promise<AccountGrant[]> {
  const rows = await ask(
    where,
    `select json_build_array(datname, (datdba = ${roleOid(ref)})::text, coalesce(string_agg(privilege_type, ','), ''),
         coalesce(bool_or(is_grantable), false)::text)
       from pg_database left join lateral (select * from aclexplode(datacl) where grantee = ${roleOid(ref)}) acl on true
       where datallowconn and not datistemplate and (datdba = ${roleOid(ref)} or privilege_type is not null)
       group by datname, datdba order by datname limit ${mostDatabases};`,
  );
  const found: AccountGrant[] = [];
  for (const [database = '', isOwner, privileges = '', canGrant] of rows) {
    if (isOwner === 'true')
      found.push({
        database,
        table: null,
        privileges: [...grantable.database.postgresql],
        canGrant: true,
        isEditable: false,
      });
    else found.push(...(await grantsIn(where, ref, database, privileges.split(','), canGrant === 'true')));
  }
  return found;
}

async function grantsIn(
  where: Where,
  ref: AccountRef,
  database: string,
  given: readonly string[],
  canGrant: boolean,
): Promise<AccountGrant[]> {
  const rows = await ask(
    where,
    `select json_build_array('total', (select count(*) from ${tables})::text);
     select json_build_array('later', privilege_type) from pg_default_acl, aclexplode(defaclacl)
       where defaclobjtype = 'r' and grantee = ${roleOid(ref)} group by privilege_type;
     select json_build_array('table', ${shownTable}, string_agg(privilege_type, ',' order by privilege_type), bool_or(is_grantable)::text)
       from (select c.relname, n.nspname, c.relacl from ${tables}) c, lateral (select c.nspname) n, aclexplode(c.relacl)
       where grantee = ${roleOid(ref)} group by c.relname, n.nspname order by 1::text limit 5000;`,
    { database },
  );
  const total = Number(rows.find(([kind]) => kind === 'total')?.[1] ?? 0);
  const ofTables = rows
    .filter(([kind]) => kind === 'table')
    .map(([, table = '', words = '', isGrantable]) => ({ table, words: words.split(','), isGrantable }));
  const isEverywhere = (word: string): boolean =>
    total === 0
      ? rows.some(([kind, later]) => kind === 'later' && later === word)
      : ofTables.filter(({ words }) => words.includes(word)).length === total;
  const everywhere = grantable.table.postgresql.filter(isEverywhere);
  const privileges = [...onDatabase.filter((word) => given.includes(word)), ...everywhere];
  const more = ofTables.filter(({ words }) => words.some((word) => !everywhere.some((each) => each === word)));
  return [
    { database, table: null, privileges, canGrant, isEditable: true },
    ...more.map(({ table, words, isGrantable }) => ({
      database,
      table,
      privileges: grantable.table.postgresql.filter((word) => words.includes(word)),
      canGrant: isGrantable === 'true',
      isEditable: true,
    })),
  ];
}

async function setGrant(where: Where, ref: AccountRef, wanted: WantedGrant): Promise<void> {
  const sql = wanted.table === null ? await databaseSql(where, ref, wanted) : await tableSql(where, ref, wanted);
  await ask(where, `begin;\n${sql.join('\n')}\ncommit;`, { database: wanted.database });
}

async function databaseSql(where: Where, ref: AccountRef, wanted: WantedGrant): Promise<string[]> {
  const { database } = wanted;
  const facts = await ask(
    where,
    `select json_build_array(pg_get_userbyid(datdba)) from pg_database where datname = ${text(database)};
     select json_build_array(nspname) from pg_namespace n where ${ownSchemas} order by nspname;`,
    { database },
  );
  const [[owner = ''] = [], ...schemas] = facts;
  const [role, place] = [name(ref.name), name(database)];
  const option = wanted.canGrant ? ' with grant option' : '';
  const onTables = grantable.table.postgresql.filter((word) => wanted.privileges.includes(word));
  const ofDatabase = onDatabase.filter((word) => wanted.privileges.includes(word));
  const sql = [`revoke all on database ${place} from ${role};`];
  for (const [schema = ''] of schemas) {
    const within = name(schema);
    const later = `alter default privileges for role ${name(owner)} in schema ${within}`;
    sql.push(
      `revoke all on schema ${within} from ${role};`,
      `revoke all on all tables in schema ${within} from ${role};`,
      `revoke all on all sequences in schema ${within} from ${role};`,
      `${later} revoke all on tables from ${role};`,
      `${later} revoke all on sequences from ${role};`,
    );
    if (wanted.privileges.includes('CREATE')) sql.push(`grant create on schema ${within} to ${role}${option};`);
    if (onTables.length === 0) continue;
    const words = onTables.join(', ');
    sql.push(
      `grant usage on schema ${within} to ${role};`,
      `grant ${words} on all tables in schema ${within} to ${role}${option};`,
      `${later} grant ${words} on tables to ${role};`,
    );
    // Whoever inserts needs the numbers of serial columns.
    if (onTables.includes('INSERT'))
      sql.push(
        `grant usage, select on all sequences in schema ${within} to ${role};`,
        `${later} grant usage, select on sequences to ${role};`,
      );
  }
  if (ofDatabase.length > 0) sql.push(`grant ${ofDatabase.join(', ')} on database ${place} to ${role}${option};`);
  return sql;
}

async function tableSql(where: Where, ref: AccountRef, wanted: WantedGrant): Promise<string[]> {
  const { database, table, privileges, canGrant } = wanted;
  const sql = `select json_build_array(n.nspname, c.relname) from ${tables} and ${shownTable} = ${text(table ?? '')} limit 1;`;
  const [found] = await ask(where, sql, { database });
  const [schema, relation] = found ?? [];
  if (schema === undefined || relation === undefined) {
    if (privileges.length === 0) return [];
    throw tableUnknown();
  }
  const [role, place] = [name(ref.name), `${name(schema)}.${name(relation)}`];
  const revoke = `revoke all on table ${place} from ${role};`;
  if (privileges.length === 0) return [revoke];
  return [
    revoke,
    `grant connect on database ${name(database)} to ${role};`,
    `grant usage on schema ${name(schema)} to ${role};`,
    `grant ${privileges.join(', ')} on table ${place} to ${role}${canGrant ? ' with grant option' : ''};`,
  ];
}

/** The rights of a role on every database: with any left, the server would not let it go. */
async function drop(where: Where, ref: AccountRef): Promise<void> {
  const rows = await ask(
    where,
    `select json_build_array(datname) from pg_database where datallowconn and oid in
       (select dbid from pg_shdepend where refclassid = 'pg_authid'::regclass and refobjid = ${roleOid(ref)}
        union select objid from pg_shdepend where refclassid = 'pg_authid'::regclass and refobjid = ${roleOid(ref)} and dbid = 0);`,
  );
  const role = name(ref.name);
  // What it owns goes to the owner of the database, never away.
  for (const [database = ''] of rows) {
    const [[owner = 'postgres'] = []] = await ask(
      where,
      `select json_build_array(pg_get_userbyid(datdba)) from pg_database where datname = ${text(database)};`,
    );
    const heir = owner === ref.name ? 'postgres' : owner;
    await ask(where, `reassign owned by ${role} to ${name(heir)}; drop owned by ${role};`, { database });
  }
  await ask(where, `drop role if exists ${role}; ${putOut(ref)}`);
}

const putOut = (ref: AccountRef): string =>
  `select json_build_array(pg_terminate_backend(pid)::text) from pg_stat_activity where usename = ${text(ref.name)};`;

/** PostgreSQL's side of accounts and rights. */
export const postgresqlAccounts: AccountsEngine = {
  list,
  grants,
  create: async (where, accounts, password) => {
    for (const ref of accounts)
      await ask(where, `create role ${name(ref.name)} login password ${text(scramOf(password))};`);
  },
  allGrants: null,
  change: async (where, ref, { isLocked }) => {
    if (isLocked === null) return;
    await ask(where, `alter role ${name(ref.name)} ${isLocked ? 'nologin' : 'login'}; ${isLocked ? putOut(ref) : ''}`);
  },
  setPassword: async (where, ref, password) => {
    await ask(where, `alter role ${name(ref.name)} password ${text(scramOf(password))}; ${putOut(ref)}`);
  },
  setGrant,
  drop,
  setRootPassword: async (where, password) => {
    await ask(where, `alter role postgres password ${text(scramOf(password))};`);
  },
};
