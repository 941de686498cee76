import type { BackupSchedule } from '#shared/backups.ts';

/*
 * When a schedule runs next, for the words beside its form. The agent decides; this only shows it before it is saved.
 */

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

const fields = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  { min: 0, max: 7, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
] as const;

type Times = {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  isDay(month: number, day: number, weekday: number): boolean;
};

/** The five fields of a schedule as cron writes them. */
export function cronOf({ every, atMinute, cron }: BackupSchedule): string {
  const minute = atMinute % 60;
  const hour = Math.floor(atMinute / 60);
  switch (every) {
    case 'hourly':
      return `${minute} * * * *`;
    case 'six_hours':
      return `${minute} */6 * * *`;
    case 'twelve_hours':
      return `${minute} */12 * * *`;
    case 'daily':
      return `${minute} ${hour} * * *`;
    case 'weekly':
      return `${minute} ${hour} * * 6`;
    case 'monthly':
      return `${minute} ${hour} 1 * *`;
    case 'cron':
      return cron;
  }
}

function valuesOf(text: string, index: number): number[] | null {
  const field = fields[index];
  if (field === undefined) return null;
  const read = (word: string): number => {
    const named = (field.names as readonly string[]).indexOf(word.toLowerCase());
    if (named !== -1) return index === 3 ? named + 1 : named;
    return /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN;
  };
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const [range = '', step, ...more] = item.split('/');
    const [from = '', to, ...rest] = range.split('-');
    const every = step === undefined ? 1 : Number(step);
    const first = range === '*' ? field.min : read(from);
    const last = range === '*' ? field.max : to !== undefined ? read(to) : step === undefined ? first : field.max;
    const isRight = [first, last].every((value) => value >= field.min && value <= field.max) && first <= last;
    if (!isRight || !Number.isInteger(every) || every < 1 || more.length > 0 || rest.length > 0) return null;
    for (let value = first; value <= last; value += every) values.add(index === 4 ? value % 7 : value);
  }
  return [...values].sort((one, other) => one - other);
}

/** null: not five fields that make sense. */
export function readCron(text: string): Times | null {
  const words = text.trim().split(/\s+/);
  if (words.length !== 5) return null;
  const [minutes, hours, days, months, weekdays] = words.map(valuesOf);
  if (!minutes || !hours || !days || !months || !weekdays) return null;
  // As cron has it: when both are given, either is enough.
  const isEither = !words[2]?.startsWith('*') && !words[4]?.startsWith('*');
  return {
    minutes,
    hours,
    isDay(month, day, weekday) {
      if (!months.includes(month)) return false;
      const isDate = days.includes(day);
      const isWeekday = weekdays.includes(weekday);
      return isEither ? isDate || isWeekday : isDate && isWeekday;
    },
  };
}

/** The next instants at which it runs, at most `count`, none later than some four years. Empty: it never does, or is wrong. */
export function nextRuns(schedule: BackupSchedule, count: number, now = Date.now()): number[] {
  const times = readCron(cronOf(schedule));
  const offsetAt = offsets(schedule.timeZone);
  if (times === null || offsetAt === null) return [];
  const runs: number[] = [];
  // Days as they are counted there, kept as UTC midnights.
  let day = Math.floor((now + offsetAt(now)) / dayMs) * dayMs;
  for (let left = 1_500; left > 0 && runs.length < count; left--, day += dayMs) {
    const date = new Date(day);
    if (!times.isDay(date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCDay())) continue;
    for (const hour of times.hours)
      for (const minute of times.minutes) {
        const wall = day + (hour * 60 + minute) * minuteMs;
        // Twice: the first guess may lie on the other side of a change of the clock.
        const guess = wall - offsetAt(wall);
        const at = wall - offsetAt(guess);
        if (at > now && (runs.at(-1) ?? 0) < at) runs.push(at);
      }
  }
  return runs.slice(0, count);
}

/** Longest time between two runs, in minutes; null: it does not run. */
export function longestGapMinutes(schedule: BackupSchedule, now = Date.now()): number | null {
  const runs = nextRuns(schedule, 200, now);
  if (runs.length < 2) return null;
  return Math.max(...runs.slice(1).map((at, index) => at - (runs[index] ?? at))) / minuteMs;
}

/** How far a zone is ahead of UTC at an instant, in milliseconds; null: no such zone. */
function offsets(timeZone: string): ((at: number) => number) | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
  } catch {
    return null;
  }
  const known = new Map<number, number>();
  return (at) => {
    // Clocks change on the quarter of an hour everywhere.
    const quarter = Math.floor(at / (15 * minuteMs)) * 15 * minuteMs;
    const before = known.get(quarter);
    if (before !== undefined) return before;
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(quarter)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
    const offset = Date.UTC(year, month - 1, day, hour, minute) - quarter;
    known.set(quarter, offset);
    return offset;
  };
}
