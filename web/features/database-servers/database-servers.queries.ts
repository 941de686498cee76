import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { databaseServersApi } from '#shared/database-servers.ts';
import type { DatabaseEngine } from '#shared/databases.ts';
import type { BodyInputOf, ResponseOf } from '#shared/http.ts';
import { call } from '../../api/client.ts';

export type { AccountGrant, DatabaseAccount, ListedAccount } from '#shared/database-servers.ts';
export type { ServerSettingsView as SettingsView, SlowStatement } from '#shared/database-server-settings.ts';
export type { ServerProcess, ServerState as ServerFigures } from '#shared/database-server-state.ts';
export type NewAccount = BodyInputOf<typeof databaseServersApi.createAccount>;
export type AccountChange = BodyInputOf<typeof databaseServersApi.changeAccount>;
export type GrantChange = BodyInputOf<typeof databaseServersApi.setGrant>;
type ReadAccount = ResponseOf<typeof databaseServersApi.readAccount>;

export function accountsQuery(engine: DatabaseEngine) {
  return queryOptions({
    queryKey: ['database-servers', engine, 'accounts'],
    queryFn: ({ signal }) => call(databaseServersApi.listAccounts, { params: { engine }, signal }),
  });
}

export function accountQuery(engine: DatabaseEngine, accountId: string) {
  return queryOptions({
    queryKey: ['database-servers', engine, 'account', accountId],
    queryFn: ({ signal }) => call(databaseServersApi.readAccount, { params: { engine, accountId }, signal }),
  });
}

/** Read anew while somebody looks at it. */
export function stateQuery(engine: DatabaseEngine) {
  return queryOptions({
    queryKey: ['database-servers', engine, 'state'],
    queryFn: ({ signal }) => call(databaseServersApi.readState, { params: { engine }, signal }),
    refetchInterval: 5_000,
  });
}

export const settingsQuery = queryOptions({
  queryKey: ['database-servers', 'mariadb', 'settings'],
  queryFn: ({ signal }) => call(databaseServersApi.readSettings, { params: {}, signal }),
});

export const slowQuery = queryOptions({
  queryKey: ['database-servers', 'mariadb', 'slow'],
  queryFn: ({ signal }) => call(databaseServersApi.listSlowStatements, { params: {}, signal }),
});

export function usePutSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BodyInputOf<typeof databaseServersApi.putSettings>) =>
      call(databaseServersApi.putSettings, { params: {}, body }),
    onSuccess: (view) => {
      client.setQueryData(settingsQuery.queryKey, view);
      void client.invalidateQueries({ queryKey: slowQuery.queryKey });
    },
    onError: () => void client.invalidateQueries({ queryKey: settingsQuery.queryKey }),
  });
}

export function useEndProcess(engine: DatabaseEngine) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ processId, what }: { processId: string; what: 'connection' | 'statement' }) =>
      call(databaseServersApi.endProcess, { params: { engine, processId }, body: { what } }),
    onSettled: () => void client.invalidateQueries({ queryKey: stateQuery(engine).queryKey }),
  });
}

function useReadAnew(engine: DatabaseEngine): () => void {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: ['database-servers', engine] });
}

/** Answers the password; never kept in a cache. */
export function useCreateAccount(engine: DatabaseEngine) {
  const onSuccess = useReadAnew(engine);
  return useMutation({
    mutationFn: (body: NewAccount) => call(databaseServersApi.createAccount, { params: { engine }, body }),
    gcTime: 0,
    onSuccess,
  });
}

export function useChangeAccount(engine: DatabaseEngine, accountId: string) {
  const onSuccess = useReadAnew(engine);
  return useMutation({
    mutationFn: (body: AccountChange) =>
      call(databaseServersApi.changeAccount, { params: { engine, accountId }, body }),
    onSuccess,
  });
}

export function useResetAccountPassword(engine: DatabaseEngine, accountId: string) {
  return useMutation({
    mutationFn: async () =>
      (await call(databaseServersApi.resetAccountPassword, { params: { engine, accountId }, body: {} })).password,
    gcTime: 0,
  });
}

export function useSetRootPassword(engine: DatabaseEngine) {
  return useMutation({
    mutationFn: async () => (await call(databaseServersApi.setRootPassword, { params: { engine }, body: {} })).password,
    gcTime: 0,
  });
}

export function useSetGrant(engine: DatabaseEngine, accountId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: GrantChange) => call(databaseServersApi.setGrant, { params: { engine, accountId }, body }),
    onSuccess: ({ grants }) => {
      client.setQueryData<ReadAccount>(accountQuery(engine, accountId).queryKey, (before) =>
        before === undefined ? before : { ...before, grants },
      );
      void client.invalidateQueries({ queryKey: accountsQuery(engine).queryKey });
    },
  });
}

export function useDropAccount(engine: DatabaseEngine, accountId: string) {
  const onSuccess = useReadAnew(engine);
  return useMutation({
    mutationFn: () => call(databaseServersApi.dropAccount, { params: { engine, accountId } }),
    onSuccess,
  });
}
