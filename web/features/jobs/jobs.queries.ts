import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { jobsApi, type Job } from '#shared/jobs.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';

export const jobsPageSize = 25;

/** The newest jobs, few enough for every first load; one list for the top bar, the drawer and the dashboard. */
export const recentJobsQuery = queryOptions({
  queryKey: ['jobs', 'recent'],
  queryFn: ({ signal }) => call(jobsApi.list, { query: { pageSize: 15 }, signal }),
});

export const jobsQuery = (page: number, state: Job['state'] | null) =>
  queryOptions({
    queryKey: ['jobs', 'list', page, state],
    queryFn: ({ signal }) =>
      call(jobsApi.list, { query: { page, pageSize: jobsPageSize, ...(state === null ? {} : { state }) }, signal }),
    placeholderData: keepPreviousData,
  });

/** One job; its own stream keeps it fresh, so events about other jobs do not touch it. */
export const jobQuery = (jobId: string) =>
  queryOptions({
    queryKey: ['job', jobId],
    queryFn: ({ signal }) => call(jobsApi.get, { params: { jobId }, signal }),
  });

export function useCancelJob() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (jobId: string) => call(jobsApi.cancel, { params: { jobId } }),
    // The job may have ended before the answer came, and then nothing would tell so again.
    onSuccess: (job) =>
      client.setQueryData(jobQuery(job.id).queryKey, (seen) =>
        seen === undefined || seen.endedAt === null ? job : seen,
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ['jobs'] }),
  });
}

/** Answers with the new job. */
export function useRetryJob() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (jobId: string) => call(jobsApi.retry, { params: { jobId }, idempotencyKey: newIdempotencyKey() }),
    onSettled: () => client.invalidateQueries({ queryKey: ['jobs'] }),
  });
}
