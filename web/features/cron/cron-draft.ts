import type { CronJob } from '#shared/cron.ts';
import type { CronFacts, CronSchedule } from '#shared/cron-work.ts';
import { localTime, momentOf } from '#shared/zoned.ts';

export const everies = ['minutes', 'hour', 'day', 'week', 'month', 'cron', 'once'] as const;
export type Every = (typeof everies)[number];
type Work = CronFacts['work'];

/** A job as its form has it: every choice keeps what was typed while another one is looked at. */
export type CronDraft = {
  readonly name: string;
  readonly site: { readonly id: string; readonly name: string } | null;
  readonly kind: Work['kind'];
  readonly language: Extract<Work, { kind: 'script' }>['language'];
  readonly script: string;
  readonly linuxUser: string;
  readonly url: string;
  readonly method: Extract<Work, { kind: 'url' }>['method'];
  readonly status: string;
  readonly keyword: string;
  readonly mayBePrivate: boolean;
  readonly planId: string;
  readonly of: Extract<Work, { kind: 'logs' }>['of'];
  readonly rotates: boolean;
  /** As typed; empty: no limit. */
  readonly maxAgeDays: string;
  readonly maxMib: string;
  readonly unit: string;
  readonly verb: Extract<Work, { kind: 'service' }>['verb'];
  readonly every: Every;
  readonly minutes: number;
  readonly minute: number;
  /** Minutes since midnight. */
  readonly times: readonly number[];
  readonly weekdays: readonly number[];
  readonly days: string;
  readonly expression: string;
  /** `2026-05-01T10:00`, as the clock of the zone shows it. */
  readonly at: string;
  readonly timeZone: string;
  readonly timeoutMinutes: number;
  readonly retries: number;
  readonly retryPauseSeconds: number;
  readonly mayOverlap: boolean;
  readonly catchesUp: boolean;
  readonly keepRuns: number;
  readonly notify: CronFacts['notify'];
  readonly isEnabled: boolean;
};

export function newCronDraft(timeZone: string, site: CronDraft['site'], linuxUser: string): CronDraft {
  return {
    name: '',
    site,
    kind: 'script',
    language: 'bash',
    script: '',
    linuxUser,
    url: '',
    method: 'GET',
    status: '',
    keyword: '',
    mayBePrivate: false,
    planId: '',
    of: 'sites',
    rotates: false,
    maxAgeDays: '30',
    maxMib: '',
    unit: '',
    verb: 'restart',
    every: 'day',
    minutes: 15,
    minute: 0,
    times: [3 * 60],
    weekdays: [0],
    days: '1',
    expression: '30 3 * * *',
    at: '',
    timeZone,
    timeoutMinutes: 60,
    retries: 0,
    retryPauseSeconds: 60,
    mayOverlap: false,
    catchesUp: false,
    keepRuns: 20,
    notify: 'failure',
    isEnabled: true,
  };
}

export function draftOfJob(job: CronJob): CronDraft {
  const { work, schedule, site, siteId, timeoutSeconds, name } = job;
  const empty = newCronDraft(schedule.timeZone, siteId === null ? null : (site ?? { id: siteId, name: siteId }), '');
  return {
    ...empty,
    ...job,
    name,
    site: empty.site,
    ...workDraft(work),
    ...scheduleDraft(schedule),
    timeoutMinutes: Math.max(1, Math.round(timeoutSeconds / 60)),
  };
}

function workDraft(work: Work): Partial<CronDraft> {
  const typed = (value: number | null): string => (value === null ? '' : String(value));
  switch (work.kind) {
    case 'script':
      return { ...work, linuxUser: work.linuxUser ?? '' };
    case 'url':
      return { ...work, status: typed(work.status) };
    case 'logs':
      return { ...work, maxAgeDays: typed(work.maxAgeDays), maxMib: typed(work.maxMib) };
    case 'backup':
    case 'service':
      return work;
  }
}

