import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { appsApi, type AppStatus, type AppWish } from '#shared/apps.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';
import type { Tone } from '../../ui/Status.tsx';

/** `cpuShare`: of one core since the look before; null for the first look at a process. */
export type SeenStatus = AppStatus & { readonly seenAt: number; readonly cpuShare: number | null };

export const stateTones = {
  running: 'good',
  starting: 'busy',
  stopping: 'busy',
  stopped: 'idle',
  failed: 'bad',
} as const satisfies Record<AppStatus['state'], Tone>;

function withShare(status: AppStatus, before: SeenStatus | undefined): SeenStatus {
  const seenAt = Date.now();
  const { pid, cpuMs } = status;
  const isSame = before !== undefined && pid !== null && before.pid === pid && seenAt > before.seenAt;
  const cpuShare =
    isSame && cpuMs !== null && before.cpuMs !== null
      ? Math.max(0, (cpuMs - before.cpuMs) / (seenAt - before.seenAt))
      : null;
  return { ...status, seenAt, cpuShare };
}

/** What the application does; asked again while it is looked at. */
export function appStatusQuery(siteId: string) {
  return queryOptions({
    queryKey: ['apps', 'status', siteId],
    queryFn: async ({ signal, client, queryKey }) =>
      withShare(await call(appsApi.status, { params: { siteId }, signal }), client.getQueryData<SeenStatus>(queryKey)),
    refetchInterval: 5_000,
  });
}

/** Lines of Node and what of them is installed, newest first. */
export const nodeVersionsQuery = queryOptions({
  queryKey: ['apps', 'node'],
  queryFn: ({ signal }) => call(appsApi.nodeVersions, { signal }),
});

export function useSwitchApp(siteId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: AppWish) => call(appsApi[wish], { params: { siteId }, idempotencyKey: newIdempotencyKey() }),
    onSuccess: (status) => client.setQueryData(appStatusQuery(siteId).queryKey, withShare(status, undefined)),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['apps', 'status', siteId] }),
        client.invalidateQueries({ queryKey: ['site', siteId] }),
      ]),
  });
}
