import type { TFunction } from 'i18next';
import type { CronSchedule } from '#shared/cron-work.ts';
import type { Format } from '../../ui/format.ts';

/** `08:05` of minutes since midnight. */
export function clockOf(minuteOfDay: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minuteOfDay / 60))}:${two(minuteOfDay % 60)}`;
}

/** Minutes since midnight; undefined for what is no time. */
export function minuteOf(clock: string): number | undefined {
  const [, hour, minute] = /^(\d{2}):(\d{2})/.exec(clock) ?? [];
  return hour === undefined ? undefined : Number(hour) * 60 + Number(minute);
}

/** Sunday was the 4th of January 1970. */
const sundayMs = 3 * 86_400_000;

export function weekdayName(weekday: number, language: string, width: 'long' | 'short' = 'long'): string {
  const format = new Intl.DateTimeFormat(language, { weekday: width, timeZone: 'UTC' });
  return format.format(new Date(sundayMs + weekday * 86_400_000));
}

/** A schedule in words. */
export function scheduleText(t: TFunction, format: Format, language: string, schedule: CronSchedule): string {
  const times = (minutes: readonly number[]): string => format.list(minutes.map(clockOf));
  switch (schedule.every) {
    case 'minutes':
      return t('cron.says.minutes', { count: schedule.minutes, value: format.number(schedule.minutes) });
    case 'hour':
      return t('cron.says.hour', { minute: clockOf(schedule.minute).slice(3) });
    case 'day':
      return t('cron.says.day', { times: times(schedule.times) });
    case 'week':
      return t('cron.says.week', {
        days: format.list(schedule.weekdays.map((day) => weekdayName(day, language))),
        times: times(schedule.times),
      });
    case 'month':
      return t('cron.says.month', {
        days: format.list(schedule.days.map((day) => format.number(day))),
        times: times(schedule.times),
      });
    case 'cron':
      return schedule.expression;
    case 'once':
      return t('cron.says.once', { when: format.dateTime(schedule.at) });
  }
}
