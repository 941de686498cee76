import { machineSettingsApi } from '#shared/machine-settings.ts';
import { route, type App } from '../../core/route.ts';

export function machineSettingsRoutes(app: App): void {
  const { ctx } = app;

  route(app, machineSettingsApi.get, async ({ actor, requestId }) =>
    ctx.agent.call('machine.read', {}, { actor, requestId }),
  );

  route(app, machineSettingsApi.setHostname, async ({ body, actor, requestId, audit }) => {
    audit.target = body.hostname;
    return ctx.agent.call('machine.set_hostname', body, { actor, requestId });
  });

  route(app, machineSettingsApi.setTimeZone, async ({ body, actor, requestId, audit }) => {
    audit.target = body.zone;
    return ctx.agent.call('machine.set_time_zone', body, { actor, requestId });
  });

  route(app, machineSettingsApi.setSwap, async ({ body, actor, requestId, audit }) => {
    audit.detail['after'] = { mib: body.mib };
    return ctx.agent.call('machine.set_swap', body, { actor, requestId });
  });

  route(app, machineSettingsApi.setAutomaticUpdates, async ({ body, actor, requestId, audit }) => {
    audit.detail['after'] = { isOn: body.isOn };
    return ctx.agent.call('machine.set_automatic_updates', body, { actor, requestId });
  });
}
