import type { Handlers } from '../core/handlers.ts';
import { requireTicket } from '../core/call.ts';
import { buildState, putBuildSettings } from './build-line.ts';
import { findKey, makeKey } from './deploy-key.ts';
import { deployOwner } from './deploy-owner.ts';
import {
  cancelDeployment,
  followDeployment,
  readState,
  rollBack,
  settleDeployment,
  siteOf,
  startDeployment,
} from './deployments.ts';
import { listRefs, scanHost } from './remote.ts';

/** One after another for a site: two that begin at once must see each other. */
const lockOf = ({ siteId }: { readonly siteId: string }): string => `deployments.${siteId}`;

export const deploymentsHandlers: Pick<Handlers, Extract<keyof Handlers, `deployments.${string}`>> = {
  'deployments.builds': (machine) => Promise.resolve(buildState(machine)),
  'deployments.cancel': (machine, params, call) =>
    machine.locks.hold(lockOf(params.site), call.deadlineAt, async () => ({
      deployment: await cancelDeployment(machine, params, call),
    })),
  'deployments.follow': (machine, params) => Promise.resolve(followDeployment(machine, params)),
  'deployments.list_refs': (machine, { site: ref, url, hostKey }, call) => {
    const site = siteOf(machine, ref);
    return listRefs(machine, {
      identity: deployOwner(machine, site.linuxUser).identity,
      siteId: site.siteId,
      source: { url, hostKey },
      home: '/nonexistent',
      writable: [],
      name: `refs-${call.requestId.replaceAll(/[^A-Za-z0-9-]/g, '').slice(0, 36)}`,
    });
  },
  'deployments.make_key': (machine, { site: ref, isReplacing }, call) =>
    machine.locks.hold(lockOf(ref), call.deadlineAt, async () => {
      const site = siteOf(machine, ref);
      if (isReplacing && findKey(machine, site.siteId) !== null) requireTicket(call);
      return await makeKey(machine, site.siteId, site.slug, isReplacing);
    }),
  'deployments.put_builds': async (machine, settings) => {
    await putBuildSettings(machine, settings);
    return buildState(machine);
  },
  'deployments.rollback': (machine, params, call) =>
    machine.locks.hold(lockOf(params.site), call.deadlineAt, () => rollBack(machine, params, call)),
  'deployments.scan_host': async (_machine, { url }) => ({ items: await scanHost(url) }),
  'deployments.settle': async (machine, params, call) => {
    await settleDeployment(machine, params, call);
    return {};
  },
  'deployments.start': (machine, params, call) =>
    machine.locks.hold(lockOf(params.site), call.deadlineAt, () => startDeployment(machine, params, call)),
  'deployments.start_of': (machine, { target, ...params }, call) =>
    machine.locks.hold(lockOf(params.site), call.deadlineAt, () =>
      startDeployment(machine, { ...params, trigger: 'person', target }, call),
    ),
  'deployments.state': (machine, { site }) => Promise.resolve(readState(machine, site)),
};
