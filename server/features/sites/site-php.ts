import { totalmem } from 'node:os';
import type { z } from 'zod';
import type { BodyOf } from '#shared/http.ts';
import { sitePhp, type SitePhp, type sitePhpCreate, type sitePhpUpdate } from '#shared/site-php.ts';
import type { sitesApi } from '#shared/sites.ts';
import type { Context } from '../../context.ts';
import { refuseFields } from './site-inputs.ts';
import { countApart } from './sites.store.ts';

/** What PHP-FPM of one site takes that nobody visits, by measurement: decision 32. */
const apartBytes = 12 * 1024 * 1024;

/** Whether one site more may have PHP in a process of its own; `percent` of the memory is there for all of them. */
export function hasRoomApart(present: number, percent: number, memoryBytes: number): boolean {
  return (present + 1) * apartBytes <= (memoryBytes * percent) / 100;
}

/** Of the machine, or of the container where it may use less. */
function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** A new site's PHP: the version is chosen, everything else has a value that suits most. */
export async function newSitePhp(
  { db, config }: Pick<Context, 'db' | 'config'>,
  { version, isApart }: z.output<typeof sitePhpCreate>,
): Promise<SitePhp> {
  const decided = isApart ?? hasRoomApart(await countApart(db), config.phpApartPercent, memoryBytes());
  return sitePhp.parse({ version, isApart: decided });
}

/** Of a body that makes a site; null for other kinds. */
export async function readKindPhp(
  ctx: Pick<Context, 'db' | 'config'>,
  { kind, php }: BodyOf<typeof sitesApi.create>,
): Promise<SitePhp | null> {
  if (kind === 'php') {
    if (php === undefined) throw refuseFields([{ field: 'php.version', code: 'required' }]);
    return newSitePhp(ctx, php);
  }
  if (php !== undefined) throw refuseFields([{ field: 'php', code: 'php_not_for_kind' }]);
  return null;
}

/** Without a word about it, it stays apart or shared as it was. */
export function changedPhp(before: SitePhp | null, given: z.output<typeof sitePhpUpdate>): SitePhp {
  if (before === null) throw refuseFields([{ field: 'php', code: 'php_not_for_kind' }]);
  return sitePhp.parse({ ...given, isApart: given.isApart ?? before.isApart });
}
