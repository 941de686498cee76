import { baseOf } from '../copies/copy-paths.ts';
import type { Machine } from '../core/machine.ts';
import { poolIdentity } from '../php/php.user.ts';
import type { SiteRecord } from '../sites/site-records.ts';
import type { Place } from './workers.ts';

/** By the agent's own record: which folder is a site's and whose it is, nobody says in a request. */
export function sitePlace(machine: Pick<Machine, 'prefix' | 'isRoot'>, record: SiteRecord): Place {
  const { uid, gid } = poolIdentity(machine, record.linuxUser);
  return { path: machine.prefix + baseOf(record), uid, gid };
}
