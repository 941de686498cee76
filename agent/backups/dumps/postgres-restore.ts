import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import type { DumpPart } from '../manifest.ts';
import type { BackupWork, DumpInto } from '../work.ts';
import { ask, literal, quoted } from './client.ts';
import { databaseExists, dumpFailed, mustBeEqual } from './dump-errors.ts';
import { createPostgres, postgresHead, refuseSystemDatabase, type PostgresHead } from './heads.ts';
import { newRestoreId, removeRestoreNote, writeRestoreNote, type RestoreNote } from './journal.ts';
import { headOf } from './load.ts';
import type { ServerPlace } from './address.ts';
import { dropLoaders, loadAsOwner } from './postgres-load.ts';
import { contentOf } from './prove.ts';

const name = (text: string): string => quoted('postgresql', text);
const text = (value: string): string => literal('postgresql', value);

/** The server's own database, from where others can be made, renamed and dropped. */
function onServer(place: ServerPlace): ServerPlace {
  return { ...place, database: place.database === 'postgres' ? 'template1' : 'postgres' };
}

/** Puts a spooled, checked dump into the place of its database, or into a new one. */
export async function restorePostgres(
  work: BackupWork,
  place: ServerPlace,
  part: DumpPart,
  path: string,
  into: DumpInto,
): Promise<void> {
  refuseSystemDatabase('postgresql', place.database);
  const { data: head } = postgresHead.safeParse(await headOf(path));
  const id = newRestoreId();
  const isAside = into.kind === 'aside';
  if (isAside && (await hasPostgres(work, place, into.databaseName))) throw databaseExists(into.databaseName);
  const note: RestoreNote = {
    id,
    state: 'loading',
    source: part.source,
    database: place.database,
    side: isAside ? into.databaseName : `aapanel_new_${id}`,
    kept: `aapanel_old_${id}`,
    isNew: !(await hasPostgres(work, place, place.database)),
    isAside,
    settings: null,
    counts: part.counts,
  };
  await writeRestoreNote(work, note);
  try {
    await loadBeside(work, place, note, part, path, head);
    if (isAside) {
      await ask(work, onServer(place), `comment on database ${name(note.side)} is null;`);
      return await removeRestoreNote(work, note);
    }
    await writeRestoreNote(work, { ...note, state: 'swapping' });
  } catch (error) {
    await takeBackLoading({ ...work, signal: new AbortController().signal }, place, note);
    throw error;
  }
  await swapPostgres(work, place, { ...note, state: 'swapping' });
}

export async function hasPostgres(work: BackupWork, place: ServerPlace, database: string): Promise<boolean> {
  const sql = `select json_build_array('1') from pg_database where datname = ${text(database)};`;
  return (await ask(work, onServer(place), sql)).length > 0;
}

const ownComment = (note: RestoreNote): string => `aapanel restore ${note.id}`;

async function loadBeside(
  work: BackupWork,
  place: ServerPlace,
  note: RestoreNote,
  part: DumpPart,
  path: string,
  head: PostgresHead | undefined,
): Promise<void> {
  await makeRoles(work, place, head);
  const owner = (await ownerOf(work, place)) ?? head?.owner ?? place.address.user;
  const make = async (isPlain: boolean): Promise<unknown> =>
    await ask(work, onServer(place), createPostgres(note.side, head, owner, isPlain));
  await make(false).catch(async (error: unknown) => {
    if (head === undefined) throw error;
    await make(true);
    work.report({ what: 'normalised', subject: note.side, reason: 'locale_missing', params: { locale: head.collate } });
  });
  await ask(work, onServer(place), `comment on database ${name(note.side)} is ${text(ownComment(note))};`);
  const side = { ...place, database: note.side };
  await loadAsOwner(work, side, path, owner, note.id);
  mustBeEqual(part, await contentOf({ ...work, report: () => undefined }, side), part.name);
  if (!note.isAside && !note.isNew) await copyRights(work, place, note);
}

/** Roles that the dump names and this machine has not: without a password and without the right to sign in. */
async function makeRoles(work: BackupWork, place: ServerPlace, head: PostgresHead | undefined): Promise<void> {
  const wanted = [...new Set([...(head?.roles ?? []), ...(head === undefined ? [] : [head.owner])])];
  if (wanted.length === 0) return;
  const known = await ask(work, onServer(place), 'select json_build_array(rolname) from pg_roles;');
  const names = new Set(known.flat());
  for (const role of wanted.filter((each) => !names.has(each))) {
    await ask(work, onServer(place), `create role ${name(role)} nologin;`);
    work.report({ what: 'created', subject: role, reason: 'role_missing', params: {} });
  }
}

async function ownerOf(work: BackupWork, place: ServerPlace): Promise<string | undefined> {
  const sql = `select json_build_array(pg_get_userbyid(datdba)) from pg_database where datname = ${text(place.database)};`;
  const [[owner] = []] = await ask(work, onServer(place), sql);
  return owner;
}

