import { localTime, momentOf, type LocalTime } from './zoned.ts';

/*
 * Five-field cron as cron(8) has it: when both days are restricted, either is enough. Pure computation, for the agent that
 * starts what is due and for the browser that shows it before it is kept.
 */

/** The moments that a cron expression names, sorted. */
export type CronFields = {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly months: readonly number[];
  readonly weekdays: readonly number[];
  readonly isEitherDay: boolean;
};

export const all = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** undefined: no expression that anything could run by. */
export function parseCron(text: string): CronFields | undefined {
  const words = text.trim().toLowerCase().split(/\s+/);
  if (words.length !== 5) return undefined;
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = words;
  const minutes = parseField(minute, 0, 59);
  const hours = parseField(hour, 0, 23);
  const days = parseField(day, 1, 31);
  const months = parseField(month, 1, 12, monthNames, 1);
  const weekdays = parseField(weekday, 0, 7, dayNames, 0)?.map((each) => each % 7);
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  const isEitherDay = !day.startsWith('*') && !weekday.startsWith('*');
  return { minutes, hours, days, months, weekdays, isEitherDay };
}

function parseField(
  text: string,
  least: number,
  most: number,
  names: readonly string[] = [],
  firstName = 0,
): number[] | undefined {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const [, range = '', step = '1'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(item) ?? [];
    const [fromWord = '', toWord] = range.split('-');
    const valueOf = (word: string): number => {
      const named = names.indexOf(word);
      if (named !== -1) return named + firstName;
      return /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN;
    };
    const isAll = range === '*';
    const from = isAll ? least : valueOf(fromWord);
    const isOpen = isAll || (toWord === undefined && item.includes('/'));
    const to = isOpen ? most : toWord === undefined ? from : valueOf(toWord);
    const isGood = from >= least && to <= most && from <= to && Number(step) >= 1;
    if (!isGood || range.split('-').length > 2) return undefined;
    for (const value of all(from, to, Number(step))) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

const maxDays = 366 * 5;

/**
 * The first moment after another at which clocks of a zone show what the fields name; undefined when there is none within
 * five years. A time that clocks jump over comes at the jump, one that comes twice comes once.
 */
export function nextOf(fields: CronFields, timeZone: string, after: number): number | undefined {
  const start = localTime(after, timeZone);
  for (let ahead = 0; ahead <= maxDays; ahead++) {
    const date = new Date(Date.UTC(start.year, start.month - 1, start.day + ahead));
    const day = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
    if (!isDay(fields, { ...day, weekday: date.getUTCDay() })) continue;
    for (const hour of fields.hours)
      for (const minute of fields.minutes) {
        const at = momentOf({ ...day, hour, minute }, timeZone);
        if (at > after) return at;
      }
  }
  return undefined;
}

function isDay(fields: CronFields, { month, day, weekday }: Pick<LocalTime, 'month' | 'day' | 'weekday'>): boolean {
  if (!fields.months.includes(month)) return false;
  const isOfMonth = fields.days.includes(day);
  const isOfWeek = fields.weekdays.includes(weekday);
  return fields.isEitherDay ? isOfMonth || isOfWeek : isOfMonth && isOfWeek;
}
