import { ask, literal, quoted } from './client.ts';
import { databaseMissing, dumpFailed } from './dump-errors.ts';
import { journalFile, writeRestoreNote, type RestoreNote } from './journal.ts';
import { loadMariadb } from './load.ts';
import type { ServerPlace } from './address.ts';
import { hasEvents } from './mariadb-events.ts';
import type { BackupWork } from '../work.ts';

/*
 * MariaDB cannot rename a database, and what is no table (triggers, routines, events, views) cannot move to another one.
 * So this is taken away first and made again at the end, and all tables, old and new, change places in one statement,
 * which the server does as a whole or not at all, also when it is killed. Each step can be done twice.
 */

/** Moves with the tables: where it is says whether they have moved. Keeps the grants on routines, which a DROP removes. */
export const markerTable = 'aapanel_kept_grants';

const name = (text: string): string => quoted('mariadb', text);
const is = (column: string, text: string): string =>
  `cast(${column} as binary) = cast(${literal('mariadb', text)} as binary)`;
const table = (database: string, text: string): string => `${name(database)}.${name(text)}`;

/** The server itself, without a database chosen. */
export const onServer = (place: ServerPlace): ServerPlace => ({ ...place, database: '' });

export async function hasMariadb(work: BackupWork, place: ServerPlace, database: string): Promise<boolean> {
  const sql = `select 1 from information_schema.schemata where ${is('schema_name', database)};`;
  return (await ask(work, onServer(place), sql)).length > 0;
}

export async function dropMariadb(work: BackupWork, place: ServerPlace, ...databases: string[]): Promise<void> {
  const sql = databases.map((each) => `drop database if exists ${name(each)};`).join('\n');
  await ask(work, onServer(place), `set foreign_key_checks = 0;\n${sql}`);
}

/** Tables and sequences, the marker left out. */
export async function tablesOf(work: BackupWork, place: ServerPlace, database: string): Promise<string[]> {
  const sql = `select table_name from information_schema.tables
    where ${is('table_schema', database)} and table_type not like '%VIEW%' order by table_name;`;
  const rows = await ask(work, onServer(place), sql);
  return rows.flatMap(([each]) => (each === undefined || each === markerTable ? [] : [each]));
}

export async function makeMarker(work: BackupWork, place: ServerPlace, note: RestoreNote): Promise<void> {
  const marker = table(note.side, markerTable);
  const rows = `select * from mysql.procs_priv where ${is('db', note.database)}`;
  await ask(work, onServer(place), `create table ${marker} engine = InnoDB as ${rows};`);
}

async function hasMarker(work: BackupWork, place: ServerPlace, database: string): Promise<boolean> {
  const sql = `select 1 from information_schema.tables where ${is('table_schema', database)} and table_name = '${markerTable}';`;
  return (await ask(work, onServer(place), sql)).length > 0;
}

/** Drops everything in a database that is no table. */
export async function dropCode(work: BackupWork, place: ServerPlace, database: string): Promise<void> {
  const isWithEvents = await hasEvents(work, place);
  const events = `select 'event', event_name from information_schema.events where ${is('event_schema', database)};`;
  const found = await ask(
    work,
    onServer(place),
    `select 'trigger', trigger_name from information_schema.triggers where ${is('trigger_schema', database)};
     select 'view', table_name from information_schema.views where ${is('table_schema', database)};
     select lower(routine_type), routine_name from information_schema.routines
       where ${is('routine_schema', database)} and routine_type <> 'PACKAGE BODY';
     ${isWithEvents ? events : ''}`,
  );
  const sql = found.map(([kind = '', each = '']) => `drop ${kind} if exists ${table(database, each)};`);
  if (sql.length > 0) await ask(work, onServer(place), `${patience}\n${sql.join('\n')}`);
}

/** A client that holds a table for longer makes the restore go back. */
export const patience = 'set session lock_wait_timeout = 60;';

/** All tables of `out` go to `away`, and those of `side` come in: one statement. */
async function exchange(
  work: BackupWork,
  place: ServerPlace,
  moves: { readonly database: string; readonly away: string; readonly side: string; readonly marker: [string, string] },
): Promise<void> {
  const { database, away, side, marker } = moves;
  await ask(work, onServer(place), `create database if not exists ${name(away)};`);
  const move =
    (from: string, to: string) =>
    (each: string): string =>
      `${table(from, each)} to ${table(to, each)}`;
  const old = await tablesOf(work, place, database);
  const next = await tablesOf(work, place, side);
  const [from, to] = marker;
  const all = [...old.map(move(database, away)), ...next.map(move(side, database)), move(from, to)(markerTable)];
  await ask(work, onServer(place), `${patience}\nrename table ${all.join(', ')};`);
}

