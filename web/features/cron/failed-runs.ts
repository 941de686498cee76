import type { ListedCronJob } from '#shared/cron.ts';

export type FailedRun = { readonly jobId: string; readonly name: string; readonly at: string };

const bad = new Set(['failed', 'timed_out', 'interrupted']);
const most = 20;

/**
 * Of jobs that are switched on: what ran badly last, the newest first. It goes with the next run that goes well. Whoever
 * asked to be told of nothing is not told here either.
 */
export function failedRuns(
  jobs: readonly Pick<ListedCronJob, 'id' | 'isEnabled' | 'lastRun' | 'name' | 'notify'>[],
): FailedRun[] {
  return jobs
    .flatMap(({ id, name, isEnabled, notify, lastRun }) => {
      if (!isEnabled || notify === 'never' || lastRun === null || !bad.has(lastRun.state)) return [];
      return { jobId: id, name, at: lastRun.endedAt ?? lastRun.startedAt };
    })
    .sort((one, other) => (one.at < other.at ? 1 : -1))
    .slice(0, most);
}