/** Grants, settings and comment of the database in place, which belong to the database and not to its content. */
async function copyRights(work: BackupWork, place: ServerPlace, note: RestoreNote): Promise<void> {
  const [from, to] = [text(note.database), text(note.side)];
  const statements = await ask(
    work,
    onServer(place),
    `select json_build_array('revoke all on database ' || quote_ident(${to}) || ' from public')
       from pg_database where datname = ${from} and datacl is not null;
     select json_build_array('grant ' || privilege_type || ' on database ' || quote_ident(${to}) || ' to '
         || case when grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end
         || case when is_grantable then ' with grant option' else '' end)
       from pg_database, aclexplode(datacl) where datname = ${from};
     select json_build_array('alter database ' || quote_ident(${to}) || ' connection limit ' || datconnlimit)
       from pg_database where datname = ${from};`,
  );
  const settings = `insert into pg_db_role_setting
    select (select oid from pg_database where datname = ${to}), setrole, setconfig from pg_db_role_setting
    where setdatabase = (select oid from pg_database where datname = ${from});`;
  await ask(
    work,
    onServer(place),
    `${statements
      .flat()
      .map((each) => `${each};`)
      .join('\n')}\n${settings}`,
  );
}

const patienceMs = 60_000;

/** A server goes on with the statement of a client that was killed: what it is still making must not come after the drop. */
async function endMakers(work: BackupWork, place: ServerPlace, side: string): Promise<void> {
  const sql = `select json_build_array(pg_terminate_backend(pid)::text) from pg_stat_activity
    where pid <> pg_backend_pid() and (datname = ${text(side)} or state <> 'idle' and position(${text(side)} in query) > 0);`;
  const endsAt = performance.now() + patienceMs;
  while ((await ask(work, onServer(place), sql)).length > 0 && performance.now() < endsAt) await wait(100);
}

/** Removes what was loaded beside. The database in place has not been touched. */
export async function takeBackLoading(work: BackupWork, place: ServerPlace, note: RestoreNote): Promise<void> {
  await endMakers(work, place, note.side);
  const sql = `select json_build_array('1') from pg_database where datname = ${text(note.side)}
    and shobj_description(oid, 'pg_database') = ${text(ownComment(note))};`;
  const isOurs = !note.isAside || (await ask(work, onServer(place), sql)).length > 0;
  if (isOurs) await ask(work, onServer(place), `drop database if exists ${name(note.side)} with (force);`);
  await dropLoaders(work, onServer(place), place.address.user, note.id);
  await removeRestoreNote(work, note);
}

/** The two names change places in one transaction. Also what a crash left: where the new one is says how far it came. */
export async function swapPostgres(work: BackupWork, place: ServerPlace, note: RestoreNote): Promise<void> {
  if (note.state === 'swapping' && (await hasPostgres(work, place, note.side))) {
    try {
      await exchange(work, place, note);
    } catch (error) {
      const calm = { ...work, signal: new AbortController().signal };
      await putBack(calm, place, note);
      throw dumpFailed(note.database, error);
    }
  }
  await writeRestoreNote(work, { ...note, state: 'over' });
  await ask(work, onServer(place), `drop database if exists ${name(note.kept)} with (force);`);
  await removeRestoreNote(work, note);
}

/** Rejected in whole: nothing has changed but the door, which is opened again. */
async function putBack(work: BackupWork, place: ServerPlace, note: RestoreNote): Promise<void> {
  try {
    const isRenamed = !(await hasPostgres(work, place, note.side));
    if (isRenamed) return;
    if (!note.isNew) await ask(work, onServer(place), `alter database ${name(note.database)} allow_connections true;`);
    await ask(work, onServer(place), `drop database if exists ${name(note.side)} with (force);`);
    await removeRestoreNote(work, note);
  } catch (error) {
    throw new AppError('internal', 'The database could not be put back.', {
      reason: 'rollback_failed',
      params: { changeId: note.id },
      cause: error,
    });
  }
}

async function exchange(work: BackupWork, place: ServerPlace, note: RestoreNote): Promise<void> {
  const end = (database: string): string =>
    `select json_build_array(pg_terminate_backend(pid)::text) from pg_stat_activity where datname = ${text(database)};`;
  const away = note.isNew ? '' : `alter database ${name(note.database)} rename to ${name(note.kept)};`;
  // Whoever comes back at once must find the door closed, or the name cannot change.
  const close = note.isNew ? '' : `alter database ${name(note.database)} allow_connections false;`;
  const sql = `select json_build_array(coalesce(shobj_description(oid, 'pg_database'), '')) from pg_database
    where datname = ${text(note.database)};`;
  const [[comment = ''] = []] = await ask(work, onServer(place), sql);
  await ask(
    work,
    onServer(place),
    `${close}
     ${end(note.database)}
     ${end(note.side)}
     begin;
     ${away}
     alter database ${name(note.side)} rename to ${name(note.database)};
     commit;
     comment on database ${name(note.database)} is ${comment === '' ? 'null' : text(comment)};`,
  );
}
