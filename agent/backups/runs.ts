import { uptime } from 'node:os';
import { z } from 'zod';
import {
  backupFailure,
  backupRequest,
  backupRunState,
  reportLine,
  type BackupRun,
  type BackupRequest,
  type ReportLine,
} from '#shared/backups.ts';
import { id, idPattern, instant } from '#shared/http.ts';
import { isAlive, selfProcess } from '../core/alive.ts';
import { bootId } from '../core/boot.ts';
import {
  closeFile,
  listNames,
  look,
  makeFolders,
  openFile,
  openForAppend,
  putFile,
  readText,
  removeOwnFolder,
  Unsynced,
} from '../core/files.ts';
import { readLines } from '../core/lines.ts';
import { readLogText } from '../core/log-text.ts';

/*
 * What is known of runs: a folder each with its record, log and report. The process of the run writes them; whether it
 * still lives is seen from outside.
 */

const runRecord = z.object({
  runId: id,
  request: backupRequest,
  actorName: z.string(),
  /** `timer` for the schedule, else who asked; of the plan it came from. */
  planId: id.nullable(),
  state: z.union([z.literal('starting'), backupRunState]),
  startedAt: instant,
  endedAt: instant.nullable(),
  progress: z.number().nullable(),
  phase: z.string().nullable(),
  failure: backupFailure.nullable(),
  setIds: z.array(id),
  /** Seconds since boot, and which boot: a changed clock means nothing here. */
  at: z.number(),
  bootId: z.string(),
  process: z.object({ pid: z.int(), startedTicks: z.string() }).nullable(),
});
export type RunRecord = z.infer<typeof runRecord>;

/** A process that has not begun after this never will. */
const startPatienceSeconds = 30;
const maxKept = 300;
const maxReportLines = 500;

const root = (folder: string): string => `${folder}/runs`;
export const runFolder = (folder: string, runId: string): string => `${root(folder)}/${runId}`;
const recordPath = (folder: string, runId: string): string => `${runFolder(folder, runId)}/run.json`;
export const logPath = (folder: string, runId: string): string => `${runFolder(folder, runId)}/log`;
export const reportPath = (folder: string, runId: string): string => `${runFolder(folder, runId)}/report.ndjson`;
const cancelPath = (folder: string, runId: string): string => `${runFolder(folder, runId)}/cancel`;

export type NewRun = { readonly runId: string; readonly request: BackupRequest; readonly actorName: string };

/** Notes a run that is about to be started; forgets the oldest. */
export async function noteRun(folder: string, { runId, request, actorName }: NewRun, now: number): Promise<RunRecord> {
  forgetOldRuns(folder);
  makeFolders(runFolder(folder, runId));
  const record: RunRecord = {
    runId,
    request,
    actorName,
    planId: 'planId' in request ? request.planId : null,
    state: 'starting',
    startedAt: new Date(now).toISOString(),
    endedAt: null,
    progress: null,
    phase: null,
    failure: null,
    setIds: [],
    at: uptime(),
    bootId: bootId(),
    process: null,
  };
  await writeRun(folder, record);
  return record;
}

/** Whole or not at all; on the disk unless `isPassing` (progress). */
export async function writeRun(folder: string, record: RunRecord, isPassing = false): Promise<void> {
  const unsynced = new Unsynced();
  const bytes = Buffer.from(`${JSON.stringify(record)}\n`);
  putFile(recordPath(folder, record.runId), bytes, { mode: 0o600 }, 'run', unsynced);
  if (isPassing) unsynced.drop();
  else await unsynced.flush();
}

export function findRun(folder: string, runId: string): RunRecord | undefined {
  const text = readText(recordPath(folder, runId), 16 * 1024 * 1024);
  if (text === undefined) return undefined;
  try {
    return runRecord.parse(JSON.parse(text));
  } catch {
    // Progress is not synced: a power cut may leave nothing of it.
    return undefined;
  }
}

export function isRunning(record: RunRecord): boolean {
  if (record.state !== 'starting' && record.state !== 'running') return false;
  if (record.bootId !== bootId()) return false;
  if (record.process !== null) return isAlive(record.process);
  return uptime() - record.at < startPatienceSeconds;
}

/** Of a run that was cut off by whatever ended its process. */
export const interrupted: NonNullable<BackupRun['failure']> = {
  code: 'internal',
  reason: 'backup_interrupted',
  params: {},
};

/**
 * As people see it: a run whose process has gone without a word has failed. It may have said its last word between the
 * reading of `read` and the look at its process, so what it left is read again.
 */
export function showRun(folder: string, read: RunRecord): BackupRun {
  const isOpen = read.state === 'starting' || read.state === 'running';
  const record = isOpen && !isRunning(read) ? (findRun(folder, read.runId) ?? read) : read;
  const { runId, request, startedAt, endedAt, actorName, setIds, progress, phase, failure } = record;
  const shown = { runId, request, startedAt, endedAt, actorName, setIds, progress, phase, failure };
  if (record.state !== 'starting' && record.state !== 'running') return { ...shown, state: record.state };
  if (isRunning(record)) return { ...shown, state: 'running' };
  return { ...shown, state: 'failed', failure: interrupted };
}

/** Newest first. */
export function listRuns(folder: string): RunRecord[] {
  return listNames(root(folder))
    .filter((name) => idPattern.test(name))
    .flatMap((name) => findRun(folder, name) ?? [])
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}

function forgetOldRuns(folder: string): void {
  const names = listNames(root(folder));
  if (names.length <= maxKept) return;
  for (const { runId } of listRuns(folder)
    .filter((record) => !isRunning(record))
    .slice(maxKept))
    removeOwnFolder(runFolder(folder, runId));
}

export function asRunning(record: RunRecord): RunRecord {
  return { ...record, state: 'running', process: selfProcess(), bootId: bootId() };
}

export function askToCancelRun(folder: string, runId: string): void {
  closeFile(openForAppend(cancelPath(folder, runId)));
}

export function isCancelAsked(folder: string, runId: string): boolean {
  return look(cancelPath(folder, runId)).type === 'file';
}

export function readRunLog(
  folder: string,
  runId: string,
  offset: number,
  isEnded: boolean,
): ReturnType<typeof readLogText> {
  return readLogText(logPath(folder, runId), offset, isEnded);
}

export function readReport(folder: string, runId: string): { report: ReportLine[]; isReportCut: boolean } {
  const file = openFile(reportPath(folder, runId));
  if (file === undefined) return { report: [], isReportCut: false };
  const report: ReportLine[] = [];
  try {
    for (const line of readLines(file.fd)) {
      if (report.length >= maxReportLines) return { report, isReportCut: true };
      const parsed = parseLine(line.toString('utf8'));
      if (parsed !== undefined) report.push(parsed);
    }
  } finally {
    closeFile(file.fd);
  }
  return { report, isReportCut: false };
}

/** The last line may be half written. */
function parseLine(text: string): ReportLine | undefined {
  try {
    return reportLine.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
