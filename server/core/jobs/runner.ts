import { AppError } from '#shared/errors.ts';
import type { Job } from '#shared/jobs.ts';
import { LeaseLostError, type JobContext, type JobHandler, type JobMemory, type JobRun } from './handler.ts';
import { boundLog, insertLog, lastSeq, toJob, updateClaimed, type JobRow, type Step } from './jobs.store.ts';
import { inTransaction } from '../../db/transaction.ts';

export type RunnerParts = {
  readonly ctx: JobContext;
  readonly handler: JobHandler;
  readonly leaseMs: number;
  /** Called after each write, with the job when more than its log changed. */
  readonly onChange: (jobId: string, job: Job | null) => void;
  /** Aborted when the panel shuts down: the job stays as it is and is given free. */
  readonly shutdown: AbortSignal;
};

export type RunningJob = {
  readonly id: string;
  /** Looks for a wish to cancel now instead of at the next heartbeat. */
  checkCancel(): void;
  /** Resolves when the job ended or was given up; never rejects. */
  readonly ended: Promise<void>;
};

/** Why the signal of a step was aborted. */
const cancelled = Symbol('cancelled');
const shutDown = Symbol('shut down');
const leaseLost = Symbol('lease lost');

/** Carries a claimed job on from where its row says it is. */
export function runJob(claimed: JobRow, parts: RunnerParts): RunningJob {
  const { ctx, handler, leaseMs, onChange, shutdown } = parts;
  const { db, clock, log } = ctx;
  const steps = JSON.parse(claimed.steps_json) as Step[];
  const params: unknown = JSON.parse(claimed.params_json);
  let memory = JSON.parse(claimed.memory_json) as JobMemory;
  let row = claimed;
  let nextSeq: number | undefined;
  const stop = new AbortController();
  const free = new AbortController();

  async function write(columns: Partial<Omit<JobRow, 'id' | 'attempts'>>): Promise<void> {
    const now = clock.now();
    const all = { lease_until_at: now + leaseMs, ...columns };
    if (!(await updateClaimed(db, row, all))) throw lost();
    row = { ...row, ...all };
    onChange(row.id, toJob(row));
  }

  function lost(): LeaseLostError {
    stop.abort(leaseLost);
    return new LeaseLostError(row.id);
  }

  async function writeStep(step: Step, state: Step['state'], columns: Partial<Omit<JobRow, 'id' | 'attempts'>> = {}) {
    const now = new Date(clock.now()).toISOString();
    step.state = state;
    if (state === 'running') Object.assign(step, { startedAt: step.startedAt ?? now, endedAt: null });
    else step.endedAt = now;
    await write({ steps_json: JSON.stringify(steps), ...columns });
  }

  const record: JobRun['record'] = async ({ lines = [], memory: newMemory, progress }) => {
    nextSeq ??= (await lastSeq(db, row.id)) + 1;
    const first = nextSeq;
    const bounded = boundLog(lines, row.log_bytes);
    const columns = {
      lease_until_at: clock.now() + leaseMs,
      log_bytes: bounded.logBytes,
      ...(newMemory === undefined ? {} : { memory_json: JSON.stringify(newMemory) }),
      ...(progress === undefined ? {} : { progress: progress === null ? null : Math.round(progress) }),
    };
    await inTransaction(db, async (transaction) => {
      if (!(await updateClaimed(transaction, row, columns))) throw lost();
      await insertLog(transaction, row.id, first, clock.now(), bounded.lines);
    });
    const isJobChanged = columns.progress !== undefined && columns.progress !== row.progress;
    nextSeq = first + bounded.lines.length;
    row = { ...row, ...columns };
    if (newMemory !== undefined) memory = newMemory;
    onChange(row.id, isJobChanged ? toJob(row) : null);
  };

  function runOf(signal: AbortSignal): JobRun {
    return {
      ctx,
      jobId: row.id,
      actor: { id: row.actor_id, name: row.actor_name },
      signal,
      get memory() {
        return memory;
      },
      record,
    };
  }

  async function forward(): Promise<void> {
    await write({ state: 'running', failure_json: null });
    for (const [index, { name, run }] of handler.steps.entries()) {
      const step = steps[index];
      if (step === undefined || step.state === 'done') continue;
      if (stop.signal.aborted) throw new Error(`stopped before ${name}`);
      await writeStep(step, 'running');
      try {
        await run(runOf(stop.signal), params);
      } catch (error) {
        if (!stop.signal.aborted) await writeStep(step, 'failed');
        throw error;
      }
      await writeStep(step, 'done');
    }
    await write({ state: 'succeeded', progress: 100, ended_at: clock.now(), lease_until_at: null, worker: null });
  }

  /** Backwards over everything that ran or may have run. A failed compensation is said loudly and the rest goes on. */
  async function back(end: 'failed' | 'cancelled'): Promise<void> {
    for (const [index, { name, compensate }] of [...handler.steps.entries()].reverse()) {
      const step = steps[index];
      if (step === undefined || !['done', 'running', 'failed'].includes(step.state)) continue;
      if (compensate === undefined) {
        if (step.state === 'running') await writeStep(step, 'failed');
        continue;
      }
      try {
        await compensate(runOf(free.signal), params);
      } catch (error) {
        if (error instanceof LeaseLostError || shutdown.aborted) throw error;
        log.error({ err: error, jobId: row.id, step: name }, 'a step of a job could not be taken back');
        await record({ lines: [{ stream: 'note', text: `${name}: could not be taken back` }] });
        await writeStep(step, 'failed');
        continue;
      }
      await writeStep(step, 'compensated');
    }
    for (const step of steps) if (step.state === 'waiting') step.state = 'skipped';
    await write({
      state: end,
      steps_json: JSON.stringify(steps),
      ended_at: clock.now(),
      lease_until_at: null,
      worker: null,
    });
  }

  async function carryOn(): Promise<void> {
    if (row.state === 'compensating') return back('failed');
    if (row.state === 'cancelling' || row.cancel_requested_at !== null) return cancel();
    try {
      await forward();
    } catch (error) {
      if (error instanceof LeaseLostError || stop.signal.reason === leaseLost) throw error;
      if (stop.signal.reason === shutDown) throw error;
      if (stop.signal.reason === cancelled) return cancel();
      log.warn({ err: error, jobId: row.id, kind: row.kind }, 'a job failed and is taken back');
      await write({ state: 'compensating', failure_json: JSON.stringify(failureOf(error)) });
      await back('failed');
    }
  }

  async function cancel(): Promise<void> {
    await write({ state: 'cancelling' });
    await back('cancelled');
  }

  async function heartbeat(): Promise<void> {
    if (!(await updateClaimed(db, row, { lease_until_at: clock.now() + leaseMs }))) {
      stop.abort(leaseLost);
      return;
    }
    const present = await db
      .selectFrom('job')
      .select('cancel_requested_at')
      .where('id', '=', row.id)
      .executeTakeFirst();
    if (present !== undefined && present.cancel_requested_at !== null) stop.abort(cancelled);
  }

  const beat = () => {
    heartbeat().catch((error: unknown) => log.warn({ err: error, jobId: row.id }, 'a job could not renew its lease'));
  };

  async function whole(): Promise<void> {
    const timer = setInterval(beat, Math.max(20, leaseMs / 3));
    const onShutdown = () => {
      stop.abort(shutDown);
      free.abort(shutDown);
    };
    shutdown.addEventListener('abort', onShutdown, { once: true });
    try {
      await carryOn();
    } catch (error) {
      // Only a shutdown or a lost lease gets here, or a database that cannot be written: the row tells the next worker.
      if (stop.signal.reason === shutDown) await updateClaimed(db, row, { lease_until_at: 0, worker: null });
      else log.warn({ err: error, jobId: row.id }, 'a job was given up by this process');
    } finally {
      clearInterval(timer);
      shutdown.removeEventListener('abort', onShutdown);
    }
  }

  return {
    id: claimed.id,
    checkCancel: beat,
    ended: whole().catch((error: unknown) => log.error({ err: error, jobId: row.id }, 'a job could not be given free')),
  };
}

function failureOf(error: unknown): NonNullable<Job['failure']> {
  if (!(error instanceof AppError)) return { code: 'internal', reason: null, params: {} };
  return { code: error.code, reason: error.reason ?? null, params: error.params };
}
