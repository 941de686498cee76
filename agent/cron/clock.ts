import { logLine, type Machine } from '../core/machine.ts';
import { readNextLook } from './next-look.ts';

const everyMs = 1_000;
/** A clock that moved by more was set. */
const steadyMs = 5_000;

/** Starts what is due where no systemd has a timer for it; never keeps the agent alive. */
export function startCronClock(machine: Machine): void {
  let isLooking = false;
  const aheadOfUptime = (): number => machine.now() - performance.now();
  let ahead = aheadOfUptime();
  // What was cut off with the last agent is told at once.
  let isFirst = true;
  const look = async (): Promise<void> => {
    const next = readNextLook(machine);
    const isSet = Math.abs(aheadOfUptime() - ahead) > steadyMs;
    ahead = aheadOfUptime();
    if (next === undefined || (next > machine.now() && !isSet && !isFirst)) return;
    isFirst = false;
    // Loaded only where there are jobs.
    const { startDueJobs } = await import('./cron-due.ts');
    await startDueJobs(machine);
  };
  setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    look()
      .catch((error: unknown) => logLine('error', 'scheduled jobs cannot be looked at', { error: String(error) }))
      .finally(() => (isLooking = false));
  }, everyMs).unref();
}
