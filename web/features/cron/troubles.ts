import { cronApi } from '#shared/cron.ts';
import { call } from '../../api/client.ts';
import { failedRuns, type FailedRun } from './failed-runs.ts';

/** Scheduled jobs whose last run did not go well, for the bell. */
export async function fetchTroubles(signal: AbortSignal): Promise<{ readonly items: readonly FailedRun[] }> {
  return { items: failedRuns((await call(cronApi.list, { signal })).items) };
}
