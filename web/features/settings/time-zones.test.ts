import { expect, it } from 'vitest';
import { allZones, rankOf, minutesOf, zoneOf } from './time-zones.ts';

const now = new Date('2026-07-01T12:00:00Z');

it.each([
  ['GMT', 0],
  ['GMT+03:00', 180],
  ['GMT-03:30', -210],
  ['GMT+05:45', 345],
])('%s is %i minutes from Greenwich', (offset, minutes) => {
  expect(minutesOf(offset)).toBe(minutes);
});

it('a zone has its offset of now, short to read', () => {
  expect(zoneOf('Asia/Riyadh', 'ar', now)).toMatchObject({ offset: 'GMT+3', offsetMinutes: 180 });
  expect(zoneOf('Asia/Kolkata', 'en', now)).toMatchObject({ offset: 'GMT+5:30', offsetMinutes: 330 });
  expect(zoneOf('America/New_York', 'en', now)).toMatchObject({ offset: 'GMT-4' });
  expect(zoneOf('UTC', 'en', now)).toMatchObject({ offset: 'GMT+0' });
});

it('a zone is found by city, by offset and by its Arabic name, with or without hamza', () => {
  const riyadh = zoneOf('Asia/Riyadh', 'ar', now);
  expect(rankOf(riyadh, 'riya')).toBeDefined();
  expect(rankOf(riyadh, 'gmt+3')).toBeDefined();
  expect(rankOf(zoneOf('America/New_York', 'ar', now), 'لامريكا الشماليه')).toBeDefined();
  expect(rankOf(zoneOf('America/New_York', 'en', now), 'new york')).toBeDefined();
  expect(rankOf(riyadh, 'paris')).toBeUndefined();
});

it('a city that begins with what was typed comes before other matches', () => {
  expect(rankOf(zoneOf('Asia/Riyadh', 'en', now), 'ri')).toBe(0);
  expect(rankOf(zoneOf('America/Adak', 'en', now), 'ri')).toBe(1);
});

it('all zones are listed from west to east', () => {
  const minutes = allZones('ar', now).map(({ offsetMinutes }) => offsetMinutes);
  expect(minutes.length).toBeGreaterThan(300);
  expect(minutes).toEqual([...minutes].sort((a, b) => a - b));
});
