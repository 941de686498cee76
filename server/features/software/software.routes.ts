import { softwareApi } from '#shared/software.ts';
import { route, type App } from '../../core/route.ts';
import { softwarePlansApi } from '#shared/software-plan.ts';
import { checkPlan, installSoftware, installUpdates, removeSoftware, updateSoftware } from './software.logic.ts';

export function softwareRoutes(app: App): void {
  const { ctx } = app;

  route(app, softwareApi.list, async ({ actor, requestId }) => {
    const { items, isolated, port80Owner, tools } = await ctx.agent.call('software.status', {}, { actor, requestId });
    // Whoever has assigned sites only must not learn the names of others.
    return { items, isolated: actor.siteScope === 'all' ? isolated : [], port80Owner, tools };
  });

  route(app, softwareApi.updates, async ({ actor, requestId }) =>
    ctx.agent.call('software.updates', {}, { actor, requestId }),
  );

  route(app, softwareApi.upgrade, async ({ body, actor, audit }) => {
    const job = await installUpdates(ctx, actor, body.scope);
    audit.detail['after'] = { scope: body.scope, jobId: job.id };
    return job;
  });

  route(app, softwarePlansApi.get, async ({ params, actor, requestId }) =>
    ctx.agent.call('software.plan', { name: params.name }, { actor, requestId }),
  );

  route(app, softwarePlansApi.update, async ({ params, query, actor, requestId, audit }) => {
    await checkPlan(ctx, { actor, requestId }, params.name, query.plan);
    const job = await updateSoftware(ctx, actor, params.name);
    audit.detail['jobId'] = job.id;
    return job;
  });

  route(app, softwareApi.install, async ({ params, query, actor, requestId, audit }) => {
    await checkPlan(ctx, { actor, requestId }, params.name, query.plan);
    const job = await installSoftware(ctx, actor, params.name);
    audit.detail['jobId'] = job.id;
    return job;
  });

  route(app, softwareApi.remove, async ({ params, actor, audit }) => {
    const job = await removeSoftware(ctx, actor, params.name);
    audit.detail['jobId'] = job.id;
    return job;
  });
}
