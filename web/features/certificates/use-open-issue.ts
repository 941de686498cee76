import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useCan } from '../../api/session.ts';
import { recentJobsQuery } from '../jobs/jobs.queries.ts';
import { useReadTlsAnew } from './certificates.queries.ts';

/** The job that orders for this site now; when it ends the page looks again. */
export function useOpenIssue(siteId: string): string | undefined {
  const can = useCan();
  const readAnew = useReadTlsAnew();
  const { data } = useQuery({ ...recentJobsQuery, enabled: can('jobs.read') });
  const open = data?.items.find(
    ({ kind, subject, endedAt }) => kind === 'certificates.issue' && subject['siteId'] === siteId && endedAt === null,
  )?.id;
  const before = useRef(open);
  useEffect(() => {
    if (before.current !== undefined && open === undefined) void readAnew();
    before.current = open;
  }, [open, readAnew]);
  return open;
}
