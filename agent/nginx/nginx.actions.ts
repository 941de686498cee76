import type { Handlers } from '../core/handlers.ts';
import { nginxBuild } from './nginx.build.ts';

export const nginxHandlers: Pick<Handlers, Extract<keyof Handlers, `nginx.${string}`>> = {
  async 'nginx.features'({ prefix }) {
    const { hasHttp3 } = await nginxBuild(prefix);
    return { hasHttp3 };
  },
};
