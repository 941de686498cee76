import type { Job } from '#shared/jobs.ts';
import type { Context } from '../../context.ts';

const ends: readonly string[] = ['succeeded', 'failed', 'cancelled'];

/** Counts the jobs that end in this process; returns a function that stops it. */
export function countEndedJobs({ events, metrics }: Pick<Context, 'events' | 'metrics'>, onEnd: (job: Job) => void) {
  const subscription = events.subscribe({
    topics: [],
    isAllowed: ({ type }) => type === 'job',
    wake() {
      for (const event of subscription.take()) {
        if (event.type === 'job' && ends.includes(event.job.state)) count(event.job);
      }
    },
  });

  function count(job: Job): void {
    const { kind, state, startedAt, endedAt } = job;
    metrics.add('aapanel_jobs_ended_total', { kind, outcome: state });
    if (startedAt !== null && endedAt !== null) {
      const seconds = Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
      metrics.observe('aapanel_job_duration_seconds', { kind }, seconds);
    }
    onEnd(job);
  }

  return () => subscription.close();
}
