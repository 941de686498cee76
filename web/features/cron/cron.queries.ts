import { queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { cronApi } from '#shared/cron.ts';
import type { CronBatchAction, CronExported, CronImported, cronPresents } from '#shared/cron-transfer.ts';
import type { CronFacts } from '#shared/cron-work.ts';
import type { ResponseOf } from '#shared/http.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';

export type { CronJob, CronRun, ListedCronJob } from '#shared/cron.ts';
export type CronList = ResponseOf<typeof cronApi.list>;

/** Asked again while it is looked at: jobs begin and end by themselves. */
export const cronQuery = queryOptions({
  queryKey: ['cron', 'list'],
  queryFn: ({ signal }) => call(cronApi.list, { signal }),
  refetchInterval: 5_000,
});

export function cronJobQuery(jobId: string) {
  return queryOptions({
    queryKey: ['cron', 'one', jobId],
    queryFn: ({ signal }) => call(cronApi.get, { params: { jobId }, signal }),
    refetchInterval: 2_500,
  });
}

type Output = { readonly text: string; readonly offset: number; readonly isOver: boolean };

/** What a run says, read on while it runs. */
export function cronOutputQuery(jobId: string, runId: string) {
  return queryOptions({
    queryKey: ['cron', 'output', jobId, runId],
    queryFn: async ({ signal, client, queryKey }): Promise<Output> => {
      let { text, offset } = client.getQueryData<Output>(queryKey) ?? { text: '', offset: 0 };
      for (;;) {
        const answer = await call(cronApi.output, { params: { jobId, runId }, query: { offset }, signal });
        text += answer.text;
        const isRead = answer.nextOffset === offset;
        offset = answer.nextOffset;
        if (isRead) return { text, offset, isOver: answer.run.state !== 'running' };
      }
    },
    refetchInterval: ({ state }) => (state.data?.isOver === true ? false : 1_000),
    gcTime: 0,
  });
}

async function readAnew(client: QueryClient): Promise<void> {
  await client.invalidateQueries({ queryKey: ['cron'] });
}

/** `jobId` undefined: a new one. */
export function usePutCronJob(jobId: string | undefined) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: CronFacts) =>
      jobId === undefined
        ? call(cronApi.create, { body, idempotencyKey: newIdempotencyKey() })
        : call(cronApi.update, { params: { jobId }, body }),
    onSuccess: () => void readAnew(client),
  });
}

export function useCreateCronJob() {
  return usePutCronJob(undefined);
}

export function useEnableCronJob(jobId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (isEnabled: boolean) => call(cronApi.enable, { params: { jobId }, body: { isEnabled } }),
    onSettled: () => readAnew(client),
  });
}

export function useStartCronJob(jobId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call(cronApi.start, { params: { jobId } }),
    onSettled: () => readAnew(client),
  });
}

export function useCancelCronRun(jobId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (runId: string) => call(cronApi.cancel, { params: { jobId, runId } }),
    onSettled: () => readAnew(client),
  });
}

export function useRemoveCronJob(jobId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call(cronApi.remove, { params: { jobId } }),
    onSuccess: () => {
      client.removeQueries({ queryKey: ['cron', 'one', jobId] });
      void client.invalidateQueries({ queryKey: ['cron', 'list'] });
    },
  });
}

export function useCronBatch() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { readonly action: CronBatchAction; readonly jobIds: string[] }) =>
      call(cronApi.batch, { body }),
    onSettled: () => readAnew(client),
  });
}

export function useExportCronJobs() {
  return useMutation({
    mutationFn: (jobIds: string[] | null): Promise<CronExported> => call(cronApi.export, { body: { jobIds } }),
    gcTime: 0,
  });
}

export type CronFileChoices = {
  readonly onPresent: (typeof cronPresents)[number];
  readonly startsOff: boolean;
};

/** A body may be a megabyte; a script in JSON is longer than its characters. */
const portionChars = 250_000;
const portionJobs = 100;

/** Sent in portions; answers what became, or would become, of each job of the file. */
export async function importCronFile(
  jobs: readonly unknown[],
  choices: CronFileChoices,
  isDryRun: boolean,
): Promise<CronImported[]> {
  const done: CronImported[] = [];
  for (let from = 0; from < jobs.length; ) {
    let to = from;
    for (let chars = 0; to < jobs.length && to - from < portionJobs; to++) {
      chars += JSON.stringify(jobs[to]).length;
      if (to > from && chars > portionChars) break;
    }
    const file = { format: 'aapanel-scheduled-jobs', version: 1, jobs: jobs.slice(from, to) } as const;
    const { items } = await call(cronApi.import, {
      body: { file, isDryRun, ...choices },
      idempotencyKey: newIdempotencyKey(),
    });
    const first = from;
    done.push(...items.map((item) => ({ ...item, index: item.index + first })));
    from = to;
  }
  return done;
}

export function useImportCronFile() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ jobs, choices }: { readonly jobs: readonly unknown[]; readonly choices: CronFileChoices }) =>
      importCronFile(jobs, choices, false),
    onSettled: () => readAnew(client),
  });
}
