import type { DependencyRun, DependencyWork } from '#shared/dependencies.ts';
import { isAlive, type ProcessMark } from '../core/alive.ts';
import { listNames, look, makeFolders, openForAppend, putFile, readText, removeFile, Unsynced } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import { readLogText, type LogText } from '../core/log-text.ts';
import type { Machine } from '../core/machine.ts';

/* Runs of the tools of projects: one record and one log each. The process writes its record; whether it lives is seen from outside. */

/** What the process works with, as it was when the run began. */
export type RunPlan = {
  readonly linuxUser: string;
  /** The site's own folder; the only one that may be written to. Both with the prefix. */
  readonly own: string;
  readonly folder: string;
  readonly steps: readonly RunStep[];
  readonly environment: Readonly<Record<string, string>>;
};

export type RunStep = { readonly program: string; readonly args: readonly string[] };

export type RunRecord = {
  readonly runId: string;
  readonly siteId: string;
  readonly slug: string;
  readonly work: DependencyWork;
  readonly actorName: string;
  readonly state: 'starting' | DependencyRun['state'];
  /** Counts from 1; one whose process died is taken up again. */
  readonly attempt: number;
  readonly process: ProcessMark | null;
  /** null once it has ended. */
  readonly plan: RunPlan | null;
  readonly failure: DependencyRun['failure'];
  readonly startedAt: number;
  readonly endedAt: number | null;
};

type Where = Pick<Machine, 'stateFolder'>;

export const maxAttempts = 3;
const startPatienceMs = 30_000;
const mostKept = 20;

const folderOf = ({ stateFolder }: Where, siteId: string): string => `${stateFolder}/dependencies/${siteId}`;
const pathOf = (where: Where, siteId: string, runId: string, end: string): string =>
  `${folderOf(where, siteId)}/${runId}.${end}`;

export async function writeRun(where: Where, record: RunRecord): Promise<RunRecord> {
  makeFolders(folderOf(where, record.siteId));
  await putJsonFile(pathOf(where, record.siteId, record.runId, 'json'), record);
  return record;
}

export function findRun(where: Where, siteId: string, runId: string): RunRecord | undefined {
  const text = readText(pathOf(where, siteId, runId, 'json'));
  return text === undefined ? undefined : (JSON.parse(text) as RunRecord);
}

/** Newest first. */
export function listRuns(where: Where, siteId: string): RunRecord[] {
  return listNames(folderOf(where, siteId))
    .flatMap((name) => /^([a-z2-7]{16})\.json$/.exec(name)?.[1] ?? [])
    .flatMap((id) => findRun(where, siteId, id) ?? [])
    .sort((one, other) => other.startedAt - one.startedAt);
}

/** Whether somebody still works on it. */
export function isUnderWay(record: RunRecord, now: number): boolean {
  if (record.state === 'starting') return now - record.startedAt < startPatienceMs;
  return record.state === 'running' && record.process !== null && isAlive(record.process);
}

/** Its process has gone without a word. */
export function isInterrupted(record: RunRecord, now: number): boolean {
  return (record.state === 'starting' || record.state === 'running') && !isUnderWay(record, now);
}

/** As people see it. */
export function shownRun({ runId, work, actorName, state, failure, startedAt, endedAt }: RunRecord): DependencyRun {
  return {
    id: runId,
    work,
    actorName,
    state: state === 'starting' ? 'running' : state,
    failure,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
  };
}

export function openRunLog(where: Where, siteId: string, runId: string): number {
  makeFolders(folderOf(where, siteId));
  return openForAppend(pathOf(where, siteId, runId, 'log'));
}

export function readRunLog(where: Where, { siteId, runId, endedAt }: RunRecord, offset: number): LogText {
  const path = pathOf(where, siteId, runId, 'log');
  return look(path).type === 'file' ? readLogText(path, offset, endedAt !== null) : { text: '', next: 0 };
}

export function askToCancel(where: Where, siteId: string, runId: string): void {
  const unsynced = new Unsynced();
  putFile(pathOf(where, siteId, runId, 'cancel'), Buffer.alloc(0), { mode: 0o600 }, 'cancel', unsynced);
  unsynced.drop();
}

export function isCancelWanted(where: Where, siteId: string, runId: string): boolean {
  return look(pathOf(where, siteId, runId, 'cancel')).type === 'file';
}

export function forgetOldRuns(where: Where, siteId: string): void {
  for (const { runId } of listRuns(where, siteId).slice(mostKept))
    for (const end of ['json', 'log', 'cancel']) removeFile(pathOf(where, siteId, runId, end));
}
