import { spawnSync } from 'node:child_process';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { openMachine, type Machine } from '../../core/machine.ts';
import { poolIdentity } from '../../php/php.user.ts';
import { sitesHandlers } from '../../sites/sites.actions.ts';
import { call, makeWorld, newChangeId, specOf, type World } from '../../testing/world.ts';
import { endHelpers } from '../workers.ts';

export type FileSite = {
  readonly world: World;
  readonly machine: Machine;
  readonly spec: SiteSpec;
  /** Where it really lies. */
  readonly folder: string;
  readonly site: { readonly siteId: string; readonly slug: string };
  /** Of the site's Linux user. */
  readonly uid: number;
  close(): Promise<void>;
};

/** A site whose files can be worked on by its own user. */
export async function makeFileSite(): Promise<FileSite> {
  const world = await makeWorld();
  const machine = await openMachine(world.settings);
  const spec = specOf(world, 'shop.test');
  await sitesHandlers['sites.apply'](
    machine,
    { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' },
    call(),
  );
  const folder = world.prefix + spec.root;
  // Behind a prefix the agent makes no account: whoever stands for the site's user is given its folder.
  const { uid, gid } = poolIdentity(machine, 'site-none');
  if (machine.isRoot) spawnSync('/usr/bin/chown', ['-R', `${uid}:${gid}`, folder]);
  return {
    world,
    machine,
    spec,
    folder,
    site: { siteId: spec.siteId, slug: spec.slug },
    uid,
    async close() {
      await endHelpers(machine);
      await machine.settled();
      machine.close();
      world.destroy();
    },
  };
}
