import { queryOptions, useMutation } from '@tanstack/react-query';
import { databaseExportsApi, type ExportWish } from '#shared/database-exports.ts';
import { call, urlOf } from '../../api/client.ts';

export type { DatabaseExport, ExportWish } from '#shared/database-exports.ts';

export function useBeginExport(databaseId: string) {
  return useMutation({
    mutationFn: (body: ExportWish) => call(databaseExportsApi.begin, { params: { databaseId }, body }),
  });
}

/** Asked again until the download has come to its end, well or not. */
export function exportQuery(databaseId: string, exportId: string) {
  return queryOptions({
    queryKey: ['databases', 'exports', databaseId, exportId],
    queryFn: ({ signal }) => call(databaseExportsApi.state, { params: { databaseId, exportId }, signal }),
    refetchInterval: ({ state: { data, error } }) =>
      error !== null || data?.state === 'succeeded' || data?.state === 'failed' ? false : 1_000,
    gcTime: 0,
  });
}

/** The browser itself fetches it: bytes of any size never pass the page. */
export function downloadExport(databaseId: string, exportId: string): void {
  const link = document.createElement('a');
  link.href = urlOf(databaseExportsApi.file, { params: { databaseId, exportId } });
  link.download = '';
  link.click();
}
