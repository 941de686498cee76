import { z } from 'zod';
import { databaseEngines } from '#shared/databases.ts';
import { AppError } from '#shared/errors.ts';
import { id } from '#shared/http.ts';
import { listNames, readText, removeFile, Unsynced } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import type { Machine } from '../core/machine.ts';

/*
 * Which databases the panel has made, for which site, with which user: one file of root's for each (0600), on the disk
 * before anything happens on a server. Passwords in it are sealed (seal.ts).
 */

export const databaseRecord = z.strictObject({
  databaseId: id,
  engine: z.enum(databaseEngines),
  name: z.string(),
  user: z.string(),
  siteId: id.nullable(),
  charset: z.string(),
  collation: z.string(),
  password: z.string(),
  /** A change of the password is under way: one of the two counts, the server says which. */
  nextPassword: z.string().nullable(),
  /** Everything but `ready` says that a crash has left something to be brought to an end. */
  state: z.enum(['creating', 'ready', 'removing', 'restoring', 'importing', 'renaming']),
  /** What it was called before: old backups know it by that name. */
  formerNames: z.array(z.string()).default([]),
  /** PostgreSQL: it is being given to this role; the server says which of the two has it. `isNew`: we make it for that. */
  nextUser: z.strictObject({ user: z.string(), isNew: z.boolean() }).nullable().default(null),
  /** The run that removes, restores or renames it, or loads something into it. */
  runId: id.nullable(),
  /** Epoch ms. */
  createdAt: z.number(),
});
export type DatabaseRecord = z.infer<typeof databaseRecord>;

type Where = Pick<Machine, 'stateFolder'>;

/** One change at a time; runs, which are processes of their own, only touch what is marked as theirs. */
export const databasesLock = 'databases';

export const databasesFolder = ({ stateFolder }: Where): string => `${stateFolder}/databases`;
export const recordsFolder = (where: Where): string => `${databasesFolder(where)}/records`;
/** What is no table, of databases of MariaDB that are being renamed: a folder for each run. */
export const renamesFolder = (where: Where): string => `${databasesFolder(where)}/renames`;
const pathOf = (where: Where, databaseId: string): string => `${recordsFolder(where)}/${databaseId}.json`;

/** Throws for a record that cannot be read: it must not pass for one that is not there. */
export function findRecord(where: Where, databaseId: string): DatabaseRecord | undefined {
  const text = readText(pathOf(where, databaseId));
  return text === undefined ? undefined : databaseRecord.parse(JSON.parse(text));
}

export function listRecords(where: Where): DatabaseRecord[] {
  return listNames(recordsFolder(where))
    .flatMap((name) => /^([a-z2-7]{16})\.json$/.exec(name)?.[1] ?? [])
    .flatMap((databaseId) => findRecord(where, databaseId) ?? []);
}

/** Throws `database_unknown`. */
export function getRecord(where: Where, databaseId: string): DatabaseRecord {
  const record = findRecord(where, databaseId);
  if (record === undefined)
    throw new AppError('not_found', 'There is no such database.', { reason: 'database_unknown' });
  return record;
}

/** Throws `database_under_way` while it is being made, removed or restored. */
export function getReady(where: Where, databaseId: string): DatabaseRecord {
  const record = getRecord(where, databaseId);
  if (record.state !== 'ready')
    throw new AppError('busy', 'Something else is under way with this database.', { reason: 'database_under_way' });
  return record;
}

export async function writeRecord(where: Where, record: DatabaseRecord): Promise<DatabaseRecord> {
  await putJsonFile(pathOf(where, record.databaseId), record);
  return record;
}

export async function removeRecord(where: Where, databaseId: string): Promise<void> {
  const unsynced = new Unsynced();
  removeFile(pathOf(where, databaseId), unsynced);
  await unsynced.flush();
}

/** Names and users of the panel's own, also of those that are not on the server now. */
export function refuseTaken(
  where: Where,
  { engine, name, user }: Pick<DatabaseRecord, 'engine' | 'name' | 'user'>,
): void {
  const records = listRecords(where).filter((each) => each.engine === engine);
  if (records.some((each) => each.name === name)) throw databaseExists(name);
  if (records.some((each) => each.user === user)) throw userExists(user);
}

export function databaseExists(name: string): AppError {
  return new AppError('already_exists', 'There is a database of this name.', {
    reason: 'database_exists',
    params: { name },
    fields: [{ field: 'name', code: 'database_exists', params: { name } }],
  });
}

export function userExists(user: string): AppError {
  return new AppError('already_exists', 'There is a database user of this name.', {
    reason: 'database_user_exists',
    params: { user },
    fields: [{ field: 'user', code: 'database_user_exists', params: { user } }],
  });
}
