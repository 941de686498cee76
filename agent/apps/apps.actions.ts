import type { Handlers } from '../core/handlers.ts';
import type { Machine } from '../core/machine.ts';
import type { NodeLine } from '#shared/apps.ts';
import { nodeSoftwareNames } from '#shared/software.ts';
import { secretIdsOf } from '#shared/site-app.ts';
import { checkOwner, findRecord } from '../sites/site-records.ts';
import { keepSecrets } from './apps.secrets.ts';
import { majorOf, sitesWithNode, storedNodes } from './node-store.ts';
import { statusOfApp, takeUpApp } from './apps.take-up.ts';

export const appsHandlers: Pick<Handlers, Extract<keyof Handlers, `apps.${string}`>> = {
  async 'apps.keep_secrets'(machine, { site, secrets }) {
    // A site that is just being made has no record yet: its id is nobody else's.
    const record = findRecord(machine, site.slug);
    checkOwner(record, site);
    const app = record?.settings?.app ?? null;
    await keepSecrets(machine, site.siteId, secrets, new Set(app === null ? [] : secretIdsOf(app)));
    return {};
  },
  'apps.node_versions': (machine) => Promise.resolve({ items: nodeLines(machine) }),
  'apps.status': (machine, { site }) => statusOfApp(machine, site),
  async 'apps.switch'(machine, { site, to, changeId }, call) {
    await takeUpApp(machine, site, { changeId, wish: to }, call);
    return await statusOfApp(machine, site);
  },
};

function nodeLines(machine: Machine): NodeLine[] {
  const stored = storedNodes(machine.prefix);
  return nodeSoftwareNames.toReversed().map((name) => {
    const major = Number(name.slice('node'.length));
    const versions = stored.filter((version) => majorOf(version) === major);
    return {
      major,
      versions: versions.map((version) => ({
        version,
        sites: sitesWithNode(machine, (each) => each === version).length,
      })),
    };
  });
}
