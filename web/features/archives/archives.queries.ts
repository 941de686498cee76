import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { archivesApi } from '#shared/archives.ts';
import type { BodyInputOf, ResponseOf } from '#shared/http.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';

export type { ArchiveUpload, ArchivePreview, Unpacking } from '#shared/archives.ts';
export type ArchivesState = ResponseOf<typeof archivesApi.state>;
export type UnpackInput = Required<BodyInputOf<typeof archivesApi.unpack>>;

/** How often an unpacking that runs is looked at. */
const followMs = 1_000;

export function archivesQuery(siteId: string) {
  return queryOptions({
    queryKey: ['site', siteId, 'archives'],
    queryFn: ({ signal }) => call(archivesApi.state, { params: { siteId }, signal }),
    refetchInterval: ({ state: { data } }) =>
      data?.unpackings.some(({ state }) => state === 'running') === true ? followMs : false,
  });
}

/** Reads the whole archive on the server; what stands in the way depends on where it goes. */
export function previewQuery(siteId: string, uploadId: string, choices: UnpackInput) {
  const { folder, stripsTopFolder } = choices;
  return queryOptions({
    queryKey: ['site', siteId, 'archives', uploadId, 'preview', folder, stripsTopFolder],
    queryFn: ({ signal }) => call(archivesApi.preview, { params: { siteId, uploadId }, body: choices, signal }),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before) => before,
  });
}

export function useReadArchivesAnew(siteId: string): () => Promise<void> {
  const client = useQueryClient();
  return useCallback(async () => {
    await Promise.all([
      client.invalidateQueries({ queryKey: ['site', siteId] }),
      client.invalidateQueries({ queryKey: ['jobs'] }),
    ]);
  }, [client, siteId]);
}

export function useUnpack(siteId: string, uploadId: string) {
  const readAnew = useReadArchivesAnew(siteId);
  return useMutation({
    mutationFn: (body: UnpackInput) =>
      call(archivesApi.unpack, { params: { siteId, uploadId }, body, idempotencyKey: newIdempotencyKey() }),
    onSettled: () => void readAnew(),
  });
}

export function useDiscard(siteId: string) {
  const readAnew = useReadArchivesAnew(siteId);
  return useMutation({
    mutationFn: (uploadId: string) => call(archivesApi.discard, { params: { siteId, uploadId } }),
    onSettled: () => void readAnew(),
  });
}

export function useUndoUnpacking(siteId: string) {
  const readAnew = useReadArchivesAnew(siteId);
  return useMutation({
    mutationFn: (unpackingId: string) => call(archivesApi.undo, { params: { siteId, unpackingId } }),
    onSettled: () => void readAnew(),
  });
}
