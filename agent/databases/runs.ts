import { z } from 'zod';
import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { maintenanceFacts } from '#shared/database-maintenance.ts';
import { runFailure } from '#shared/databases.ts';
import { id } from '#shared/http.ts';
import { isAlive } from '../core/alive.ts';
import { closeFile, listNames, look, makeFolders, openForAppend, readText, removeFile } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import { launchOwn } from '../core/launch.ts';
import { readLogText } from '../core/log-text.ts';
import type { Machine } from '../core/machine.ts';
import { databasesFolder } from './records.ts';

/*
 * Deletions, restores, imports, renames and upkeep of databases: processes of their own, because a dump may take an hour. One record and one log each;
 * everything else about a run is read from the record of its database and from what is kept.
 */

/** What an import loads, and how far it is. */
const loadFacts = z.strictObject({
  siteId: id,
  /** In the site's folder. */
  path: z.string(),
  sizeBytes: z.number(),
  doneBytes: z.number(),
  /** From `load` on there is something of it in the database. */
  phase: z.enum(['copy', 'load', 'done']),
});
export type LoadFacts = z.infer<typeof loadFacts>;

/** What is done to which tables, and what came of those that are through, in their order. */
const upkeepFacts = maintenanceFacts.extend({ done: z.array(z.enum(['done', 'failed', 'unsupported'])) });
export type Upkeep = z.infer<typeof upkeepFacts>;

/** `isBack`: it could not be done, and all gets its old name again. */
const renameFacts = z.strictObject({
  from: z.string(),
  to: z.string(),
  isBack: z.boolean(),
  /** MariaDB: what is no table, as it was counted and kept before anything changed. */
  counts: z
    .strictObject({ routines: z.number(), triggers: z.number(), views: z.number(), events: z.number() })
    .nullable(),
});
export type RenameFacts = z.infer<typeof renameFacts>;

const runRecord = z.strictObject({
  runId: id,
  /** `bring_back`: the copy from before an import. */
  kind: z.enum(['remove', 'restore', 'import', 'bring_back', 'maintain', 'rename']),
  databaseId: id,
  /** What is restored, or the import whose copy is brought back. */
  removalId: id.nullable(),
  load: loadFacts.optional(),
  upkeep: upkeepFacts.optional(),
  rename: renameFacts.optional(),
  state: z.enum(['starting', 'running', 'succeeded', 'failed', 'cancelled']),
  failure: runFailure.nullable(),
  attempt: z.int(),
  process: z.strictObject({ pid: z.number(), startedTicks: z.string() }).nullable(),
  /** Epoch ms. */
  startedAt: z.number(),
  endedAt: z.number().nullable(),
});
export type RunRecord = z.infer<typeof runRecord>;

type Where = Pick<Machine, 'stateFolder'>;
type Launcher = Pick<Machine, 'settings' | 'stateFolder' | 'prefix' | 'hasSystemd' | 'now'>;

const startPatienceMs = 30_000;
const keptMs = 8 * 24 * 60 * 60 * 1000;
const mostKept = 200;

const runsFolder = (where: Where): string => `${databasesFolder(where)}/runs`;
const recordPath = (where: Where, runId: string): string => `${runsFolder(where)}/${runId}.json`;
const logPath = (where: Where, runId: string): string => `${runsFolder(where)}/${runId}.log`;

export function findRun(where: Where, runId: string): RunRecord | undefined {
  const text = readText(recordPath(where, runId));
  return text === undefined ? undefined : runRecord.parse(JSON.parse(text));
}

export function listRuns(where: Where): RunRecord[] {
  return listNames(runsFolder(where))
    .flatMap((name) => /^([a-z2-7]{16})\.json$/.exec(name)?.[1] ?? [])
    .flatMap((runId) => findRun(where, runId) ?? []);
}

export async function writeRun(where: Where, record: RunRecord): Promise<RunRecord> {
  await putJsonFile(recordPath(where, record.runId), record);
  return record;
}

export function newRun(
  where: Pick<Machine, 'now'>,
  given: Pick<RunRecord, 'runId' | 'kind' | 'databaseId' | 'removalId' | 'load' | 'upkeep' | 'rename'>,
): RunRecord {
  const none = { failure: null, process: null, endedAt: null };
  return { ...given, ...none, state: 'starting', attempt: 1, startedAt: where.now() };
}

