import type { Machine } from '../core/machine.ts';
import { listNames, removeOwnFolder } from '../core/files.ts';
import { settleRecords } from './create.ts';
import { forgetOldCopies } from './import/imports.ts';
import { databasesLock, renamesFolder } from './records.ts';
import { isOver, listRuns, resumeRun, stateOf } from './runs.ts';
import { scratchOf } from './engines/engine.ts';

/** When the agent starts: what a crash has left of databases comes to an end, and passwords in files of calls go. */
export async function settleDatabases(machine: Machine): Promise<void> {
  await machine.locks.hold(databasesLock, Number.POSITIVE_INFINITY, async () => {
    const runs = listRuns(machine);
    const alive = new Set(runs.filter((run) => stateOf(run, machine.now()) === 'running').map(({ runId }) => runId));
    for (const name of listNames(scratchOf(machine, '')))
      if (!alive.has(name)) removeOwnFolder(scratchOf(machine, name));
    const open = new Set(runs.filter((run) => !isOver(run)).map(({ runId }) => runId));
    for (const name of listNames(renamesFolder(machine)))
      if (!open.has(name)) removeOwnFolder(`${renamesFolder(machine)}/${name}`);
    for (const { runId } of runs) await resumeRun(machine, runId);
    await settleRecords(machine);
    forgetOldCopies(machine);
  });
}
