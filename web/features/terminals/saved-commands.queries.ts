import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { savedCommandsApi, type SavedCommand } from '#shared/saved-commands.ts';
import { call } from '../../api/client.ts';

export type { SavedCommand } from '#shared/saved-commands.ts';

export const savedCommandsQuery = queryOptions({
  queryKey: ['saved-commands'],
  queryFn: ({ signal }) => call(savedCommandsApi.list, { signal }),
});

/** Without an id a new one. */
export type CommandDraft = { readonly id?: string; readonly name: string; readonly command: string };

export function useSaveCommand() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...body }: CommandDraft) =>
      id === undefined
        ? call(savedCommandsApi.create, { body })
        : call(savedCommandsApi.update, { params: { commandId: id }, body }),
    onSuccess: () => client.invalidateQueries({ queryKey: savedCommandsQuery.queryKey }),
  });
}

export function useRemoveCommand() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (commandId: string) => call(savedCommandsApi.remove, { params: { commandId } }),
    onSuccess: (_answer, commandId) =>
      client.setQueryData<{ items: SavedCommand[] }>(savedCommandsQuery.queryKey, (before) => ({
        items: (before?.items ?? []).filter(({ id }) => id !== commandId),
      })),
    onSettled: () => client.invalidateQueries({ queryKey: savedCommandsQuery.queryKey }),
  });
}
