import { setTimeout as wait } from 'node:timers/promises';
import { AgentCallError } from '../agent-client.ts';
import type { JobRun } from './handler.ts';

/*
 * For jobs that follow an operation of the agent's: the operation goes on by itself, its log is read piece by piece, and
 * an agent that is being restarted is waited for.
 */

/** How long to wait before the operation is asked again. */
export const pollMs = 500;
/** An agent that is being restarted comes back within this time; the operation itself goes on without it. */
const agentPatienceMs = 60_000;

/** Asks again while the agent is away. */
export async function patiently<T>(job: JobRun, ask: () => Promise<T>): Promise<T> {
  const endsAt = Date.now() + agentPatienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isAway = error instanceof AgentCallError && ['agent_unavailable', 'timeout'].includes(error.code);
      if (!isAway || job.signal.aborted || Date.now() > endsAt) throw error;
      await pause(job, 1_000);
    }
  }
}

/** Waits, but not longer than the job may go on. */
export async function pause(job: JobRun, ms: number): Promise<void> {
  await wait(ms, undefined, { signal: job.signal }).catch(() => undefined);
}

/** Whether somebody wants the job to stop; a panel that shuts down leaves the operation to the next process. */
export async function isCancelWanted(job: JobRun): Promise<boolean> {
  const row = await job.ctx.db
    .selectFrom('job')
    .select('cancel_requested_at')
    .where('id', '=', job.jobId)
    .executeTakeFirst();
  return row !== undefined && row.cancel_requested_at !== null;
}

/** Whole lines, and the beginning of the next one. */
export function splitLines(text: string): { whole: string[]; rest: string } {
  const parts = text.split(/\r?\n/);
  const rest = parts.pop() ?? '';
  return { whole: parts, rest };
}
