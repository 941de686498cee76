import { listSearch, type ListSearch } from '../../ui/lists/list-search.ts';

export const databaseSorts = ['name', 'site', 'user', 'size'] as const;
export type DatabaseSort = (typeof databaseSorts)[number];
export type DatabasesSearch = ListSearch<DatabaseSort>;

export const databasesSearch = (raw: Record<string, unknown>): DatabasesSearch => listSearch(raw, databaseSorts);
