import i18next from 'i18next';
import type { Language } from '../i18n/i18n.ts';
import type { Look } from './look.ts';
import { useLook } from './LookProvider.tsx';

export type Format = {
  number(value: number, maximumFractionDigits?: number): string;
  /** Always so many digits after the point: a value that changes keeps its width. */
  fixed(value: number, digits: number): string;
  /** `42%`, from 0 to 100. */
  percent(value: number, digits?: number): string;
  bytes(value: number): string;
  bytesPerSecond(value: number): string;
  dateTime(iso: string): string;
  time(iso: string): string;
  date(iso: string): string;
  /** `3 minutes ago`. */
  ago(iso: string, now?: number): string;
  /** `2 days, 3:04`: for uptimes. */
  uptime(seconds: number): string;
  /** Short length of time: `1.2 s`, `3 min`. */
  duration(ms: number): string;
  /** `a, b and c`. */
  list(words: readonly string[]): string;
};

const agoSteps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** Formatters are slow to make and the same for all: made once for each choice. */
const made = new Map<string, Format>();

/** Numbers, sizes and times as this person reads them. */
export function useFormat(): Format {
  const { look, language } = useLook();
  const key = `${language} ${look.digits} ${look.timeZone}`;
  const format = made.get(key) ?? makeFormat(language, look);
  made.set(key, format);
  return format;
}

function makeFormat(language: Language, { digits, timeZone }: Pick<Look, 'digits' | 'timeZone'>): Format {
  const t = i18next.getFixedT(language);
  const locale = language === 'ar' ? `ar-u-nu-${digits}` : 'en-GB-u-nu-latn';
  const zone = timeZone === 'auto' ? {} : { timeZone };
  const numbers = new Map<string, Intl.NumberFormat>();
  const numberFormat = (options: Intl.NumberFormatOptions): Intl.NumberFormat => {
    const name = JSON.stringify(options);
    const format = numbers.get(name) ?? new Intl.NumberFormat(locale, options);
    numbers.set(name, format);
    return format;
  };
  const number = (value: number, maximumFractionDigits = 0): string =>
    numberFormat({ maximumFractionDigits }).format(value);
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', ...zone });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', ...zone });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'medium', hourCycle: 'h23', ...zone });
  const list = new Intl.ListFormat(locale, { type: 'conjunction' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const units = [
    t('common.units.bytes'),
    t('common.units.kib'),
    t('common.units.mib'),
    t('common.units.gib'),
    t('common.units.tib'),
  ];
  const bytes = (value: number): string => {
    let size = Math.max(0, value);
    let unit = 0;
    while (size >= 1024 && unit < units.length - 1) {
      size /= 1024;
      unit += 1;
    }
    return `${number(size, unit === 0 || size >= 100 ? 0 : 1)} ${units[unit]}`;
  };
  return {
    number,
    fixed: (value, digits) =>
      numberFormat({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value),
    percent: (value, digits = 0) =>
      numberFormat({ style: 'percent', maximumFractionDigits: digits }).format(value / 100),
    bytes,
    bytesPerSecond: (value) => t('common.units.perSecond', { value: bytes(value) }),
    list: (words) => list.format(words),
    dateTime: (iso) => dateTime.format(new Date(iso)),
    date: (iso) => date.format(new Date(iso)),
    time: (iso) => time.format(new Date(iso)),
    ago(iso, now = Date.now()) {
      const seconds = (new Date(iso).getTime() - now) / 1000;
      for (const [unit, size] of agoSteps) {
        if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
      }
      return t('common.time.justNow');
    },
    uptime(seconds) {
      const days = Math.floor(seconds / 86_400);
      const pad = (value: number): string => numberFormat({ minimumIntegerDigits: 2 }).format(Math.floor(value));
      const clock = `${pad((seconds % 86_400) / 3_600)}:${pad((seconds % 3_600) / 60)}`;
      if (days === 0) return clock;
      const text = t('common.time.days', { count: days, value: number(days) });
      return language === 'ar' ? `${text} و${clock}` : `${text}, ${clock}`;
    },
    duration(ms) {
      const unit = (value: number, name: string, digits: number): string =>
        numberFormat({
          style: 'unit',
          unit: name,
          unitDisplay: 'short',
          maximumFractionDigits: digits,
        }).format(value);
      if (ms < 1_000) return unit(ms, 'millisecond', 0);
      if (ms < 60_000) return unit(ms / 1_000, 'second', 1);
      if (ms < 3_600_000) return unit(ms / 60_000, 'minute', 0);
      return unit(ms / 3_600_000, 'hour', 1);
    },
  };
}
