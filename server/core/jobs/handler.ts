import type { z } from 'zod';
import type { jobKinds, jobLogLine } from '#shared/jobs.ts';
import type { Context } from '../../context.ts';

export type JobKind = (typeof jobKinds)[number];
export type LogStream = z.output<typeof jobLogLine>['stream'];
export type LogText = { readonly stream: LogStream; readonly text: string };

/** What a handler remembers between steps and after a restart: small JSON. */
export type JobMemory = Record<string, unknown>;

/** What a step works with. Every write fails with LeaseLostError when another worker took the job over. */
export type JobRun = {
  readonly ctx: JobContext;
  readonly jobId: string;
  readonly actor: { readonly id: string; readonly name: string };
  /** Aborted when the job is cancelled, the panel shuts down or the lease is lost. Not during compensation. */
  readonly signal: AbortSignal;
  readonly memory: JobMemory;
  /** Log lines, memory and progress (0 to 100) in one transaction, so that a restart repeats no line. */
  record(news: { lines?: readonly LogText[]; memory?: JobMemory; progress?: number | null }): Promise<void>;
};

export type JobContext = Pick<Context, 'agent' | 'apiTokens' | 'clock' | 'db' | 'events' | 'log' | 'sessions'> & {
  readonly doors: Pick<Context['doors'], 'adopt' | 'ports'>;
};

export type JobStep<P> = {
  readonly name: string;
  /** Runs again from the start after a restart: asking twice must end in the same state. */
  readonly run: (job: JobRun, params: P) => Promise<void>;
  /** Takes back what the step did; also called when it failed half-way, and again after a restart. */
  readonly compensate?: (job: JobRun, params: P) => Promise<void>;
};

export type JobHandler<P = unknown> = {
  readonly kind: JobKind;
  readonly params: z.ZodType<P>;
  readonly steps: readonly JobStep<P>[];
};

/** Keeps the type of the parameters inside the handler, so that handlers of all kinds fit one list. */
export function jobHandler<P>(handler: JobHandler<P>): JobHandler {
  const { kind, params, steps } = handler;
  return {
    kind,
    params,
    steps: steps.map(({ name, run, compensate }) => ({
      name,
      run: (job, given) => run(job, params.parse(given)),
      ...(compensate === undefined ? {} : { compensate: (job, given) => compensate(job, params.parse(given)) }),
    })),
  };
}

/** Another worker has the job: this one must stop without writing anything. */
export class LeaseLostError extends Error {
  constructor(jobId: string) {
    super(`the lease of job ${jobId} was lost`);
    this.name = 'LeaseLostError';
  }
}
