import { z } from 'zod';
import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { id } from '#shared/http.ts';
import { isAlive } from '../core/alive.ts';
import { listNames, look, makeFolders, openForAppend, readText, removeFile } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import { launchOwn } from '../core/launch.ts';
import { readLogText } from '../core/log-text.ts';
import type { Machine } from '../core/machine.ts';
import { databasesFolder } from './records.ts';

/*
 * Deletions and restores of databases: processes of their own, because a dump may take an hour. One record and one log each;
 * everything else about a run is read from the record of its database and from what is kept.
 */

const runRecord = z.strictObject({
  runId: id,
  kind: z.enum(['remove', 'restore']),
  databaseId: id,
  /** What is restored. */
  removalId: id.nullable(),
  state: z.enum(['starting', 'running', 'succeeded', 'failed']),
  failure: z.strictObject({ reason: z.string().nullable(), params: z.record(z.string(), z.string()) }).nullable(),
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
  given: Pick<RunRecord, 'runId' | 'kind' | 'databaseId' | 'removalId'>,
): RunRecord {
  const none = { failure: null, process: null, endedAt: null };
  return { ...given, ...none, state: 'starting', attempt: 1, startedAt: where.now() };
}

export type RunState = 'running' | 'succeeded' | 'failed' | 'interrupted';

export function stateOf({ state, process, startedAt }: RunRecord, now: number): RunState {
  if (state === 'succeeded' || state === 'failed') return state;
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
  return { run: { state, failure: record.failure }, text, nextOffset: next };
}

export function forgetOldRuns(machine: Pick<Machine, 'stateFolder' | 'now'>): void {
  const now = machine.now();
  const all = listRuns(machine).sort((one, other) => other.startedAt - one.startedAt);
  for (const [index, record] of all.entries()) {
    const isOver = record.state === 'succeeded' || record.state === 'failed';
    if (!isOver || (index < mostKept && now - record.startedAt < keptMs)) continue;
    removeFile(recordPath(machine, record.runId));
    removeFile(logPath(machine, record.runId));
  }
}
