import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { DatabaseRemovalPreview } from '#shared/databases.ts';
import { AppError } from '#shared/errors.ts';
import { sha256 } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { settleRecords } from './create.ts';
import { dropKept, getKept } from './kept.ts';
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
} from './records.ts';
import { findRun, forgetOldRuns, launchRun, newRun, startedOf, writeRun } from './runs.ts';
import type { Where } from './engines/engine.ts';
import { engineOf, mustRun } from './engines/engines.ts';

/*
 * What comes before a run: what would go is shown and confirmed, and the record says whose run has the database.
 */

export async function previewRemoval(machine: Where, databaseId: string): Promise<DatabaseRemovalPreview> {
  const record = getReady(machine, databaseId);
  const { engine, name, user } = record;
  await mustRun(machine, engine);
  // Somebody may have dropped it by hand: what is left of it goes all the same.
  const isThere = await engineOf(record).hasDatabase(machine, name);
  const { tables, rows, sizeBytes, connections } = isThere
    ? await engineOf(record).content(machine, name, user)
    : { tables: [], rows: 0, sizeBytes: 0, connections: 0 };
  const isUserKept = await engineOf(record).hasOtherRights(machine, user, name);
  // Rows come and go while people look: what counts is what there is.
  const confirm = sha256(JSON.stringify([databaseId, name, user, isUserKept, tables]));
  return { name, user, isUserKept, tables: tables.length, rows, sizeBytes, connections, confirm };
}

type Started = { state: 'running' | 'succeeded' | 'failed' };

export async function startRemoval(
  machine: Machine,
  { databaseId, runId, confirm }: ActionParams<AgentActions['databases.remove']>,
  deadlineAt: number,
): Promise<Started> {
  return await machine.locks.hold(databasesLock, deadlineAt, async () => {
    await settleRecords(machine);
    const before = findRun(machine, runId);
    if (before !== undefined) return startedOf(machine, before);
    const record = getReady(machine, databaseId);
    if ((await previewRemoval(machine, databaseId)).confirm !== confirm)
      throw new AppError('changed_meanwhile', 'The list of what would be removed has changed.', {
        reason: 'removal_list_changed',
      });
    forgetOldRuns(machine);
    const run = await writeRun(machine, newRun(machine, { runId, kind: 'remove', databaseId, removalId: null }));
    await writeRecord(machine, { ...record, state: 'removing', runId });
    try {
      await launchRun(machine, run);
    } catch (error) {
      await writeRecord(machine, record);
      await writeRun(machine, { ...run, state: 'failed', endedAt: machine.now() });
      throw error;
    }
    return { state: 'running' };
  });
}

export async function startRestore(
  machine: Machine,
  { removalId, runId }: ActionParams<AgentActions['databases.restore']>,
  deadlineAt: number,
): Promise<Started> {
  return await machine.locks.hold(databasesLock, deadlineAt, async () => {
    await settleRecords(machine);
    const before = findRun(machine, runId);
    if (before !== undefined) return startedOf(machine, before);
    const { record } = getKept(machine, removalId);
    const { databaseId, name, user } = record;
    if (findRecord(machine, databaseId) !== undefined) throw databaseExists(name);
    refuseTaken(machine, record);
    await mustRun(machine, record.engine);
    if (await engineOf(record).hasDatabase(machine, name)) throw databaseExists(name);
    if (await engineOf(record).hasUser(machine, user)) throw userExists(user);
    forgetOldRuns(machine);
    const run = await writeRun(machine, newRun(machine, { runId, kind: 'restore', databaseId, removalId }));
    await writeRecord(machine, { ...record, state: 'restoring', runId });
    try {
      await launchRun(machine, run);
    } catch (error) {
      await removeRecord(machine, databaseId);
      await writeRun(machine, { ...run, state: 'failed', endedAt: machine.now() });
      throw error;
    }
    return { state: 'running' };
  });
}

/** Throws `database_under_way` while it is being restored. */
export async function discardRemoved(machine: Machine, removalId: string, deadlineAt: number): Promise<void> {
  await machine.locks.hold(databasesLock, deadlineAt, async () => {
    const { record } = getKept(machine, removalId);
    const isInUse = listRecords(machine).some(
      ({ databaseId, state }) => databaseId === record.databaseId && state !== 'ready',
    );
    if (isInUse)
      throw new AppError('busy', 'Something else is under way with this database.', { reason: 'database_under_way' });
    dropKept(machine, removalId);
  });
}
