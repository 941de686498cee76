import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { BodyInputOf, ResponseOf } from '#shared/http.ts';
import { sitesApi } from '#shared/sites.ts';
import { call } from '../../api/client.ts';

export type SiteChange = ResponseOf<typeof sitesApi.listChanges>['items'][number];
export type SiteChangeDetail = ResponseOf<typeof sitesApi.getChange>;

const pageSize = 50;

/** Changes of one site or of all, newest first, page by page. */
export function changesQuery(siteId?: string) {
  return infiniteQueryOptions({
    queryKey: ['site-changes', 'list', siteId ?? 'all'],
    queryFn: ({ pageParam, signal }) =>
      call(sitesApi.listChanges, {
        query: { page: pageParam, pageSize, ...(siteId === undefined ? {} : { siteId }) },
        signal,
      }),
    initialPageParam: 1,
    getNextPageParam: ({ page, total }) => (page * pageSize < total ? page + 1 : undefined),
  });
}

/** One change with the difference of each file; never changes once it has ended. */
export function changeQuery(changeId: string) {
  return queryOptions({
    queryKey: ['site-changes', 'one', changeId],
    queryFn: ({ signal }) => call(sitesApi.getChange, { params: { changeId }, signal }),
  });
}

export function useUndo() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({
      changeId,
      body,
    }: {
      readonly changeId: string;
      readonly body: BodyInputOf<typeof sitesApi.undoChange>;
    }) => call(sitesApi.undoChange, { params: { changeId }, body }),
    onSettled: (result) =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['site-changes'] }),
        client.invalidateQueries({ queryKey: ['sites'] }),
        client.invalidateQueries({ queryKey: ['recycled-sites'] }),
        ...(result === undefined ? [] : [client.invalidateQueries({ queryKey: ['site', result.site.id] })]),
      ]),
  });
}
