import type { SiteSpec } from '#shared/agent/sites.ts';
import type { SiteCopyState } from '#shared/site-copies.ts';
import { isAlive, type ProcessMark } from '../core/alive.ts';
import { listNames, look, makeFolders, openForAppend, putFile, readText, removeFile, Unsynced } from '../core/files.ts';
import { readLogText, type LogText } from '../core/log-text.ts';
import type { Machine } from '../core/machine.ts';
import type { BroughtDatabase } from '../site-files/file-databases.ts';
import type { SiteRelease } from '../sites/site-records.ts';

/*
 * Copies of sites: a record and a log each. The process that copies writes its record, the agent writes it when the site
 * is made of it; whether the process still lives is seen from outside.
 */

export type CopyRecord = {
  readonly copyId: string;
  /** Who may ask for what needs a ticket was seen when it began; the site is made as it was asked for then. */
  readonly actor: { readonly id: string; readonly name: string };
  /** null: of another panel. */
  readonly source: { readonly siteId: string; readonly slug: string; readonly linuxUser: string } | null;
  /** Whose rights the files of another panel are read with. */
  readonly reader: { readonly uid: number; readonly gid: number } | null;
  /** The site file that it is made of, instead of a folder. */
  readonly uploadId?: string;
  /** Databases of that file that are made anew. */
  readonly databases?: readonly BroughtDatabase[];
  /** What the certificate of that file is called on the shelf, when it comes along. */
  readonly certificateId?: string | null;
  /** Names below the folder that stay there. */
  readonly leaves: readonly string[];
  readonly spec: SiteSpec;
  /** Kept for the new site. */
  readonly linuxUser: string;
  readonly withSecrets: boolean;
  /** Folders without prefix. */
  readonly from: string;
  readonly to: string;
  /** The release that is served of a deployed site; other ones stay. */
  readonly release: SiteRelease | null;
  readonly state: 'starting' | SiteCopyState['state'];
  readonly progress: number | null;
  /** Counts from 1; one whose process died is taken up again. */
  readonly attempt: number;
  readonly process: ProcessMark | null;
  readonly failure: SiteCopyState['failure'];
  readonly attemptedAt: number;
  readonly endedAt: number | null;
};

type Where = Pick<Machine, 'stateFolder'>;

export const maxAttempts = 3;
/** A process that cannot be started within this time never will. */
const startPatienceMs = 30_000;

const folderOf = ({ stateFolder }: Where): string => `${stateFolder}/copies`;
const ends = ['json', 'log', 'cancel', 'list'] as const;

export function copyPath(where: Where, copyId: string, end: (typeof ends)[number]): string {
  return `${folderOf(where)}/${copyId}.${end}`;
}

export async function writeCopy(where: Where, record: CopyRecord): Promise<CopyRecord> {
  makeFolders(folderOf(where));
  const unsynced = new Unsynced();
  const bytes = Buffer.from(`${JSON.stringify(record)}\n`);
  putFile(copyPath(where, record.copyId, 'json'), bytes, { mode: 0o600 }, 'copy', unsynced);
  await unsynced.flush();
  return record;
}

export function findCopy(where: Where, copyId: string): CopyRecord | undefined {
  const text = readText(copyPath(where, copyId, 'json'));
  return text === undefined ? undefined : (JSON.parse(text) as CopyRecord);
}

export function listCopies(where: Where): CopyRecord[] {
  return listNames(folderOf(where))
    .flatMap((name) => /^([a-z2-7]{16})\.json$/.exec(name)?.[1] ?? [])
    .flatMap((copyId) => findCopy(where, copyId) ?? []);
}

export function isUnderWay(record: CopyRecord, now: number): boolean {
  if (record.state === 'starting') return now - record.attemptedAt < startPatienceMs;
  return record.state === 'running' && record.process !== null && isAlive(record.process);
}

/** Its process has gone before everything was copied, without a word. */
export function isInterrupted(record: CopyRecord, now: number): boolean {
  return (record.state === 'starting' || record.state === 'running') && !isUnderWay(record, now);
}

export function shownCopy({ state, progress, failure }: CopyRecord): SiteCopyState {
  return { state: state === 'starting' ? 'running' : state, progress, failure };
}

export function openCopyLog(where: Where, copyId: string): number {
  makeFolders(folderOf(where));
  return openForAppend(copyPath(where, copyId, 'log'));
}

export function readCopyLog(where: Where, record: CopyRecord, offset: number): LogText {
  const path = copyPath(where, record.copyId, 'log');
  if (look(path).type !== 'file') return { text: '', next: 0 };
  return readLogText(path, offset, record.endedAt !== null);
}

export function askToCancel(where: Where, copyId: string): void {
  const unsynced = new Unsynced();
  putFile(copyPath(where, copyId, 'cancel'), Buffer.alloc(0), { mode: 0o600 }, 'cancel', unsynced);
  unsynced.drop();
}

export function isCancelWanted(where: Where, copyId: string): boolean {
  return look(copyPath(where, copyId, 'cancel')).type === 'file';
}

export function forgetCopy(where: Where, copyId: string): void {
  for (const end of ends) removeFile(copyPath(where, copyId, end));
}
