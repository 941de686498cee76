import { expect, it } from 'vitest';
import { failedRuns } from './failed-runs.ts';

type Job = Parameters<typeof failedRuns>[0][number];
type State = NonNullable<Job['lastRun']>['state'];

function job(id: string, state: State | null, more: Partial<Job> = {}): Job {
  const at = `2026-11-2${id}T10:00:00Z`;
  const none = { code: null, cause: null, cpuMs: null, memoryBytes: null, outputBytes: 0, cutBytes: 0 };
  const run = { id, jobId: id, trigger: 'schedule', actorName: '', startedAt: at, endedAt: at, durationMs: 1 } as const;
  const lastRun = state === null ? null : { ...run, ...none, state, attempt: 1 };
  return { id, name: `job ${id}`, isEnabled: true, notify: 'failure', lastRun, ...more };
}

it('the bell has jobs whose last run went badly, the newest first, until they go well or are switched off', () => {
  const jobs = [
    job('1', 'failed'),
    job('2', 'succeeded'),
    job('3', 'timed_out'),
    job('4', 'running'),
    job('5', 'cancelled'),
    job('6', 'interrupted'),
    job('7', 'failed', { isEnabled: false }),
    job('8', 'failed', { notify: 'never' }),
    job('9', null),
  ];
  expect(failedRuns(jobs).map(({ jobId }) => jobId)).toEqual(['6', '3', '1']);
});