export type RunState = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'interrupted';

/** The last word of a run was said: nothing of it goes on. */
export const isOver = ({ state }: RunRecord): boolean =>
  state === 'succeeded' || state === 'failed' || state === 'cancelled';

export function stateOf({ state, process, startedAt }: RunRecord, now: number): RunState {
  if (state === 'succeeded' || state === 'failed' || state === 'cancelled') return state;
  const isOpen = state === 'starting' ? now - startedAt < startPatienceMs : process !== null && isAlive(process);
  return isOpen ? 'running' : 'interrupted';
}

export async function launchRun(machine: Launcher, { runId, attempt }: RunRecord): Promise<void> {
  await launchOwn(machine, {
    args: ['--database-run', runId],
    unit: `aapanel-database-${runId}-${attempt}`,
    properties: ['KillMode=mixed', 'TimeoutStopSec=60', 'UMask=0077', 'Nice=5'],
    openOutput: () => openRunLog(machine, runId),
  });
}

/** Takes up a run whose process is gone; anything else stays as it is. */
export async function resumeRun(machine: Launcher, runId: string): Promise<void> {
  const record = findRun(machine, runId);
  if (record === undefined || stateOf(record, machine.now()) !== 'interrupted') return;
  const next: RunRecord = {
    ...record,
    state: 'starting',
    process: null,
    attempt: record.attempt + 1,
    startedAt: machine.now(),
  };
  await launchRun(machine, await writeRun(machine, next));
}

export function openRunLog(where: Where, runId: string): number {
  makeFolders(runsFolder(where));
  return openForAppend(logPath(where, runId));
}

export function observeRun(
  machine: Pick<Machine, 'stateFolder' | 'now'>,
  runId: string,
  offset: number,
): ActionResult<AgentActions['databases.run']> {
  const record = findRun(machine, runId);
  if (record === undefined) return { run: null, text: '', nextOffset: offset };
  const state = stateOf(record, machine.now());
  const { text, next } =
    look(logPath(machine, runId)).type === 'file'
      ? readLogText(logPath(machine, runId), offset, state !== 'running')
      : { text: '', next: offset };
  return { run: { state, failure: record.failure, progress: progressOf(record) }, text, nextOffset: next };
}

/** Of the bytes of the file, where loading goes on for a while behind the last one; or of the tables. */
function progressOf({ load, upkeep, state }: RunRecord): number | null {
  if (upkeep !== undefined)
    return upkeep.tables.length === 0 ? null : Math.floor((upkeep.done.length / upkeep.tables.length) * 100);
  if (load === undefined) return null;
  if (state === 'succeeded') return 100;
  return load.sizeBytes === 0 ? 0 : Math.min(99, Math.floor((load.doneBytes / load.sizeBytes) * 100));
}

/** What is answered to whoever starts a run, or starts it once more. */
export function startedOf(
  machine: Pick<Machine, 'now'>,
  run: RunRecord,
): { state: 'running' | 'succeeded' | 'failed' } {
  const state = stateOf(run, machine.now());
  return { state: state === 'interrupted' ? 'running' : state === 'cancelled' ? 'failed' : state };
}

const cancelPath = (where: Where, runId: string): string => `${runsFolder(where)}/${runId}.cancel`;

/** Imports and upkeep can be stopped; whatever else is under way comes to its end. */
export function askToStop(where: Where, runId: string): void {
  const record = findRun(where, runId);
  if ((record?.kind === 'import' || record?.kind === 'maintain') && !isOver(record))
    closeFile(openForAppend(cancelPath(where, runId)));
}

export const isStopWanted = (where: Where, runId: string): boolean => look(cancelPath(where, runId)).type === 'file';

export function forgetOldRuns(machine: Pick<Machine, 'stateFolder' | 'now'>): void {
  const now = machine.now();
  const all = listRuns(machine).sort((one, other) => other.startedAt - one.startedAt);
  for (const [index, record] of all.entries()) {
    if (!isOver(record) || (index < mostKept && now - record.startedAt < keptMs)) continue;
    removeFile(recordPath(machine, record.runId));
    removeFile(logPath(machine, record.runId));
    removeFile(cancelPath(machine, record.runId));
  }
}
