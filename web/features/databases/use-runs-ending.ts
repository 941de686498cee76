import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { databaseSoftwareNames } from '#shared/software.ts';
import { useCan } from '../../api/session.ts';
import { recentJobsQuery } from '../jobs/jobs.queries.ts';
import { useReadDatabasesAnew } from './databases.queries.ts';

/** Reads the list anew when a job that changes it has ended. */
export function useRunsEnding(): void {
  const can = useCan();
  const { data } = useQuery({ ...recentJobsQuery, enabled: can('jobs.read') });
  const readAnew = useReadDatabasesAnew();
  const open = (data?.items ?? [])
    .filter(
      ({ kind, subject, endedAt }) =>
        endedAt === null &&
        (kind === 'databases.run' ||
          (kind === 'software.install' && databaseSoftwareNames.some((name) => name === subject['software']))),
    )
    .map(({ id }) => id)
    .join();
  const before = useRef(open);
  useEffect(() => {
    if (before.current !== open) readAnew();
    before.current = open;
  });
}
