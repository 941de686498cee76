import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { softwareApi, type InstallableName } from '#shared/software.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';

export const softwareQuery = queryOptions({
  queryKey: ['software'],
  queryFn: ({ signal }) => call(softwareApi.list, { signal }),
});

/** Answers with the job; one that is under way already is found, not doubled. */
export function useInstall() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: InstallableName) =>
      call(softwareApi.install, { params: { name }, idempotencyKey: newIdempotencyKey() }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['jobs'] }),
  });
}
