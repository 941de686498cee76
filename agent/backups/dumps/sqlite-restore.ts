import { createReadStream, fchmodSync, fchownSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '#shared/errors.ts';
import {
  closeFile,
  look,
  movePath,
  openLog,
  removeFile,
  replaceFile,
  sync,
  Unsynced,
  writeAt,
} from '../../core/files.ts';
import type { DumpPart } from '../manifest.ts';
import type { BackupWork, DumpInto } from '../work.ts';
import { databaseExists, dumpFailed, mustBeEqual } from './dump-errors.ts';
import { newRestoreId, removeRestoreNote, writeRestoreNote, type RestoreNote } from './journal.ts';
import { readSqliteContent } from './sqlite-content.ts';
import { removeDatabaseFiles } from './sqlite-dump.ts';

/** Puts a spooled, checked copy into the place of its file, or beside it as `<name>.db`. */
export async function restoreSqlite(
  work: BackupWork,
  path: string,
  part: DumpPart,
  spooled: string,
  into: DumpInto,
): Promise<void> {
  try {
    mustBeEqual(part, readSqliteContent(spooled), part.name);
  } finally {
    for (const end of ['-wal', '-shm']) removeFile(`${spooled}${end}`);
  }
  const isAside = into.kind === 'aside';
  const target = isAside ? `${dirname(path)}/${into.databaseName}.db` : path;
  const found = look(target);
  if (isAside && found.type !== 'missing') throw databaseExists(target);
  const id = newRestoreId();
  const note: RestoreNote = {
    id,
    state: 'loading',
    source: part.source,
    database: target,
    side: `${dirname(target)}/.${basename(target)}.aapanel-${id}`,
    kept: '',
    isNew: found.type === 'missing',
    isAside,
    settings: null,
    counts: part.counts,
  };
  await writeRestoreNote(work, note);
  try {
    await stage(work, spooled, note.side, look(path));
    if (!isAside) await writeRestoreNote(work, { ...note, state: 'swapping' });
    await swapSqlite(work, note);
  } catch (error) {
    removeFile(note.side);
    await removeRestoreNote(work, note);
    throw error instanceof AppError ? error : dumpFailed(target, error);
  }
}

/** In the folder of its goal, with the owner and mode of what it replaces, and on the disk. */
async function stage(
  work: Pick<BackupWork, 'signal'>,
  from: string,
  to: string,
  like: ReturnType<typeof look>,
): Promise<void> {
  const folder = look(dirname(to));
  const owner = like.type === 'file' ? like : folder.type === 'folder' ? folder : undefined;
  const fd = openLog(to);
  try {
    let offset = 0;
    for await (const piece of createReadStream(from, { highWaterMark: 256 * 1024 })) {
      work.signal.throwIfAborted();
      writeAt(fd, piece as Buffer, offset);
      offset += (piece as Buffer).length;
    }
    if (owner !== undefined) fchownSync(fd, owner.uid, owner.gid);
    fchmodSync(fd, like.type === 'file' ? like.mode : 0o640);
    await sync(fd);
  } finally {
    closeFile(fd);
  }
}

/** One rename. Done again after a crash it ends the same: a staged file that is gone has arrived. */
export async function swapSqlite(work: Pick<BackupWork, 'folder'>, note: RestoreNote): Promise<void> {
  if (look(note.side).type === 'file') {
    const unsynced = new Unsynced();
    if (note.isAside) movePath(note.side, note.database, unsynced);
    else replaceLocked(note, unsynced);
    await unsynced.flush();
  }
  await removeRestoreNote(work, note);
}

/**
 * Left with a log of the old file beside it, SQLite would write old pages into the new one. So the old one first takes
 * its log in and gives it up, which it only does when nobody else has it open; from then to the rename we hold its lock.
 */
function replaceLocked(note: RestoreNote, unsynced: Unsynced): void {
  const old = lockOld(note.database);
  try {
    if (old === undefined) for (const end of ['-wal', '-shm', '-journal']) removeFile(`${note.database}${end}`);
    replaceFile(note.side, note.database, unsynced);
  } finally {
    old?.close();
  }
}

/** undefined when there is no file, or none that SQLite can read. */
function lockOld(path: string): DatabaseSync | undefined {
  if (look(path).type !== 'file') return undefined;
  const database = new DatabaseSync(path, { timeout: 10_000 });
  try {
    const [mode] = database.prepare('pragma journal_mode = delete').all();
    if (mode?.['journal_mode'] !== 'delete') throw busy(path);
    database.exec('begin exclusive');
    return database;
  } catch (error) {
    database.close();
    if (error instanceof AppError) throw error;
    if (isLocked(error)) throw busy(path, error);
    return undefined;
  }
}

/** SQLITE_BUSY and SQLITE_LOCKED, with their extended codes. */
function isLocked(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  return code === 5 || code === 6;
}

function busy(path: string, cause?: unknown): AppError {
  return new AppError('busy', 'A program has this database open.', {
    reason: 'backup_database_open',
    params: { database: path },
    cause,
  });
}

/** A staged file that never came into place, and what SQLite put beside it. */
export async function takeBackLoading(work: Pick<BackupWork, 'folder'>, note: RestoreNote): Promise<void> {
  removeDatabaseFiles(note.side);
  await removeRestoreNote(work, note);
}
