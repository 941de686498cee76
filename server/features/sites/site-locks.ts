import { AppError } from '#shared/errors.ts';
import type { Db } from '../../db/schema.ts';

const locked = new WeakMap<Db, Set<string>>();

function locksOf(db: Db): Set<string> {
  const known = locked.get(db) ?? new Set<string>();
  locked.set(db, known);
  return known;
}

export function isSiteLocked(db: Db, siteId: string): boolean {
  return locksOf(db).has(siteId);
}

/** One change of a site at a time. Throws `busy` instead of waiting: the person sees what the other change did first. */
export async function withSiteLock<T>(db: Db, siteId: string, work: () => Promise<T>): Promise<T> {
  const locks = locksOf(db);
  if (locks.has(siteId)) {
    throw new AppError('busy', 'Another change of this site is under way.', { reason: 'site_busy' });
  }
  locks.add(siteId);
  try {
    return await work();
  } finally {
    locks.delete(siteId);
  }
}
