import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { BodyInputOf } from '#shared/http.ts';
import { redisApi, type RedisType } from '#shared/redis.ts';
import { call } from '../../api/client.ts';

export type { RedisKey, RedisServer, RedisText, RedisType, RedisValue } from '#shared/redis.ts';

const params = (database: number) => ({ database });

export const redisServerQuery = queryOptions({
  queryKey: ['redis', 'server'],
  queryFn: ({ signal }) => call(redisApi.readServer, { signal }),
});

export type RedisSearch = { readonly database: number; readonly pattern: string; readonly type: RedisType | null };

export function redisKeysQuery({ database, pattern, type }: RedisSearch) {
  return infiniteQueryOptions({
    queryKey: ['redis', database, 'keys', pattern, type],
    queryFn: ({ pageParam, signal }) =>
      call(redisApi.find, { params: params(database), body: { pattern, type, after: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    gcTime: 60_000,
  });
}

export function redisValueQuery(database: number, key: string, after: string | null) {
  return queryOptions({
    queryKey: ['redis', database, 'value', key, after],
    queryFn: ({ signal }) => call(redisApi.read, { params: params(database), body: { key, after }, signal }),
    gcTime: 0,
    retry: false,
  });
}

function useReadAnew(): () => void {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: ['redis'] });
}

export function useSetKey(database: number) {
  return useMutation({
    mutationFn: (body: BodyInputOf<typeof redisApi.set>) => call(redisApi.set, { params: params(database), body }),
    onSuccess: useReadAnew(),
  });
}

export type ElementChange = BodyInputOf<typeof redisApi.changeElement>['change'];

export function useChangeElement(database: number) {
  return useMutation({
    mutationFn: (body: BodyInputOf<typeof redisApi.changeElement>) =>
      call(redisApi.changeElement, { params: params(database), body }),
    onSuccess: useReadAnew(),
  });
}

export function useExpireKey(database: number) {
  return useMutation({
    mutationFn: (body: BodyInputOf<typeof redisApi.expire>) =>
      call(redisApi.expire, { params: params(database), body }),
    onSuccess: useReadAnew(),
  });
}

export function useDeleteKeys(database: number) {
  return useMutation({
    mutationFn: (keys: string[]) => call(redisApi.delete, { params: params(database), body: { keys } }),
    onSuccess: useReadAnew(),
  });
}

export function useFlush(database: number) {
  return useMutation({
    mutationFn: () => call(redisApi.flush, { params: params(database), body: {} }),
    onSuccess: useReadAnew(),
  });
}

/** As a pattern of SCAN: a word alone is looked for anywhere in a name. */
export function patternOf(wanted: string): string {
  if (wanted === '') return '*';
  return /[*?[\\]/.test(wanted) ? wanted : `*${wanted}*`;
}

/** The id of a key by its name as text. */
export function idOf(name: string): string {
  const bytes = new TextEncoder().encode(name);
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
