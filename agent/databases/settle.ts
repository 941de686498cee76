import type { Machine } from '../core/machine.ts';
import { listNames, removeOwnFolder } from '../core/files.ts';
import { settleRecords } from './create.ts';
import { forgetOldCopies } from './import/imports.ts';
import { databasesLock } from './records.ts';
import { listRuns, resumeRun, stateOf } from './runs.ts';
import { scratchOf } from './engines/engine.ts';

/** When the agent starts: what a crash has left of databases comes to an end, and passwords in files of calls go. */
export async function settleDatabases(machine: Machine): Promise<void> {
  await machine.locks.hold(databasesLock, Number.POSITIVE_INFINITY, async () => {
    const runs = listRuns(machine);
    const alive = new Set(runs.filter((run) => stateOf(run, machine.now()) === 'running').map(({ runId }) => runId));
    for (const name of listNames(scratchOf(machine, '')))
      if (!alive.has(name)) removeOwnFolder(scratchOf(machine, name));
    for (const { runId } of runs) await resumeRun(machine, runId);
    await settleRecords(machine);
    forgetOldCopies(machine);
  });
}
