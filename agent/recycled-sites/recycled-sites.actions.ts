import { requireTicket } from '../core/call.ts';
import type { Handlers } from '../core/handlers.ts';
import { nginxLock } from '../nginx/nginx.process.ts';
import { discardDue, discardRecycled } from './emptying.ts';
import { putRecycleSettings, readRecycleSettings } from './recycle-bin.ts';
import { readRecycled, removeAccount, restoreRecycled } from './recycled-sites.ts';

/** Under the lock of nginx: deletions of sites and their way back go on there too. */
export const recycledSitesHandlers: Pick<Handlers, `recycled_sites.${string}` & keyof Handlers> = {
  'recycled_sites.discard': (machine, { ids }, { actor, deadlineAt }) =>
    machine.locks.hold(nginxLock, deadlineAt, async () => ({
      sites: await discardRecycled(machine, ids, actor.id),
    })),
  'recycled_sites.empty_due': (machine, _params, { deadlineAt }) =>
    machine.locks.hold(nginxLock, deadlineAt, async () => ({ discarded: await discardDue(machine) })),
  'recycled_sites.list': (machine) => readRecycled(machine),
  'recycled_sites.put_settings': async (machine, wanted, call) => {
    const { days } = readRecycleSettings(machine);
    const isSooner = wanted.days !== 0 && (days === 0 || wanted.days < days);
    if (isSooner) requireTicket(call);
    await putRecycleSettings(machine, wanted);
    return wanted;
  },
  'recycled_sites.remove_account': async (machine, params, call) => {
    await machine.locks.hold(nginxLock, call.deadlineAt, () => removeAccount(machine, params, call));
    return {};
  },
  'recycled_sites.restore': (machine, params, call) =>
    machine.locks.hold(nginxLock, call.deadlineAt, () => restoreRecycled(machine, params, call)),
};
