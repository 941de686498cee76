import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { BodyInputOf, ResponseOf } from '#shared/http.ts';
import { siteFilesApi } from '#shared/site-files.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';
import type { SendTo } from '../archives/send-archive.ts';

export type SiteExport = ResponseOf<typeof siteFilesApi.exports>['items'][number];
export type SiteFilePreview = ResponseOf<typeof siteFilesApi.preview>;
export type SiteFileChoices = BodyInputOf<typeof siteFilesApi.preview>;

/** How often an export that runs is looked at. */
const followMs = 1_000;

export function exportsQuery(siteId: string) {
  return queryOptions({
    queryKey: ['site', siteId, 'exports'],
    queryFn: ({ signal }) => call(siteFilesApi.exports, { params: { siteId }, signal }),
    refetchInterval: ({ state: { data } }) =>
      data?.items.some(({ state }) => state === 'running') === true ? followMs : false,
  });
}

export function useExportSite(siteId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BodyInputOf<typeof siteFilesApi.start>) =>
      call(siteFilesApi.start, { params: { siteId }, body, idempotencyKey: newIdempotencyKey() }),
    onSettled: async () => {
      await Promise.all([
        client.invalidateQueries({ queryKey: ['site', siteId, 'exports'] }),
        client.invalidateQueries({ queryKey: ['jobs'] }),
      ]);
    },
  });
}

export function useDropExport(siteId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (exportId: string) => call(siteFilesApi.drop, { params: { siteId, exportId } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['site', siteId, 'exports'] }),
  });
}

/** The file of a site, which is of no site here yet. */
export const siteFile: SendTo = {
  begin: (body, signal) => call(siteFilesApi.begin, { body, signal }),
  write: (uploadId, body, signal) => call(siteFilesApi.write, { params: { uploadId }, body, signal }),
};

export function previewQuery(uploadId: string, choices: SiteFileChoices) {
  return queryOptions({
    queryKey: ['site-file', uploadId, choices],
    queryFn: ({ signal }) => call(siteFilesApi.preview, { params: { uploadId }, body: choices, signal }),
    retry: false,
    placeholderData: keepPreviousData,
  });
}

export function useImportFile(uploadId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: SiteFileChoices) =>
      call(siteFilesApi.import, { params: { uploadId }, body, idempotencyKey: newIdempotencyKey() }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['jobs'] }),
  });
}

export function useUnlockFile(uploadId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (passphrase: string) => call(siteFilesApi.unlock, { params: { uploadId }, body: { passphrase } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['site-file', uploadId] }),
  });
}

export function useDiscardFile() {
  return useMutation({ mutationFn: (uploadId: string) => call(siteFilesApi.discard, { params: { uploadId } }) });
}
