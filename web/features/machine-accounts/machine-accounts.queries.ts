import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { BodyInputOf, ResponseOf } from '#shared/http.ts';
import { machineAccountsApi } from '#shared/machine-accounts.ts';
import { call } from '../../api/client.ts';

type Api = typeof machineAccountsApi;

export const machineAccountsQuery = queryOptions({
  queryKey: ['machine', 'accounts'],
  queryFn: ({ signal }) => call(machineAccountsApi.list, { signal }),
});

export const machineAccountQuery = (name: string) =>
  queryOptions({
    queryKey: ['machine', 'accounts', 'one', name],
    queryFn: ({ signal }) => call(machineAccountsApi.get, { params: { name }, signal }),
  });

/** Everything about accounts is asked again after any change of them: groups and users hang together. */
function useAfterwards() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['machine', 'accounts'] });
}

function useMaking<N extends 'create' | 'createGroup'>(verb: N) {
  const onSettled = useAfterwards();
  return useMutation<ResponseOf<Api[N]>, unknown, BodyInputOf<Api[N]>>({
    mutationFn: (body) => call(machineAccountsApi[verb], { body } as never) as Promise<ResponseOf<Api[N]>>,
    onSettled,
  });
}

function useChanging<N extends 'change' | 'setKeys' | 'setMembers' | 'setPassword'>(verb: N, name: string) {
  const onSettled = useAfterwards();
  return useMutation<ResponseOf<Api[N]>, unknown, BodyInputOf<Api[N]>>({
    mutationFn: (body) =>
      call(machineAccountsApi[verb], { params: { name }, body } as never) as Promise<ResponseOf<Api[N]>>,
    onSettled,
  });
}

export const useCreateAccount = () => useMaking('create');
export const useCreateGroup = () => useMaking('createGroup');
export const useChangeAccount = (name: string) => useChanging('change', name);
export const useChangeKeys = (name: string) => useChanging('setKeys', name);
export const useSetPassword = (name: string) => useChanging('setPassword', name);
export const useSetMembers = (name: string) => useChanging('setMembers', name);

export function useRemoveGroup(name: string) {
  const onSettled = useAfterwards();
  return useMutation<unknown, unknown, undefined>({
    mutationFn: () => call(machineAccountsApi.removeGroup, { params: { name } }),
    onSettled,
  });
}

/** The sheet of one that is gone is still open for a moment: it is not asked about any more. */
export function useRemoveAccount(name: string) {
  const client = useQueryClient();
  return useMutation<unknown, unknown, BodyInputOf<Api['remove']>>({
    mutationFn: (body) => call(machineAccountsApi.remove, { params: { name }, body }),
    onSettled: (_answer, error) =>
      client.invalidateQueries({
        queryKey: ['machine', 'accounts'],
        predicate: ({ queryKey }) => error !== null || queryKey.at(-1) !== name,
      }),
  });
}
