import { AppError } from '#shared/errors.ts';
import { startProgram } from '../../core/run.ts';
import type { BackupWork, Dump } from '../work.ts';
import { ask, literal, postgresAccess, postgresProgram } from './client.ts';
import { databaseMissing, databaseUnreachable } from './dump-errors.ts';
import type { PostgresHead } from './heads.ts';
import type { ServerPlace } from './address.ts';
import { PostgresReader } from './postgres-reader.ts';
import { ownSettings } from './postgres-settings.ts';
import { streamDump, toolVersion } from './stream.ts';

/** One snapshot for all tables and large objects, with routines, triggers and everything else in the database. */
export async function openPostgresDump(work: BackupWork, place: ServerPlace): Promise<Dump> {
  const { head, version, major } = await lookAtDatabase(work, place);
  const program = postgresProgram('pg_dump', major);
  const access = postgresAccess(work, place.address, place.database);
  try {
    const tool = await toolVersion(program);
    const args = ['--format=plain', '--no-password', '--encoding=UTF8', '--quote-all-identifiers'];
    const child = startProgram(program, args, { ...access.options, isBackground: true });
    return streamDump(work, {
      database: place.database,
      child,
      head,
      reader: new PostgresReader(),
      serverVersion: version,
      toolVersion: tool,
      release: access.release,
      isThere: async () => await isThere(work, place),
    });
  } catch (error) {
    access.release();
    throw error;
  }
}

async function lookAtDatabase(
  work: BackupWork,
  place: ServerPlace,
): Promise<{ readonly head: PostgresHead; readonly version: string; readonly major: number }> {
  const name = literal('postgresql', place.database);
  const [facts, ...roles] = await ask(
    work,
    place,
    `${ownSettings}
     select json_build_array(pg_encoding_to_char(encoding), datcollate, datctype, pg_get_userbyid(datdba),
       current_setting('server_version'), current_setting('server_version_num'),
       coalesce(to_jsonb(d)->>'datlocprovider', 'c'), coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale')) from pg_database d where datname = ${name};
     select json_build_array(rolname) from pg_roles where rolname !~ '^pg_' and (oid = 10 or oid in (
       select refobjid from pg_shdepend where refclassid = 'pg_authid'::regclass
       and (dbid = (select oid from pg_database where datname = ${name})
         or (dbid = 0 and objid = (select oid from pg_database where datname = ${name}))))) order by rolname;`,
  );
  const [encoding, collate, ctype, owner, version, number, provider = 'c', locale = null] = facts ?? [];
  if (encoding === undefined || collate === undefined || ctype === undefined || owner === undefined)
    throw databaseMissing(place.database);
  if (version === undefined || number === undefined) throw databaseUnreachable(place.database);
  const head = { encoding, collate, ctype, provider, locale, owner, roles: roles.flatMap(([role]) => role ?? []) };
  return { head, version, major: Math.floor(Number(number) / 10_000) };
}

async function isThere(work: BackupWork, place: ServerPlace): Promise<boolean> {
  try {
    await ask(work, place, `${ownSettings}\nselect json_build_array('1');`);
    return true;
  } catch (error) {
    return !(error instanceof AppError && error.reason === 'backup_database_missing');
  }
}
