import { z } from 'zod';
import { id, instant, pageOf, pageQuery, type Operation } from './http.ts';

/** Kinds of durable jobs, sorted. */
export const jobKinds = [
  'archives.unpack',
  'backups.run',
  'certificates.issue',
  'certificates.revoke',
  'databases.run',
  'dependencies.run',
  'deployments.run',
  'doors.certificate',
  'files.work',
  'sites.batch',
  'sites.copy',
  'sites.export',
  'software.install',
  'software.remove',
  'software.update',
  'updates.install',
  'wordpress.install',
] as const;

/** `cancelling` and `compensating` end in `cancelled` or `failed`. */
export const jobStates = [
  'queued',
  'running',
  'cancelling',
  'compensating',
  'succeeded',
  'failed',
  'cancelled',
] as const;

export const jobStep = z.object({
  name: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'skipped', 'compensated']),
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
});

export const job = z.object({
  id,
  kind: z.enum(jobKinds),
  /** Facts for the translated title, such as `{software: 'nginx'}`. */
  subject: z.record(z.string(), z.string()),
  state: z.enum(jobStates),
  steps: z.array(jobStep),
  /** 0 to 100, or null when it cannot be known. */
  progress: z.number().min(0).max(100).nullable(),
  /** Times it was claimed by a worker; above 1 after a restart of the panel. */
  attempts: z.int(),
  failure: z
    .object({ code: z.string(), reason: z.string().nullable(), params: z.record(z.string(), z.unknown()) })
    .nullable(),
  actor: z.object({ id: z.string(), name: z.string() }),
  createdAt: instant,
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
});
export type Job = z.infer<typeof job>;

/** One piece of a job's log. `seq` rises by one per line; `Last-Event-ID` resumes after it. */
export const jobLogLine = z.object({
  seq: z.int(),
  at: instant,
  stream: z.enum(['out', 'err', 'note']),
  text: z.string(),
});

/** One event of a job's stream: a batch of lines and, when it changed, the job. */
export const jobEvent = z.object({ lines: z.array(jobLogLine), job: job.nullable() });

const jobParams = z.object({ jobId: id });

export const jobsApi = {
  list: {
    id: 'listJobs',
    method: 'GET',
    path: '/api/v1/jobs',
    access: 'jobs.read',
    summary: 'List jobs, newest first',
    query: pageQuery.extend({ state: z.enum(jobStates).optional() }),
    response: pageOf(job),
  },
  get: {
    id: 'getJob',
    method: 'GET',
    path: '/api/v1/jobs/{jobId}',
    access: 'jobs.read',
    summary: 'Get a job',
    params: jobParams,
    response: job,
  },
  cancel: {
    id: 'cancelJob',
    method: 'POST',
    path: '/api/v1/jobs/{jobId}/cancel',
    access: 'jobs.manage',
    summary: 'Ask a job to stop; it takes back what it did',
    params: jobParams,
    response: job,
    status: 202,
  },
  retry: {
    id: 'retryJob',
    method: 'POST',
    path: '/api/v1/jobs/{jobId}/retry',
    access: 'jobs.manage',
    summary: 'Start a failed or cancelled job again, as a new job',
    params: jobParams,
    response: job,
    status: 202,
  },
  stream: {
    id: 'streamJob',
    method: 'GET',
    path: '/api/v1/jobs/{jobId}/stream',
    access: 'jobs.read',
    summary: 'Live log of a job (server-sent events)',
    params: jobParams,
    response: jobEvent,
    stream: true,
  },
} as const satisfies Record<string, Operation>;
