import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { databaseImportsApi } from '#shared/database-imports.ts';
import { call } from '../../api/client.ts';

export type { DatabaseImport } from '#shared/database-imports.ts';

export function databaseImportsQuery(databaseId: string) {
  return queryOptions({
    queryKey: ['databases', 'imports', databaseId],
    queryFn: ({ signal }) => call(databaseImportsApi.list, { params: { databaseId }, signal }),
    refetchInterval: ({ state }) => (state.data?.items.some(({ state: each }) => each === 'running') ? 2_000 : false),
  });
}

function useReadsAnew() {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: ['jobs'] });
    void client.invalidateQueries({ queryKey: ['databases'] });
  };
}

export function useStartImport(databaseId: string) {
  const onSuccess = useReadsAnew();
  return useMutation({
    mutationFn: (body: { readonly siteId: string; readonly path: string }) =>
      call(databaseImportsApi.start, { params: { databaseId }, body }),
    onSuccess,
  });
}

export function useUndoImport(databaseId: string) {
  const onSuccess = useReadsAnew();
  return useMutation({
    mutationFn: (importId: string) => call(databaseImportsApi.bringBack, { params: { databaseId, importId } }),
    onSuccess,
  });
}

export function useDropImportCopy(databaseId: string) {
  const onSettled = useReadsAnew();
  return useMutation({
    mutationFn: (importId: string) => call(databaseImportsApi.dropCopy, { params: { databaseId, importId } }),
    onSettled,
  });
}
