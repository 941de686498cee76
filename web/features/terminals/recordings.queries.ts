import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { terminalRecordingsApi, type RecordingSettings } from '#shared/terminal-recordings.ts';
import { call } from '../../api/client.ts';
import { readCast, type Cast } from './asciicast.ts';

/** Asked each time it is looked at: terminals end, and nobody tells the page. */
export const recordingsQuery = queryOptions({
  queryKey: ['terminal-recordings'],
  queryFn: ({ signal }) => call(terminalRecordingsApi.list, { signal }),
  refetchOnMount: 'always',
});

export type WholeRecording = { readonly text: string; readonly cast: Cast };

/** The whole of it, as far as it went when it was asked for. Each look stands in the audit log: it is not asked again. */
export const wholeRecordingQuery = (recordingId: string) =>
  queryOptions({
    queryKey: ['terminal-recordings', recordingId],
    queryFn: async ({ signal }): Promise<WholeRecording> => {
      const decoder = new TextDecoder();
      let text = '';
      let sizeBytes = 1;
      for (let offset = 0; offset < sizeBytes; ) {
        const piece = await call(terminalRecordingsApi.read, { params: { recordingId }, body: { offset }, signal });
        const bytes = Uint8Array.from(atob(piece.data), (each) => each.charCodeAt(0));
        if (offset === 0) sizeBytes = piece.sizeBytes;
        if (bytes.length === 0) break;
        offset += bytes.length;
        text += decoder.decode(bytes, { stream: true });
      }
      return { text, cast: readCast(text) };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });

export function useSetRecording() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: RecordingSettings) => call(terminalRecordingsApi.set, { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: recordingsQuery.queryKey, exact: true }),
  });
}

export function useRemoveRecording() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (recordingId: string) => call(terminalRecordingsApi.remove, { params: { recordingId } }),
    onSettled: () => client.invalidateQueries({ queryKey: recordingsQuery.queryKey, exact: true }),
  });
}
