import { expect, it } from 'vitest';
import type { BackupSchedule } from '#shared/backups.ts';
import { parseCron } from '#shared/cron-fields.ts';
import { isSchedule, longestGapMinutes, nextRun } from './schedule.ts';

const schedule = (change: Partial<BackupSchedule>): BackupSchedule => ({
  every: 'daily',
  atMinute: 150,
  cron: '',
  timeZone: 'UTC',
  ...change,
});
const next = (change: Partial<BackupSchedule>, after: string): string => {
  const at = nextRun(schedule(change), Date.parse(after));
  return at === undefined ? 'never' : new Date(at).toISOString().slice(0, 16);
};

it('each kind of schedule comes at its time in its zone', () => {
  expect(next({}, '2025-01-01T02:30:00Z')).toBe('2025-01-02T02:30');
  expect(next({ timeZone: 'Asia/Riyadh' }, '2025-01-01T00:00:00Z')).toBe('2025-01-01T23:30');
  expect(next({ every: 'hourly', atMinute: 5 }, '2025-01-01T02:05:00Z')).toBe('2025-01-01T03:05');
  expect(next({ every: 'six_hours', atMinute: 5 }, '2025-01-01T18:05:00Z')).toBe('2025-01-02T00:05');
  expect(next({ every: 'twelve_hours', atMinute: 0 }, '2025-01-01T01:00:00Z')).toBe('2025-01-01T12:00');
  // A Saturday.
  expect(next({ every: 'weekly' }, '2025-01-01T00:00:00Z')).toBe('2025-01-04T02:30');
  expect(next({ every: 'monthly' }, '2025-01-02T00:00:00Z')).toBe('2025-02-01T02:30');
});

it('cron expressions: lists, steps, names, and either day when both are given', () => {
  const cron = (text: string, after: string): string => next({ every: 'cron', cron: text }, after);
  expect(cron('*/20 3-4 * * *', '2025-01-01T03:20:00Z')).toBe('2025-01-01T03:40');
  expect(cron('0 4 * * mon-fri', '2025-01-03T05:00:00Z')).toBe('2025-01-06T04:00');
  expect(cron('0 0 13 * 5', '2025-01-01T00:00:00Z')).toBe('2025-01-03T00:00');
  expect(cron('0 0 29 2 *', '2025-01-01T00:00:00Z')).toBe('2028-02-29T00:00');
  expect(cron('0 0 * * 7', '2025-01-01T00:00:00Z')).toBe('2025-01-05T00:00');
  for (const bad of ['', '* * * *', '60 * * * *', '5-1 * * * *', '*/0 * * * *', '0 0 30 2 *', 'x * * * *', '0 0 0 * *'])
    expect(isSchedule(schedule({ every: 'cron', cron: bad })), bad).toBe(false);
  expect(parseCron('0 0 1 1 *')?.months).toEqual([1]);
  expect(isSchedule(schedule({ timeZone: 'Mars/Base' }))).toBe(false);
});

it('a time that clocks jump over comes at the jump, one that comes twice comes once', () => {
  const berlin = { timeZone: 'Europe/Berlin', atMinute: 150 };
  expect(next(berlin, '2025-03-29T12:00:00Z')).toBe('2025-03-30T01:00');
  expect(next(berlin, '2025-03-30T01:00:00Z')).toBe('2025-03-31T00:30');
  expect(next(berlin, '2025-10-25T12:00:00Z')).toBe('2025-10-26T00:30');
  expect(next(berlin, '2025-10-26T00:30:00Z')).toBe('2025-10-27T01:30');
});

it('P4.2-10 the longest gap between two runs is what could be lost at worst', () => {
  expect(longestGapMinutes(schedule({ every: 'hourly', atMinute: 0 }), 0)).toBe(60);
  expect(longestGapMinutes(schedule({ every: 'cron', cron: '0 8,20 * * *' }), 0)).toBe(720);
  expect(longestGapMinutes(schedule({ every: 'monthly' }), 0)).toBe(31 * 24 * 60);
});
