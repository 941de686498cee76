import { cleanSiteLogs } from '../logs/clean.ts';
import { findProgram, run } from '../core/run.ts';
import { hasSite } from './cron-account.ts';
import type { CronMachine } from './cron-due.ts';
import type { OwnTaskOf } from './run-own-work.ts';
import { notRun, type TaskEnd } from './run-script.ts';

/** Sets logs aside and drops the oldest: those of sites, or systemd's journal. */
export async function runLogs(machine: CronMachine, task: OwnTaskOf<'logs'>): Promise<TaskEnd> {
  const { work, siteId, output } = task;
  if (work.of === 'journal') return await cleanJournal(task);
  if (siteId !== null && !hasSite(machine, siteId)) return { ...notRun, cause: 'cron_site_gone' };
  const cleaned = await cleanSiteLogs(machine, { siteId, ...work });
  if (cleaned === undefined) return { ...notRun, cause: 'cron_logs_busy' };
  for (const { path, bytes } of cleaned.removed) output.say(`- ${path} ${bytes}`);
  const bytes = cleaned.removed.reduce((sum, each) => sum + each.bytes, 0);
  output.say(`${cleaned.removed.length} files, ${bytes} bytes`);
  return { ...notRun, cause: cleaned.failures === 0 ? null : 'cron_logs_failed' };
}

/** journalctl(1): only what was set aside goes, never the journal that is written to. */
async function cleanJournal({ work, timeoutMs, signal, output }: OwnTaskOf<'logs'>): Promise<TaskEnd> {
  const program = findProgram('journalctl');
  if (program === undefined) return { ...notRun, cause: 'cron_journal_failed' };
  const args = [
    ...(work.rotates ? ['--rotate'] : []),
    ...(work.maxAgeDays === null ? [] : [`--vacuum-time=${work.maxAgeDays}d`]),
    ...(work.maxMib === null ? [] : [`--vacuum-size=${work.maxMib}M`]),
  ];
  const { code, stdout, stderr, isTimedOut } = await run(program, args, { timeoutMs, signal });
  output.add(Buffer.from(stdout + stderr));
  return {
    ...notRun,
    code,
    isTimedOut: isTimedOut && !signal.aborted,
    cause: code === 0 ? null : 'cron_journal_failed',
  };
}
