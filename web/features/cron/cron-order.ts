import type { CronSchedule } from '#shared/cron-work.ts';
import type { SortOrder } from '../../ui/lists/list-search.ts';
import type { CronSort } from './cron-search.ts';
import type { ListedCronJob } from './cron.queries.ts';

/** What ran last is looked for; of what comes, the next. */
export const firstOrder = (sort: CronSort): SortOrder => (sort === 'last' ? 'desc' : 'asc');

/** `when`: by how often; what is written as an expression, or comes once, has no such number. */
export const cronValue: Readonly<Record<CronSort, (job: ListedCronJob) => string | number | null>> = {
  name: ({ name }) => name,
  when: ({ schedule }) => minutesBetween(schedule),
  next: ({ nextRunAt }) => nextRunAt,
  last: ({ lastRun }) => lastRun?.startedAt ?? null,
};

const dayMinutes = 24 * 60;

function minutesBetween(schedule: CronSchedule): number | null {
  switch (schedule.every) {
    case 'minutes':
      return schedule.minutes;
    case 'hour':
      return 60;
    case 'day':
      return dayMinutes / schedule.times.length;
    case 'week':
      return (7 * dayMinutes) / (schedule.weekdays.length * schedule.times.length);
    case 'month':
      return (30 * dayMinutes) / (schedule.days.length * schedule.times.length);
    default:
      return null;
  }
}
