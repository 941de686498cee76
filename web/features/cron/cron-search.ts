import { listSearch, type ListSearch } from '../../ui/lists/list-search.ts';

export const cronFilters = ['all', 'on', 'off', 'failed'] as const;
export type CronFilter = (typeof cronFilters)[number];
export const cronSorts = ['name', 'when', 'next', 'last'] as const;
export type CronSort = (typeof cronSorts)[number];
export type CronSearch = ListSearch<CronSort> & { readonly show?: CronFilter };

/** What the list is narrowed to, and its order. */
export function cronSearch(raw: Record<string, unknown>): CronSearch {
  const filter = cronFilters.find((each) => each === raw['show']);
  return {
    ...listSearch(raw, cronSorts),
    ...(filter === undefined || filter === 'all' ? {} : { show: filter }),
  };
}
