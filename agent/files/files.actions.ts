import { baseOf } from '../copies/copy-paths.ts';
import type { Handlers } from '../core/handlers.ts';
import { listAccounts, type Machine } from '../core/machine.ts';
import { siteOf } from '../deployments/deployments.ts';
import { poolIdentity } from '../php/php.user.ts';
import { askHelper, type Place } from './workers.ts';

/** A copy that has not ended a while before its answer is due takes back what it made. */
const takeBackMs = 5_000;

/** By the agent's own record: which folder is a site's and whose it is, nobody says in a request. */
function placeOf(machine: Machine, ref: { readonly siteId: string; readonly slug: string }): Place {
  const record = siteOf(machine, ref);
  const { uid, gid } = poolIdentity(machine, record.linuxUser);
  return { path: machine.prefix + baseOf(record), uid, gid };
}

export const filesHandlers: Pick<Handlers, Extract<keyof Handlers, `files.${string}`>> = {
  'files.bin': (machine, { site }) => askHelper(machine, placeOf(machine, site), 'bin'),
  'files.copy': (machine, { site, ...wish }, { deadlineAt }) =>
    askHelper(machine, placeOf(machine, site), 'copy', { ...wish, endsAt: deadlineAt - takeBackMs }),
  'files.discard': (machine, { site, ids }) => askHelper(machine, placeOf(machine, site), 'discard', { ids }),
  async 'files.list'(machine, { site, ...wish }) {
    const { entries, ...counts } = await askHelper(machine, placeOf(machine, site), 'list', wish);
    const names = new Map(listAccounts().map(({ uid, name }) => [uid, name]));
    return {
      ...counts,
      entries: entries.map(({ uid, ...entry }) => ({ ...entry, owner: names.get(uid) ?? String(uid) })),
    };
  },
  'files.make': (machine, { site, ...wish }) => askHelper(machine, placeOf(machine, site), 'make', wish),
  'files.move': (machine, { site, ...wish }) => askHelper(machine, placeOf(machine, site), 'move', wish),
  'files.remove': (machine, { site, paths }, { actor }) =>
    askHelper(machine, placeOf(machine, site), 'remove', { paths, deletedBy: actor.name }),
  'files.rename': (machine, { site, ...wish }) => askHelper(machine, placeOf(machine, site), 'rename', wish),
  'files.restore': (machine, { site, ids }) => askHelper(machine, placeOf(machine, site), 'restore', { ids }),
  'files.set_mode': (machine, { site, ...wish }) => askHelper(machine, placeOf(machine, site), 'setMode', wish),
};
