import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { backupsApi } from '#shared/backups-api.ts';
import type { HookBody } from '#shared/backup-alerts.ts';
import type { BackupPlan, BackupRequest, BackupSet, BackupState, Retention } from '#shared/backups.ts';
import type { BodyInputOf, ResponseOf } from '#shared/http.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';

export type TargetBody = BodyInputOf<typeof backupsApi.putTarget>;
export type KeysBody = BodyInputOf<typeof backupsApi.keys>;
export type KeysAnswer = ResponseOf<typeof backupsApi.keys>;
export type RunAnswer = ResponseOf<typeof backupsApi.run>;
export type Member = ResponseOf<typeof backupsApi.members>['items'][number];
export type SetsFilters = { readonly planId?: string; readonly targetId?: string; readonly part?: string };

export const setsPageSize = 25;
export const membersPageSize = 100;
export const runsPageSize = 25;
/** A run of the timer has no job whose events could tell: while one goes on it is asked. */
const pollMs = 3_000;

export const backupsQuery = queryOptions({
  queryKey: ['backups', 'state'],
  queryFn: ({ signal }) => call(backupsApi.overview, { signal }),
  refetchInterval: ({ state }) =>
    state.data?.plans.some(({ lastRun }) => lastRun?.state === 'running') === true ? pollMs : 60_000,
});

export const sourcesQuery = queryOptions({
  queryKey: ['backups', 'sources'],
  queryFn: ({ signal }) => call(backupsApi.sources, { signal }),
});

export function setsQuery(filters: SetsFilters, page: number, pageSize = setsPageSize) {
  return queryOptions({
    queryKey: ['backups', 'sets', filters, page, pageSize],
    queryFn: ({ signal }) => call(backupsApi.sets, { query: { ...filters, page, pageSize }, signal }),
    placeholderData: keepPreviousData,
  });
}

export function setQuery(targetId: string, setId: string) {
  return queryOptions({
    queryKey: ['backups', 'set', targetId, setId],
    queryFn: ({ signal }) => call(backupsApi.set, { params: { targetId, setId }, signal }),
  });
}

export function membersQuery(of: Pick<BackupSet, 'targetId' | 'setId'>, part: string, folder: string, page: number) {
  const { targetId, setId } = of;
  return queryOptions({
    // What a backup holds never changes.
    staleTime: 10 * 60_000,
    queryKey: ['backup-members', targetId, setId, part, folder, page],
    queryFn: ({ signal }) =>
      call(backupsApi.members, {
        params: { targetId, setId },
        query: { part, folder, page, pageSize: membersPageSize },
        signal,
      }),
  });
}

export function runsQuery(page: number) {
  return queryOptions({
    queryKey: ['backups', 'runs', page],
    queryFn: ({ signal }) => call(backupsApi.runs, { query: { page, pageSize: runsPageSize }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.items.some((run) => run.state === 'running') === true ? pollMs : false,
  });
}

export function runQuery(runId: string) {
  return queryOptions({
    queryKey: ['backups', 'run', runId],
    queryFn: ({ signal }) => call(backupsApi.run, { params: { runId }, signal }),
    refetchInterval: ({ state }) => (state.data?.run.state === 'running' ? pollMs : false),
  });
}

export function retentionQuery(targetId: string, planId: string, retention: Retention) {
  return queryOptions({
    queryKey: ['backups', 'retention', targetId, planId, retention],
    queryFn: ({ signal }) => call(backupsApi.previewRetention, { body: { targetId, planId, retention }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** A change that answers with everything that is known of backups. */
function useStateChange<Input>(change: (input: Input) => Promise<BackupState>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async (state: BackupState) => {
      // An answer that is on its way knows nothing of this.
      await client.cancelQueries({ queryKey: backupsQuery.queryKey });
      client.setQueryData(backupsQuery.queryKey, state);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['backups'] }),
  });
}

export function usePutTarget(targetId: string) {
  return useStateChange((body: TargetBody) => call(backupsApi.putTarget, { params: { targetId }, body }));
}

export function useRemoveTarget() {
  return useStateChange((targetId: string) => call(backupsApi.removeTarget, { params: { targetId } }));
}

export function usePutPlan(planId: string) {
  return useStateChange((body: BackupPlan) => call(backupsApi.putPlan, { params: { planId }, body }));
}

export function useRemovePlan() {
  return useStateChange((planId: string) => call(backupsApi.removePlan, { params: { planId } }));
}

export function usePutHook(hookId: string) {
  return useStateChange((body: HookBody) => call(backupsApi.putHook, { params: { hookId }, body }));
}

export function useRemoveHook() {
  return useStateChange((hookId: string) => call(backupsApi.removeHook, { params: { hookId } }));
}

export function useTestHook() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (hookId: string) => call(backupsApi.testHook, { params: { hookId } }),
    onSettled: () => client.invalidateQueries({ queryKey: backupsQuery.queryKey }),
  });
}

export function useChangeKeys() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: KeysBody) => call(backupsApi.keys, { body }),
    // The recovery key is shown once and kept nowhere, not in a cache either.
    gcTime: 0,
    onSuccess: ({ state }: KeysAnswer) => client.setQueryData(backupsQuery.queryKey, state),
    onSettled: () => client.invalidateQueries({ queryKey: ['backups'] }),
  });
}

export function usePin({ targetId, setId }: Pick<BackupSet, 'targetId' | 'setId'>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (isPinned: boolean) => call(backupsApi.pin, { params: { targetId, setId }, body: { isPinned } }),
    onSuccess: (set) => client.setQueryData(setQuery(targetId, setId).queryKey, set),
    onSettled: () => client.invalidateQueries({ queryKey: ['backups', 'sets'] }),
  });
}

/** Answers with the job that follows the run; both have the same id. */
export function useStartRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BackupRequest) => call(backupsApi.start, { body, idempotencyKey: newIdempotencyKey() }),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['jobs'] }),
        client.invalidateQueries({ queryKey: ['backups'] }),
      ]),
  });
}
