import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { processesApi, type MachineProcess } from '#shared/processes.ts';
import { servicesApi, type ServiceVerb } from '#shared/services.ts';
import type { BodyInputOf, ResponseOf } from '#shared/http.ts';
import { softwareApi, type UpgradeScope } from '#shared/software.ts';
import { call } from '../../api/client.ts';

/** Asked again while they are looked at. */
export const servicesQuery = queryOptions({
  queryKey: ['services', 'list'],
  queryFn: ({ signal }) => call(servicesApi.list, { signal }),
  refetchInterval: 5_000,
});

export function serviceQuery(unit: string) {
  return queryOptions({
    queryKey: ['services', 'one', unit],
    queryFn: ({ signal }) => call(servicesApi.get, { params: { unit }, signal }),
    refetchInterval: 4_000,
  });
}

export type SeenLine = ResponseOf<typeof servicesApi.journal>['lines'][number] & { readonly key: number };
type SeenJournal = { readonly lines: readonly SeenLine[]; readonly cursor: string | null };

const firstLines = 300;
const mostLines = 3_000;

/** The end of the journal, and what comes after it with each look. */
export function journalQuery(unit: string, priority: number) {
  return queryOptions({
    queryKey: ['services', 'journal', unit, priority],
    queryFn: async ({ signal, client, queryKey }): Promise<SeenJournal> => {
      const before = client.getQueryData<SeenJournal>(queryKey);
      const after = before?.cursor ?? undefined;
      const query = { priority, ...(after === undefined ? { lines: firstLines } : { after, lines: 1_000 }) };
      const { lines, cursor } = await call(servicesApi.journal, { params: { unit }, query, signal });
      const next = (before?.lines.at(-1)?.key ?? 0) + 1;
      const fresh = lines.map((line, index) => ({ ...line, key: next + index }));
      if (before !== undefined && fresh.length === 0) return before;
      return { lines: [...(before?.lines ?? []), ...fresh].slice(-mostLines), cursor: cursor ?? null };
    },
    refetchInterval: 2_000,
    gcTime: 0,
  });
}

export function useControlService(unit: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (verb: ServiceVerb) => call(servicesApi[verb], { params: { unit } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['services'] }),
  });
}

/** `cpuShare`: of all cores since the look before, 0 to 100; null for the first look. */
export type SeenProcess = MachineProcess & {
  readonly cpuShare: number | null;
  /** Bytes per second from and to disks; null where it is not known. */
  readonly diskRate: number | null;
};
export type SeenProcesses = {
  readonly atMs: number;
  readonly total: number;
  readonly items: readonly SeenProcess[];
};

function withShares(now: ResponseOf<typeof processesApi.list>, before: SeenProcesses | undefined): SeenProcesses {
  const last = new Map((before?.items ?? []).map((each) => [`${each.pid} ${each.startTicks}`, each]));
  // The clock begins anew with the agent.
  const passedMs = before === undefined ? 0 : now.atMs - before.atMs;
  const items = now.items.map((each): SeenProcess => {
    const then = passedMs > 0 ? last.get(`${each.pid} ${each.startTicks}`) : undefined;
    if (then === undefined) return { ...each, cpuShare: null, diskRate: null };
    const moved = bytesOf(each);
    const movedThen = bytesOf(then);
    return {
      ...each,
      cpuShare: Math.min(100, (Math.max(0, each.cpuMs - then.cpuMs) / passedMs / now.cores) * 100),
      diskRate: moved === null || movedThen === null ? null : (Math.max(0, moved - movedThen) * 1_000) / passedMs,
    };
  });
  return { atMs: now.atMs, total: now.total, items };
}

function bytesOf({ readBytes, writtenBytes }: MachineProcess): number | null {
  return readBytes === null || writtenBytes === null ? null : readBytes + writtenBytes;
}

export const processesQuery = queryOptions({
  queryKey: ['processes'],
  queryFn: async ({ signal, client, queryKey }) =>
    withShares(await call(processesApi.list, { signal }), client.getQueryData<SeenProcesses>(queryKey)),
  refetchInterval: 4_000,
  placeholderData: keepPreviousData,
});

export const socketsQuery = queryOptions({
  queryKey: ['sockets'],
  queryFn: ({ signal }) => call(processesApi.sockets, { signal }),
  refetchInterval: 10_000,
});

export function useEndProcess() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ pid, ...body }: { pid: number } & BodyInputOf<typeof processesApi.end>) =>
      call(processesApi.end, { params: { pid }, body }),
    onSettled: () => client.invalidateQueries({ queryKey: ['processes'] }),
  });
}

export const updatesQuery = queryOptions({
  queryKey: ['updates'],
  queryFn: ({ signal }) => call(softwareApi.updates, { signal }),
  // APT works for seconds to answer; who wants to know it now has a button.
  staleTime: 300_000,
});

/** Answers with the job; one that is under way already is found, not doubled. */
export function useInstallUpdates() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (scope: UpgradeScope) => call(softwareApi.upgrade, { body: { scope } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['jobs'] }),
  });
}
