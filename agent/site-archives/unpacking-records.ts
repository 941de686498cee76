import type { UnpackChoices, Unpacking } from '#shared/archives.ts';
import type { WordpressApp } from '#shared/wordpress.ts';
import { AppError } from '#shared/errors.ts';
import { isAlive, type ProcessMark } from '../core/alive.ts';
import { listNames, look, makeFolders, openForAppend, putFile, readText, removeFile, Unsynced } from '../core/files.ts';
import { readLogText, type LogText } from '../core/log-text.ts';
import type { Machine } from '../core/machine.ts';
import { recycleBin } from '../sites/discards.ts';

/*
 * Archives that are put into sites: one record and one log each. The process that unpacks writes its record, the agent
 * writes it when it moves things into the site; whether the process still lives is seen from outside.
 */

export type Move = { readonly from: string; readonly to: string };

export type UnpackingRecord = {
  readonly unpackingId: string;
  readonly siteId: string;
  readonly slug: string;
  /** Folder of the site when it began; its moves are of this place. */
  readonly root: string;
  readonly uploadId: string;
  readonly fileName: string;
  readonly choices: UnpackChoices;
  /** Records from before applications were installed lack it. */
  readonly app?: WordpressApp;
  readonly actor: { readonly id: string; readonly name: string };
  /** `ready`: waits for the agent; `placed`: is in the site, and what is left is to tidy. */
  readonly state: 'starting' | 'running' | 'ready' | 'placed' | 'succeeded' | 'failed' | 'cancelled' | 'undone';
  readonly phase: Unpacking['phase'];
  /** Counts from 1; one whose process died is taken up again. */
  readonly attempt: number;
  readonly process: ProcessMark | null;
  /** 0 to 100 of the archive that was read. */
  readonly progress: number;
  readonly files: number | null;
  readonly bytes: number | null;
  /** The one folder that holds everything and is left out; null: none. */
  readonly topFolder: string | null;
  readonly replaced: number;
  readonly kept: number;
  readonly failure: Unpacking['failure'];
  readonly startedAt: number;
  readonly endedAt: number | null;
};

type Where = Pick<Machine, 'stateFolder'>;

export const maxAttempts = 3;
/** A process that cannot be started within this time never will. */
const startPatienceMs = 30_000;
const mostKept = 50;
const undoableMs = 30 * 24 * 60 * 60 * 1_000;

const folderOf = ({ stateFolder }: Where, siteId: string): string => `${stateFolder}/unpackings/${siteId}`;
const pathOf = (where: Where, siteId: string, id: string, end: string): string =>
  `${folderOf(where, siteId)}/${id}.${end}`;

/** Where it is unpacked, and where what gives way goes: root's alone, on the file system of the sites. */
export const stagePath = (prefix: string, { unpackingId, slug }: { unpackingId: string; slug: string }): string =>
  `${prefix}${recycleBin}/${unpackingId}-${slug}.archive`;

export async function writeUnpacking(where: Where, record: UnpackingRecord): Promise<UnpackingRecord> {
  await put(where, record.siteId, record.unpackingId, 'json', record);
  return record;
}

async function put(where: Where, siteId: string, id: string, end: string, content: unknown): Promise<void> {
  makeFolders(folderOf(where, siteId));
  const unsynced = new Unsynced();
  const bytes = Buffer.from(`${JSON.stringify(content)}\n`);
  putFile(pathOf(where, siteId, id, end), bytes, { mode: 0o600 }, 'unpacking', unsynced);
  await unsynced.flush();
}

export function findUnpacking(where: Where, siteId: string, unpackingId: string): UnpackingRecord | undefined {
  const text = readText(pathOf(where, siteId, unpackingId, 'json'));
  return text === undefined ? undefined : (JSON.parse(text) as UnpackingRecord);
}

/** Newest first. */
export function listUnpackings(where: Where, siteId: string): UnpackingRecord[] {
  return listNames(folderOf(where, siteId))
    .flatMap((name) => /^([a-z2-7]{16})\.json$/.exec(name)?.[1] ?? [])
    .flatMap((id) => findUnpacking(where, siteId, id) ?? [])
    .sort((one, other) => other.startedAt - one.startedAt);
}

/** What was moved, in its order and without prefix; kept for the way back. */
export async function writeMoves(
  where: Where,
  { siteId, unpackingId }: UnpackingRecord,
  moves: readonly Move[],
): Promise<void> {
  await put(where, siteId, unpackingId, 'moves', moves);
}

