import { queryOptions } from '@tanstack/react-query';
import type { ResponseOf } from '#shared/http.ts';
import { phpApi } from '#shared/php.ts';
import { call } from '../../api/client.ts';

export type PhpVersion = ResponseOf<typeof phpApi.versions>['items'][number];

/** Figures of a site's pool; asked again while they are looked at. */
export function phpPoolQuery(siteId: string) {
  return queryOptions({
    queryKey: ['php', 'pool', siteId],
    queryFn: ({ signal }) => call(phpApi.pool, { params: { siteId }, signal }),
    refetchInterval: 5_000,
  });
}

export function phpExtensionsQuery(version: string) {
  return queryOptions({
    queryKey: ['php', 'extensions', version],
    queryFn: ({ signal }) => call(phpApi.extensions, { params: { version }, signal }),
  });
}

/** Versions that are installed or can be, newest first. */
export const phpVersionsQuery = queryOptions({
  queryKey: ['php', 'versions'],
  queryFn: ({ signal }) => call(phpApi.versions, { signal }),
});
