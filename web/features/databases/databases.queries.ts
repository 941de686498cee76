import { queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { databasesApi } from '#shared/databases.ts';
import type { BodyInputOf, ResponseOf } from '#shared/http.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';

export type { Database, DatabaseServer, RemovedDatabase } from '#shared/databases.ts';
export type DatabaseList = ResponseOf<typeof databasesApi.list>;
export type NewDatabase = BodyInputOf<typeof databasesApi.create>;

export const databasesQuery = queryOptions({
  queryKey: ['databases'],
  queryFn: ({ signal }) => call(databasesApi.list, { query: {}, signal }),
});

export function siteDatabasesQuery(siteId: string) {
  return queryOptions({
    queryKey: ['databases', siteId],
    queryFn: ({ signal }) => call(databasesApi.list, { query: { siteId }, signal }),
  });
}

export function databaseRemovalQuery(databaseId: string) {
  return queryOptions({
    queryKey: ['databases', 'removal', databaseId],
    queryFn: ({ signal }) => call(databasesApi.previewRemoval, { params: { databaseId }, signal }),
    staleTime: 0,
  });
}

/** Each database of a site with what its deletion would remove, as it stands now. */
export async function readRemovals(siteId: string): Promise<{ databaseId: string; confirm: string }[]> {
  const { items } = await call(databasesApi.list, { query: { siteId } });
  const ids = items.flatMap(({ id }) => id ?? []);
  return Promise.all(
    ids.map(async (databaseId) => {
      const { confirm } = await call(databasesApi.previewRemoval, { params: { databaseId } });
      return { databaseId, confirm };
    }),
  );
}

async function readAnew(client: QueryClient): Promise<void> {
  await client.invalidateQueries({ queryKey: ['databases'] });
}

export function useReadDatabasesAnew(): () => void {
  const client = useQueryClient();
  return () => void readAnew(client);
}

export function useCreateDatabase() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewDatabase) => call(databasesApi.create, { body, idempotencyKey: newIdempotencyKey() }),
    onSuccess: () => void readAnew(client),
  });
}

export function useLinkDatabase(databaseId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (siteId: string | null) => call(databasesApi.link, { params: { databaseId }, body: { siteId } }),
    onSuccess: () => void readAnew(client),
  });
}

/** Answers the password; never kept in a cache. */
export function useShowPassword(databaseId: string) {
  return useMutation({
    mutationFn: async () => (await call(databasesApi.showPassword, { params: { databaseId } })).password,
    gcTime: 0,
  });
}

export function useChangePassword(databaseId: string) {
  return useMutation({
    mutationFn: async (password: string | null) =>
      (await call(databasesApi.changePassword, { params: { databaseId }, body: password === null ? {} : { password } }))
        .password,
    gcTime: 0,
  });
}

function useStartsJob() {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: ['jobs'] });
    void readAnew(client);
  };
}

export function useRemoveDatabase(databaseId: string) {
  const onSuccess = useStartsJob();
  return useMutation({
    mutationFn: (confirm: string) => call(databasesApi.remove, { params: { databaseId }, body: { confirm } }),
    onSuccess,
  });
}

export function useRestoreDatabase() {
  const onSuccess = useStartsJob();
  return useMutation({
    mutationFn: (removalId: string) => call(databasesApi.restore, { params: { removalId } }),
    onSuccess,
  });
}

export function useDiscardRemoved() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (removalId: string) => call(databasesApi.discardRemoved, { params: { removalId } }),
    onSettled: () => void readAnew(client),
  });
}
