import type { Site } from '#shared/sites.ts';
import type { Db } from '../../db/schema.ts';
import { findRowVersion, findSiteRow, toSite } from './sites.store.ts';

const maxKept = 1_000;

type Kept = { readonly rowVersion: number; readonly site: Site };

const caches = new WeakMap<Db, Map<string, Kept>>();

/**
 * The site, or undefined. The row's version is asked each time, so that a copy is never older than the database, also
 * when another process wrote; the row itself is read and decoded only after it changed.
 */
export async function findSite(db: Db, id: string): Promise<Site | undefined> {
  const cache = caches.get(db) ?? new Map<string, Kept>();
  caches.set(db, cache);
  const rowVersion = await findRowVersion(db, id);
  if (rowVersion === undefined) {
    cache.delete(id);
    return undefined;
  }
  const kept = cache.get(id);
  if (kept?.rowVersion === rowVersion) return kept.site;
  const row = await findSiteRow(db, id);
  if (row === undefined) return undefined;
  const site = freeze(toSite(row));
  cache.delete(id);
  const [oldest] = cache.keys();
  if (cache.size >= maxKept && oldest !== undefined) cache.delete(oldest);
  cache.set(id, { rowVersion: row.row_version, site });
  return site;
}

/** The copy is handed to everybody: nobody can change it. */
function freeze<T extends object>(value: T): T {
  for (const part of Object.values(value) as unknown[]) if (typeof part === 'object' && part !== null) freeze(part);
  return Object.freeze(value);
}
