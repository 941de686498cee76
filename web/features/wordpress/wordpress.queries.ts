import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { BodyInputOf, ResponseOf } from '#shared/http.ts';
import { wordpressApi } from '#shared/wordpress.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';

export type WordpressState = ResponseOf<typeof wordpressApi.state>;
export type WordpressInput = BodyInputOf<typeof wordpressApi.install>;

const followMs = 1_500;

export function wordpressQuery(siteId: string) {
  return queryOptions({
    queryKey: ['site', siteId, 'wordpress'],
    queryFn: ({ signal }) => call(wordpressApi.state, { params: { siteId }, signal }),
    refetchInterval: ({ state: { data } }) => (data?.job != null && data.job.endedAt === null ? followMs : false),
  });
}

export function useInstallWordpress() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ siteId, body }: { readonly siteId: string; readonly body: WordpressInput }) =>
      call(wordpressApi.install, { params: { siteId }, body, idempotencyKey: newIdempotencyKey() }),
    onSettled: (_data, _error, { siteId }) =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['site', siteId] }),
        client.invalidateQueries({ queryKey: ['jobs'] }),
      ]),
  });
}
