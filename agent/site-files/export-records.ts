import type { SiteExport, SiteFileSite } from '#shared/site-files.ts';
import type { SiteTls } from '#shared/site-tls.ts';
import type { Sealing } from './sealing.ts';
import { isAlive, type ProcessMark } from '../core/alive.ts';
import { listNames, look, makeFolders, openForAppend, putFile, readText, removeFile, Unsynced } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import { readLogText, type LogText } from '../core/log-text.ts';
import type { Machine } from '../core/machine.ts';

/*
 * Exports of sites: a record, a log and, at the end, a file each, in the agent's own state. The process that exports
 * writes its record; whether it still lives is seen from outside.
 */

export type ExportRecord = {
  readonly exportId: string;
  readonly siteId: string;
  readonly slug: string;
  readonly linuxUser: string;
  /** Folder of the site without prefix. */
  readonly from: string;
  readonly description: SiteFileSite;
  /** Databases whose dumps go along. */
  readonly databaseIds?: readonly string[];
  /** What the file is sealed with; only until it is made. */
  readonly sealing?: Sealing | null;
  readonly withSecrets?: boolean;
  /** What the site is served with, when its certificate goes along. */
  readonly tls?: SiteTls;
  readonly fileName: string;
  readonly state: 'starting' | SiteExport['state'];
  readonly progress: number | null;
  /** Counts from 1; one whose process died is taken up again. */
  readonly attempt: number;
  readonly process: ProcessMark | null;
  readonly sizeBytes: number | null;
  readonly files: number | null;
  readonly failure: SiteExport['failure'];
  readonly startedAt: number;
  readonly attemptedAt: number;
  readonly endedAt: number | null;
};

type Where = Pick<Machine, 'stateFolder'>;

export const maxAttempts = 3;
/** A file that nobody has thrown away goes after this time. */
const keptMs = 24 * 60 * 60 * 1_000;
/** A process that cannot be started within this time never will. */
const startPatienceMs = 30_000;

const root = ({ stateFolder }: Where): string => `${stateFolder}/site-exports`;
/** Dumps before they are in the file, one for each database that a file can have. */
export const dumpEnds = [
  'dump0',
  'dump1',
  'dump2',
  'dump3',
  'dump4',
  'dump5',
  'dump6',
  'dump7',
  'dump8',
  'dump9',
] as const;
/** `part`: the packed files before they are in the file; `tar`: the file. */
const ends = ['json', 'log', 'cancel', 'list', ...dumpEnds, 'part', 'half', 'tar'] as const;

export function exportPath(
  where: Where,
  { siteId, exportId }: Pick<ExportRecord, 'siteId' | 'exportId'>,
  end: (typeof ends)[number],
): string {
  return `${root(where)}/${siteId}/${exportId}.${end}`;
}

export async function writeExport(where: Where, record: ExportRecord): Promise<ExportRecord> {
  await putJsonFile(exportPath(where, record, 'json'), record);
  return record;
}

export function findExport(where: Where, siteId: string, exportId: string): ExportRecord | undefined {
  const text = readText(exportPath(where, { siteId, exportId }, 'json'), 4 * 1024 * 1024);
  return text === undefined ? undefined : (JSON.parse(text) as ExportRecord);
}

/** Newest first. */
export function listExports(where: Where, siteId: string): ExportRecord[] {
  return listNames(`${root(where)}/${siteId}`)
    .flatMap((name) => /^([a-z2-7]{16})\.json$/.exec(name)?.[1] ?? [])
    .flatMap((exportId) => findExport(where, siteId, exportId) ?? [])
    .sort((one, other) => other.startedAt - one.startedAt);
}

export function isUnderWay(record: ExportRecord, now: number): boolean {
  if (record.state === 'starting') return now - record.attemptedAt < startPatienceMs;
  return record.state === 'running' && record.process !== null && isAlive(record.process);
}

/** Its process has gone before the file was there, without a word. */
export function isInterrupted(record: ExportRecord, now: number): boolean {
  return (record.state === 'starting' || record.state === 'running') && !isUnderWay(record, now);
}

export function shownExport(record: ExportRecord): SiteExport {
  const { exportId, state, progress, fileName, sizeBytes, files, failure, startedAt, endedAt } = record;
  return {
    id: exportId,
    state: state === 'starting' ? 'running' : state,
    progress,
    fileName,
    sizeBytes,
    files,
    failure,
    startedAt: new Date(startedAt).toISOString(),
    keptUntil: endedAt === null || state !== 'ready' ? null : new Date(endedAt + keptMs).toISOString(),
  };
}

export function openExportLog(where: Where, record: Pick<ExportRecord, 'siteId' | 'exportId'>): number {
  makeFolders(`${root(where)}/${record.siteId}`);
  return openForAppend(exportPath(where, record, 'log'));
}

export function readExportLog(where: Where, record: ExportRecord, offset: number): LogText {
  const path = exportPath(where, record, 'log');
  return look(path).type === 'file' ? readLogText(path, offset, record.endedAt !== null) : { text: '', next: 0 };
}

export function askToCancel(where: Where, record: ExportRecord): void {
  const unsynced = new Unsynced();
  putFile(exportPath(where, record, 'cancel'), Buffer.alloc(0), { mode: 0o600 }, 'cancel', unsynced);
  unsynced.drop();
}

export function isCancelWanted(where: Where, record: ExportRecord): boolean {
  return look(exportPath(where, record, 'cancel')).type === 'file';
}

/** Everything of it; the record last, so that a crash in between leaves something that is known of. */
export function forgetExport(where: Where, record: Pick<ExportRecord, 'siteId' | 'exportId'>): void {
  for (const end of ends.toReversed()) removeFile(exportPath(where, record, end));
}

/** Files whose time is over, of every site, and what a crash has left and nobody came back for. */
export function forgetOldExports(where: Where, now: number): void {
  for (const siteId of listNames(root(where)))
    for (const record of listExports(where, siteId))
      if (!isUnderWay(record, now) && now - (record.endedAt ?? record.attemptedAt) > keptMs)
        forgetExport(where, record);
}
