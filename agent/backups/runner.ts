import { statSync } from 'node:fs';
import { idPattern } from '#shared/http.ts';
import type { BackupRequest, ReportLine } from '#shared/backups.ts';
import { isErrorReason } from '#shared/error-reasons.ts';
import { AppError } from '#shared/errors.ts';
import { launchDelivery } from '../alerts/deliver.ts';
import { tellRunEnd } from './run-end.ts';
import { append, closeFile, openForAppend } from '../core/files.ts';
import { launcherOf, logLine, logTo, type AgentSettings } from '../core/machine.ts';
import { jobs, recoverFirst } from './jobs.ts';
import {
  asRunning,
  findRun,
  interrupted,
  isCancelAsked,
  isRunning,
  logPath,
  reportPath,
  writeRun,
  type RunRecord,
} from './runs.ts';
import type { Launcher } from './start.ts';
import { backupsFolder, dropOldScratch, endWork, makeWork } from './work-of.ts';
import type { BackupWork } from './work.ts';

/*
 * The process of one run. It takes nothing from the agent but its id; everything about it is read from its files. It ends
 * when asked to, by a file or a signal, at a point where everything is whole.
 */

const lookMs = 500;
const maxReportLines = 20_000;

/** `main.ts --backup RUN_ID`. Answers the exit code. */
export async function runBackup(settings: AgentSettings, args: readonly string[]): Promise<number> {
  const [runId = ''] = args;
  const folder = backupsFolder(settings.stateFolder);
  if (!idPattern.test(runId)) throw new Error('usage: main.ts --backup RUN_ID');
  const record = findRun(folder, runId);
  // Started too late, or twice: somebody else has it.
  if (record?.state !== 'starting') return 1;
  const journal = createJournal(folder, asRunning(record));
  await journal.write();
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  const watch = setInterval(() => {
    if (isCancelAsked(folder, runId)) stop.abort();
    journal.passOn();
  }, lookMs);
  dropOldScratch(settings.stateFolder, (name) => {
    const other = findRun(folder, name);
    // Those of calls to the agent end with it, within minutes.
    return other === undefined ? isYoung(`${folder}/scratch/${name}`) : isRunning(other);
  });
  const work = makeWork(launcherOf(settings), runId, stop.signal, journal.hooks);
  try {
    await recoverFirst(work);
    const setIds = await perform(work, record.request);
    await journal.end({ state: 'succeeded', setIds: [...setIds], progress: 100 });
    return 0;
  } catch (error) {
    journal.hooks.log(lineOf(error));
    // One that went down with the machine was stopped by nobody: it is told, and tried again like any that failed.
    const isCancelled = stop.signal.aborted && isCancelAsked(folder, runId);
    const failure = stop.signal.aborted ? interrupted : failureOf(error);
    await journal.end({
      state: isCancelled ? 'cancelled' : 'failed',
      failure: isCancelled ? null : failure,
      setIds: setIdsOf(error),
    });
    return 1;
  } finally {
    clearInterval(watch);
    process.off('SIGTERM', onSignal);
    process.off('SIGINT', onSignal);
    endWork(work);
    journal.close();
    await tellEnd(launcherOf(settings), runId);
  }
}

/** The run has ended by now, whatever comes of this. */
async function tellEnd(machine: Launcher, runId: string): Promise<void> {
  const folder = backupsFolder(machine.stateFolder);
  // There our standard error is the log of the run, which has said its last word.
  if (!machine.hasSystemd) logTo(() => undefined);
  try {
    const record = findRun(folder, runId);
    if (record !== undefined) await tellRunEnd(folder, record, machine.now());
  } catch (error) {
    // The timer tells it then.
    logLine('error', 'the end of a run was not told', { runId, error: String(error) });
  }
  await launchDelivery(machine);
}

const youngMs = 60 * 60 * 1000;

function isYoung(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && stats.mtimeMs + youngMs > Date.now();
}

async function perform(work: BackupWork, request: BackupRequest): Promise<readonly string[]> {
  const job = jobs[request.kind] as (work: BackupWork, request: BackupRequest) => Promise<readonly string[]>;
  return await job(work, request);
}

export function failureOf(error: unknown): NonNullable<RunRecord['failure']> {
  if (!(error instanceof AppError)) return { code: 'internal', reason: null, params: {} };
  const { code, reason, params } = error;
  return { code, reason: reason !== undefined && isErrorReason(reason) ? reason : null, params };
}

function setIdsOf(error: unknown): string[] {
  const ids = error instanceof Error && 'setIds' in error ? error.setIds : [];
  return Array.isArray(ids) ? (ids as string[]) : [];
}

/** For the log of the run, which people read: no stack, and a cause only when it is words of our own. */
function lineOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause =
    typeof error.cause === 'string'
      ? `: ${error.cause}`
      : error.cause instanceof Error
        ? `: ${error.cause.message}`
        : '';
  const reason = error instanceof AppError && error.reason !== undefined ? ` [${error.reason}]` : '';
  return `${error.message}${reason}${cause}`;
}

type Journal = {
  readonly hooks: {
    log: (text: string) => void;
    phase: (name: string, progress?: number) => void;
    report: (line: ReportLine) => void;
  };
  write(): Promise<void>;
  /** Progress that was told since, when it may be written. */
  passOn(): void;
  end(change: Partial<RunRecord>): Promise<void>;
  close(): void;
};

function createJournal(folder: string, first: RunRecord): Journal {
  let record = first;
  let isChanged = false;
  let lines = 0;
  let writing: Promise<void> = Promise.resolve();
  const logFd = openForAppend(logPath(folder, record.runId));
  const reportFd = openForAppend(reportPath(folder, record.runId));
  const write = (isPassing: boolean): Promise<void> => {
    writing = writing.then(() => writeRun(folder, record, isPassing));
    return writing;
  };
  return {
    hooks: {
      log: (text) => append(logFd, `${text}\n`),
      phase(name, progress) {
        const next = progress === undefined ? null : Math.min(100, Math.max(0, Math.round(progress)));
        if (record.phase !== name) append(logFd, `· ${name}\n`);
        isChanged ||= record.phase !== name || record.progress !== next;
        record = { ...record, phase: name, progress: next };
      },
      report(line) {
        if (lines++ < maxReportLines) append(reportFd, `${JSON.stringify(line)}\n`);
      },
    },
    write: () => write(false),
    passOn() {
      if (!isChanged) return;
      isChanged = false;
      void write(true);
    },
    async end(change) {
      record = { ...record, phase: null, progress: null, ...change, endedAt: new Date().toISOString() };
      await write(false);
    },
    close() {
      closeFile(logFd);
      closeFile(reportFd);
    },
  };
}
