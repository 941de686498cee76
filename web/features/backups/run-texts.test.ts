import i18next from 'i18next';
import { beforeAll, expect, it } from 'vitest';
import type { ReportLine } from '#shared/backups.ts';
import { ar } from '../../i18n/ar/ar.ts';
import { en } from '../../i18n/en/en.ts';
import type { Format } from '../../ui/format.ts';
import { groupReport, phaseText, reasonText } from './run-texts.ts';

const format = {
  number: (value: number) => `n${value}`,
  bytes: (value: number) => `b${value}`,
  duration: (value: number) => `d${value}`,
  dateTime: (value: string) => `t${value}`,
} as unknown as Format;
const line = (change: Partial<ReportLine>): ReportLine => ({
  what: 'changed',
  subject: 'x',
  reason: null,
  params: {},
  ...change,
});

beforeAll(() =>
  i18next.init({
    lng: 'en',
    fallbackLng: false,
    resources: { ar: { translation: ar }, en: { translation: en } },
    interpolation: { escapeValue: false },
  }),
);

it('amounts of a report are shown as this person reads them', () => {
  const space = line({ reason: 'space', params: { neededBytes: 10, freeBytes: 20 } });
  expect(reasonText(i18next.t, space, format)).toBe('needs b10, b20 are free');
  expect(reasonText(i18next.t, line({ reason: 'time', params: { seconds: 3 } }), format)).toBe('about d3000');
  expect(reasonText(i18next.t, line({ params: { bytes: 5 } }), format)).toBe('b5');
  const rate = line({ reason: 'verify_rate', params: { bytes: 1, megabytesPerSecond: 600 } });
  expect(reasonText(i18next.t, rate, format)).toBe('read b1 at n600 MB/s');
});

it('a backup that stays has the reason of the retention, and what is not known here gets neutral words', () => {
  expect(reasonText(i18next.t, line({ reason: 'newest' }), format)).toBe(en.backups.plan.why.newest);
  expect(reasonText(i18next.t, line({ reason: 'from_a_newer_agent' }), format)).toBe(en.backups.report.other);
  expect(phaseText(i18next.t, 'from_a_newer_agent')).toBe(en.backups.phase.other);
});

it('a report begins with what was measured and with what changes', () => {
  const report = [line({ what: 'unchanged' }), line({ what: 'removed' }), line({ what: 'measured' }), line({})];
  expect(groupReport(report).map(({ what }) => what)).toEqual(['measured', 'changed', 'removed', 'unchanged']);
});
