import type { LogRotation } from '#shared/logs.ts';

/** Days by the machine's own clock and zone, as nginx writes them. */
export function dayOf(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Midnight so many days before today's, epoch ms; days of 23 and 25 hours are counted as one. */
export function midnightBefore(at: number, days: number): number {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - days).getTime();
}

/** Two moments of the same day, week (from Monday) or month have the same name. */
export function periodOf(at: number, every: LogRotation['every']): string {
  const day = dayOf(at);
  if (every === 'day') return day;
  if (every === 'month') return day.slice(0, 7);
  return dayOf(midnightBefore(at, (new Date(at).getDay() + 6) % 7));
}

const two = (value: number): string => String(value).padStart(2, '0');
