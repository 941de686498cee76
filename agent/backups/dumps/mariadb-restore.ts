import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { AppError } from '#shared/errors.ts';
import { closeFile, openLog, removeFile, sync, writeAt } from '../../core/files.ts';
import { startProgram } from '../../core/run.ts';
import type { DumpPart } from '../manifest.ts';
import { hasEvents } from './mariadb-events.ts';
import type { BackupWork, DumpInto } from '../work.ts';
import { ask, literal, mariadbAccess, programOf } from './client.ts';
import { clientFailure, databaseExists, dumpFailed, mustBeEqual } from './dump-errors.ts';
import { createMariadb, mariadbHead, refuseSystemDatabase, type MariadbHead } from './heads.ts';
import { journalFile, newRestoreId, removeRestoreNote, writeRestoreNote, type RestoreNote } from './journal.ts';
import { headOf, loadMariadb } from './load.ts';
import { dumpFlags } from './mariadb-dump.ts';
import { MariadbFilter } from './mariadb-filter.ts';
import {
  countCode,
  dropMariadb,
  goBack,
  goForward,
  hasMariadb,
  makeMarker,
  onServer,
  referringDatabase,
} from './mariadb-swap.ts';
import type { ServerPlace } from './address.ts';
import { contentLike } from './prove.ts';

/** Puts a spooled, checked dump into the place of its database, or into a new one. */
export async function restoreMariadb(
  work: BackupWork,
  place: ServerPlace,
  part: DumpPart,
  path: string,
  into: DumpInto,
): Promise<void> {
  refuseSystemDatabase('mariadb', place.database);
  const { data: head } = mariadbHead.safeParse(await headOf(path));
  const note = await planRestore(work, place, part, head, into);
  await writeRestoreNote(work, note);
  try {
    await loadBeside(work, place, note, part, path, head);
    if (note.isAside) return await removeRestoreNote(work, note);
    await prepareSwap(work, place, note, path);
  } catch (error) {
    await takeBackLoading({ ...work, signal: new AbortController().signal }, place, note);
    throw error;
  }
  await swapMariadb(work, place, { ...note, state: 'swapping' });
}

async function planRestore(
  work: BackupWork,
  place: ServerPlace,
  part: DumpPart,
  head: MariadbHead | undefined,
  into: DumpInto,
): Promise<RestoreNote> {
  const id = newRestoreId();
  const isAside = into.kind === 'aside';
  if (isAside && (await hasMariadb(work, place, into.databaseName))) throw databaseExists(into.databaseName);
  const other = isAside ? undefined : await referringDatabase(work, place, place.database);
  if (other !== undefined)
    throw new AppError('in_use', 'Tables elsewhere refer to this database.', {
      reason: 'backup_database_used_elsewhere',
      params: { database: place.database, other },
    });
  const next = head === undefined ? '' : `${head.charset} ${head.collation}`;
  return {
    id,
    state: 'loading',
    source: part.source,
    database: place.database,
    side: isAside ? into.databaseName : `aapanel_new_${id}`,
    kept: `aapanel_old_${id}`,
    isNew: !(await hasMariadb(work, place, place.database)),
    isAside,
    settings: isAside ? null : { next, before: await settingsOf(work, place) },
    counts: part.counts,
  };
}

async function settingsOf(work: BackupWork, place: ServerPlace): Promise<string> {
  const sql = `select default_character_set_name, default_collation_name from information_schema.schemata
    where cast(schema_name as binary) = cast(${literal('mariadb', place.database)} as binary);`;
  const [row = []] = await ask(work, onServer(place), sql);
  return row.join(' ');
}

/** Everything but events: they would run there. Rejects when what was loaded is not what was saved. */
async function loadBeside(
  work: BackupWork,
  place: ServerPlace,
  note: RestoreNote,
  part: DumpPart,
  path: string,
  head: MariadbHead | undefined,
): Promise<void> {
  const side = { ...place, database: note.side };
  await ask(work, onServer(place), createMariadb(note.side, head));
  await ask(work, side, `create table ${ownTable(note)} (id int);`);
  await loadMariadb(work, side, path, 'no_events');
  const found = await contentLike({ ...work, report: () => undefined }, side, part, path);
  const counted = await countCode(work, place, note.side);
  // Views whose definer is missing here are there and cannot be read: they are counted by the server.
  const tables = found.tables.filter(({ name }) => name !== ownTable(note));
  mustBeEqual(part, { tables, counts: { ...counted, events: part.counts.events } }, part.name);
  await ask(work, side, `drop table ${ownTable(note)};`);
  if (note.isAside && part.counts.events > 0)
    work.report({
      what: 'left_out',
      subject: note.side,
      reason: 'events_aside',
      params: { count: part.counts.events },
    });
  for (const account of await missingDefiners(work, place, head))
    work.report({ what: 'kept', subject: account, reason: 'definer_missing', params: {} });
}

