import { databaseCollation, databaseCharsets, isCollationOf, type DatabaseCharset } from '#shared/databases.ts';
import { AppError } from '#shared/errors.ts';
import type { SiteFileDatabaseChoice } from '#shared/site-files.ts';
import { forgetDatabase } from '../databases/console/history.ts';
import { dropReader } from '../databases/console/reader.ts';
import { settleRecords } from '../databases/create.ts';
import { engineOf, mustRun } from '../databases/engines/engines.ts';
import { localeFor } from '../databases/engines/postgresql-server.ts';
import {
  databaseExists,
  databasesLock,
  findRecord,
  refuseTaken,
  removeRecord,
  userExists,
  writeRecord,
  type DatabaseRecord,
} from '../databases/records.ts';
import { newPassword, seal, unseal } from '../databases/seal.ts';
import { newId } from '../backups/keys.ts';
import type { Call } from '../core/call.ts';
import type { Machine } from '../core/machine.ts';
import { inspectSiteFile } from './incoming.ts';
import type { PackedDatabase } from './site-file.ts';

/*
 * Databases that a site brings along in its file. Their names are taken when the import begins, by records that say whose
 * they are; the process that unpacks makes them and loads them (load-databases.ts), and they are the site's when it is made.
 * Until then everything of them can be taken back, at any instant.
 */

/** As the record of the copy keeps it. */
export type BroughtDatabase = {
  readonly databaseId: string;
  /** In the list of the file. */
  readonly index: number;
  readonly name: string;
  readonly user: string;
  /** It was made on the server, and is ours whatever is said of it there. */
  readonly isMade: boolean;
};

/** What of the record of a copy matters here. */
export type Bringing = {
  readonly copyId: string;
  readonly spec: { readonly siteId: string };
  readonly databases?: readonly BroughtDatabase[];
};

type Where = Pick<Machine, 'prefix' | 'stateFolder'>;

/** Throws `not_allowed`, and `site_file_damaged` for one that the file does not have. */
export async function wantedDatabases(
  machine: Where,
  uploadId: string,
  wanted: readonly SiteFileDatabaseChoice[],
  { may }: Pick<Call, 'may'>,
): Promise<BroughtDatabase[]> {
  if (wanted.length === 0) return [];
  if (!may('databases.manage'))
    throw new AppError('not_allowed', 'Databases are not for this person.', {
      params: { permission: 'databases.manage' },
    });
  const { manifest } = await inspectSiteFile(machine, uploadId);
  return wanted.map((each) => {
    if (manifest.databases?.[each.index] === undefined)
      throw new AppError('invalid_request', 'The file has no such database.', { reason: 'database_unknown' });
    return { ...each, databaseId: newId(), isMade: false };
  });
}

/** Takes the names for these databases. Asked again it takes what is missing. Throws `database_exists` and the like. */
export async function reserveDatabases(
  machine: Pick<Machine, 'locks' | 'now'> & Where,
  { copyId, spec, databases = [] }: Bringing,
  uploadId: string,
  deadlineAt: number,
): Promise<void> {
  if (databases.length === 0) return;
  const { manifest } = await inspectSiteFile(machine, uploadId);
  await machine.locks.hold(databasesLock, deadlineAt, async () => {
    await settleRecords(machine);
    for (const [at, { databaseId, index, name, user }] of databases.entries()) {
      const facts = manifest.databases?.[index];
      if (facts === undefined) throw new AppError('not_found', 'It is gone.', { reason: 'database_unknown' });
      if (findRecord(machine, databaseId)?.runId === copyId) continue;
      const { engine, charset } = facts;
      try {
        refuseTaken(machine, { engine, name, user });
        await mustRun(machine, engine);
        if (await engineOf(facts).hasDatabase(machine, name)) throw databaseExists(name);
        if (await engineOf(facts).hasUser(machine, user)) throw userExists(user);
      } catch (error) {
        throw atPlace(error, at);
      }
      await writeRecord(machine, {
        databaseId,
        engine,
        name,
        user,
        siteId: spec.siteId,
        charset,
        collation: await collationFor(machine, facts),
        password: await seal(machine, databaseId, newPassword()),
        nextPassword: null,
        state: 'importing',
        formerNames: [],
        nextUser: null,
        runId: copyId,
        createdAt: machine.now(),
      });
    }
  });
}

/** The fields as they stand in the list of the request. */
function atPlace(error: unknown, at: number): unknown {
  if (!(error instanceof AppError) || error.fields.length === 0) return error;
  const { code, message, reason, params, cause } = error;
  const fields = error.fields.map((each) => ({ ...each, field: `databases.${at}.${each.field}` }));
  return new AppError(code, message, { ...(reason === undefined ? {} : { reason }), params, fields, cause });
}

/** As the file says, when this server knows it. */
async function collationFor(where: Where, { engine, charset, collation }: PackedDatabase): Promise<string> {
  if (engine === 'postgresql') {
    try {
      return await localeFor(where, charset, collation);
    } catch {
      return await localeFor(where, charset, null);
    }
  }
  const known = charset as DatabaseCharset;
  const given = databaseCollation.safeParse(collation);
  return given.success && isCollationOf(known, given.data) ? given.data : databaseCharsets[known];
}

/** The record of one that this copy has taken; undefined: it is gone, or the site's by now. */
export function takenBy(
  where: Where,
  { copyId }: Bringing,
  { databaseId }: BroughtDatabase,
): DatabaseRecord | undefined {
  const record = findRecord(where, databaseId);
  return record?.state === 'importing' && record.runId === copyId ? record : undefined;
}

/** Everything of them, on the servers and here. What was taken back before is passed over. */
export async function takeDatabasesBack(where: Where, bringing: Bringing): Promise<void> {
  for (const each of bringing.databases ?? []) {
    const record = takenBy(where, bringing, each);
    if (record === undefined) continue;
    await takeOffServer(where, record, each);
    await dropReader(where, record);
    await removeRecord(where, record.databaseId);
    forgetDatabase(where, record.databaseId);
  }
}

/** By its mark as long as nothing was loaded; then whatever was loaded may have said otherwise of it. */
export async function takeOffServer(
  where: Where,
  record: DatabaseRecord,
  { isMade }: Pick<BroughtDatabase, 'isMade'>,
): Promise<void> {
  const server = engineOf(record);
  if (isMade) {
    await server.dropDatabase(where, record.name);
    await server.dropUser(where, record.user);
  } else await server.takeBack(where, record, await unseal(where, record.databaseId, record.password));
}

/** The site is there: they are its own from now on. */
export async function giveDatabases(where: Where, bringing: Bringing): Promise<void> {
  for (const each of bringing.databases ?? []) {
    const record = takenBy(where, bringing, each);
    if (record !== undefined) await writeRecord(where, { ...record, state: 'ready', runId: null });
  }
}
