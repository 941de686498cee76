import { queryOptions } from '@tanstack/react-query';
import { sitesApi } from '#shared/sites.ts';
import { systemApi } from '#shared/system.ts';
import { call } from '../../api/client.ts';

/**
 * The last minutes that the panel kept. Its key is its own: events about sites say nothing about it. A break of the
 * stream makes it stale, which fills the hole.
 */
export const historyQuery = queryOptions({
  queryKey: ['system-history'],
  queryFn: ({ signal }) => call(systemApi.history, { signal }),
  refetchOnWindowFocus: false,
});

export const latestSitesQuery = queryOptions({
  queryKey: ['sites', 'latest'],
  queryFn: ({ signal }) => call(sitesApi.list, { query: { pageSize: 6, sort: 'createdAt', order: 'desc' }, signal }),
});

export const recentChangesQuery = queryOptions({
  queryKey: ['site-changes', 'recent'],
  queryFn: ({ signal }) => call(sitesApi.listChanges, { query: { pageSize: 6 }, signal }),
});
