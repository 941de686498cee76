import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import type { FieldCode } from '#shared/field-codes.ts';
import type { Machine } from '../../core/machine.ts';
import { settleRecords } from '../create.ts';
import { mustRun } from '../engines/engines.ts';
import { databasesLock, getReady } from '../records.ts';
import { findRun, forgetOldRuns, isOver, launchRun, listRuns, newRun, startedOf, writeRun } from '../runs.ts';
import { isKindOf } from './statements.ts';

/** Before an upkeep of tables. One at a time in each database. Throws `database_under_way` and errors of fields. */
export async function startMaintenance(
  machine: Machine,
  { databaseId, runId, ...wish }: ActionParams<AgentActions['databases.maintain']>,
  deadlineAt: number,
): Promise<ActionResult<AgentActions['databases.maintain']>> {
  return await machine.locks.hold(databasesLock, deadlineAt, async () => {
    await settleRecords(machine);
    const before = findRun(machine, runId);
    if (before !== undefined) return startedOf(machine, before);
    const record = getReady(machine, databaseId);
    if (!isKindOf(record.engine, wish.kind)) throw wrong('kind', 'not_a_choice');
    if (wish.kind === 'convert_charset' && wish.charset === null) throw wrong('charset', 'required');
    if (listRuns(machine).some((run) => run.databaseId === databaseId && !isOver(run)))
      throw new AppError('busy', 'Something else is under way with this database.', { reason: 'database_under_way' });
    await mustRun(machine, record.engine);
    forgetOldRuns(machine);
    const upkeep = { ...wish, done: [] };
    const run = await writeRun(
      machine,
      newRun(machine, { runId, kind: 'maintain', databaseId, removalId: null, upkeep }),
    );
    try {
      await launchRun(machine, run);
    } catch (error) {
      await writeRun(machine, { ...run, state: 'failed', endedAt: machine.now() });
      throw error;
    }
    return { state: 'running' };
  });
}

const wrong = (field: string, code: FieldCode): AppError =>
  new AppError('invalid_request', 'This upkeep is not possible.', { fields: [{ field, code }] });
