import type { Handlers } from '../core/handlers.ts';
import { nginxLock } from '../sites/sites.apply.ts';
import { cancelCopy, followCopy, settleCopy, startCopy } from './copies.ts';

export const copiesHandlers: Pick<Handlers, Extract<keyof Handlers, `copies.${string}`>> = {
  'copies.cancel': async (machine, params, call) => ({ copy: await cancelCopy(machine, params, call) }),
  'copies.follow': (machine, params) => Promise.resolve(followCopy(machine, params)),
  'copies.settle': (machine, params, call) =>
    machine.locks.hold(nginxLock, call.deadlineAt, () => settleCopy(machine, params, call)),
  // With the changes of sites: two must not be given the same user.
  'copies.start': (machine, params, call) =>
    machine.locks.hold(nginxLock, call.deadlineAt, () => startCopy(machine, params, call)),
};
