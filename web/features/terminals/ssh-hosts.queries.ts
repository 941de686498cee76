import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { sshHostsApi, type SshHost, type SshHostDraft } from '#shared/ssh-hosts.ts';
import { call } from '../../api/client.ts';

export type { ShownKey, SshHost, SshHostCheck } from '#shared/ssh-hosts.ts';

export const sshHostsQuery = queryOptions({
  queryKey: ['ssh-hosts'],
  queryFn: ({ signal }) => call(sshHostsApi.list, { signal }),
});

/** What the server shows at this moment: never kept. */
export const sshHostCheckQuery = (hostId: string) =>
  queryOptions({
    queryKey: ['ssh-hosts', hostId, 'check'],
    queryFn: ({ signal }) => call(sshHostsApi.check, { params: { hostId }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });

/** Without an id a new one. */
export type HostDraft = SshHostDraft & { readonly id?: string };

export function useSaveHost() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...body }: HostDraft) =>
      id === undefined
        ? call(sshHostsApi.create, { body })
        : call(sshHostsApi.update, { params: { hostId: id }, body }),
    onSuccess: () => client.invalidateQueries({ queryKey: sshHostsQuery.queryKey, exact: true }),
  });
}

export function useTrustHost() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ hostId, fingerprints }: { readonly hostId: string; readonly fingerprints: string[] }) =>
      call(sshHostsApi.trust, { params: { hostId }, body: { fingerprints } }),
    onSuccess: () => client.invalidateQueries({ queryKey: sshHostsQuery.queryKey, exact: true }),
  });
}

export function useRemoveHost() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (hostId: string) => call(sshHostsApi.remove, { params: { hostId } }),
    onSuccess: (_answer, hostId) => {
      client.setQueryData<{ items: SshHost[] }>(sshHostsQuery.queryKey, (before) => ({
        items: (before?.items ?? []).filter(({ id }) => id !== hostId),
      }));
      // Its terminals have ended with it.
      void client.invalidateQueries({ queryKey: ['terminals'] });
    },
    onSettled: () => client.invalidateQueries({ queryKey: sshHostsQuery.queryKey, exact: true }),
  });
}
