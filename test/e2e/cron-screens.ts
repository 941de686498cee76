import type { Asker } from './ask.ts';
import type { Screen } from './screens.ts';

const facts = (name: string, more: object) => ({
  name,
  siteId: null,
  work: {
    kind: 'url',
    url: 'https://example.com/health',
    method: 'GET',
    status: null,
    keyword: '',
    mayBePrivate: false,
  },
  schedule: { every: 'minutes', minutes: 15, timeZone: 'Asia/Riyadh' },
  timeoutSeconds: 600,
  retries: 0,
  retryPauseSeconds: 60,
  mayOverlap: false,
  catchesUp: false,
  keepRuns: 20,
  notify: 'failure',
  isEnabled: true,
  ...more,
});

/** One of a site that ran well and badly, a check, one that is off with a long name. Answers the id of the first. */
export async function prepareCron(owner: Asker, siteId: string): Promise<string> {
  const make = (name: string, more: object): Promise<{ id: string }> =>
    owner.send('POST', '/api/v1/cron/jobs', facts(name, more));
  const script = (text: string) => ({ kind: 'script', language: 'bash', script: text, linuxUser: null });
  const daily = { every: 'day', times: [150, 900], timeZone: 'Asia/Riyadh' };
  const { id } = await make('تفريغ ذاكرة التخزين', {
    siteId,
    schedule: daily,
    work: script('#!/bin/bash\nphp artisan cache:clear\n'),
  });
  await owner.send('POST', `/api/v1/cron/jobs/${id}/runs`);
  await make('فحص الصفحة الأولى', {});
  const off = {
    isEnabled: false,
    siteId,
    schedule: { every: 'cron', expression: '*/20 1-5 * * mon', timeZone: 'UTC' },
  };
  await make(`an old export ${'with a long name '.repeat(3)}`.trim(), { ...off, work: script('exit 1') });
  return id;
}

export const cronScreens: readonly Screen[] = [
  { name: 'cron', path: '/cron' },
  { name: 'cron-no-match', path: '/cron?search=nowhere' },
  {
    name: 'cron-new',
    path: '/cron',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.cron.new, exact: true }).click();
      await page.getByLabel(texts.cron.form.every, { exact: true }).selectOption('week');
      await page.getByRole('button', { name: texts.cron.form.addTime, exact: true }).click();
      await page.getByRole('button', { name: texts.cron.form.create, exact: true }).click();
      await page.getByText(texts.errors.fields.required).first().waitFor();
    },
  },
  {
    name: 'cron-new-logs',
    path: '/cron',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.cron.new, exact: true }).click();
      await page.getByLabel(texts.cron.form.kind, { exact: true }).selectOption('logs');
      await page.getByText(texts.cron.form.logsHint).waitFor();
    },
  },
  {
    name: 'cron-chosen',
    path: '/cron',
    open: async (page, texts) => {
      await page.getByRole('checkbox', { name: texts.cron.batch.all, exact: true }).check();
      await page.getByRole('button', { name: texts.cron.batch.run, exact: true }).waitFor();
    },
  },
  {
    name: 'cron-file',
    path: '/cron',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.cron.file.menu, exact: true }).click();
      await page.getByRole('menuitem', { name: texts.cron.file.open, exact: true }).click();
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        page.getByRole('button', { name: texts.cron.file.choose, exact: true }).click(),
      ]);
      const jobs = [
        {
          ...facts('تدوير سجلات الموقع', {}),
          work: { kind: 'logs', of: 'sites', rotates: true, maxAgeDays: 30, maxMib: 500 },
        },
        { ...facts('فحص الصفحة الأولى', {}) },
        { ...facts('broken', { schedule: { every: 'minutes', minutes: 0, timeZone: 'UTC' } }) },
      ].map(({ siteId: _siteId, ...job }) => ({ ...job, site: null }));
      const file = { format: 'aapanel-scheduled-jobs', version: 1, jobs };
      await chooser.setFiles({
        name: 'jobs.json',
        mimeType: 'application/json',
        buffer: Buffer.from(JSON.stringify(file)),
      });
      await page.getByText(texts.cron.file.states.refused, { exact: true }).waitFor();
    },
  },
  {
    name: 'cron-job',
    path: '/cron/{cron}',
    open: async (page) => page.getByText('second line').waitFor(),
  },
];
