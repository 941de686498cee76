import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import type { Call } from '../../core/call.ts';
import type { Machine } from '../../core/machine.ts';
import { siteOf } from '../../deployments/deployments.ts';
import { settleRecords } from '../create.ts';
import { mustRun } from '../engines/engines.ts';
import { dropKept, findKept, getKept, keptDatabases, type KeptDatabase } from '../kept.ts';
import { databasesLock, getReady, getRecord, listRecords, writeRecord } from '../records.ts';
import {
  findRun,
  forgetOldRuns,
  launchRun,
  listRuns,
  newRun,
  startedOf,
  stateOf,
  writeRun,
  type RunRecord,
} from '../runs.ts';

/* What comes before an import, and what is known of those that were. */

const mostCopies = 3;
const copyKeptMs = 7 * 24 * 60 * 60 * 1_000;
const mostShown = 20;

type Started = { state: 'running' | 'succeeded' | 'failed' };

export async function startImport(
  machine: Machine,
  { databaseId, runId, site: ref, path }: ActionParams<AgentActions['databases.import']>,
  { deadlineAt, may }: Pick<Call, 'deadlineAt' | 'may'>,
): Promise<Started> {
  if (!may('files.read'))
    throw new AppError('not_allowed', 'Files of sites are not for this person.', {
      params: { permission: 'files.read' },
    });
  const site = siteOf(machine, ref);
  forgetOldCopies(machine, databaseId);
  const load = { siteId: site.siteId, path, sizeBytes: 0, doneBytes: 0, phase: 'copy' as const };
  return await start(machine, { runId, kind: 'import', databaseId, removalId: null, load }, deadlineAt);
}

export async function startBringingBack(
  machine: Machine,
  { databaseId, importId, runId }: ActionParams<AgentActions['databases.bring_back']>,
  deadlineAt: number,
): Promise<Started> {
  if (findRun(machine, runId) === undefined) getCopy(machine, databaseId, importId);
  return await start(machine, { runId, kind: 'bring_back', databaseId, removalId: importId }, deadlineAt);
}

async function start(
  machine: Machine,
  given: Pick<RunRecord, 'runId' | 'kind' | 'databaseId' | 'removalId' | 'load'>,
  deadlineAt: number,
): Promise<Started> {
  return await machine.locks.hold(databasesLock, deadlineAt, async () => {
    await settleRecords(machine);
    const before = findRun(machine, given.runId);
    if (before !== undefined) return startedOf(machine, before);
    const record = getReady(machine, given.databaseId);
    await mustRun(machine, record.engine);
    forgetOldRuns(machine);
    const run = await writeRun(machine, newRun(machine, given));
    await writeRecord(machine, { ...record, state: 'importing', runId: given.runId });
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

export function listImports(
  machine: Machine,
  { databaseId }: ActionParams<AgentActions['databases.imports']>,
): ActionResult<AgentActions['databases.imports']> {
  getRecord(machine, databaseId);
  const items = listRuns(machine)
    .filter((run) => run.kind === 'import' && run.databaseId === databaseId)
    .sort((one, other) => other.startedAt - one.startedAt)
    .slice(0, mostShown)
    .map((run) => shown(machine, run));
  return { items };
}

function shown(machine: Machine, run: RunRecord): ActionResult<AgentActions['databases.imports']>['items'][number] {
  const { runId, load, failure, startedAt, endedAt } = run;
  const state = stateOf(run, machine.now());
  const copy = findKept(machine, runId, 'copies');
  return {
    importId: runId,
    path: load?.path ?? '',
    siteId: load?.siteId ?? '',
    sizeBytes: load?.sizeBytes ?? 0,
    doneBytes: load?.doneBytes ?? 0,
    state: state === 'interrupted' ? 'running' : state,
    /** Before that, nothing of the file was in the database. */
    hasBegun: load !== undefined && load.phase !== 'copy',
    failure,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
    copy: copy === undefined ? null : { sizeBytes: copy.keptBytes, tables: copy.part.tables.length },
  };
}

/** Throws `database_copy_unknown`, also for one of another database. */
function getCopy(machine: Machine, databaseId: string, importId: string): KeptDatabase {
  const copy = findKept(machine, importId, 'copies');
  if (copy?.record.databaseId !== databaseId)
    throw new AppError('not_found', 'There is no such copy.', { reason: 'database_copy_unknown' });
  return getKept(machine, importId, 'copies');
}

/** Throws `database_under_way` while something may need it. */
export async function dropCopy(
  machine: Machine,
  { databaseId, importId }: ActionParams<AgentActions['databases.drop_copy']>,
  deadlineAt: number,
): Promise<void> {
  await machine.locks.hold(databasesLock, deadlineAt, async () => {
    getReady(machine, databaseId);
    getCopy(machine, databaseId, importId);
    dropKept(machine, importId, 'copies');
  });
}

/** The newest few of each database, for some days; those of databases that are gone go too. */
export function forgetOldCopies(machine: Pick<Machine, 'stateFolder' | 'now'>, makingRoomFor?: string): void {
  const databases = new Map(listRecords(machine).map((record) => [record.databaseId, record]));
  const counts = new Map<string, number>(makingRoomFor === undefined ? [] : [[makingRoomFor, 1]]);
  for (const { removalId, record, removedAt } of keptDatabases(machine, 'copies')) {
    const { databaseId } = record;
    const count = (counts.get(databaseId) ?? 0) + 1;
    counts.set(databaseId, count);
    const present = databases.get(databaseId);
    if (present !== undefined && present.state !== 'ready') continue;
    const isWanted = present !== undefined && count <= mostCopies && machine.now() - removedAt < copyKeptMs;
    if (!isWanted) dropKept(machine, removalId, 'copies');
  }
}
