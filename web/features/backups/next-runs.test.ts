import { describe, expect, it } from 'vitest';
import type { BackupSchedule } from '#shared/backups.ts';
import { longestGapMinutes, nextRuns, readCron } from './next-runs.ts';

const schedule = (change: Partial<BackupSchedule>): BackupSchedule => ({
  every: 'daily',
  atMinute: 150,
  cron: '',
  timeZone: 'UTC',
  ...change,
});
const now = Date.parse('2026-03-26T10:00:00.000Z');
const said = (runs: readonly number[]): string[] => runs.map((at) => new Date(at).toISOString().slice(0, 16));

describe('the next runs of a schedule', () => {
  it('stand at the hour of its own time zone', () => {
    expect(said(nextRuns(schedule({ timeZone: 'Asia/Riyadh' }), 2, now))).toEqual([
      '2026-03-26T23:30',
      '2026-03-27T23:30',
    ]);
  });

  it('keep that hour when the clocks change, and move to the next minute that there is', () => {
    // In Berlin 02:30 on 29 March does not exist.
    const runs = said(nextRuns(schedule({ timeZone: 'Europe/Berlin' }), 4, now));
    expect(runs[1]).toBe('2026-03-28T01:30');
    expect(runs[3]).toBe('2026-03-30T00:30');
  });

  it('are on Saturdays, on the first of a month, and every few hours', () => {
    expect(said(nextRuns(schedule({ every: 'weekly' }), 2, now))).toEqual(['2026-03-28T02:30', '2026-04-04T02:30']);
    expect(said(nextRuns(schedule({ every: 'monthly' }), 1, now))).toEqual(['2026-04-01T02:30']);
    expect(said(nextRuns(schedule({ every: 'six_hours', atMinute: 5 }), 2, now))).toEqual([
      '2026-03-26T12:05',
      '2026-03-26T18:05',
    ]);
  });

  it('follow an expression with names, ranges and steps', () => {
    expect(said(nextRuns(schedule({ every: 'cron', cron: '*/30 8-9 * jan-apr mon,fri' }), 3, now))).toEqual([
      '2026-03-27T08:00',
      '2026-03-27T08:30',
      '2026-03-27T09:00',
    ]);
    // The day of the month or the day of the week.
    expect(said(nextRuns(schedule({ every: 'cron', cron: '0 0 13 * 5' }), 2, now))).toEqual([
      '2026-03-27T00:00',
      '2026-04-03T00:00',
    ]);
  });

  it('are none when the expression makes no sense or never comes true', () => {
    for (const cron of ['', '* * * *', '60 * * * *', '5-1 * * * *', '*/0 * * * *', 'x * * * *', '1-2-3 * * * *'])
      expect(readCron(cron), cron).toBeNull();
    expect(nextRuns(schedule({ every: 'cron', cron: '0 0 30 2 *' }), 1, now)).toEqual([]);
    expect(nextRuns(schedule({ timeZone: 'Nowhere/Place' }), 1, now)).toEqual([]);
  });
});

it('what could be lost at worst is the longest time between two runs', () => {
  expect(longestGapMinutes(schedule({ every: 'hourly' }), now)).toBe(60);
  expect(longestGapMinutes(schedule({}), now)).toBe(24 * 60);
  expect(longestGapMinutes(schedule({ every: 'cron', cron: '0 8,20,22 * * *' }), now)).toBe(12 * 60);
  expect(longestGapMinutes(schedule({ every: 'cron', cron: 'no' }), now)).toBeNull();
});
