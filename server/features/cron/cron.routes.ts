import { cronApi } from '#shared/cron.ts';
import { AppError } from '#shared/errors.ts';
import { can } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import { route, type App } from '../../core/route.ts';
import { changeJobs, exportJobs, importJobs } from './cron-transfer.ts';
import { checkJobSite, getVisibleJob, listVisibleJobs, toldOf, withSite } from './cron.logic.ts';

export function cronRoutes(app: App): void {
  const { ctx } = app;

  route(app, cronApi.list, async ({ actor, requestId }) => {
    const { items, users, ...machine } = await listVisibleJobs(ctx, { actor, requestId });
    const mayChoose = can(actor, 'cron.machine') && actor.siteScope === 'all';
    return { ...machine, items, users: mayChoose ? users : [] };
  });

  route(app, cronApi.create, async ({ body, actor, requestId, audit }) => {
    await checkJobSite(ctx, body, actor);
    const jobId = newId();
    audit.target = jobId;
    audit.detail['after'] = toldOf(body);
    const job = await ctx.agent.call('cron.put', { jobId, isNew: true, facts: body }, { actor, requestId });
    return withSite(ctx, job);
  });

  route(
    app,
    cronApi.crontabs,
    async ({ actor, requestId }) => {
      if (actor.siteScope !== 'all')
        throw new AppError('not_allowed', 'Crontabs are for people who may see every site.', {
          reason: 'all_sites_needed',
        });
      return ctx.agent.call('cron.crontabs', { most: 500 }, { actor, requestId });
    },
    { isAnswerSecret: true },
  );

  route(app, cronApi.batch, async ({ body, actor, requestId, audit }) => {
    const items = await changeJobs(ctx, { actor, requestId }, body);
    const refused = items.filter(({ failure }) => failure !== null).map(({ jobId }) => jobId);
    Object.assign(audit.detail, { action: body.action, jobIds: body.jobIds, refused });
    return { items };
  });

  route(
    app,
    cronApi.export,
    async ({ body, actor, requestId, audit }) => {
      const file = await exportJobs(ctx, { actor, requestId }, body.jobIds);
      audit.detail['jobs'] = file.jobs.length;
      return file;
    },
    { isAnswerSecret: true },
  );

  route(app, cronApi.import, async ({ body, actor, requestId, request, audit }) => {
    const items = await importJobs(ctx, { actor, requestId, address: request.ip }, body);
    const count = (wanted: string): number => items.filter(({ state }) => state === wanted).length;
    const counts = {
      new: count('new'),
      replaced: count('replaced'),
      present: count('present'),
      refused: count('refused'),
    };
    Object.assign(audit.detail, { isDryRun: body.isDryRun, ...counts });
    return { items };
  });

  route(app, cronApi.get, async ({ params, actor, requestId }) => {
    const { job, runs } = await getVisibleJob(ctx, { actor, requestId }, params.jobId);
    return { job: await withSite(ctx, job), runs };
  });

  route(app, cronApi.update, async ({ params: { jobId }, body, actor, requestId, audit }) => {
    const asking = { actor, requestId };
    const { job } = await getVisibleJob(ctx, asking, jobId);
    await checkJobSite(ctx, body, actor);
    audit.detail['before'] = toldOf(job);
    audit.detail['after'] = toldOf(body);
    return withSite(ctx, await ctx.agent.call('cron.put', { jobId, isNew: false, facts: body }, asking));
  });

  route(app, cronApi.enable, async ({ params: { jobId }, body, actor, requestId, audit }) => {
    const asking = { actor, requestId };
    const { job } = await getVisibleJob(ctx, asking, jobId);
    audit.detail['name'] = job.name;
    audit.detail['isEnabled'] = body.isEnabled;
    return withSite(ctx, await ctx.agent.call('cron.enable', { jobId, ...body }, asking));
  });

  route(app, cronApi.remove, async ({ params: { jobId }, actor, requestId, audit }) => {
    const asking = { actor, requestId };
    const { job } = await getVisibleJob(ctx, asking, jobId);
    audit.detail['before'] = toldOf(job);
    await ctx.agent.call('cron.remove', { jobId }, asking);
  });

  route(app, cronApi.start, async ({ params: { jobId }, actor, requestId, audit }) => {
    const asking = { actor, requestId };
    const { job } = await getVisibleJob(ctx, asking, jobId);
    const runId = newId();
    audit.detail['name'] = job.name;
    audit.detail['runId'] = runId;
    return ctx.agent.call('cron.start', { jobId, runId }, asking);
  });

  route(app, cronApi.cancel, async ({ params, actor, requestId, audit }) => {
    const asking = { actor, requestId };
    const { job } = await getVisibleJob(ctx, asking, params.jobId);
    audit.detail['name'] = job.name;
    audit.detail['runId'] = params.runId;
    return ctx.agent.call('cron.cancel', params, asking);
  });

  route(app, cronApi.output, async ({ params, query, actor, requestId }) => {
    const asking = { actor, requestId };
    await getVisibleJob(ctx, asking, params.jobId);
    return ctx.agent.call('cron.output', { ...params, ...query }, asking);
  });
}