function scheduleDraft(schedule: CronSchedule): Partial<CronDraft> {
  if (schedule.every === 'month') return { ...schedule, days: schedule.days.join(', ') };
  if (schedule.every !== 'once') return schedule;
  const { year, month, day, hour, minute } = localTime(Date.parse(schedule.at), schedule.timeZone);
  const two = (value: number): string => String(value).padStart(2, '0');
  return { ...schedule, at: `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}` };
}

/** Days of a month as they were typed; undefined when they are none. */
export function daysOf(text: string): number[] | undefined {
  const words = text.split(/[\s,،]+/).filter((word) => word !== '');
  const days = words.map(Number);
  const isGood = days.length > 0 && days.every((day) => Number.isInteger(day) && day >= 1 && day <= 31);
  return isGood ? [...new Set(days)].sort((one, other) => one - other) : undefined;
}

/** undefined: something is missing in what was typed. */
export function scheduleOf(draft: CronDraft): CronSchedule | undefined {
  const { every, minutes, minute, weekdays, expression, at, timeZone } = draft;
  const times = [...new Set(draft.times)].sort((one, other) => one - other);
  switch (every) {
    case 'minutes':
      return minutes >= 1 && minutes <= 1_440 ? { every, minutes, timeZone } : undefined;
    case 'hour':
      return minute >= 0 && minute <= 59 ? { every, minute, timeZone } : undefined;
    case 'day':
      return times.length === 0 ? undefined : { every, times, timeZone };
    case 'week':
      return times.length === 0 || weekdays.length === 0
        ? undefined
        : { every, weekdays: [...weekdays], times, timeZone };
    case 'month': {
      const days = daysOf(draft.days);
      return times.length === 0 || days === undefined ? undefined : { every, days, times, timeZone };
    }
    case 'cron':
      return expression.trim() === '' ? undefined : { every, expression: expression.trim(), timeZone };
    case 'once': {
      const [, year, month, day, hour, clock] = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(at) ?? [];
      if (year === undefined) return undefined;
      const [y, m, d, h, n] = [year, month, day, hour, clock].map(Number);
      const moment = momentOf({ year: y ?? 0, month: m ?? 1, day: d ?? 1, hour: h ?? 0, minute: n ?? 0 }, timeZone);
      return { every, at: new Date(moment).toISOString(), timeZone };
    }
  }
}

export function factsOf(draft: CronDraft, schedule: CronSchedule): CronFacts {
  const { name, retries, retryPauseSeconds, mayOverlap, catchesUp, keepRuns, notify, isEnabled } = draft;
  const site = isOfMachine(draft) ? null : draft.site;
  return {
    name: name.trim(),
    siteId: site?.id ?? null,
    work: workOf({ ...draft, site }),
    schedule,
    timeoutSeconds: draft.timeoutMinutes * 60,
    retries,
    retryPauseSeconds,
    mayOverlap,
    catchesUp,
    keepRuns,
    notify,
    isEnabled,
  };
}

/** Work that no site has. */
export function isOfMachine({ kind, of }: Pick<CronDraft, 'kind' | 'of'>): boolean {
  return kind === 'backup' || kind === 'service' || (kind === 'logs' && of === 'journal');
}

/** null: nothing was typed. */
export function limitOf(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}

function workOf(draft: CronDraft): Work {
  const { kind } = draft;
  switch (kind) {
    case 'script': {
      const { site, language, script, linuxUser } = draft;
      return { kind, language, script, linuxUser: site === null ? linuxUser : null };
    }
    case 'url': {
      const { url, method, status, keyword, mayBePrivate } = draft;
      return { kind, url: url.trim(), method, status: limitOf(status), keyword, mayBePrivate };
    }
    case 'backup':
      return { kind, planId: draft.planId };
    case 'logs': {
      const { of, rotates, maxAgeDays, maxMib } = draft;
      return { kind, of, rotates, maxAgeDays: limitOf(maxAgeDays), maxMib: limitOf(maxMib) };
    }
    case 'service':
      return { kind, unit: draft.unit, verb: draft.verb };
  }
}
