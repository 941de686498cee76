import { literal, quoted } from '../../backups/dumps/client.ts';
import { databaseExists } from '../records.ts';
import { serverRefused, type Where } from './engine.ts';
import { askPostgresql } from './postgresql-server.ts';

/* Another name and another owner for a database of PostgreSQL. Each can be done twice. */

const name = (text: string): string => quoted('postgresql', text);
const text = (value: string): string => literal('postgresql', value);

export type PostgresqlRename = {
  readonly from: string;
  readonly to: string;
  /** Says in the server whose it is; nothing that carries another one is touched. */
  readonly mark: string;
};

/** The server renames in one step. Whoever comes back at once must find the door closed, or the name cannot change. */
export async function renamePostgresql(where: Where, { from, to, mark }: PostgresqlRename): Promise<void> {
  const [source, target] = [await markIn(where, from), await markIn(where, to)];
  if (target !== undefined && target !== mark) throw databaseExists(to);
  if (target === undefined) {
    if (source !== mark) throw serverRefused('3D000', new Error('the database is not there'));
    try {
      await askPostgresql(
        where,
        `alter database ${name(from)} allow_connections false;
         select json_build_array(pg_terminate_backend(pid)::text) from pg_stat_activity where datname = ${text(from)};
         alter database ${name(from)} rename to ${name(to)};`,
        { timeoutMs: 60_000 },
      );
    } catch (error) {
      if ((await markIn(where, from)) === mark) await open(where, from);
      throw error;
    }
  }
  await open(where, to);
}

const open = async (where: Where, database: string): Promise<void> => {
  await askPostgresql(where, `alter database ${name(database)} allow_connections true;`);
};

/** undefined: there is no such database. */
async function markIn(where: Where, database: string): Promise<string | undefined> {
  const sql = `select json_build_array(coalesce(shobj_description(oid, 'pg_database'), ''))
    from pg_database where datname = ${text(database)};`;
  const [row] = await askPostgresql(where, sql);
  return row?.[0];
}

/** Name of the role that has it. */
export async function ownerOf(where: Where, database: string): Promise<string | undefined> {
  const sql = `select json_build_array(pg_get_userbyid(datdba)) from pg_database where datname = ${text(database)};`;
  const [row] = await askPostgresql(where, sql);
  return row?.[0];
}

/** May sign in, and is none of those that the server lets do everything. */
export async function isOrdinaryRole(where: Where, role: string): Promise<boolean> {
  const sql = `select json_build_array('1') from pg_roles where rolname = ${text(role)} and rolcanlogin
    and not (rolsuper or rolcreaterole or rolreplication or rolbypassrls);`;
  return (await askPostgresql(where, sql)).length > 0;
}

/**
 * The database, and everything in it that belonged to the one role, belongs to the other: as a whole or not at all. Other
 * databases of the first role stay its own.
 */
export async function giveAway(where: Where, given: { database: string; from: string; to: string }): Promise<void> {
  const { database, from, to } = given;
  await askPostgresql(
    where,
    `set lock_timeout = '15s';
     begin;
     create temporary table aapanel_others on commit drop as
       select datname from pg_database where pg_get_userbyid(datdba) = ${text(from)} and datname <> ${text(database)};
     do $do$ begin if exists (select 1 from pg_roles where rolname = ${text(from)}) then
       execute format('reassign owned by %I to %I', ${text(from)}, ${text(to)}); end if; end $do$;
     alter database ${name(database)} owner to ${name(to)};
     do $do$ declare each record; begin for each in select datname from aapanel_others loop
       execute format('alter database %I owner to %I', each.datname, ${text(from)}); end loop; end $do$;
     revoke all on database ${name(database)} from public;
     grant all on schema public to ${name(to)};
     commit;`,
    { database, timeoutMs: 100_000 },
  );
}

/** Of a role that stays: what it was granted besides owning the database. */
export async function takeFormerRights(where: Where, given: { database: string; role: string }): Promise<void> {
  const { database, role } = given;
  await askPostgresql(
    where,
    `revoke all on database ${name(database)} from ${name(role)}; revoke all on schema public from ${name(role)};`,
    { database },
  );
}

/** Of a role that has nothing but rights in this database: they go, so that it can go. */
export async function dropRights(where: Where, given: { database: string; role: string }): Promise<void> {
  await askPostgresql(where, `drop owned by ${name(given.role)};`, { database: given.database });
}
