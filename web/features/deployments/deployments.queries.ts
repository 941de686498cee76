import { queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { deploymentsApi } from '#shared/deployments.ts';
import type { BodyInputOf, ResponseOf } from '#shared/http.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';

export type { DeployHook, DeployKey, Deployment, ScannedHost } from '#shared/deployments.ts';
export type DeployState = ResponseOf<typeof deploymentsApi.state>;
export type DeployRefs = ResponseOf<typeof deploymentsApi.listRefs>;
export type DeployInput = BodyInputOf<typeof deploymentsApi.configure>['deploy'];

/** How often a deployment that runs is looked at. */
const followMs = 1_000;

export function deployStateQuery(siteId: string) {
  return queryOptions({
    queryKey: ['site', siteId, 'deployments'],
    queryFn: ({ signal }) => call(deploymentsApi.state, { params: { siteId }, signal }),
    refetchInterval: ({ state: { data } }) =>
      data?.items.some(({ state }) => state === 'running') === true || data?.hook?.isWaiting === true
        ? followMs
        : false,
  });
}

/** The whole log so far; read on while the deployment runs. */
export function deployLogQuery(client: QueryClient, siteId: string, deploymentId: string) {
  const queryKey = ['site', siteId, 'deployments', deploymentId, 'log'] as const;
  return queryOptions({
    queryKey,
    async queryFn({ signal }) {
      const before = client.getQueryData<{ text: string; offset: number }>(queryKey);
      let { text, offset } = before ?? { text: '', offset: 0 };
      for (let isRunning = true; ; ) {
        const read = await call(deploymentsApi.log, { params: { siteId, deploymentId }, query: { offset }, signal });
        text += read.text;
        isRunning = read.deployment.state === 'running';
        const isAtEnd = read.nextOffset === offset;
        offset = read.nextOffset;
        if (isAtEnd) return { text, offset, isRunning };
      }
    },
    refetchInterval: ({ state: { data } }) => (data?.isRunning === false ? false : followMs),
    staleTime: 0,
  });
}

/** After everything that changes what is deployed. */
export function useReadDeploymentsAnew(siteId: string): () => Promise<void> {
  const client = useQueryClient();
  return useCallback(async () => {
    await Promise.all([
      client.invalidateQueries({ queryKey: ['site', siteId] }),
      client.invalidateQueries({ queryKey: ['jobs'] }),
      client.invalidateQueries({ queryKey: ['changes'] }),
    ]);
  }, [client, siteId]);
}

export function useConfigureDeploy(siteId: string) {
  const readAnew = useReadDeploymentsAnew(siteId);
  return useMutation({
    mutationFn: ({ deploy, revision }: { readonly deploy: DeployInput; readonly revision?: number }) =>
      call(deploymentsApi.configure, {
        params: { siteId },
        body: { deploy },
        ...(revision === undefined ? {} : { revision }),
      }),
    onSuccess: () => readAnew(),
  });
}

export function useMakeKey(siteId: string) {
  const readAnew = useReadDeploymentsAnew(siteId);
  return useMutation({
    mutationFn: (isReplacing: boolean) =>
      call(deploymentsApi.makeKey, {
        params: { siteId },
        body: { isReplacing },
        idempotencyKey: newIdempotencyKey(),
      }),
    onSuccess: () => readAnew(),
  });
}

export function useScanHost(siteId: string) {
  return useMutation({
    mutationFn: (url: string) => call(deploymentsApi.scanHost, { params: { siteId }, body: { url } }),
  });
}

export function useListRefs(siteId: string) {
  return useMutation({
    mutationFn: (body: { readonly url: string; readonly hostKey: string | null }) =>
      call(deploymentsApi.listRefs, { params: { siteId }, body }),
  });
}

export function useStartDeployment(siteId: string) {
  const readAnew = useReadDeploymentsAnew(siteId);
  return useMutation({
    mutationFn: () => call(deploymentsApi.start, { params: { siteId }, idempotencyKey: newIdempotencyKey() }),
    onSettled: () => void readAnew(),
  });
}

export function useDeployOnce(siteId: string) {
  const readAnew = useReadDeploymentsAnew(siteId);
  return useMutation({
    mutationFn: (target: BodyInputOf<typeof deploymentsApi.startOf>['target']) =>
      call(deploymentsApi.startOf, { params: { siteId }, body: { target }, idempotencyKey: newIdempotencyKey() }),
    onSettled: () => void readAnew(),
  });
}

export function useRollBack(siteId: string) {
  const readAnew = useReadDeploymentsAnew(siteId);
  return useMutation({
    mutationFn: (deploymentId: string) => call(deploymentsApi.rollback, { params: { siteId, deploymentId } }),
    onSettled: () => void readAnew(),
  });
}

export function useMakeHook(siteId: string) {
  const readAnew = useReadDeploymentsAnew(siteId);
  return useMutation({
    mutationFn: () => call(deploymentsApi.makeHook, { params: { siteId } }),
    onSuccess: () => void readAnew(),
  });
}

export function useRemoveHook(siteId: string) {
  const readAnew = useReadDeploymentsAnew(siteId);
  return useMutation({
    mutationFn: () => call(deploymentsApi.removeHook, { params: { siteId } }),
    onSettled: () => void readAnew(),
  });
}
