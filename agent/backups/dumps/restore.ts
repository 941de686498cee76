import type { Readable } from 'node:stream';
import { listNames, readText, removeFile, removeOwnFolder, look } from '../../core/files.ts';
import { listRecords } from '../../databases/records.ts';
import type { DumpPart } from '../manifest.ts';
import type { BackupWork, DumpInto } from '../work.ts';
import { listRestoreNotes, type RestoreNote } from './journal.ts';
import { restoreMariadb, swapMariadb, takeBackLoading as takeBackMariadb } from './mariadb-restore.ts';
import type { DumpPlace } from './address.ts';
import { hasMariadb } from './mariadb-swap.ts';
import { restorePlaceOf } from './place.ts';
import { hasPostgres, restorePostgres, swapPostgres, takeBackLoading as takeBackPostgres } from './postgres-restore.ts';
import { spoolDump } from './spool.ts';
import { restoreSqlite, swapSqlite, takeBackLoading as takeBackSqlite } from './sqlite-restore.ts';
import { throwawaysFolder } from './throwaway.ts';

/** Checks all of a dump before any of it is loaded, loads it beside, checks that, and only then changes what is in place. */
export async function restoreDump(work: BackupWork, part: DumpPart, input: Readable, into: DumpInto): Promise<void> {
  const path = await spoolDump(work, part, input);
  try {
    const place = await presentPlace(work, await restorePlaceOf(work, part.source));
    if (place.engine === 'sqlite') await restoreSqlite(work, place.path, part, path, into);
    else if (place.engine === 'mariadb') await restoreMariadb(work, place, part, path, into);
    else await restorePostgres(work, place, part, path, into);
  } finally {
    removeFile(path);
  }
}

/** A database of ours that is called otherwise since it was saved, unless something has its old name now. */
async function presentPlace(work: BackupWork, place: DumpPlace): Promise<DumpPlace> {
  if (place.engine === 'sqlite') return place;
  const { engine, database } = place;
  const renamed = listRecords(work).find((each) => each.engine === engine && each.formerNames.includes(database));
  if (renamed === undefined) return place;
  const isThere =
    engine === 'mariadb' ? await hasMariadb(work, place, database) : await hasPostgres(work, place, database);
  return isThere ? place : { ...place, database: renamed.name };
}

/** What a crash left of restores and proofs. A restore whose server is away stays noted for the next time. */
export async function recoverDumps(work: BackupWork): Promise<void> {
  removeThrowaways(work);
  const failures: unknown[] = [];
  for (const note of listRestoreNotes(work)) {
    try {
      await recoverRestore(work, note, await restorePlaceOf(work, note.source));
      work.log(`a restore of ${note.database} that was cut short has been brought to its end`);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function recoverRestore(work: BackupWork, note: RestoreNote, place: DumpPlace): Promise<void> {
  const isLoading = note.state === 'loading';
  if (place.engine === 'sqlite') return await (isLoading ? takeBackSqlite(work, note) : swapSqlite(work, note));
  const there = { ...place, database: note.database };
  if (place.engine === 'mariadb')
    return await (isLoading ? takeBackMariadb(work, there, note) : swapMariadb(work, there, note));
  return await (isLoading ? takeBackPostgres(work, there, note) : swapPostgres(work, there, note));
}

/** Their servers ended with the run that started them. */
function removeThrowaways(work: BackupWork): void {
  for (const id of listNames(throwawaysFolder(work.folder))) {
    const note = `${throwawaysFolder(work.folder)}/${id}`;
    const folder = readText(note) ?? '';
    if (/^\/var\/tmp\/aapanel-proof-[0-9a-f]{12}$/.test(folder) && look(folder).type === 'folder')
      removeOwnFolder(folder);
    removeFile(note);
  }
}
