import { z } from 'zod';
import type { CronFacts } from '#shared/cron-work.ts';
import { launchDelivery } from '../alerts/deliver.ts';
import { raise } from '../alerts/raise.ts';
import { backupsFolder } from '../backups/work-of.ts';
import { readText, removeFile } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import { logLine, type Machine } from '../core/machine.ts';
import { cronFolder, type RunRecord } from './cron-records.ts';

/*
 * Who is told of a run. A job that fails every minute tells it once, and once a day while it goes on; then that it is over.
 */

const told = z.object({ reason: z.string().nullable(), at: z.number() });
const againMs = 24 * 60 * 60 * 1000;

type Teller = Pick<Machine, 'settings' | 'stateFolder' | 'prefix' | 'hasSystemd' | 'now'>;

/** Never throws: a run has ended, whoever hears of it. */
export async function tellRun(
  machine: Teller,
  name: string,
  notify: CronFacts['notify'],
  { jobId, runId, state, cause }: RunRecord,
): Promise<void> {
  if (notify === 'never' || state === 'cancelled') return;
  try {
    const now = machine.now();
    const path = `${cronFolder(machine)}/told/${jobId}.json`;
    const before = readTold(path);
    const isGood = state === 'succeeded';
    const isNews = before === undefined || before.reason !== cause || before.at > now || before.at + againMs <= now;
    if (notify === 'failure' && (isGood ? before === undefined : !isNews)) return;
    await raise(
      backupsFolder(machine.stateFolder),
      {
        event: isGood && before !== undefined ? 'recovered' : isGood ? 'job_succeeded' : 'job_failed',
        planId: null,
        targetId: null,
        runId,
        what: null,
        check: null,
        reason: cause,
        recoveredFrom: isGood && before !== undefined ? 'job_failed' : null,
        dueAt: null,
        job: { jobId, name },
      },
      now,
    );
    if (isGood) removeFile(path);
    else await putJsonFile(path, { reason: cause, at: now } satisfies z.infer<typeof told>);
    await launchDelivery(machine);
  } catch (error) {
    logLine('error', 'the end of a scheduled job was not told', { jobId, error: String(error) });
  }
}

function readTold(path: string): z.infer<typeof told> | undefined {
  const text = readText(path);
  return text === undefined ? undefined : told.safeParse(JSON.parse(text)).data;
}
