import { z } from 'zod';
import { empty, id, instant, line, type Operation } from './http.ts';

/** Programs that a script can be for; nothing of a script is ever part of a command line. */
export const cronLanguages = ['bash', 'sh', 'python3', 'php', 'node'] as const;
export const cronMethods = ['GET', 'HEAD', 'POST'] as const;
export const cronNotifies = ['never', 'failure', 'always'] as const;
export const cronRunStates = ['running', 'succeeded', 'failed', 'timed_out', 'cancelled', 'interrupted'] as const;
/** Why a run did not go well. */
export const cronCauses = [
  'cron_cancelled',
  'cron_exit_code',
  'cron_interrupted',
  'cron_language_missing',
  'cron_not_started',
  'cron_timed_out',
  'cron_url_address',
  'cron_url_keyword',
  'cron_url_status',
  'cron_url_tls',
  'cron_url_unreachable',
  'cron_user_gone',
] as const;
export type CronCause = (typeof cronCauses)[number];
export type CronRunState = (typeof cronRunStates)[number];

export const maxScriptLength = 60_000;
export const maxCronJobs = 1_000;
/** Of what a run says so much is kept from its beginning, and as much from its end. */
export const keptOutputBytes = 256 * 1_024;

/** A Linux user as `useradd` takes it. */
export const linuxUserPattern = /^[a-z_][a-z0-9_.-]{0,31}$/i;

const minuteOfDay = z.int().min(0).max(1_439);
const timeZone = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][A-Za-z0-9_+/-]*$/, { error: 'time_zone_invalid' });
const times = z.array(minuteOfDay).min(1).max(24);

export const cronSchedule = z.discriminatedUnion('every', [
  /** Counted by the time that passes, whatever clocks do. */
  z.strictObject({ every: z.literal('minutes'), minutes: z.int().min(1).max(1_440), timeZone }),
  z.strictObject({ every: z.literal('hour'), minute: z.int().min(0).max(59), timeZone }),
  z.strictObject({ every: z.literal('day'), times, timeZone }),
  /** 0: Sunday. */
  z.strictObject({ every: z.literal('week'), weekdays: z.array(z.int().min(0).max(6)).min(1).max(7), times, timeZone }),
  /** A day that a month lacks is left out in that month. */
  z.strictObject({ every: z.literal('month'), days: z.array(z.int().min(1).max(31)).min(1).max(31), times, timeZone }),
  z.strictObject({
    every: z.literal('cron'),
    expression: z
      .string()
      .max(200)
      .regex(/^[0-9A-Za-z*,/ -]+$/, { error: 'cron_invalid' }),
    timeZone,
  }),
  z.strictObject({ every: z.literal('once'), at: instant, timeZone }),
]);
export type CronSchedule = z.infer<typeof cronSchedule>;

const checkedUrl = z
  .string()
  .min(1)
  .max(2_048)
  .refine((text) => isCheckable(text), { error: 'cron_url_invalid' });

function isCheckable(text: string): boolean {
  if (/[\u0000-\u0020\u007f-\u00a0\u2028\u2029\\]/.test(text) || !URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}

export const cronWork = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('script'),
    language: z.enum(cronLanguages),
    /** Data: put into a file of its own as it was typed, and given to its program. */
    script: z
      .string()
      .min(1)
      .max(maxScriptLength)
      .refine((text) => !text.includes('\0') && text.isWellFormed(), { error: 'cron_script_invalid' }),
    /** null: the user of the job's site. */
    linuxUser: z.string().regex(linuxUserPattern, { error: 'cron_user_unknown' }).nullable(),
  }),
  z.strictObject({
    kind: z.literal('url'),
    url: checkedUrl,
    method: z.enum(cronMethods),
    /** null: anything from 200 to 399. */
    status: z.int().min(100).max(599).nullable(),
    /** Must stand in the first 256 KiB of the answer; empty: not looked for. */
    keyword: line(200),
    /** Whether it may ask this machine and its private networks. */
    mayBePrivate: z.boolean(),
  }),
]);
export type CronWork = z.infer<typeof cronWork>;

export const cronFacts = z
  .strictObject({
    name: line(80, 1),
    /** null: a job of the machine. */
    siteId: id.nullable(),
    work: cronWork,
    schedule: cronSchedule,
    timeoutSeconds: z.int().min(1).max(86_400),
    /** Further tries of a run that failed. */
    retries: z.int().min(0).max(5),
    retryPauseSeconds: z.int().min(1).max(3_600),
    /** Otherwise a time that comes while it still runs is left out. */
    mayOverlap: z.boolean(),
    /** A time that was missed while the machine was off is made up for once. */
    catchesUp: z.boolean(),
    keepRuns: z.int().min(1).max(200),
    notify: z.enum(cronNotifies),
    isEnabled: z.boolean(),
  })
  .refine(({ siteId, work }) => work.kind === 'url' || (siteId === null) === (work.linuxUser !== null), {
    path: ['work', 'linuxUser'],
    error: 'cron_user_unknown',
  });
export type CronFacts = z.output<typeof cronFacts>;

export const cronRun = z.object({
  id,
  jobId: id,
  state: z.enum(cronRunStates),
  trigger: z.enum(['schedule', 'person']),
  actorName: z.string(),
  startedAt: instant,
  endedAt: instant.nullable(),
  durationMs: z.number(),
  /** Of the last try: exit code of the program, or HTTP status. */
  code: z.int().nullable(),
  cause: z.enum(cronCauses).nullable(),
  attempt: z.int(),
  /** All processes of the run together. */
  cpuMs: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  outputBytes: z.number(),
  /** Left out between the beginning and the end. */
  cutBytes: z.number(),
});
export type CronRun = z.infer<typeof cronRun>;

