import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { deploymentsApi, type BuildSettings } from '#shared/deployments.ts';
import { call } from '../../api/client.ts';

export const buildsQuery = queryOptions({
  queryKey: ['deployments', 'builds'],
  queryFn: ({ signal }) => call(deploymentsApi.builds, { signal }),
  refetchInterval: 10_000,
});

export function useSetBuilds() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BuildSettings) => call(deploymentsApi.setBuilds, { body }),
    onSuccess: (state) => client.setQueryData(buildsQuery.queryKey, state),
  });
}
