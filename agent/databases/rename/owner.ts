import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import type { Machine } from '../../core/machine.ts';
import { settleRecords } from '../create.ts';
import type { Where } from '../engines/engine.ts';
import { mustRun } from '../engines/engines.ts';
import { giveAway, isOrdinaryRole } from '../engines/postgresql-changes.ts';
import { postgresql } from '../engines/postgresql.ts';
import { databasesLock, getReady, listRecords, userExists, writeRecord, type DatabaseRecord } from '../records.ts';
import { newPassword, seal } from '../seal.ts';
import { settleOwner } from './settle-owner.ts';

/**
 * Another role has a database of PostgreSQL and all that is in it: a new one, or one that is there, with its password. What
 * is wanted is written down first; after a crash the server says which of the two has it. Throws `database_owner_engine`,
 * `database_owner_password`, `database_user_exists`, `database_server_*`.
 */
export async function changeOwner(
  machine: Machine,
  { databaseId, user, password: given }: ActionParams<AgentActions['databases.change_owner']>,
  deadlineAt: number,
): Promise<DatabaseRecord> {
  return await machine.locks.hold(databasesLock, deadlineAt, async () => {
    await settleRecords(machine);
    const record = getReady(machine, databaseId);
    if (record.engine !== 'postgresql')
      throw new AppError('invalid_request', 'This server has no owners.', { reason: 'database_owner_engine' });
    if (record.user === user) return record;
    if (listRecords(machine).some((each) => each.engine === 'postgresql' && each.user === user)) throw userExists(user);
    await mustRun(machine, 'postgresql');
    const isNew = !(await postgresql.hasUser(machine, user));
    if (!isNew) await checkRole(machine, user, given);
    const password = given ?? newPassword();
    const wanted = await writeRecord(machine, {
      ...record,
      nextUser: { user, isNew },
      nextPassword: await seal(machine, databaseId, password),
    });
    try {
      if (isNew) await postgresql.makeUser(machine, { ...record, user }, password);
      await giveAway(machine, { database: record.name, from: record.user, to: user });
      await postgresql.tryUser(machine, { name: record.name, user }, password);
    } catch (error) {
      // It is as the server says; where that cannot be asked now, the next one who comes here does.
      await settleOwner(machine, wanted).catch(() => undefined);
      throw error;
    }
    return await settleOwner(machine, wanted);
  });
}

/** Its password is kept here from now on, and it must not be one that could do more than its database needs. */
async function checkRole(where: Where, user: string, password: string | null): Promise<void> {
  if (!(await isOrdinaryRole(where, user)))
    throw new AppError('invalid_request', 'This role cannot have a database.', {
      fields: [{ field: 'user', code: 'database_user_reserved' }],
    });
  const isRight = password !== null && (await postgresql.isPassword(where, user, password)) === true;
  if (!isRight)
    throw new AppError('invalid_request', 'The password of this role is another one.', {
      reason: 'database_owner_password',
      fields: [{ field: 'password', code: 'database_owner_password' }],
    });
}
