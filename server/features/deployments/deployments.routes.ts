import { deploymentsApi } from '#shared/deployments.ts';
import { AppError } from '#shared/errors.ts';
import { checkElevated } from '../../core/agent-tickets.ts';
import { ifMatch, setEtag } from '../../core/etag.ts';
import { newId } from '../../core/id.ts';
import { route, type App } from '../../core/route.ts';
import { getVisibleSite, setSiteDeploy } from '../sites/sites.logic.ts';
import { makeHook, refOf, startDeployment, toHook } from './deployments.logic.ts';
import { deleteHook, findHookOfSite } from './deployments.store.ts';
import { hooksRoutes } from './hooks.routes.ts';

export function deploymentsRoutes(app: App): void {
  const { ctx } = app;
  hooksRoutes(app);

  route(app, deploymentsApi.builds, async ({ actor, requestId }) =>
    ctx.agent.call('deployments.builds', {}, { actor, requestId }),
  );

  route(app, deploymentsApi.setBuilds, async ({ body, actor, requestId, audit }) => {
    const asker = { actor, requestId };
    audit.detail['before'] = (await ctx.agent.call('deployments.builds', {}, asker)).atOnce;
    audit.detail['after'] = body.atOnce;
    return ctx.agent.call('deployments.put_builds', body, asker);
  });

  route(app, deploymentsApi.state, async ({ params, actor, requestId }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    const [state, hook] = await Promise.all([
      ctx.agent.call('deployments.state', { site: refOf(site) }, { actor, requestId }),
      findHookOfSite(ctx.db, site.id),
    ]);
    return { ...state, hook: hook === undefined ? null : toHook(ctx, hook) };
  });

  route(app, deploymentsApi.configure, async ({ params, body, actor, requestId, request, reply }) => {
    const asker = { actor, requestId };
    const result = await setSiteDeploy(ctx, asker, params.siteId, body.deploy, ifMatch(request));
    setEtag(reply, result.site.revision);
    return result;
  });

  route(app, deploymentsApi.makeKey, async ({ params, body, actor, requestId, audit }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    const { isReplacing } = body;
    const key = await ctx.agent.call('deployments.make_key', { site: refOf(site), isReplacing }, { actor, requestId });
    audit.detail['fingerprint'] = key.fingerprint;
    return key;
  });

  route(app, deploymentsApi.scanHost, async ({ params, body, actor, requestId }) => {
    await getVisibleSite(ctx, params.siteId, actor);
    return ctx.agent.call('deployments.scan_host', body, { actor, requestId });
  });

  route(app, deploymentsApi.listRefs, async ({ params, body, actor, requestId }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    return ctx.agent.call('deployments.list_refs', { site: refOf(site), ...body }, { actor, requestId });
  });

  route(app, deploymentsApi.start, async ({ params, actor, requestId, audit }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    const job = await startDeployment(ctx, { actor, requestId }, site);
    audit.detail['jobId'] = job.id;
    return job;
  });

  route(app, deploymentsApi.startOf, async ({ params, body, actor, requestId, audit }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    const job = await startDeployment(ctx, { actor, requestId }, site, body.target);
    Object.assign(audit.detail, { jobId: job.id, target: body.target });
    return job;
  });

  route(app, deploymentsApi.rollback, async ({ params, actor, requestId, audit }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    const { deploymentId } = params;
    const given = { site: refOf(site), deploymentId, changeId: newId() };
    const deployment = await ctx.agent.call('deployments.rollback', given, { actor, requestId });
    audit.detail['releaseId'] = deployment.releaseId;
    return deployment;
  });

  route(app, deploymentsApi.log, async ({ params, query, actor, requestId }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    const asked = { site: refOf(site), deploymentId: params.deploymentId, offset: query.offset };
    const { deployment, text, nextOffset } = await ctx.agent.call('deployments.follow', asked, { actor, requestId });
    if (deployment === null)
      throw new AppError('not_found', 'There is no such deployment.', { reason: 'deploy_release_gone' });
    return { deployment, text, nextOffset };
  });

  route(
    app,
    deploymentsApi.makeHook,
    async ({ params, actor, requestId }) => {
      const site = await getVisibleSite(ctx, params.siteId, actor);
      await checkElevated(ctx.agent, { actor, requestId }, 'makeDeployHook', { siteId: site.id });
      return makeHook(ctx, site.id);
    },
    { isAnswerSecret: true },
  );

  route(app, deploymentsApi.removeHook, async ({ params, actor }) => {
    const site = await getVisibleSite(ctx, params.siteId, actor);
    await deleteHook(ctx.db, site.id);
  });
}
