import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useCan } from '../../api/session.ts';
import { doorsQuery } from './doors.queries.ts';

const PendingDoors = lazy(async () => ({ default: (await import('./PendingDoors.tsx')).PendingDoors }));

/** Over every page while a change of the doors waits: loaded with it. */
export function DoorsWatch() {
  const can = useCan();
  const { data, error } = useQuery({ ...doorsQuery, enabled: can('doors.read') });
  if (data === undefined || data.pending === null) return null;
  return (
    <Suspense>
      <PendingDoors key={data.pending.id} doors={data.doors} pending={data.pending} isLost={error !== null} />
    </Suspense>
  );
}
