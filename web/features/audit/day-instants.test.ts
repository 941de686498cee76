import { expect, it } from 'vitest';
import { instantsOfDay } from './day-instants.ts';

it('a day begins and ends where the reader lives', () => {
  expect(instantsOfDay('2026-03-01', 'Asia/Riyadh')).toEqual({
    since: '2026-02-28T21:00:00.000Z',
    until: '2026-03-01T20:59:59.999Z',
  });
  expect(instantsOfDay('2026-03-01', 'UTC')).toEqual({
    since: '2026-03-01T00:00:00.000Z',
    until: '2026-03-01T23:59:59.999Z',
  });
});

it('the day on which clocks change has an hour less', () => {
  expect(instantsOfDay('2026-03-29', 'Europe/Berlin')).toEqual({
    since: '2026-03-28T23:00:00.000Z',
    until: '2026-03-29T21:59:59.999Z',
  });
});
