import { z } from 'zod';
import { cronJob, cronRun, crontabs, listedCronJob } from '../cron.ts';
import { cronFacts, cronLanguages } from '../cron-work.ts';
import { id } from '../http.ts';
import type { AgentAction } from './action.ts';

const writing = {
  permission: 'cron.write',
  ticket: 'never',
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 256 * 1_024,
} as const;

export const cronCancel = {
  ...writing,
  name: 'cron.cancel',
  params: z.strictObject({ jobId: id, runId: id }),
  result: cronRun,
  summary: 'End a run of a scheduled job with everything it started',
} as const satisfies AgentAction;

export const cronCheck = {
  name: 'cron.check',
  permission: 'cron.write',
  ticket: 'never',
  /** `jobId`: of the one that it would take the place of. */
  params: z.strictObject({ jobId: id.nullable(), facts: cronFacts }),
  result: z.object({}),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 1_024,
  summary: 'Whether a scheduled job could be kept so; nothing is changed',
} as const satisfies AgentAction;

export const cronCrontabs = {
  name: 'cron.crontabs',
  permission: 'cron.machine',
  // What root and others run, with whatever secrets stand there.
  ticket: 'always',
  /** Lines that are answered at most. */
  params: z.strictObject({ most: z.int().min(1).max(500) }),
  result: crontabs,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 16 * 1_024 * 1_024,
  summary: 'Read the crontabs of the machine',
} as const satisfies AgentAction;

export const cronEnable = {
  ...writing,
  name: 'cron.enable',
  params: z.strictObject({ jobId: id, isEnabled: z.boolean() }),
  result: cronJob,
  summary: 'Switch a scheduled job on or off',
} as const satisfies AgentAction;

export const cronList = {
  name: 'cron.list',
  permission: 'cron.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({
    items: z.array(listedCronJob),
    timeZone: z.string(),
    users: z.array(z.string()),
    languages: z.array(z.enum(cronLanguages)),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 4 * 1_024 * 1_024,
  summary: 'Scheduled jobs with their next and last run',
} as const satisfies AgentAction;

export const cronOutput = {
  name: 'cron.output',
  permission: 'cron.read',
  ticket: 'never',
  params: z.strictObject({ jobId: id, runId: id, offset: z.int().min(0) }),
  result: z.object({ run: cronRun, text: z.string(), nextOffset: z.int() }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 1_024 * 1_024,
  summary: 'What a run of a scheduled job has said',
} as const satisfies AgentAction;

export const cronPut = {
  ...writing,
  name: 'cron.put',
  // What root or another user of the machine runs, and what asks private addresses.
  ticket: 'depends',
  params: z.strictObject({ jobId: id, isNew: z.boolean(), facts: cronFacts }),
  result: cronJob,
  summary: 'Make or change a scheduled job',
} as const satisfies AgentAction;

export const cronRead = {
  name: 'cron.read',
  permission: 'cron.read',
  ticket: 'never',
  params: z.strictObject({ jobIds: z.array(id).max(50) }),
  /** Those that are there. */
  result: z.object({ items: z.array(z.object({ jobId: id, facts: cronFacts })) }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 16 * 1_024 * 1_024,
  summary: 'What scheduled jobs are, with their scripts',
} as const satisfies AgentAction;

export const cronRemove = {
  ...writing,
  name: 'cron.remove',
  params: z.strictObject({ jobId: id }),
  result: z.object({}),
  summary: 'Delete a scheduled job and what is kept of its runs',
} as const satisfies AgentAction;

export const cronRuns = {
  name: 'cron.runs',
  permission: 'cron.read',
  ticket: 'never',
  params: z.strictObject({ jobId: id }),
  result: z.object({ job: cronJob, runs: z.array(cronRun) }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 1_024 * 1_024,
  summary: 'One scheduled job and its runs',
} as const satisfies AgentAction;

export const cronStart = {
  ...writing,
  name: 'cron.start',
  params: z.strictObject({ jobId: id, runId: id }),
  result: cronRun,
  summary: 'Run a scheduled job now',
} as const satisfies AgentAction;
