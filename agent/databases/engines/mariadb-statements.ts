import { databaseCharsets, type DatabaseCharset } from '#shared/databases.ts';
import { literal, quoted } from '../../backups/dumps/client.ts';
import { markOf, type Content, type FoundDatabase, type Where } from './engine.ts';
import { askMariadb } from './mariadb-server.ts';

/*
 * Everything that is said to MariaDB about databases and their users. Names are quoted and values are literals in bytes,
 * although their grammar was checked before.
 */

const name = (text: string): string => quoted('mariadb', text);
const text = (value: string): string => literal('mariadb', value);
/** Compared as bytes: the server's own comparison takes different ones for equal. */
const is = (column: string, value: string): string => `cast(${column} as binary) = cast(${text(value)} as binary)`;
/** Of this machine's server only from this machine: over its socket, or over its own address. */
const hostOf = ({ remote }: Where): string => remote?.usersHost ?? 'localhost';
const account = (where: Where, user: string): string => `${name(user)}@${name(hostOf(where))}`;
/** In a grant `_` and `%` stand for other characters: unescaped, `a_b` would also be `acb`. */
const grantName = (database: string): string => name(database.replaceAll(/[\\_%]/g, (sign) => `\\${sign}`));

const hash = (value: string): string => {
  if (!/^\*[0-9A-F]{40}$/.test(value)) throw new TypeError('no hash of a password');
  return `'${value}'`;
};

export async function makeDatabase(
  where: Where,
  given: { readonly name: string; readonly charset: string; readonly databaseId: string },
): Promise<void> {
  const charset = given.charset as DatabaseCharset;
  const collation = databaseCharsets[charset];
  await askMariadb(
    where,
    `create database ${name(given.name)} character set ${name(charset)} collate ${name(collation)} comment '${markOf(given.databaseId)}';`,
  );
}

export async function markDatabase(where: Where, database: string, databaseId: string): Promise<void> {
  await askMariadb(where, `alter database ${name(database)} comment '${markOf(databaseId)}';`);
}

/** undefined: there is no such database. */
export async function commentOf(where: Where, database: string): Promise<string | undefined> {
  // A row of nothing but an empty value is no line in what the client prints.
  const sql = `select 'comment', schema_comment from information_schema.schemata where ${is('schema_name', database)};`;
  const [row] = await askMariadb(where, sql);
  return row === undefined ? undefined : (row[1] ?? '');
}

export async function dropDatabase(where: Where, database: string): Promise<void> {
  await askMariadb(where, `set foreign_key_checks = 0; drop database if exists ${name(database)};`, {
    timeoutMs: 600_000,
  });
}

export async function makeUser(where: Where, user: string, passwordHash: string): Promise<void> {
  await askMariadb(
    where,
    `create user ${account(where, user)} identified via mysql_native_password using ${hash(passwordHash)};`,
  );
}

export async function setPasswordHash(where: Where, user: string, passwordHash: string): Promise<void> {
  await askMariadb(
    where,
    `alter user ${account(where, user)} identified via mysql_native_password using ${hash(passwordHash)};`,
  );
}

export async function giveRights(where: Where, user: string, database: string): Promise<void> {
  await askMariadb(where, `grant all privileges on ${grantName(database)}.* to ${account(where, user)};`);
}

export async function takeRights(where: Where, user: string, database: string): Promise<void> {
  await askMariadb(where, `revoke all privileges on ${grantName(database)}.* from ${account(where, user)};`);
}

/** Nobody comes in with it any more, and whoever is in is put out. */
export async function lockUser(where: Where, user: string): Promise<void> {
  await askMariadb(
    where,
    `alter user if exists ${account(where, user)} account lock; kill hard user ${account(where, user)};`,
  );
}

export async function unlockUser(where: Where, user: string): Promise<void> {
  await askMariadb(where, `alter user if exists ${account(where, user)} account unlock;`);
}

export async function dropUser(where: Where, user: string): Promise<void> {
  await askMariadb(where, `drop user if exists ${account(where, user)};`);
}

/** From whatever host. */
export async function hasUser(where: Where, user: string): Promise<boolean> {
  return (await askMariadb(where, `select 1 from mysql.global_priv where ${is('user', user)} limit 1;`)).length > 0;
}

/** What the server keeps of the password of a user of ours; undefined: there is none, or one of another kind. */
export async function hashOf(where: Where, user: string): Promise<string | undefined> {
  const sql = `select json_value(priv, '$.authentication_string') from mysql.global_priv
    where ${is('user', user)} and ${is('host', hostOf(where))};`;
  const [row] = await askMariadb(where, sql);
  return row?.[0];
}

/** Rights that a user of ours was given by hand, besides those on its database. */
export async function hasOtherRights(where: Where, user: string, database: string): Promise<boolean> {
  const own = database.replaceAll(/[\\_%]/g, (sign) => `\\${sign}`);
  const sql = ['db', 'tables_priv', 'columns_priv', 'procs_priv'].map(
    (table) => `select 1 from mysql.${table} where ${is('user', user)} and ${is('host', hostOf(where))}
      and not (${is('db', own)}) and not (${is('db', database)})`,
  );
  return (await askMariadb(where, `${sql.join(' union all ')} limit 1;`)).length > 0;
}

export async function contentOf(where: Where, database: string, user: string): Promise<Content> {
  const rows = await askMariadb(
    where,
    `select 'table', table_name, ifnull(table_rows, 0), ifnull(data_length, 0) + ifnull(index_length, 0)
       from information_schema.tables where ${is('table_schema', database)} order by table_name;
     select 'code', (select count(*) from information_schema.routines where ${is('routine_schema', database)})
       + (select count(*) from information_schema.events where ${is('event_schema', database)})
       + (select count(*) from information_schema.triggers where ${is('trigger_schema', database)});
     select 'connections', count(*) from information_schema.processlist where ${is('user', user)};`,
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

/** Every database but those that the server keeps for itself, and what a restore is just loading. */
export async function listSchemas(where: Where): Promise<FoundDatabase[]> {
  const others = (
    column: string,
  ): string => `${column} not in ('mysql', 'information_schema', 'performance_schema', 'sys')
    and ${column} not rlike '^aapanel_(new|old)_[0-9a-f]{12}$'`;
  const rows = await askMariadb(
    where,
    `select 'schema', schema_name, default_character_set_name, default_collation_name
       from information_schema.schemata where ${others('schema_name')} order by schema_name;
     select 'size', min(table_schema), sum(ifnull(data_length, 0) + ifnull(index_length, 0)), count(*)
       from information_schema.tables where ${others('table_schema')} group by cast(table_schema as binary);`,
  );
  const sizes = new Map(rows.flatMap(([kind, schema = '', ...rest]) => (kind === 'size' ? [[schema, rest]] : [])));
  return rows.flatMap(([kind, schema = '', charset = '', collation = '']) => {
    if (kind !== 'schema') return [];
    const [size, tables] = sizes.get(schema) ?? [];
    return [{ name: schema, charset, collation, sizeBytes: Number(size ?? 0), tables: Number(tables ?? 0) }];
  });
}
