import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useReducer } from 'react';
import { jobsApi, type Job } from '#shared/jobs.ts';
import { urlOf } from '../../api/client.ts';
import { useStream } from '../../api/stream.ts';
import { emptyLog, withEvent, type JobEvent, type JobLog } from './job-log.ts';
import { jobQuery } from './jobs.queries.ts';

/** A job and its log as they happen. The caller has the job's id as its `key`: another job begins anew. */
export function useJob(jobId: string): {
  readonly job: Job | undefined;
  readonly error: unknown;
  readonly reload: () => void;
  readonly log: JobLog;
  /** The live log was interrupted and comes back by itself. */
  readonly isLost: boolean;
} {
  const client = useQueryClient();
  const query = jobQuery(jobId);
  const { data, error, refetch } = useQuery(query);
  const [log, add] = useReducer(withEvent, emptyLog);
  // A log that is whole needs no connection: over plain HTTP a browser has six per host.
  const hasFailed = data === undefined && error !== null;
  const url = log.isWhole || hasFailed ? null : urlOf(jobsApi.stream, { params: { jobId } });
  const stream = useStream(url, ['job'], (_name, raw) => {
    const event = raw as JobEvent;
    if (event.job !== null) client.setQueryData(query.queryKey, event.job);
    add(event);
  });
  return {
    job: data,
    error: hasFailed ? error : null,
    reload: () => void refetch(),
    log,
    isLost: url !== null && stream === 'waiting',
  };
}
