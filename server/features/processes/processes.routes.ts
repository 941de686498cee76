import { processesApi } from '#shared/processes.ts';
import { route, type App } from '../../core/route.ts';

export function processesRoutes(app: App): void {
  const { ctx } = app;

  route(app, processesApi.list, async ({ actor, requestId }) =>
    ctx.agent.call('processes.list', {}, { actor, requestId }),
  );

  route(app, processesApi.end, async ({ params, body, actor, requestId, audit }) => {
    audit.target = `${params.pid}`;
    audit.detail['after'] = { signal: body.signal };
    return ctx.agent.call('processes.end', { pid: params.pid, ...body }, { actor, requestId });
  });

  route(app, processesApi.sockets, async ({ actor, requestId }) =>
    ctx.agent.call('processes.sockets', {}, { actor, requestId }),
  );
}
