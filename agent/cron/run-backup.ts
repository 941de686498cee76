import { setTimeout as wait } from 'node:timers/promises';
import { newId } from '../backups/keys.ts';
import { findPlan } from '../backups/plans.ts';
import { askToCancelRun, findRun, logPath, showRun } from '../backups/runs.ts';
import { startRun } from '../backups/start.ts';
import { backupsFolder } from '../backups/work-of.ts';
import { readLogText } from '../core/log-text.ts';
import { cronActor, type CronMachine } from './cron-due.ts';
import type { OwnTaskOf } from './run-own-work.ts';
import { notRun, type TaskEnd } from './run-script.ts';

const lookMs = 500;
/** A run that was asked to end puts its target in order first. */
const endPatienceMs = 15_000;

/**
 * A run of a backup plan, waited for. It is one of the plan's own runs, as if somebody had asked for it: with its record,
 * its report and its alert.
 */
export async function runBackup(machine: CronMachine, task: OwnTaskOf<'backup'>): Promise<TaskEnd> {
  const { work, output } = task;
  const folder = backupsFolder(machine.stateFolder);
  if (findPlan(folder, work.planId) === undefined) return { ...notRun, cause: 'cron_plan_gone' };
  const runId = newId();
  await startRun(machine, { runId, request: { kind: 'create', planId: work.planId }, actorName: cronActor });
  const timer = AbortSignal.timeout(task.timeoutMs);
  const signal = AbortSignal.any([task.signal, timer]);
  let offset = 0;
  let askedAt: number | undefined;
  for (;;) {
    const record = findRun(folder, runId);
    const shown = record === undefined ? undefined : showRun(folder, record);
    const isOver = shown === undefined || shown.state !== 'running';
    offset = tellOn(logPath(folder, runId), offset, isOver, task);
    if (isOver) {
      if (shown?.state === 'failed')
        output.say(`${shown.failure?.code ?? 'internal'} ${shown.failure?.reason ?? ''}`.trim());
      const cause = shown?.state === 'succeeded' ? null : 'cron_backup_failed';
      return { ...notRun, isTimedOut: timer.aborted && cause !== null, cause };
    }
    if (signal.aborted && askedAt === undefined) {
      askToCancelRun(folder, runId);
      askedAt = performance.now();
    }
    if (askedAt !== undefined && performance.now() - askedAt > endPatienceMs)
      return { ...notRun, isTimedOut: timer.aborted, cause: 'cron_backup_failed' };
    await wait(lookMs);
  }
}

/** Answers up to where its log has been told. */
function tellOn(path: string, from: number, isOver: boolean, { output }: Pick<OwnTaskOf<'backup'>, 'output'>): number {
  for (let offset = from; ; ) {
    const { text, next } = readLogText(path, offset, isOver);
    if (next <= offset) return offset;
    output.add(Buffer.from(text));
    offset = next;
  }
}
