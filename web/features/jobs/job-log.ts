import type { z } from 'zod';
import type { Job, jobEvent } from '#shared/jobs.ts';

export type JobEvent = z.output<typeof jobEvent>;
export type JobLine = JobEvent['lines'][number];

/** A batch with as many lines as this is followed by more (server/features/jobs). */
const batch = 500;

/** What is known of a job's log. `isWhole`: the job has ended and nothing more can come. */
export type JobLog = { readonly lines: readonly JobLine[]; readonly isOver: boolean; readonly isWhole: boolean };

export const emptyLog: JobLog = { lines: [], isOver: false, isWhole: false };

/** A log with one more event of the stream. After a reconnection the stream sends lines again: each is kept once. */
export function withEvent(before: JobLog, event: JobEvent): JobLog {
  const lines = withLines(before.lines, event.lines);
  const isOver = event.job === null ? before.isOver : event.job.endedAt !== null;
  const isWhole = isOver && event.lines.length < batch;
  if (lines === before.lines && isOver === before.isOver && isWhole === before.isWhole) return before;
  return { lines, isOver, isWhole };
}

function withLines(before: readonly JobLine[], more: readonly JobLine[]): readonly JobLine[] {
  let last = before.at(-1)?.seq ?? 0;
  const fresh = more.filter(({ seq }) => {
    if (seq <= last) return false;
    last = seq;
    return true;
  });
  return fresh.length === 0 ? before : [...before, ...fresh];
}

/** How long it took or has taken so far, in milliseconds; undefined before it started. */
export function tookMs(of: Pick<Job, 'startedAt' | 'endedAt'>, now: number): number | undefined {
  if (of.startedAt === null) return undefined;
  const end = of.endedAt === null ? now : Date.parse(of.endedAt);
  return Math.max(0, end - Date.parse(of.startedAt));
}

/** As `tookMs`, in whole seconds while it runs: tenths would flicker. undefined in the first second. */
export function shownMs(of: Pick<Job, 'startedAt' | 'endedAt'>, now: number): number | undefined {
  const took = tookMs(of, now);
  if (took === undefined || of.endedAt !== null) return took;
  return took < 1_000 ? undefined : Math.floor(took / 1_000) * 1_000;
}

/** Index of the step that is under way, else of the last one that ran; -1 before the first. */
export function presentStep(steps: Job['steps']): number {
  const running = steps.findIndex(({ state }) => state === 'running');
  return running === -1 ? steps.findLastIndex(({ state }) => state !== 'waiting' && state !== 'skipped') : running;
}
