import type { BackupSchedule } from '#shared/backups.ts';
import { all, nextOf, parseCron, type CronFields } from '#shared/cron-fields.ts';
import { isTimeZone } from '#shared/zoned.ts';

/*
 * When a plan runs: pure computation.
 */

const every = { days: all(1, 31), months: all(1, 12), weekdays: all(0, 6), isEitherDay: false };
const saturday = 6;

function fieldsOf({ every: kind, atMinute, cron }: BackupSchedule): CronFields | undefined {
  const atHour = Math.floor(atMinute / 60);
  const minutes = [atMinute % 60];
  const hourly = (step: number): CronFields => ({ ...every, minutes, hours: all(0, 23, step) });
  switch (kind) {
    case 'hourly':
      return hourly(1);
    case 'six_hours':
      return hourly(6);
    case 'twelve_hours':
      return hourly(12);
    case 'daily':
      return { ...every, minutes, hours: [atHour] };
    case 'weekly':
      return { ...every, minutes, hours: [atHour], weekdays: [saturday] };
    case 'monthly':
      return { ...every, minutes, hours: [atHour], days: [1] };
    case 'cron':
      return parseCron(cron);
  }
}

/** Whether it names a zone and times that exist. */
export function isSchedule(schedule: BackupSchedule): boolean {
  return isTimeZone(schedule.timeZone) && nextRun(schedule, Date.UTC(2024, 0, 1)) !== undefined;
}

/** The first run after a moment; undefined when there is none within five years. */
export function nextRun(schedule: BackupSchedule, after: number): number | undefined {
  const fields = fieldsOf(schedule);
  return fields === undefined ? undefined : nextOf(fields, schedule.timeZone, after);
}

/** Longest time between two runs in minutes: what could be lost at worst. Looks a year ahead. */
export function longestGapMinutes(schedule: BackupSchedule, from: number): number | undefined {
  const year = 366 * 24 * 60 * 60 * 1000;
  let longest = 0;
  let before = nextRun(schedule, from);
  for (let count = 0; count < 1000 && before !== undefined && before < from + year; count++) {
    const next = nextRun(schedule, before);
    if (next === undefined) break;
    longest = Math.max(longest, next - before);
    before = next;
  }
  return longest === 0 ? undefined : Math.round(longest / 60_000);
}
