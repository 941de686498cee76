import type { CronFacts, CronWork } from '#shared/cron-work.ts';
import type { CronMachine } from './cron-due.ts';
import type { CronOutput } from './cron-output.ts';
import type { TaskEnd } from './run-script.ts';

/** What the agent itself can do at a time: no script, no address. */
export type OwnTask<W extends CronWork = Exclude<CronWork, { kind: 'script' | 'url' }>> = {
  readonly work: W;
  readonly siteId: CronFacts['siteId'];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly output: CronOutput;
};
export type OwnTaskOf<K extends CronWork['kind']> = OwnTask<Extract<CronWork, { kind: K }>>;

export async function runOwnWork(machine: CronMachine, { work, ...task }: OwnTask): Promise<TaskEnd> {
  switch (work.kind) {
    case 'backup':
      return await (await import('./run-backup.ts')).runBackup(machine, { work, ...task });
    case 'logs':
      return await (await import('./run-logs.ts')).runLogs(machine, { work, ...task });
    case 'service':
      return await (await import('./run-service.ts')).runService(machine, { work, ...task });
  }
}
