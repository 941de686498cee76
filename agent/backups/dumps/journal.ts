import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { listNames, makeFolders, putFile, readText, removeFile, Unsynced } from '../../core/files.ts';
import { dumpPart } from '../manifest.ts';
import type { BackupWork } from '../work.ts';

/*
 * What a restore is about to do to a database, on the disk before it does it. Nothing in place has changed while the
 * state is `loading`; from `swapping` on the new content is whole and checked, and whoever finds the note goes forward,
 * or back when that fails.
 */

export const restoreNote = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{12}$/),
  state: z.enum(['loading', 'swapping', 'reverting', 'over']),
  source: dumpPart.shape.source,
  /** What is replaced, and what takes its place. */
  database: z.string(),
  side: z.string(),
  /** Where the old content goes until all is over. */
  kept: z.string(),
  /** Nothing stood in the place before. */
  isNew: z.boolean(),
  /** Side is the goal: nothing is replaced. */
  isAside: z.boolean(),
  /** MariaDB: character set and collation of the saved and of the present database. */
  settings: z.object({ next: z.string(), before: z.string() }).nullable(),
  counts: dumpPart.shape.counts,
});
export type RestoreNote = z.infer<typeof restoreNote>;

type Work = Pick<BackupWork, 'folder'>;

export const journalFolder = ({ folder }: Work): string => `${folder}/dumps-journal`;

/** A file that belongs to a restore: gone with its note. */
export const journalFile = (work: Work, note: Pick<RestoreNote, 'id'>, name: 'old.sql' | 'new.sql'): string =>
  `${journalFolder(work)}/${note.id}.${name}`;

export const newRestoreId = (): string => randomBytes(6).toString('hex');

/** Durable when it ends. */
export async function writeRestoreNote(work: Work, note: RestoreNote): Promise<RestoreNote> {
  makeFolders(journalFolder(work));
  const unsynced = new Unsynced();
  const path = `${journalFolder(work)}/${note.id}.json`;
  putFile(path, Buffer.from(JSON.stringify(note)), { mode: 0o600 }, 'note', unsynced);
  await unsynced.flush();
  return note;
}

export async function removeRestoreNote(work: Work, note: Pick<RestoreNote, 'id'>): Promise<void> {
  const unsynced = new Unsynced();
  removeFile(`${journalFolder(work)}/${note.id}.json`, unsynced);
  await unsynced.flush();
  for (const name of ['old.sql', 'new.sql'] as const) removeFile(journalFile(work, note, name));
}

/** Throws for a note that cannot be read: something is half done and we do not know what. */
export function listRestoreNotes(work: Work): RestoreNote[] {
  return listNames(journalFolder(work))
    .filter((name) => /^[0-9a-f]{12}\.json$/.test(name))
    .map((name) => restoreNote.parse(JSON.parse(readText(`${journalFolder(work)}/${name}`) ?? '')));
}
