import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { logsApi, type LogRotation, type TrafficRange } from '#shared/logs.ts';
import { call } from '../../api/client.ts';

/** Counted on with each question: asked again while somebody looks. */
export function trafficQuery(siteId: string, range: TrafficRange) {
  return queryOptions({
    queryKey: ['site', siteId, 'traffic', range],
    queryFn: ({ signal }) => call(logsApi.traffic, { params: { siteId }, query: { range }, signal }),
    refetchInterval: ({ state }) => (state.data?.isBehind === true ? 3_000 : 30_000),
    placeholderData: keepPreviousData,
  });
}

export const logRotationQuery = queryOptions({
  queryKey: ['logs', 'rotation'],
  queryFn: ({ signal }) => call(logsApi.rotation, { signal }),
});

export function useSetLogRotation() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: LogRotation) => call(logsApi.setRotation, { body }),
    onSuccess: (state) => client.setQueryData(logRotationQuery.queryKey, state),
  });
}
