import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { dependenciesApi } from '#shared/dependencies.ts';
import type { BodyInputOf, ResponseOf } from '#shared/http.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';

export type SiteProject = ResponseOf<typeof dependenciesApi.project>;
export type WorkInput = BodyInputOf<typeof dependenciesApi.run>['work'];

/** How often a run that goes on is looked at. */
const followMs = 1_000;

export function projectQuery(siteId: string) {
  return queryOptions({
    queryKey: ['site', siteId, 'project'],
    queryFn: ({ signal }) => call(dependenciesApi.project, { params: { siteId }, signal }),
    refetchInterval: ({ state: { data } }) =>
      data?.runs.some(({ state }) => state === 'running') === true ? followMs : false,
  });
}

export function useRunDependencies(siteId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (work: WorkInput) =>
      call(dependenciesApi.run, { params: { siteId }, body: { work }, idempotencyKey: newIdempotencyKey() }),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['site', siteId, 'project'] }),
        client.invalidateQueries({ queryKey: ['jobs'] }),
      ]),
  });
}