async function missingDefiners(work: BackupWork, place: ServerPlace, head: MariadbHead | undefined): Promise<string[]> {
  const definers = head?.definers ?? [];
  if (definers.length === 0) return [];
  const known = await ask(work, onServer(place), 'select concat(user, char(64), host) from mysql.user;').catch(
    () => [],
  );
  const names = new Set(known.flat());
  return definers
    .map(({ user, host }) => `${user}@${host}`)
    .filter((account) => known.length > 0 && !names.has(account));
}

/** What is no table, of the new and of the old content, as SQL in the journal; the marker; then the note that counts. */
async function prepareSwap(work: BackupWork, place: ServerPlace, note: RestoreNote, path: string): Promise<void> {
  await keepCode(createReadStream(path), journalFile(work, note, 'new.sql'), note.database);
  if (note.isNew) await keepCode(createReadStream('/dev/null'), journalFile(work, note, 'old.sql'), note.database);
  else await keepPresentCode(work, place, journalFile(work, note, 'old.sql'));
  await makeMarker(work, place, note);
  await writeRestoreNote(work, { ...note, state: 'swapping' });
}

async function keepCode(input: Readable, path: string, database: string): Promise<void> {
  removeFile(path);
  const fd = openLog(path);
  let offset = 0;
  try {
    const filter = input.pipe(new MariadbFilter('code', database));
    input.once('error', (error) => filter.destroy(error));
    for await (const piece of filter) {
      const bytes = piece as Buffer;
      writeAt(fd, bytes, offset);
      offset += bytes.length;
    }
    await sync(fd);
  } finally {
    closeFile(fd);
  }
}

/** What is no table, of a database as it is now, as SQL in a file. */
export async function keepPresentCode(work: BackupWork, place: ServerPlace, path: string): Promise<void> {
  const isWithEvents = await hasEvents(work, place);
  const access = mariadbAccess(work, place.address);
  try {
    const flags = [...dumpFlags, '--no-data', ...(isWithEvents ? ['--events'] : [])];
    const broken = await brokenViews(work, place);
    const args = [...access.args, ...flags, ...broken, '--', place.database];
    const child = startProgram(programOf('mariadb-dump', 'mysqldump'), args, {
      ...access.options,
      signal: work.signal,
    });
    await keepCode(child.stdout, path, place.database);
    const { code, stderr } = await child.ended;
    work.signal.throwIfAborted();
    if (code !== 0) throw clientFailure(place.database, stderr);
  } finally {
    access.release();
  }
}

async function brokenViews(work: BackupWork, place: ServerPlace): Promise<string[]> {
  const names = await brokenViewsOf(work, place);
  return names.map((view) => `--ignore-table=${place.database}.${view}`);
}

/** Views that point nowhere: the server cannot say how they were made. It only looks when it is asked for rows too. */
export async function brokenViewsOf(work: BackupWork, place: ServerPlace): Promise<string[]> {
  const sql = `select table_name from information_schema.tables
    where cast(table_schema as binary) = cast(${literal('mariadb', place.database)} as binary)
      and table_type = 'VIEW' and table_rows is null and table_comment <> 'VIEW';`;
  const rows = await ask(work, onServer(place), sql);
  return rows.flatMap(([view]) => view ?? []);
}

/** Says that the database beside is ours, so that nothing of the same name that somebody made meanwhile is dropped. */
const ownTable = ({ id }: Pick<RestoreNote, 'id'>): string => `aapanel_restoring_${id}`;

/** Removes what was loaded beside. The database in place has not been touched. */
export async function takeBackLoading(work: BackupWork, place: ServerPlace, note: RestoreNote): Promise<void> {
  const sql = `select 1 from information_schema.tables where table_name = '${ownTable(note)}'
    and cast(table_schema as binary) = cast(${literal('mariadb', note.side)} as binary);`;
  const isOurs = !note.isAside || (await ask(work, onServer(place), sql)).length > 0;
  if (isOurs) await dropMariadb(work, place, note.side);
  await removeRestoreNote(work, note);
}

/** Forward, or back when that fails; the note stays when neither works. Also what a crash left. */
export async function swapMariadb(work: BackupWork, place: ServerPlace, note: RestoreNote): Promise<void> {
  let failure: unknown;
  try {
    if (note.state === 'swapping') await goForward(work, place, note);
  } catch (error) {
    failure = error;
  }
  if (failure !== undefined || note.state === 'reverting') await goBackOrSay(work, place, note, failure);
  await dropMariadb(work, place, note.side, note.kept);
  await removeRestoreNote(work, note);
  if (failure !== undefined) throw dumpFailed(note.database, failure);
}

async function goBackOrSay(work: BackupWork, place: ServerPlace, note: RestoreNote, failure: unknown): Promise<void> {
  // Going back must not be stopped by what stopped going forward.
  const calm = { ...work, signal: new AbortController().signal };
  try {
    await goBack(calm, place, note);
  } catch (error) {
    throw new AppError('internal', 'The old content could not be put back.', {
      reason: 'rollback_failed',
      params: { changeId: note.id },
      cause: new AggregateError([failure, error]),
    });
  }
}