export function readMoves(where: Where, { siteId, unpackingId }: UnpackingRecord): Move[] | undefined {
  const text = readText(pathOf(where, siteId, unpackingId, 'moves'), 32 * 1024 * 1024);
  return text === undefined ? undefined : (JSON.parse(text) as Move[]);
}

/** Whether somebody still works on it. */
export function isUnderWay(record: UnpackingRecord, now: number): boolean {
  if (record.state === 'starting') return now - record.startedAt < startPatienceMs;
  if (record.state !== 'running' && record.state !== 'ready') return false;
  return record.process !== null && isAlive(record.process);
}

/** Its process has gone before anything was in the site, without a word. */
export function isInterrupted(record: UnpackingRecord, now: number): boolean {
  return ['starting', 'running', 'ready'].includes(record.state) && !isUnderWay(record, now);
}

/** Whether the agent can put back what gave way: only for the newest, as the others stand on each other. */
export function canBeUndone(where: Where, record: UnpackingRecord, now: number): boolean {
  if (record.state !== 'succeeded' && record.state !== 'placed') return false;
  if (now - record.startedAt > undoableMs) return false;
  const newest = listUnpackings(where, record.siteId).find(({ state }) => ['placed', 'succeeded'].includes(state));
  return (
    newest?.unpackingId === record.unpackingId &&
    look(pathOf(where, record.siteId, record.unpackingId, 'moves')).type === 'file'
  );
}

/** As people see it. */
export function shownUnpacking(where: Where, record: UnpackingRecord, now: number): Unpacking {
  const { unpackingId, fileName, choices, actor, phase, files, bytes, replaced, kept, failure } = record;
  const isOver = ['succeeded', 'failed', 'cancelled', 'undone'].includes(record.state);
  const isLive = record.process !== null && isAlive(record.process);
  const state = isOver
    ? (record.state as Unpacking['state'])
    : record.state === 'placed' && !isLive
      ? 'succeeded'
      : 'running';
  return {
    id: unpackingId,
    fileName,
    folder: choices.folder,
    onConflict: choices.onConflict,
    actorName: actor.name,
    state,
    phase,
    progress: record.progress,
    files,
    bytes,
    replaced,
    kept,
    failure,
    startedAt: new Date(record.startedAt).toISOString(),
    endedAt: record.endedAt === null ? null : new Date(record.endedAt).toISOString(),
    canBeUndone: canBeUndone(where, record, now),
  };
}

/** As a record keeps it; numbers stay numbers, so that sizes are shown as sizes. */
export function failureOf(error: unknown): NonNullable<Unpacking['failure']> {
  if (!(error instanceof AppError)) return { reason: 'archive_failed', params: {} };
  const params = Object.fromEntries(
    Object.entries(error.params).map(([name, value]) => [name, typeof value === 'number' ? value : String(value)]),
  );
  return { reason: error.reason ?? 'archive_failed', params };
}

export function openUnpackingLog(where: Where, siteId: string, unpackingId: string): number {
  makeFolders(folderOf(where, siteId));
  return openForAppend(pathOf(where, siteId, unpackingId, 'log'));
}

export function readUnpackingLog(where: Where, record: UnpackingRecord, offset: number): LogText {
  const path = pathOf(where, record.siteId, record.unpackingId, 'log');
  if (look(path).type !== 'file') return { text: '', next: 0 };
  return readLogText(path, offset, record.endedAt !== null);
}

export function askToCancel(where: Where, siteId: string, unpackingId: string): void {
  const unsynced = new Unsynced();
  putFile(pathOf(where, siteId, unpackingId, 'cancel'), Buffer.alloc(0), { mode: 0o600 }, 'cancel', unsynced);
  unsynced.drop();
}

export function isCancelWanted(where: Where, siteId: string, unpackingId: string): boolean {
  return look(pathOf(where, siteId, unpackingId, 'cancel')).type === 'file';
}

/** Keeps the newest. */
export function forgetOldUnpackings(where: Where, siteId: string): void {
  for (const { unpackingId } of listUnpackings(where, siteId).slice(mostKept))
    for (const end of ['json', 'log', 'cancel', 'moves']) removeFile(pathOf(where, siteId, unpackingId, end));
}
