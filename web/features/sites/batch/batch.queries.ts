import { queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import type { BodyInputOf } from '#shared/http.ts';
import { batchesApi } from '#shared/site-batches.ts';
import { call, newIdempotencyKey } from '../../../api/client.ts';
import { pageSize, sitesPageQuery, type SiteFilters } from '../sites.queries.ts';

export type BatchBody = BodyInputOf<typeof batchesApi.start>;

const pollMs = 700;

/** Asked again and again until every site had its turn. */
export const batchQuery = (jobId: string) =>
  queryOptions({
    queryKey: ['site-batch', jobId],
    queryFn: ({ signal }) => call(batchesApi.results, { params: { jobId }, signal }),
    refetchInterval: ({ state }) => (state.data?.job.endedAt == null ? pollMs : false),
  });

export function useChangeSites() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BatchBody) => call(batchesApi.start, { body, idempotencyKey: newIdempotencyKey() }),
    onSettled: () => client.invalidateQueries({ queryKey: ['jobs'] }),
  });
}

/** Ids of the sites of a list as it is filtered, in its order, at most so many. */
export async function listSiteIds(client: QueryClient, filters: SiteFilters, most: number): Promise<string[]> {
  const ids: string[] = [];
  for (let page = 1; ids.length < most; page++) {
    const { items, total } = await client.ensureQueryData(sitesPageQuery(filters, page));
    ids.push(...items.map(({ id }) => id));
    if (page * pageSize >= total) break;
  }
  return ids.slice(0, most);
}
