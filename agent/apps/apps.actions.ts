import type { Handlers } from '../core/handlers.ts';
import { secretIdsOf } from '#shared/site-app.ts';
import { checkOwner, findRecord } from '../sites/site-records.ts';
import { keepSecrets } from './apps.secrets.ts';
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
  'apps.status': (machine, { site }) => statusOfApp(machine, site),
  async 'apps.switch'(machine, { site, to, changeId }, call) {
    await takeUpApp(machine, site, { changeId, wish: to }, call);
    return await statusOfApp(machine, site);
  },
};
