import { queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import type { BodyInputOf, ResponseOf } from '#shared/http.ts';
import { remoteDatabasesApi } from '#shared/remote-databases.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';

export type { RemoteDatabase, RemoteServer } from '#shared/remote-databases.ts';
export type RemoteServerDraft = BodyInputOf<typeof remoteDatabasesApi.addServer>;
export type NewRemoteDatabase = BodyInputOf<typeof remoteDatabasesApi.createDatabase>;
export type RemoteList = ResponseOf<typeof remoteDatabasesApi.listDatabases>;

const all = ['remote-databases'] as const;

export const remoteServersQuery = queryOptions({
  queryKey: [...all, 'servers'],
  queryFn: ({ signal }) => call(remoteDatabasesApi.listServers, { signal }),
});

/** Goes to the other machine each time; what keeps it away is said at once, and not tried again by itself. */
export function remoteListQuery(serverId: string) {
  return queryOptions({
    queryKey: [...all, 'list', serverId],
    queryFn: ({ signal }) => call(remoteDatabasesApi.listDatabases, { params: { serverId }, signal }),
    retry: false,
    refetchOnWindowFocus: false,
  });
}

export function remoteRemovalQuery(serverId: string, databaseId: string) {
  return queryOptions({
    queryKey: [...all, 'removal', serverId, databaseId],
    queryFn: ({ signal }) => call(remoteDatabasesApi.previewRemoval, { params: { serverId, databaseId }, signal }),
    staleTime: 0,
    retry: false,
  });
}

async function readAnew(client: QueryClient): Promise<void> {
  await client.invalidateQueries({ queryKey: all });
}

/** Comes in and looks; the answer is what the page of the server shows too. */
export function useReachRemoteServer(serverId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call(remoteDatabasesApi.listDatabases, { params: { serverId } }),
    onSuccess: (list) => client.setQueryData(remoteListQuery(serverId).queryKey, list),
  });
}

/** `serverId`: one that is kept. */
export function usePutRemoteServer(serverId: string | null) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: RemoteServerDraft) =>
      serverId === null
        ? call(remoteDatabasesApi.addServer, { body, idempotencyKey: newIdempotencyKey() })
        : call(remoteDatabasesApi.changeServer, { params: { serverId }, body }),
    onSuccess: () => void readAnew(client),
  });
}

export function useTryRemoteServer(serverId: string | null) {
  return useMutation({
    mutationFn: (body: RemoteServerDraft) =>
      call(remoteDatabasesApi.tryServer, { body: serverId === null ? body : { ...body, serverId } }),
    gcTime: 0,
  });
}

export function useRemoveRemoteServer(serverId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call(remoteDatabasesApi.removeServer, { params: { serverId } }),
    onSuccess: () => void readAnew(client),
  });
}

/** Answers the password; never kept in a cache. */
export function useCreateRemoteDatabase(serverId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewRemoteDatabase) =>
      call(remoteDatabasesApi.createDatabase, { params: { serverId }, body, idempotencyKey: newIdempotencyKey() }),
    gcTime: 0,
    onSettled: () => void readAnew(client),
  });
}

/** The same. */
export function useChangeRemotePassword(serverId: string, databaseId: string) {
  return useMutation({
    mutationFn: async () =>
      (await call(remoteDatabasesApi.changePassword, { params: { serverId, databaseId }, body: {} })).password,
    gcTime: 0,
  });
}

export function useRemoveRemoteDatabase(serverId: string, databaseId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (confirm: string) =>
      call(remoteDatabasesApi.removeDatabase, { params: { serverId, databaseId }, body: { confirm } }),
    onSettled: () => void readAnew(client),
  });
}
