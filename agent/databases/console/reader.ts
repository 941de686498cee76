import { createHmac } from 'node:crypto';
import { literal, quoted } from '../../backups/dumps/client.ts';
import { ownKey } from '../../core/keys.ts';
import type { Where } from '../engines/engine.ts';
import { askMariadb } from '../engines/mariadb-server.ts';
import { askPostgresql } from '../engines/postgresql-server.ts';
import type { DatabaseRecord } from '../records.ts';
import { nativeHash, scramOf } from '../seal.ts';

/*
 * The account that only reads: one for each database whose console was used, without any right to write. Its password is
 * made of a key of the agent's, so that it is kept nowhere.
 */

type Record = Pick<DatabaseRecord, 'databaseId' | 'engine' | 'name' | 'user'>;

export const readerOf = (databaseId: string): string => `aapanel_read_${databaseId}`;

export async function readerPassword({ stateFolder }: Where, databaseId: string): Promise<string> {
  const key = await ownKey(stateFolder, 'databases');
  return createHmac('sha256', key).update(`reader ${databaseId}`).digest('base64url');
}

/** It is there with this password, and with the rights to read and no others. Throws `database_server_*`. */
export async function makeReader(where: Where, record: Record): Promise<void> {
  const password = await readerPassword(where, record.databaseId);
  await (record.engine === 'mariadb' ? makeInMariadb : makeInPostgresql)(where, record, password);
}

async function makeInMariadb(where: Where, { databaseId, name }: Record, password: string): Promise<void> {
  const account = `${quoted('mariadb', readerOf(databaseId))}@'localhost'`;
  // In a grant `_` and `%` stand for other characters.
  const place = quoted(
    'mariadb',
    name.replaceAll(/[\\_%]/g, (sign) => `\\${sign}`),
  );
  await askMariadb(
    where,
    `create or replace user ${account} identified via mysql_native_password using '${nativeHash(password)}'
       with max_user_connections 10;
     grant select, show view on ${place}.* to ${account};`,
  );
}

async function makeInPostgresql(where: Where, record: Record, password: string): Promise<void> {
  const reader = readerOf(record.databaseId);
  const role = quoted('postgresql', reader);
  const text = (value: string): string => literal('postgresql', value);
  const attributes =
    'login nosuperuser nocreatedb nocreaterole noreplication nobypassrls noinherit connection limit 10';
  await askPostgresql(
    where,
    `do $$ begin if not exists (select 1 from pg_roles where rolname = ${text(reader)}) then create role ${role}; end if; end $$;
     alter role ${role} ${attributes} password ${text(scramOf(password))};
     alter role ${role} set default_transaction_read_only = on;
     grant connect on database ${quoted('postgresql', record.name)} to ${role};`,
  );
  await letRead(where, record);
}

/** What the owner of the database may read, and what the reader may not yet. */
export async function letRead(where: Where, { databaseId, name, user }: Record): Promise<void> {
  const role = quoted('postgresql', readerOf(databaseId));
  const text = (value: string): string => literal('postgresql', value);
  const ordinary = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;
  const [owner, reader] = [text(user), text(readerOf(databaseId))];
  // Names are quoted by the server itself; nobody else's commands run in between.
  const sql = `set lock_timeout = '3s';
    do $do$ declare each record; begin
      for each in select n.nspname as schema from pg_namespace n where ${ordinary}
          and has_schema_privilege(${owner}, n.oid, 'usage') and not has_schema_privilege(${reader}, n.oid, 'usage') loop
        execute format('grant usage on schema %I to ${role.replaceAll("'", "''")}', each.schema);
      end loop;
      for each in select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and ${ordinary}
          and has_table_privilege(${owner}, c.oid, 'select') and not has_table_privilege(${reader}, c.oid, 'select') loop
        execute format('grant select on %I.%I to ${role.replaceAll("'", "''")}', each.schema, each.name);
      end loop;
    end $do$;`;
  await askPostgresql(where, sql, { database: name, timeoutMs: 60_000 });
}

/** With the database that it read gone, or about to go. */
export async function dropReader(where: Where, { databaseId, engine }: Record): Promise<void> {
  const reader = readerOf(databaseId);
  if (engine === 'mariadb') await askMariadb(where, `drop user if exists ${quoted('mariadb', reader)}@'localhost';`);
  else await askPostgresql(where, `drop role if exists ${quoted('postgresql', reader)};`);
}
