import { dependenciesApi } from '#shared/dependencies.ts';
import { newId } from '../../core/id.ts';
import { route, type App } from '../../core/route.ts';
import { getVisibleSite } from '../sites/sites.logic.ts';
import type { RunParams } from './run.logic.ts';

export function dependenciesRoutes(app: App): void {
  const { ctx } = app;

  route(app, dependenciesApi.project, async ({ params, actor, requestId }) => {
    const { id, slug } = await getVisibleSite(ctx, params.siteId, actor);
    return ctx.agent.call('dependencies.project', { site: { siteId: id, slug } }, { actor, requestId });
  });

  // Starts here and not in the job: what is wrong with it is said to the person at once.
  route(app, dependenciesApi.run, async ({ params, body, actor, requestId, audit }) => {
    const { id: siteId, slug, name } = await getVisibleSite(ctx, params.siteId, actor);
    const { work } = body;
    const runId = newId();
    Object.assign(audit.detail, { jobId: runId, work });
    await ctx.agent.call('dependencies.start', { site: { siteId, slug }, runId, work }, { actor, requestId });
    const given: RunParams = { siteId, slug, work };
    return ctx.jobs.enqueue({
      id: runId,
      kind: 'dependencies.run',
      subject: { name, siteId, what: work.kind === 'script' ? work.script : toolOf(work) },
      params: given,
      actor: { id: actor.id, name: actor.name },
    });
  });
}

function toolOf(work: Exclude<RunParams['work'], { kind: 'script' }>): string {
  return work.kind === 'node' ? work.manager : work.kind === 'python' ? 'pip' : 'composer';
}
