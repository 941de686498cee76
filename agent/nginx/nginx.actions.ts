import type { Handlers } from '../core/handlers.ts';
import { nginxBuild } from './nginx.build.ts';
import { nginxLock } from './nginx.process.ts';

export const nginxHandlers: Pick<Handlers, Extract<keyof Handlers, `nginx.${string}`>> = {
  async 'nginx.features'({ prefix }) {
    const { hasHttp3, hasBrotli } = await nginxBuild(prefix);
    return { hasHttp3, hasBrotli };
  },
  // Loaded when somebody asks: seldom.
  'nginx.put_settings': (machine, params, call) =>
    machine.locks.hold(nginxLock, call.deadlineAt, async () =>
      (await import('./nginx.settings.ts')).putNginxSettings(machine, params, call),
    ),
  'nginx.read_settings': async (machine) => (await import('./nginx.settings.ts')).readNginxSettings(machine),
};
