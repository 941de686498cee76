import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { recycledSitesApi, type RecycleSettings, type RecycleState } from '#shared/recycled-sites.ts';
import { call } from '../../api/client.ts';

export type { KeptAccount, RecycledSite, RecycleState } from '#shared/recycled-sites.ts';

export const recycledSitesQuery = queryOptions({
  queryKey: ['recycled-sites'],
  queryFn: ({ signal }) => call(recycledSitesApi.list, { signal }),
});

function useReadAnew(): () => void {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: recycledSitesQuery.queryKey });
}

export function useRestoreFiles() {
  return useMutation({
    mutationFn: ({ recycledId, root }: { readonly recycledId: string; readonly root: string }) =>
      call(recycledSitesApi.restore, { params: { recycledId }, body: { root } }),
    onSuccess: useReadAnew(),
  });
}

export function useDiscard() {
  return useMutation({
    mutationFn: (ids: string[]) => call(recycledSitesApi.discard, { body: { ids } }),
    onSuccess: useReadAnew(),
  });
}

export function useRemoveAccount() {
  return useMutation({
    mutationFn: (user: string) => call(recycledSitesApi.removeAccount, { params: { user } }),
    onSuccess: useReadAnew(),
  });
}

export function useSetRecycleSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: RecycleSettings) => call(recycledSitesApi.setSettings, { body }),
    onSuccess: () => void client.invalidateQueries({ queryKey: recycledSitesQuery.queryKey }),
  });
}

/** Bytes of all that is listed, and whether that is only the least. */
export function sumOf(items: RecycleState['items']): { sizeBytes: number; isTruncated: boolean } {
  const parts = items.flatMap((item) => item.parts);
  return {
    sizeBytes: parts.reduce((sum, part) => sum + part.sizeBytes, 0),
    isTruncated: parts.some((part) => part.isTruncated),
  };
}
