import { AppError } from '#shared/errors.ts';
import type { Handlers } from '../core/handlers.ts';
import { emptyCache } from './site-cache.ts';
import { keepPassword } from './site-passwords.ts';
import { adoptSite, inspectSite } from './sites.inspect.ts';
import { settleEnd } from './ended-sites.ts';
import { applySite, nginxLock } from './sites.apply.ts';
import { readLog } from './sites.logs.ts';
import { previewRemoval, removeSite, restoreSite } from './sites.removal.ts';

/** Changes go one after another: they all end in the same nginx. */
export const sitesHandlers: Pick<Handlers, `sites.${string}` & keyof Handlers> & Pick<Handlers, 'changes.get'> = {
  'changes.get': async (machine, { changeId }, call) => {
    // A change that waits for its turn stands in no journal yet: only behind it is "never heard of it" true for good.
    const outcome =
      machine.engine.find(changeId) ??
      (await machine.locks.hold(nginxLock, call.deadlineAt, () => Promise.resolve(machine.engine.find(changeId))));
    if (outcome === 'open')
      throw new AppError('busy', 'The change is still under way.', {
        reason: 'change_under_way',
        params: { changeId },
      });
    return outcome === undefined ? { state: 'none', files: [] } : { state: outcome.state, files: outcome.files };
  },
  'sites.adopt': (machine, params, call) =>
    machine.locks.hold(nginxLock, call.deadlineAt, () => adoptSite(machine, params, call)),
  'sites.apply': (machine, params, call) =>
    machine.locks.hold(nginxLock, call.deadlineAt, () =>
      applySite(machine, { ...params, action: 'sites.apply' }, call),
    ),
  'sites.empty_cache': (machine, params) => emptyCache(machine, params),
  'sites.figures': async (machine, params) => {
    // Asked for when somebody looks at figures: it brings all of the backups' records along.
    const { measureSites } = await import('./site-figures.ts');
    return await measureSites(machine, params);
  },
  'sites.inspect': (machine, params) => inspectSite(machine, params),
  'sites.keep_password': (machine, params, call) => keepPassword(machine, params, call),
  'sites.preview_removal': (machine, params) => previewRemoval(machine, params),
  'sites.read_log': (machine, params) => Promise.resolve(readLog(machine, params)),
  'sites.remove': (machine, params, call) =>
    machine.locks.hold(nginxLock, call.deadlineAt, () => removeSite(machine, params, call)),
  'sites.repair': async (machine, params, call) => {
    // Seldom asked for: the agent that serves does without it.
    const { repairSite } = await import('./site-repair.ts');
    return await machine.locks.hold(nginxLock, call.deadlineAt, () => repairSite(machine, params, call));
  },
  'sites.restore': (machine, params, call) =>
    machine.locks.hold(nginxLock, call.deadlineAt, () => restoreSite(machine, params, call)),
  'sites.settle_end': async (machine, { site }, call) => {
    await machine.locks.hold(nginxLock, call.deadlineAt, () => settleEnd(machine, site, call));
    return {};
  },
};
