import type { CronFacts } from '#shared/cron-work.ts';

/** For tests: a scheduled job as a form would send it; once a day at 03:00. */
export function cronFactsOf(name: string, more: Partial<CronFacts> = {}): CronFacts {
  return {
    name,
    siteId: null,
    work: {
      kind: 'url',
      url: 'https://example.com/',
      method: 'GET',
      status: null,
      keyword: '',
      mayBePrivate: false,
    },
    schedule: { every: 'day', times: [180], timeZone: 'UTC' },
    timeoutSeconds: 60,
    retries: 0,
    retryPauseSeconds: 1,
    mayOverlap: false,
    catchesUp: false,
    keepRuns: 20,
    notify: 'never',
    isEnabled: true,
    ...more,
  };
}
