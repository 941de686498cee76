import { expect, it } from 'vitest';
import { byDay } from './by-day.ts';

it('lines are gathered by day and keep their order', () => {
  const rows = ['2026-03-02T10:00', '2026-03-02T09:00', '2026-03-01T23:00'].map((at) => ({ at }));
  expect(byDay(rows, (iso) => iso.slice(0, 10))).toEqual([
    { day: '2026-03-02', rows: [rows[0], rows[1]] },
    { day: '2026-03-01', rows: [rows[2]] },
  ]);
  expect(byDay([], String)).toEqual([]);
});
