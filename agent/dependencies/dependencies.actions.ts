import type { Handlers } from '../core/handlers.ts';
import { cancelDependencies, followDependencies, projectOf, startDependencies } from './dependencies.ts';

/** One after another for a site: two that begin at once must see each other. */
const lockOf = ({ siteId }: { readonly siteId: string }): string => `dependencies.${siteId}`;

export const dependenciesHandlers: Pick<Handlers, Extract<keyof Handlers, `dependencies.${string}`>> = {
  'dependencies.cancel': (machine, params, call) =>
    machine.locks.hold(lockOf(params.site), call.deadlineAt, async () => ({
      run: await cancelDependencies(machine, params),
    })),
  'dependencies.follow': (machine, params) => Promise.resolve(followDependencies(machine, params)),
  'dependencies.project': (machine, { site }) => Promise.resolve(projectOf(machine, site)),
  'dependencies.start': (machine, params, call) =>
    machine.locks.hold(lockOf(params.site), call.deadlineAt, () => startDependencies(machine, params, call)),
};