async function setSettings(
  work: BackupWork,
  place: ServerPlace,
  database: string,
  settings: string | undefined,
): Promise<void> {
  const [charset, collation] = settings?.split(' ') ?? [];
  if (charset === undefined || collation === undefined || !/^[a-z0-9_ ]+$/.test(settings ?? '')) return;
  await ask(work, onServer(place), `alter database ${name(database)} character set ${charset} collate ${collation};`);
}

async function giveGrantsBack(work: BackupWork, place: ServerPlace, from: string): Promise<void> {
  const marker = table(from, markerTable);
  await ask(work, onServer(place), `insert ignore into mysql.procs_priv select * from ${marker}; flush privileges;`);
}

/** The new content comes into place. Done again from any point of it, it ends the same. */
export async function goForward(work: BackupWork, place: ServerPlace, note: RestoreNote): Promise<void> {
  const target = { ...place, database: note.database };
  await ask(work, onServer(place), `create database if not exists ${name(note.database)};`);
  await dropCode(work, place, note.database);
  if (await hasMarker(work, place, note.side)) {
    await dropCode(work, place, note.side);
    const marker: [string, string] = [note.side, note.kept];
    await exchange(work, place, { database: note.database, away: note.kept, side: note.side, marker });
  }
  if (!(await hasMarker(work, place, note.kept))) throw dumpFailed(note.database, new Error('the tables did not move'));
  await setSettings(work, place, note.database, note.settings?.next);
  await loadMariadb(work, target, journalFile(work, note, 'new.sql'), 'all');
  await giveGrantsBack(work, place, note.kept);
  await checkCounts(work, place, note);
  await writeRestoreNote(work, { ...note, state: 'over' });
}

/** The old content comes back. Done again from any point of it, it ends the same. */
export async function goBack(work: BackupWork, place: ServerPlace, note: RestoreNote): Promise<void> {
  await writeRestoreNote(work, { ...note, state: 'reverting' });
  if (!(await hasMariadb(work, place, note.database))) throw databaseMissing(note.database);
  await dropCode(work, place, note.database);
  if (await hasMarker(work, place, note.kept)) {
    const marker: [string, string] = [note.kept, note.side];
    await exchange(work, place, { database: note.database, away: note.side, side: note.kept, marker });
  }
  await setSettings(work, place, note.database, note.settings?.before);
  await loadMariadb(work, { ...place, database: note.database }, journalFile(work, note, 'old.sql'), 'all');
  await giveGrantsBack(work, place, note.side);
  if (note.isNew) await dropMariadb(work, place, note.database);
  await writeRestoreNote(work, { ...note, state: 'over' });
}

async function checkCounts(work: BackupWork, place: ServerPlace, note: RestoreNote): Promise<void> {
  const counts = await countCode(work, place, note.database);
  const differing = (['routines', 'triggers', 'views', 'events'] as const).find(
    (kind) => counts[kind] !== note.counts[kind],
  );
  if (differing !== undefined) throw dumpFailed(note.database, new Error(`the number of ${differing} is another`));
}

/** How many of each the server has in a database. */
export async function countCode(
  work: BackupWork,
  place: ServerPlace,
  database: string,
): Promise<RestoreNote['counts']> {
  const isWithEvents = await hasEvents(work, place);
  const count = (from: string, column: string): string =>
    `(select count(*) from information_schema.${from} where ${is(column, database)})`;
  const events = isWithEvents ? count('events', 'event_schema') : '0';
  const sql = `select ${count('routines', 'routine_schema')}, ${count('triggers', 'trigger_schema')},
    ${count('views', 'table_schema')}, ${events};`;
  const [[routines, triggers, views, found] = []] = await ask(work, onServer(place), sql);
  return { routines: Number(routines), triggers: Number(triggers), views: Number(views), events: Number(found) };
}

/** Another database whose tables refer to tables of this one: they would follow the old tables. */
export async function referringDatabase(
  work: BackupWork,
  place: ServerPlace,
  database: string,
): Promise<string | undefined> {
  const sql = `select constraint_schema from information_schema.referential_constraints
    where ${is('unique_constraint_schema', database)} and not ${is('constraint_schema', database)} limit 1;`;
  const [[other] = []] = await ask(work, onServer(place), sql);
  return other;
}
