import type { CronSchedule } from './cron-work.ts';
import { all, nextOf, parseCron, type CronFields } from './cron-fields.ts';
import { isTimeZone, localTime } from './zoned.ts';

/*
 * When a scheduled job runs: pure computation, the same for the agent that starts it and for the browser that shows the
 * next runs before anything is kept.
 */

const minuteMs = 60_000;
const everyDay = { days: all(1, 31), months: all(1, 12), weekdays: all(0, 6), isEitherDay: false };
const everyHour = all(0, 23);

/** Moments of a day, one set of fields for each: 08:15 and 20:00 have no minute in common. */
function fieldsOf(schedule: CronSchedule): readonly CronFields[] {
  const atTimes = (times: readonly number[], days: Partial<CronFields>): CronFields[] =>
    times.map((time) => ({ ...everyDay, hours: [Math.floor(time / 60)], minutes: [time % 60], ...days }));
  switch (schedule.every) {
    case 'hour':
      return [{ ...everyDay, hours: everyHour, minutes: [schedule.minute] }];
    case 'day':
      return atTimes(schedule.times, {});
    case 'week':
      return atTimes(schedule.times, { weekdays: schedule.weekdays });
    case 'month':
      return atTimes(schedule.times, { days: schedule.days });
    case 'cron': {
      const fields = parseCron(schedule.expression);
      return fields === undefined ? [] : [fields];
    }
    case 'minutes':
    case 'once':
      return [];
  }
}

/**
 * By the hour or oftener: such a rule goes by the time that passes, so that the hour which clocks show twice has its runs
 * twice. Rules with hours of their own go by what clocks show, once.
 */
export function isByElapsedTime(schedule: CronSchedule): boolean {
  if (schedule.every === 'minutes' || schedule.every === 'hour') return true;
  return schedule.every === 'cron' && fieldsOf(schedule)[0]?.hours.length === 24;
}

/** The first run after a moment (epoch ms); undefined when there is none within five years. */
export function nextCronRun(schedule: CronSchedule, after: number): number | undefined {
  if (schedule.every === 'once') {
    const at = Date.parse(schedule.at);
    return at > after ? at : undefined;
  }
  if (schedule.every === 'minutes') {
    const step = schedule.minutes * minuteMs;
    return (Math.floor(after / step) + 1) * step;
  }
  const { timeZone } = schedule;
  const elapsed = isByElapsedTime(schedule);
  const moments = fieldsOf(schedule).flatMap(
    (fields) => (elapsed ? nextElapsed(fields, timeZone, after) : nextOf(fields, timeZone, after)) ?? [],
  );
  return moments.length === 0 ? undefined : Math.min(...moments);
}

/** A day and the hour that it may have more. */
const lookedAtMinutes = 26 * 60;

function nextElapsed(fields: CronFields, timeZone: string, after: number): number | undefined {
  const first = Math.floor(after / minuteMs) + 1;
  for (let ahead = 0; ahead < lookedAtMinutes; ahead++) {
    const at = (first + ahead) * minuteMs;
    const { minute, day, month, weekday } = localTime(at, timeZone);
    if (!fields.minutes.includes(minute) || !fields.months.includes(month)) continue;
    const [isOfMonth, isOfWeek] = [fields.days.includes(day), fields.weekdays.includes(weekday)];
    if (fields.isEitherDay ? isOfMonth || isOfWeek : isOfMonth && isOfWeek) return at;
  }
  return nextOf(fields, timeZone, (first + lookedAtMinutes - 1) * minuteMs);
}

/** The next moments, at most `count`. */
export function nextCronRuns(schedule: CronSchedule, after: number, count: number): number[] {
  const found: number[] = [];
  for (let at = nextCronRun(schedule, after); at !== undefined && found.length < count; at = nextCronRun(schedule, at))
    found.push(at);
  return found;
}

/** Whether it names a zone and a time that comes. */
export function problemOfSchedule(
  schedule: CronSchedule,
  now: number,
): { readonly field: 'timeZone' | 'expression' | 'at' | 'days'; readonly code: string } | undefined {
  if (!isTimeZone(schedule.timeZone)) return { field: 'timeZone', code: 'time_zone_invalid' };
  if (schedule.every === 'cron' && parseCron(schedule.expression) === undefined)
    return { field: 'expression', code: 'cron_invalid' };
  if (nextCronRun(schedule, now) !== undefined) return undefined;
  if (schedule.every === 'once') return { field: 'at', code: 'cron_past' };
  return { field: schedule.every === 'cron' ? 'expression' : 'days', code: 'cron_never' };
}

/** After a clock that went back further than this, its new time counts as the right one. */
const shortSetBackMs = 3 * 60 * minuteMs;

/**
 * The moment that the next run is counted from. `handledUntil`: up to when everything was done that was due. A clock that
 * was set back does not make a job of fixed times run twice, nor one that goes by elapsed time wait.
 */
export function countedFrom(schedule: CronSchedule, handledUntil: number, now: number): number {
  const back = handledUntil - now;
  if (back <= 0) return handledUntil;
  const patience = isByElapsedTime(schedule) ? minuteMs : shortSetBackMs;
  return back <= patience ? handledUntil : now;
}
