import type { SiteSort } from '#shared/site-columns.ts';
import type { SortOrder } from '../../ui/lists/list-search.ts';

const firstDescending: readonly SiteSort[] = ['createdAt', 'updatedAt', 'requests', 'bytes'];

/**
 * The order in which a column is wanted first: names from the beginning, times from the newest, the most visited sites,
 * and what needs somebody soonest: the oldest backups and the next ends.
 */
export function firstOrder(sort: SiteSort): SortOrder {
  return firstDescending.includes(sort) ? 'desc' : 'asc';
}
