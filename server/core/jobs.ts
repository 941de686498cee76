import { AppError } from '#shared/errors.ts';
import type { Job } from '#shared/jobs.ts';
import type { JobContext, JobHandler, JobKind } from './jobs/handler.ts';
import type { Events } from './events.ts';
import {
  claimJob,
  deleteEndedBefore,
  findJobRow,
  insertJob,
  isOpen,
  listCandidates,
  requestCancel,
  toJob,
  type JobRow,
} from './jobs/jobs.store.ts';
import { newId } from './id.ts';
import { isProcessGone, processIdentity } from './process-identity.ts';
import { runJob, type RunningJob } from './jobs/runner.ts';

export type Jobs = {
  /** Writes a job down and starts it soon. `subject`: facts for its translated title. `id`: when it is known already. */
  enqueue(job: {
    id?: string;
    kind: JobKind;
    subject: Record<string, string>;
    params: unknown;
    actor: { readonly id: string; readonly name: string };
  }): Promise<Job>;
  /** Throws `not_found`. */
  get(id: string): Promise<Job>;
  /** Asks a job to stop and take back what it did. Throws `in_use` (reason `job_ended`) when it is over. */
  cancel(id: string): Promise<Job>;
  /** A failed or cancelled job once more, as a new job. Throws `in_use` (reason `job_not_ended`). */
  retry(id: string, actor: { readonly id: string; readonly name: string }): Promise<Job>;
  /** Called after each write to this job in this process; returns a function that ends it. */
  watch(id: string, callback: () => void): () => void;
  /** Begins to look for work. */
  start(): void;
  /** Gives running jobs free for the next process and waits until they stopped. */
  close(): Promise<void>;
};

export type JobsOptions = {
  /** How long a job stays with a worker that gives no sign of life; default 30 s. */
  readonly leaseMs?: number;
  /** How often to look for work that nobody announced (other processes, ended leases); default 10 s. */
  readonly pollMs?: number;
  /** Jobs at the same time in this process; default 2. */
  readonly concurrency?: number;
};

const keptMs = 90 * 24 * 60 * 60 * 1000;

/**
 * Durable jobs on the panel's own database: any number of processes may work on one table, each job runs in one of them
 * at a time, and survives all of them. Idle, it is one small query every ten seconds.
 */
export function createJobs(
  ctx: JobContext & { readonly events: Events },
  handlers: readonly JobHandler[],
  { leaseMs = 30_000, pollMs = 10_000, concurrency = 2 }: JobsOptions = {},
): Jobs {
  const { db, clock, log, events } = ctx;
  const handlerOf = new Map(handlers.map((handler) => [handler.kind as string, handler]));
  const running = new Map<string, RunningJob>();
  const watchers = new Map<string, Set<() => void>>();
  const shutdown = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let isStarted = false;
  let looking: Promise<void> | undefined;
  let isLookWanted = false;

  function onChange(jobId: string, job: Job | null): void {
    for (const callback of watchers.get(jobId) ?? []) callback();
    if (job !== null) events.publish({ type: 'job', job });
  }

  async function getRow(id: string): Promise<JobRow> {
    const row = await findJobRow(db, id);
    if (row === undefined) throw new AppError('not_found', 'There is no such job.', { reason: 'job_unknown' });
    return row;
  }

  function isFree(row: JobRow): boolean {
    if (running.has(row.id)) return false;
    if (row.lease_until_at === null || row.lease_until_at <= clock.now()) return true;
    // A crashed process on this machine is known to be gone long before its lease ends. Our own earlier self, too.
    return row.worker !== null && (row.worker === processIdentity || isProcessGone(row.worker));
  }

  async function look(): Promise<void> {
    for (const row of await listCandidates(db)) {
      if (running.size >= concurrency || shutdown.signal.aborted) return;
      const handler = handlerOf.get(row.kind);
      if (handler === undefined || !isFree(row)) continue;
      const claimed = await claimJob(db, row, { worker: processIdentity, now: clock.now(), leaseMs });
      if (claimed === undefined || shutdown.signal.aborted) continue;
      const job = runJob(claimed, { ctx, handler, leaseMs, onChange, shutdown: shutdown.signal });
      running.set(row.id, job);
      void job.ended.then(() => {
        running.delete(row.id);
        wake();
      });
    }
  }

  /** Looks for work now; a wish during a look is served by one more look. */
  function wake(): void {
    if (!isStarted || shutdown.signal.aborted) return;
    if (looking !== undefined) {
      isLookWanted = true;
      return;
    }
    clearTimeout(timer);
    looking = look()
      .catch((error: unknown) => log.error({ err: error }, 'jobs could not be looked for'))
      .finally(() => {
        looking = undefined;
        if (shutdown.signal.aborted) return;
        timer = setTimeout(wake, pollMs);
        timer.unref();
        if (!isLookWanted) return;
        isLookWanted = false;
        wake();
      });
  }

  const enqueue: Jobs['enqueue'] = async ({ id = newId(), kind, subject, params, actor }) => {
    const handler = handlerOf.get(kind);
    if (handler === undefined) throw new Error(`no handler for jobs of the kind ${kind}`);
    const steps = handler.steps.map(({ name }) => name);
    await insertJob(db, { id, kind, subject, params: handler.params.parse(params), steps, actor, at: clock.now() });
    const job = toJob(await getRow(id));
    onChange(id, job);
    wake();
    return job;
  };

  return {
    enqueue,
    async get(id) {
      return toJob(await getRow(id));
    },
    async cancel(id) {
      const row = await getRow(id);
      if (!(await requestCancel(db, row.id, clock.now()))) {
        throw new AppError('in_use', 'The job has ended or is being taken back already.', { reason: 'job_ended' });
      }
      running.get(id)?.checkCancel();
      const job = toJob(await getRow(id));
      onChange(id, job);
      wake();
      return job;
    },
    async retry(id, actor) {
      const row = await getRow(id);
      if (isOpen(row.state) || row.state === 'succeeded') {
        throw new AppError('in_use', 'Only a failed or cancelled job can be started again.', {
          reason: 'job_not_ended',
        });
      }
      return enqueue({
        kind: row.kind as JobKind,
        subject: JSON.parse(row.subject_json) as Record<string, string>,
        params: JSON.parse(row.params_json) as unknown,
        actor,
      });
    },
    watch(id, callback) {
      const callbacks = watchers.get(id) ?? new Set();
      watchers.set(id, callbacks);
      callbacks.add(callback);
      return () => {
        callbacks.delete(callback);
        if (callbacks.size === 0) watchers.delete(id);
      };
    },
    start() {
      if (isStarted) return;
      isStarted = true;
      deleteEndedBefore(db, clock.now() - keptMs).catch((error: unknown) => {
        log.warn({ err: error }, 'old jobs could not be deleted');
      });
      wake();
    },
    async close() {
      shutdown.abort();
      clearTimeout(timer);
      await looking;
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
}
