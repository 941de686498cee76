import { expect, it } from 'vitest';
import type { CronSchedule } from './cron-work.ts';
import { countedFrom, isByElapsedTime, nextCronRun, nextCronRuns, problemOfSchedule } from './cron-times.ts';

const timeZone = 'Europe/Berlin';
const at = (text: string): number => Date.parse(text);
const shown = (moments: readonly number[]): string[] =>
  moments.map((each) => new Date(each).toISOString().slice(0, 16));
const between = (schedule: CronSchedule, from: string, to: string): string[] =>
  shown(nextCronRuns(schedule, at(from), 5_000).filter((each) => each <= at(to)));
const cron = (expression: string): CronSchedule => ({ every: 'cron', expression, timeZone });

it('each kind of schedule comes at its times in its zone, several of a day among them', () => {
  const from = '2026-01-01T00:00:00Z';
  const next = (schedule: CronSchedule): string[] => shown(nextCronRuns(schedule, at(from), 3));
  expect(next({ every: 'minutes', minutes: 15, timeZone })).toEqual([
    '2026-01-01T00:15',
    '2026-01-01T00:30',
    '2026-01-01T00:45',
  ]);
  expect(next({ every: 'hour', minute: 5, timeZone })[0]).toBe('2026-01-01T00:05');
  expect(next({ every: 'day', times: [8 * 60 + 15, 20 * 60], timeZone })).toEqual([
    '2026-01-01T07:15',
    '2026-01-01T19:00',
    '2026-01-02T07:15',
  ]);
  expect(next({ every: 'week', weekdays: [1, 5], times: [0], timeZone })).toEqual([
    '2026-01-01T23:00',
    '2026-01-04T23:00',
    '2026-01-08T23:00',
  ]);
  // February has no 31st, and gets none.
  expect(next({ every: 'month', days: [31], times: [60], timeZone })).toEqual([
    '2026-01-31T00:00',
    '2026-03-30T23:00',
    '2026-05-30T23:00',
  ]);
  expect(next({ every: 'once', at: '2026-05-01T10:00:00.000Z', timeZone })).toEqual(['2026-05-01T10:00']);
  expect(next(cron('*/20 3 * * mon'))[0]).toBe('2026-01-05T02:00');
});

it('CRON-2 FAULT-3 around both changes of the clocks a job comes as often as its rule says, once each', () => {
  const spring = ['2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z'] as const;
  const autumn = ['2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z'] as const;
  const half: CronSchedule = { every: 'day', times: [150], timeZone };
  // 02:30 is jumped over in spring and shown twice in autumn.
  expect(between(half, ...spring)).toEqual(['2026-03-29T01:00']);
  expect(between(half, ...autumn)).toEqual(['2026-10-25T00:30']);
  for (const [from, to] of [spring, autumn]) {
    expect(between({ every: 'hour', minute: 10, timeZone }, from, to)).toHaveLength(24);
    expect(between({ every: 'minutes', minutes: 10, timeZone }, from, to)).toHaveLength(144);
    expect(between(cron('*/30 * * * *'), from, to)).toHaveLength(48);
  }
  // Hours of its own: 00, 02, 04 … of the clock, each once, also the one that is shown twice.
  expect(between(cron('0 */2 * * *'), ...autumn)).toHaveLength(11);
  expect(new Set(between(cron('* 2 * * *'), ...autumn)).size).toBe(60);
});

it('CRON-2 FAULT-3 after a clock that was set back nothing runs twice, and what goes by elapsed time goes on', () => {
  const daily: CronSchedule = { every: 'day', times: [10 * 60], timeZone: 'UTC' };
  const ran = at('2026-06-01T10:00:00.300Z');
  const next = (schedule: CronSchedule, now: string): string =>
    shown([nextCronRun(schedule, countedFrom(schedule, ran, at(now))) ?? 0])[0] ?? '';
  for (const now of ['2026-06-01T10:00:01Z', '2026-06-01T09:59:59.9Z', '2026-06-01T09:00:00Z', '2026-06-01T07:30:00Z'])
    expect(next(daily, now), now).toBe('2026-06-02T10:00');
  // A day back: the new time is the right one, and the day is not left without its run.
  expect(next(daily, '2026-05-31T11:00:00Z')).toBe('2026-06-01T10:00');
  const often = { every: 'minutes', minutes: 5, timeZone: 'UTC' } as const;
  expect(isByElapsedTime(often)).toBe(true);
  // The clock was only a little fast: not the same minute again.
  expect(next(often, '2026-06-01T09:59:59.9Z')).toBe('2026-06-01T10:05');
  expect(next(often, '2026-06-01T09:02:00Z')).toBe('2026-06-01T09:05');
  expect(next(often, '2026-05-31T09:02:00Z')).toBe('2026-05-31T09:05');
});

it('a schedule that never comes, has passed, or names no zone is told so by its field', () => {
  const now = at('2026-01-01T00:00:00Z');
  expect(problemOfSchedule(cron('0 0 30 2 *'), now)).toEqual({ field: 'expression', code: 'cron_never' });
  expect(problemOfSchedule(cron('61 * * * *'), now)).toEqual({ field: 'expression', code: 'cron_invalid' });
  expect(problemOfSchedule({ ...cron('0 0 * * *'), timeZone: 'Mars/Base' }, now)?.code).toBe('time_zone_invalid');
  expect(problemOfSchedule({ every: 'once', at: '2025-01-01T00:00:00.000Z', timeZone }, now)?.code).toBe('cron_past');
  expect(problemOfSchedule(cron('0 0 29 2 *'), now)).toBeUndefined();
});
