import { nextCronRun } from './cron-times.ts';
import type { AppTimedRestart } from './site-app.ts';

/** The first moment after another one (epoch ms) at which an application is started anew by the clock. */
export function nextTimedRestart(restart: AppTimedRestart, after: number): number | undefined {
  const { timeZone } = restart;
  return restart.every === 'day'
    ? nextCronRun({ every: 'day', times: [restart.minute], timeZone }, after)
    : nextCronRun({ every: 'cron', expression: `0 */${restart.hours} * * *`, timeZone }, after);
}
