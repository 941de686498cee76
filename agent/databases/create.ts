import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { databaseCharsets, type DatabaseCharset } from '#shared/databases.ts';
import { AppError } from '#shared/errors.ts';
import type { Machine } from '../core/machine.ts';
import { logLine } from '../core/machine.ts';
import {
  databaseExists,
  databasesLock,
  findRecord,
  getReady,
  listRecords,
  refuseTaken,
  removeRecord,
  userExists,
  writeRecord,
  type DatabaseRecord,
} from './records.ts';
import type { Where } from './engines/engine.ts';
import { forgetDatabase } from './console/history.ts';
import { dropReader } from './console/reader.ts';
import { engineOf, mustRun } from './engines/engines.ts';
import { localeFor } from './engines/postgresql-server.ts';
import { newPassword, seal, unseal } from './seal.ts';

type Place = Pick<Machine, 'locks' | 'now'> & Where;

/**
 * A database with a user of its own, for a site or for none: on the server and in our record, or in neither. It is written
 * down before the server is asked for anything, so that a crash at any instant leaves nothing that nobody knows of. The
 * same id twice is the same database. Throws `database_exists`, `database_user_exists`, `database_server_*`.
 */
export async function createDatabase(
  machine: Place,
  given: ActionParams<AgentActions['databases.create']>,
  deadlineAt: number,
): Promise<DatabaseRecord> {
  return await machine.locks.hold(databasesLock, deadlineAt, async () => {
    await settleRecords(machine);
    const before = findRecord(machine, given.databaseId);
    if (before?.state === 'ready' && before.name === given.name && before.user === given.user) return before;
    if (before !== undefined) throw databaseExists(before.name);
    refuseTaken(machine, given);
    await mustRun(machine, given.engine);
    const server = engineOf(given);
    if (await server.hasDatabase(machine, given.name)) throw databaseExists(given.name);
    if (await server.hasUser(machine, given.user)) throw userExists(given.user);
    const { databaseId, engine, name, user, siteId, charset } = given;
    const collation = await collationOf(machine, given);
    const password = given.password ?? newPassword();
    const record = await writeRecord(machine, {
      databaseId,
      engine,
      name,
      user,
      siteId,
      charset,
      collation,
      password: await seal(machine, databaseId, password),
      nextPassword: null,
      state: 'creating',
      formerNames: [],
      nextUser: null,
      runId: null,
      createdAt: machine.now(),
    });
    try {
      await server.make(machine, record, password);
      await server.tryUser(machine, record, password);
    } catch (error) {
      await takeBackOrSay(machine, record);
      throw error;
    }
    return await writeRecord(machine, { ...record, state: 'ready' });
  });
}

async function collationOf(where: Where, given: ActionParams<AgentActions['databases.create']>): Promise<string> {
  const { engine, charset, locale } = given;
  if (engine === 'postgresql') return await localeFor(where, charset, locale);
  return databaseCharsets[charset as DatabaseCharset];
}

async function takeBackOrSay(where: Where, record: DatabaseRecord): Promise<void> {
  try {
    await takeBack(where, record);
  } catch (error) {
    // The record stays: the next one who comes here tries again.
    logLine('error', 'a database that was not made could not be taken back yet', {
      databaseId: record.databaseId,
      reason: error instanceof AppError ? error.reason : undefined,
    });
  }
}

async function takeBack(where: Where, record: DatabaseRecord): Promise<void> {
  await engineOf(record).takeBack(where, record, await unseal(where, record.databaseId, record.password));
  await removeRecord(where, record.databaseId);
}

/** With the lock held: what a crash has left in the middle comes to an end. Throws when the server does not answer. */
export async function settleRecords(where: Where): Promise<void> {
  for (const record of listRecords(where)) {
    if (record.state === 'creating') await takeBack(where, record);
    else if (record.nextUser !== null) await (await import('./rename/settle-owner.ts')).settleOwner(where, record);
    else if (record.nextPassword !== null) await settlePassword(where, record);
  }
}

/** The server says which of the two passwords counts. */
async function settlePassword(where: Where, record: DatabaseRecord): Promise<DatabaseRecord> {
  const { databaseId, nextPassword } = record;
  if (nextPassword === null) return record;
  const next = await unseal(where, databaseId, nextPassword);
  const isChanged = await engineOf(record).isPassword(where, record.user, next);
  const password = isChanged === true ? nextPassword : record.password;
  return await writeRecord(where, { ...record, password, nextPassword: null });
}

/** Answers the new password. It counts on the server and here, or the old one still does on both. */
export async function changePassword(
  machine: Place,
  { databaseId, password: given }: ActionParams<AgentActions['databases.change_password']>,
  deadlineAt: number,
): Promise<string> {
  return await machine.locks.hold(databasesLock, deadlineAt, async () => {
    await settleRecords(machine);
    const record = getReady(machine, databaseId);
    await mustRun(machine, record.engine);
    const password = given ?? newPassword();
    const sealed = await seal(machine, databaseId, password);
    await writeRecord(machine, { ...record, nextPassword: sealed });
    try {
      await engineOf(record).setPassword(machine, record, password);
      await engineOf(record).tryUser(machine, record, password);
    } catch (error) {
      await putOldBack(machine, record);
      throw error;
    }
    await writeRecord(machine, { ...record, password: sealed, nextPassword: null });
    return password;
  });
}

async function putOldBack(where: Where, record: DatabaseRecord): Promise<void> {
  try {
    const old = await unseal(where, record.databaseId, record.password);
    await engineOf(record).setPassword(where, record, old);
    await writeRecord(where, { ...record, nextPassword: null });
  } catch {
    // Both are in the record: as soon as the server answers, it says which one counts.
  }
}

/** For our own code: what a site's configuration needs. Never for an answer to the web process. */
export async function passwordOf(where: Where, databaseId: string): Promise<string> {
  return await unseal(where, databaseId, getReady(where, databaseId).password);
}

/** Takes an empty database back with its user. False: there was none. Throws `database_not_empty`. */
export async function discardDatabase(machine: Place, databaseId: string, deadlineAt: number): Promise<boolean> {
  return await machine.locks.hold(databasesLock, deadlineAt, async () => {
    if (findRecord(machine, databaseId) === undefined) return false;
    await settleRecords(machine);
    if (findRecord(machine, databaseId) === undefined) return true;
    const record = getReady(machine, databaseId);
    await mustRun(machine, record.engine);
    const { tables, code } = await engineOf(record).content(machine, record.name, record.user);
    if (tables.length > 0 || code > 0)
      throw new AppError('in_use', 'Something is in this database.', {
        reason: 'database_not_empty',
        params: { name: record.name },
      });
    // From here on it counts as one that was not made: a crash in between ends the same.
    await writeRecord(machine, { ...record, state: 'creating' });
    await takeBack(machine, record);
    await dropReader(machine, record);
    forgetDatabase(machine, databaseId);
    return true;
  });
}
