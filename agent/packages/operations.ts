import { uptime } from 'node:os';
import { isAlive, type ProcessMark } from '../core/alive.ts';
import { bootId } from '../core/boot.ts';
import { readLogText, type LogText } from '../core/log-text.ts';
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

/*
 * What is known of package operations: one folder per operation, in it one record and one log per step. The process that
 * does a step writes its record; whether it still lives is seen from outside, so that no crash leaves a step running for ever.
 */

export type PublicStep = 'refresh' | 'install' | 'configure' | 'start' | 'verify' | 'remove' | 'upgrade';
export type Step = PublicStep | 'uninstall';

export type StepRecord = {
  /** Counts from 1; a step that died with its process is tried again. */
  readonly attempt: number;
  readonly state: 'starting' | 'running' | 'succeeded' | 'failed';
  /** Seconds since boot, and which boot: a changed clock means nothing here. */
  readonly at: number;
  readonly bootId: string;
  readonly process: ProcessMark | null;
  readonly exitCode: number | null;
  readonly progress: number | null;
};

/** A step that cannot be started within this time never will. */
const startPatienceSeconds = 20;
export const maxAttempts = 3;
const maxKept = 40;

const root = (stateFolder: string): string => `${stateFolder}/operations`;
export const folderOf = (stateFolder: string, operationId: string): string => `${root(stateFolder)}/${operationId}`;
const recordPath = (folder: string, step: Step): string => `${folder}/${step}.json`;
const logPath = (folder: string, step: Step): string => `${folder}/${step}.log`;

export function isKnown(stateFolder: string, operationId: string): boolean {
  return look(folderOf(stateFolder, operationId)).type === 'folder';
}

/** Makes the folder; forgets the oldest operations that have ended. */
export function makeOperation(stateFolder: string, operationId: string): string {
  const folder = folderOf(stateFolder, operationId);
  if (look(folder).type === 'missing') forgetOld(stateFolder);
  makeFolders(folder);
  return folder;
}

function forgetOld(stateFolder: string): void {
  const names = listNames(root(stateFolder)).filter((name) => !isAnyRunning(`${root(stateFolder)}/${name}`));
  const byAge = names
    .map((name) => ({ name, at: changedAt(`${root(stateFolder)}/${name}`) }))
    .sort((a, b) => b.at - a.at);
  for (const { name } of byAge.slice(maxKept)) removeOwnFolder(`${root(stateFolder)}/${name}`);
}

function changedAt(folder: string): number {
  const file = openFile(`${folder}/plan.json`) ?? openFile(recordPath(folder, 'refresh'));
  if (file === undefined) return 0;
  closeFile(file.fd);
  return file.stats.mtimeMs;
}

export function readRecord(folder: string, step: Step): StepRecord | undefined {
  const text = readText(recordPath(folder, step));
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as StepRecord;
  } catch {
    // Progress is not synced: a power cut may leave nothing of it. The step is then taken up anew.
    return undefined;
  }
}

/** Whole or not at all; on the disk unless `isPassing` (progress). */
export async function writeRecord(folder: string, step: Step, record: StepRecord, isPassing = false): Promise<void> {
  await putJson(recordPath(folder, step), record, isPassing);
}

export async function putJson(path: string, value: unknown, isPassing = false): Promise<void> {
  const unsynced = new Unsynced();
  putFile(path, Buffer.from(`${JSON.stringify(value)}\n`), { mode: 0o600 }, 'json', unsynced);
  if (isPassing) unsynced.drop();
  else await unsynced.flush();
}

/** `died`: its process has ended without saying how, for example by a power cut. */
export type StepState = 'running' | 'succeeded' | 'failed' | 'died';

export function stateOf(record: StepRecord): StepState {
  if (record.state === 'succeeded' || record.state === 'failed') return record.state;
  if (record.bootId !== bootId()) return 'died';
  if (record.process !== null) return isAlive(record.process) ? 'running' : 'died';
  return uptime() - record.at < startPatienceSeconds ? 'running' : 'died';
}

const steps: readonly Step[] = ['refresh', 'install', 'configure', 'start', 'verify', 'remove', 'upgrade', 'uninstall'];

export function isAnyRunning(folder: string, which: readonly Step[] = steps): boolean {
  return which.some((step) => {
    const record = readRecord(folder, step);
    return record !== undefined && stateOf(record) === 'running';
  });
}

export function newRecord(attempt: number): StepRecord {
  const none = { process: null, exitCode: null, progress: null };
  return { attempt, state: 'starting', at: uptime(), bootId: bootId(), ...none };
}

const cancelPath = (folder: string): string => `${folder}/cancel`;

export async function askToCancel(folder: string): Promise<void> {
  await putJson(cancelPath(folder), true);
}

export function isCancelled(folder: string): boolean {
  return look(cancelPath(folder)).type === 'file';
}

export function openStepLog(folder: string, step: Step): number {
  return openForAppend(logPath(folder, step));
}

/** Log text from an offset, whole lines while more may come. */
export function readStepLog(folder: string, step: Step, offset: number, isEnded: boolean): LogText {
  return readLogText(logPath(folder, step), offset, isEnded);
}
