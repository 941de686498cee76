import { listSearch, type ListSearch } from '../../ui/lists/list-search.ts';

export const accountSorts = ['name', 'kind', 'uid', 'groups', 'shell'] as const;
export type AccountSort = (typeof accountSorts)[number];
/** `show` absent: those who can sign in. */
export type AccountsSearch = ListSearch<AccountSort> & { readonly show?: 'all' };

export function accountsSearch(raw: Record<string, unknown>): AccountsSearch {
  return { ...listSearch(raw, accountSorts), ...(raw['show'] === 'all' ? { show: 'all' } : {}) };
}
