import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { databaseCharsets } from '#shared/databases.ts';
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
import { nativeHash, newPassword, seal, unseal } from './seal.ts';
import { askServer, asUser, mustRun, type Where } from './server.ts';
import {
  commentOf,
  contentOf,
  dropDatabase,
  dropUser,
  giveRights,
  hashOf,
  hasUser,
  makeDatabase,
  makeUser,
  markOf,
  setPasswordHash,
} from './statements.ts';

type Place = Pick<Machine, 'locks' | 'prefix' | 'stateFolder' | 'now'>;

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
    await mustRun(machine);
    if ((await commentOf(machine, given.name)) !== undefined) throw databaseExists(given.name);
    if (await hasUser(machine, given.user)) throw userExists(given.user);
    const { databaseId, engine, name, user, siteId, charset } = given;
    const password = given.password ?? newPassword();
    const record = await writeRecord(machine, {
      databaseId,
      engine,
      name,
      user,
      siteId,
      charset,
      collation: databaseCharsets[charset],
      password: await seal(machine, databaseId, password),
      nextPassword: null,
      state: 'creating',
      runId: null,
      createdAt: machine.now(),
    });
    try {
      await makeDatabase(machine, record);
      await makeUser(machine, user, nativeHash(password));
      await giveRights(machine, user, name);
      await tryUser(machine, record, password);
    } catch (error) {
      await takeBackOrSay(machine, record);
      throw error;
    }
    return await writeRecord(machine, { ...record, state: 'ready' });
  });
}

/** Comes in as a site would and makes a table, or throws. */
export async function tryUser(
  where: Where,
  { name, user }: Pick<DatabaseRecord, 'name' | 'user'>,
  password: string,
): Promise<void> {
  const address = asUser(where, user, password);
  await askServer(where, 'create table aapanel_probe (id int); drop table aapanel_probe;', { address, database: name });
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

/** Removes what is ours of it: somebody may have made one of the same name in the same moment. */
async function takeBack(where: Where, record: DatabaseRecord): Promise<void> {
  const { databaseId, name, user } = record;
  const ours = nativeHash(await unseal(where, databaseId, record.password));
  if ((await hashOf(where, user)) === ours) await dropUser(where, user);
  if ((await commentOf(where, name)) === markOf(databaseId)) await dropDatabase(where, name);
  await removeRecord(where, databaseId);
}

/** With the lock held: what a crash has left in the middle comes to an end. Throws when the server does not answer. */
export async function settleRecords(where: Where): Promise<void> {
  for (const record of listRecords(where)) {
    if (record.state === 'creating') await takeBack(where, record);
    else if (record.nextPassword !== null) await settlePassword(where, record);
  }
}

/** The server says which of the two passwords counts. */
async function settlePassword(where: Where, record: DatabaseRecord): Promise<DatabaseRecord> {
  const { databaseId, nextPassword } = record;
  if (nextPassword === null) return record;
  const next = nativeHash(await unseal(where, databaseId, nextPassword));
  const isChanged = (await hashOf(where, record.user)) === next;
  const password = isChanged ? nextPassword : record.password;
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
    await mustRun(machine);
    const password = given ?? newPassword();
    const sealed = await seal(machine, databaseId, password);
    await writeRecord(machine, { ...record, nextPassword: sealed });
    try {
      await setOrMake(machine, record, nativeHash(password));
      await tryUser(machine, record, password);
    } catch (error) {
      await putOldBack(machine, record);
      throw error;
    }
    await writeRecord(machine, { ...record, password: sealed, nextPassword: null });
    return password;
  });
}

/** A user that was dropped by hand, or that a recovery of the machine has not brought along, comes back. */
async function setOrMake(where: Where, { name, user }: DatabaseRecord, hash: string): Promise<void> {
  if (await hasUser(where, user)) return await setPasswordHash(where, user, hash);
  await makeUser(where, user, hash);
  await giveRights(where, user, name);
}

async function putOldBack(where: Where, record: DatabaseRecord): Promise<void> {
  try {
    await setPasswordHash(where, record.user, nativeHash(await unseal(where, record.databaseId, record.password)));
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
    await mustRun(machine);
    const { tables, code } = await contentOf(machine, record.name, record.user);
    if (tables.length > 0 || code > 0)
      throw new AppError('in_use', 'Something is in this database.', {
        reason: 'database_not_empty',
        params: { name: record.name },
      });
    // From here on it counts as one that was not made: a crash in between ends the same.
    await writeRecord(machine, { ...record, state: 'creating' });
    await takeBack(machine, record);
    return true;
  });
}
