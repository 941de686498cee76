import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import { jobsApi, type Job } from '#shared/jobs.ts';
import type { Context } from '../../context.ts';
import { canSeeJob, type Actor } from '../../core/actor.ts';
import { isOpen, listJobs, listLog } from '../../core/jobs/jobs.store.ts';
import { route, type App } from '../../core/route.ts';
import { openStream } from '../../core/sse.ts';

/** Lines per event. */
const batch = 500;
/** A job that another process runs is looked at this often; our own jobs say when something happened. */
const lookMs = 2_000;

export function jobsRoutes(app: App): void {
  const { ctx } = app;
  app.server.addHook('onReady', (done) => {
    ctx.jobs.start();
    done();
  });

  route(app, jobsApi.list, async ({ query, actor }) => {
    const actorId = actor.siteScope === 'all' ? undefined : actor.id;
    const { items, total } = await listJobs(ctx.db, { ...query, actorId });
    return { items, total, page: query.page, pageSize: query.pageSize };
  });

  route(app, jobsApi.get, async ({ params, actor }) => getVisibleJob(ctx, actor, params.jobId));

  route(app, jobsApi.cancel, async ({ params, actor }) => {
    await getVisibleJob(ctx, actor, params.jobId);
    return ctx.jobs.cancel(params.jobId);
  });

  route(app, jobsApi.retry, async ({ params, actor, audit }) => {
    await getVisibleJob(ctx, actor, params.jobId);
    const job = await ctx.jobs.retry(params.jobId, actor);
    audit.detail['jobId'] = job.id;
    return job;
  });

  route(app, jobsApi.stream, async ({ params, actor, request, reply }) => {
    let job = await getVisibleJob(ctx, actor, params.jobId);
    const stream = openStream({ ctx, actor, request, reply });
    let seq = /^\d{1,10}$/.test(stream.lastEventId ?? '') ? Number(stream.lastEventId) : 0;
    let shown = '';
    let wake = new AbortController();
    const unwatch = ctx.jobs.watch(params.jobId, () => wake.abort());
    stream.signal.addEventListener('abort', () => wake.abort());
    try {
      while (stream.isOpen) {
        wake = new AbortController();
        // The job before its lines: when it has ended, no line comes after those that are read now.
        job = await ctx.jobs.get(params.jobId);
        const lines = await listLog(ctx.db, params.jobId, seq, batch);
        seq = lines.at(-1)?.seq ?? seq;
        const isJobNew = isNews(job, shown);
        if (isJobNew) shown = JSON.stringify(job);
        if (lines.length > 0 || isJobNew) {
          stream.send({ event: 'job', id: String(seq), data: { lines, job: isJobNew ? job : null } });
          await stream.drained();
        }
        if (lines.length === batch || !stream.isOpen) continue;
        // Nothing more can come: the stream stays open and silent until the browser closes it.
        const signals = isOpen(job.state) ? [wake.signal, stream.signal] : [stream.signal];
        const ms = isOpen(job.state) ? lookMs : 2 ** 31 - 1;
        await wait(ms, undefined, { signal: AbortSignal.any(signals), ref: false }).catch(() => undefined);
      }
    } catch (error) {
      ctx.log.error({ err: error, jobId: params.jobId }, 'a job could not be followed');
      stream.close();
    } finally {
      unwatch();
    }
  });
}

/** Who sees only assigned sites sees only the jobs they began: none belongs to a site so far. Throws `not_found`. */
async function getVisibleJob(ctx: Context, actor: Actor, jobId: string): Promise<Job> {
  const job = await ctx.jobs.get(jobId);
  if (canSeeJob(actor, job)) return job;
  throw new AppError('not_found', 'There is no such job.', { reason: 'job_unknown' });
}

function isNews(job: Job, shown: string): boolean {
  return JSON.stringify(job) !== shown;
}
