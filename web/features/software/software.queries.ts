import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { softwarePlansApi } from '#shared/software-plan.ts';
import { softwareApi, type InstallableName, type UpdatableName } from '#shared/software.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';

export const softwareQuery = queryOptions({
  queryKey: ['software'],
  queryFn: ({ signal }) => call(softwareApi.list, { signal }),
});

/** What installing or updating would change, asked anew each time somebody looks. */
export const planQuery = (name: InstallableName) =>
  queryOptions({
    queryKey: ['software', 'plan', name],
    queryFn: ({ signal }) => call(softwarePlansApi.get, { params: { name }, signal }),
    gcTime: 0,
    staleTime: 0,
    retry: false,
  });

/** An installation, or the update of what is there; `plan` is the mark of what was shown. */
export type PlannedWork = { readonly plan: string | undefined } & (
  | { readonly verb: 'install'; readonly name: InstallableName }
  | { readonly verb: 'update'; readonly name: UpdatableName }
);

/** Answers with the job; one that is under way already is found, not doubled. */
export function useSoftwareWork() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (work: PlannedWork) => {
      const idempotencyKey = newIdempotencyKey();
      const query = work.plan === undefined ? {} : { plan: work.plan };
      return work.verb === 'install'
        ? call(softwareApi.install, { params: { name: work.name }, query, idempotencyKey })
        : call(softwarePlansApi.update, { params: { name: work.name }, query, idempotencyKey });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['jobs'] }),
  });
}
