import { isErrorReason } from '#shared/error-reasons.ts';
import { AppError } from '#shared/errors.ts';
import { makeFolders, removeOwnFolder } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import type { BackupWork } from '../backups/work.ts';
import { scratchOf } from './engines/engine.ts';
import { databasesFolder } from './records.ts';
import type { RunRecord } from './runs.ts';

/* What the processes of runs have in common. */

/** What a process of its own knows of the machine. */
export type Place = Pick<Machine, 'settings' | 'stateFolder' | 'prefix' | 'hasSystemd' | 'isRoot' | 'now'>;

/** Dumps and restores take their notes beside ours: those of the backups have their own. */
export function workOf(
  place: Place,
  runId: string,
  say: (line: string) => void,
  signal: AbortSignal = new AbortController().signal,
): BackupWork {
  const scratch = scratchOf(place, runId);
  removeOwnFolder(scratch);
  makeFolders(scratch);
  const { hasSystemd, isRoot, prefix, settings, stateFolder, now } = place;
  return {
    hasSystemd,
    isRoot,
    prefix,
    settings,
    stateFolder,
    now,
    runId,
    folder: databasesFolder(place),
    scratch,
    signal,
    log: say,
    phase: () => undefined,
    report: ({ what, subject, reason }) => say(`${what}: ${subject} (${reason})`),
  };
}

/** As it is noted in the record of the run. */
export function failureOf(error: unknown): NonNullable<RunRecord['failure']> {
  if (!(error instanceof AppError)) return { reason: null, params: {} };
  const { reason, params } = error;
  const known = reason !== undefined && isErrorReason(reason) ? reason : null;
  return {
    reason: known,
    params: Object.fromEntries(
      Object.entries(params).map(([name, value]) => [name, typeof value === 'number' ? value : String(value)]),
    ),
  };
}

/** Whose run it is, the record of the database says otherwise. */
export const interrupted = (): AppError =>
  new AppError('in_use', 'It was cut off before it began.', { reason: 'database_run_interrupted' });
