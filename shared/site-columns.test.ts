import { expect, it } from 'vitest';
import { siteBackupState } from './site-columns.ts';

const now = Date.parse('2026-11-29T12:00:00Z');
const hours = (count: number): string => new Date(now - count * 3_600_000).toISOString();

it.each([
  ['never', { at: null, failedAt: null, everyMinutes: 1_440 }],
  ['failed', { at: null, failedAt: hours(1), everyMinutes: null }],
  ['failed', { at: hours(30), failedAt: hours(6), everyMinutes: 1_440 }],
  ['good', { at: hours(5), failedAt: hours(6), everyMinutes: 1_440 }],
  // A plan's own time counts, and a tenth of it more.
  ['good', { at: hours(26), failedAt: null, everyMinutes: 1_440 }],
  ['old', { at: hours(27), failedAt: null, everyMinutes: 1_440 }],
  ['good', { at: hours(1.9), failedAt: null, everyMinutes: 60 }],
  ['old', { at: hours(2.1), failedAt: null, everyMinutes: 60 }],
  // Without a plan a week does.
  ['good', { at: hours(167), failedAt: null, everyMinutes: null }],
  ['old', { at: hours(169), failedAt: null, everyMinutes: null }],
] as const)('a site counts as %s with %o', (state, backup) => expect(siteBackupState(backup, now)).toBe(state));