export const cronJob = z.object({
  id,
  ...cronFacts.shape,
  changedAt: instant,
  /** The Linux user that it runs as; null for a look at an address, and when the user is gone. */
  runsAs: z.string().nullable(),
  nextRunAt: instant.nullable(),
  lastRun: cronRun.nullable(),
  /** The last time that was left out because it still ran. */
  skippedAt: instant.nullable(),
});
export type KnownCronJob = z.infer<typeof cronJob>;

/** In a list, without what its script says. */
const listedWork = z.union([cronWork.options[0].omit({ script: true }), cronWork.options[1]]);
export const listedCronJob = z.object({ ...cronJob.shape, work: listedWork });

const site = z.object({ id, name: z.string() });
export const shownCronJob = z.object({ ...cronJob.shape, site: site.nullable() });
export type CronJob = z.infer<typeof shownCronJob>;
const shownListedCronJob = z.object({ ...listedCronJob.shape, site: site.nullable() });
export type ListedCronJob = z.infer<typeof shownListedCronJob>;

/** Why a line cannot become a job. */
export const crontabProblems = ['at_boot', 'schedule', 'script', 'unreadable', 'user'] as const;

/** A line of a crontab of the machine, and the job that it would be. */
export const crontabEntry = z.object({
  /** Its file, or whose crontab it is. */
  source: z.string(),
  line: z.int(),
  text: z.string(),
  user: z.string().nullable(),
  /** That the user belongs to. */
  siteId: id.nullable(),
  expression: z.string(),
  timeZone: z.string(),
  language: z.enum(cronLanguages),
  script: z.string(),
  problem: z.enum(crontabProblems).nullable(),
});
export type CrontabEntry = z.infer<typeof crontabEntry>;
export const crontabs = z.object({
  items: z.array(crontabEntry),
  /** There are more than are shown. */
  isCut: z.boolean(),
});

const params = z.object({ jobId: id });
const runParams = z.object({ jobId: id, runId: id });
const base = '/api/v1/cron/jobs' as const;

/** Who has assigned sites only sees the jobs of these; those of the machine are for who sees all sites. */
export const cronApi = {
  list: {
    id: 'listCronJobs',
    method: 'GET',
    path: base,
    access: 'cron.read',
    summary: 'Scheduled jobs with their next and last run',
    response: z.object({
      items: z.array(shownListedCronJob),
      /** Of the machine. */
      timeZone: z.string(),
      /** Linux users that a job of the machine can run as; empty for who may not choose. */
      users: z.array(z.string()),
      /** Of `cronLanguages`, those whose program is installed. */
      languages: z.array(z.enum(cronLanguages)),
    }),
  },
  create: {
    id: 'createCronJob',
    method: 'POST',
    path: base,
    access: 'cron.write',
    summary: 'Make a scheduled job; one of the machine needs cron.machine and a fresh factor',
    body: cronFacts,
    response: shownCronJob,
    status: 201,
  },
  crontabs: {
    id: 'readCrontabs',
    method: 'POST',
    path: '/api/v1/cron/crontabs',
    access: 'cron.machine',
    summary: 'Read the crontabs of the machine, after a fresh factor; nothing is changed',
    response: crontabs,
  },
  get: {
    id: 'getCronJob',
    method: 'GET',
    path: `${base}/{jobId}`,
    access: 'cron.read',
    summary: 'One scheduled job and its runs, newest first',
    params,
    response: z.object({ job: shownCronJob, runs: z.array(cronRun) }),
  },
  update: {
    id: 'updateCronJob',
    method: 'PUT',
    path: `${base}/{jobId}`,
    access: 'cron.write',
    summary: 'Change a scheduled job; one of the machine needs cron.machine and a fresh factor',
    params,
    body: cronFacts,
    response: shownCronJob,
  },
  enable: {
    id: 'enableCronJob',
    method: 'PUT',
    path: `${base}/{jobId}/enabled`,
    access: 'cron.write',
    summary: 'Switch a scheduled job on or off; what runs goes on',
    params,
    body: z.strictObject({ isEnabled: z.boolean() }),
    response: shownCronJob,
  },
  remove: {
    id: 'deleteCronJob',
    method: 'DELETE',
    path: `${base}/{jobId}`,
    access: 'cron.write',
    summary: 'Delete a scheduled job and what is kept of its runs; one that runs is ended',
    params,
    response: empty,
    status: 204,
  },
  start: {
    id: 'startCronJob',
    method: 'POST',
    path: `${base}/{jobId}/runs`,
    access: 'cron.write',
    summary: 'Run a scheduled job now',
    params,
    response: cronRun,
    status: 201,
  },
  cancel: {
    id: 'cancelCronRun',
    method: 'POST',
    path: `${base}/{jobId}/runs/{runId}/cancel`,
    access: 'cron.write',
    summary: 'End a run with everything it started',
    params: runParams,
    response: cronRun,
  },
  output: {
    id: 'readCronOutput',
    method: 'GET',
    path: `${base}/{jobId}/runs/{runId}/output`,
    access: 'cron.read',
    summary: 'What a run has said, from an offset on',
    params: runParams,
    query: z.object({ offset: z.coerce.number().int().min(0).max(16_000_000).default(0) }),
    response: z.object({ run: cronRun, text: z.string(), nextOffset: z.int() }),
  },
} as const satisfies Record<string, Operation>;
