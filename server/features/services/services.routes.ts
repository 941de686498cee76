import { servicesApi, type ServiceVerb } from '#shared/services.ts';
import { route, type App } from '../../core/route.ts';

export function servicesRoutes(app: App): void {
  const { ctx } = app;

  route(app, servicesApi.list, async ({ actor, requestId }) =>
    ctx.agent.call('services.list', {}, { actor, requestId }),
  );

  route(app, servicesApi.get, async ({ params, actor, requestId }) =>
    ctx.agent.call('services.read', params, { actor, requestId }),
  );

  route(app, servicesApi.journal, async ({ params, query, actor, requestId }) => {
    const { after = null, lines, priority } = query;
    return ctx.agent.call('services.journal', { unit: params.unit, after, lines, priority }, { actor, requestId });
  });

  const control = (verb: ServiceVerb): void =>
    route(app, servicesApi[verb], async ({ params: { unit }, actor, requestId, audit }) => {
      audit.target = unit;
      const outcome = await ctx.agent.call('services.control', { unit, verb }, { actor, requestId });
      audit.detail['after'] = { state: outcome.service.state, boot: outcome.service.boot };
      return outcome;
    });
  control('start');
  control('stop');
  control('restart');
  control('reload');
  control('enable');
  control('disable');
}
