import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { bansApi } from '#shared/doors.ts';
import type { BodyInputOf } from '#shared/http.ts';
import { call } from '../../api/client.ts';

export const bansPageSize = 50;

export function bansQuery(page: number) {
  return queryOptions({
    queryKey: ['bans', page],
    queryFn: ({ signal }) => call(bansApi.list, { query: { page, pageSize: bansPageSize }, signal }),
    placeholderData: keepPreviousData,
    // Bans come and go by themselves.
    staleTime: 0,
  });
}

export function useCreateBan() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BodyInputOf<typeof bansApi.create>) => call(bansApi.create, { body }),
    onSettled: () => client.invalidateQueries({ queryKey: ['bans'] }),
  });
}

export function useRemoveBan() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (banId: string) => call(bansApi.remove, { params: { banId } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['bans'] }),
  });
}
