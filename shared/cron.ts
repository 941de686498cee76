import { z } from 'zod';
import {
  cronBatch,
  cronBatchOutcome,
  cronExport,
  cronExported,
  cronImport,
  cronImportOutcome,
} from './cron-transfer.ts';
import { cronFacts, cronLanguages, cronWork } from './cron-work.ts';
import { empty, id, instant, type Operation } from './http.ts';

export const cronRunStates = ['running', 'succeeded', 'failed', 'timed_out', 'cancelled', 'interrupted'] as const;
/** Why a run did not go well. */
export const cronCauses = [
  'cron_backup_failed',
  'cron_cancelled',
  'cron_exit_code',
  'cron_interrupted',
  'cron_journal_failed',
  'cron_language_missing',
  'cron_logs_busy',
  'cron_logs_failed',
  'cron_not_started',
  'cron_plan_gone',
  'cron_service_config',
  'cron_service_failed',
  'cron_service_gone',
  'cron_site_gone',
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
const listedWork = z.discriminatedUnion('kind', [
  cronWork.options[0].omit({ script: true }),
  cronWork.options[1],
  cronWork.options[2],
  cronWork.options[3],
  cronWork.options[4],
]);
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
  batch: {
    id: 'changeCronJobs',
    method: 'POST',
    path: '/api/v1/cron/batch',
    access: 'cron.write',
    summary: 'Run, pause, resume or delete several scheduled jobs; one that is refused stops none of the others',
    body: cronBatch,
    response: cronBatchOutcome,
  },
  export: {
    id: 'exportCronJobs',
    method: 'POST',
    path: '/api/v1/cron/export',
    access: 'cron.read',
    summary: 'Scheduled jobs with their scripts, as a file for this or another panel',
    body: cronExport,
    response: cronExported,
  },
  import: {
    id: 'importCronJobs',
    method: 'POST',
    path: '/api/v1/cron/import',
    access: 'cron.write',
    summary:
      'Make scheduled jobs of a file, or only say what would become of each; those of the machine need a fresh factor',
    body: cronImport,
    response: cronImportOutcome,
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
