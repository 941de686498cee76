import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import type { Machine } from '../../core/machine.ts';
import { settleRecords } from '../create.ts';
import { engineOf, mustRun } from '../engines/engines.ts';
import { askMariadb } from '../engines/mariadb-server.ts';
import { databaseExists, databasesLock, getReady, listRecords, writeRecord, type DatabaseRecord } from '../records.ts';
import { findRun, forgetOldRuns, isOver, launchRun, listRuns, newRun, startedOf, writeRun } from '../runs.ts';

/**
 * Before a rename: the record says whose run has the database. Throws `database_exists`, `database_under_way`,
 * `database_view_broken`, `database_server_*`.
 */
export async function startRename(
  machine: Machine,
  { databaseId, runId, name: to }: ActionParams<AgentActions['databases.rename']>,
  deadlineAt: number,
): Promise<ActionResult<AgentActions['databases.rename']>> {
  return await machine.locks.hold(databasesLock, deadlineAt, async () => {
    await settleRecords(machine);
    const before = findRun(machine, runId);
    if (before !== undefined) return startedOf(machine, before);
    const record = getReady(machine, databaseId);
    if (listRuns(machine).some((run) => run.databaseId === databaseId && !isOver(run)))
      throw new AppError('busy', 'Something else is under way with this database.', { reason: 'database_under_way' });
    const { engine, name: from } = record;
    if (listRecords(machine).some((each) => each.engine === engine && each.name === to)) throw databaseExists(to);
    await mustRun(machine, engine);
    if (await engineOf(record).hasDatabase(machine, to)) throw databaseExists(to);
    await refuseBrokenViews(machine, record);
    forgetOldRuns(machine);
    const rename = { from, to, isBack: false, counts: null };
    const run = await writeRun(
      machine,
      newRun(machine, { runId, kind: 'rename', databaseId, removalId: null, rename }),
    );
    await writeRecord(machine, { ...record, state: 'renaming', runId });
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

/** The server cannot say how they were made, so they could not be made again under the new name. */
async function refuseBrokenViews(machine: Machine, { engine, name }: DatabaseRecord): Promise<void> {
  if (engine !== 'mariadb') return;
  const [[view] = []] = await askMariadb(
    machine,
    `select table_name from information_schema.tables
       where cast(table_schema as binary) = cast(${engineOf({ engine }).literal(name)} as binary)
         and table_type = 'VIEW' and table_rows is null and table_comment <> 'VIEW' limit 1;`,
  );
  if (view !== undefined)
    throw new AppError('in_use', 'A view points nowhere.', { reason: 'database_view_broken', params: { view } });
}
