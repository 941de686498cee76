import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useCan } from '../../api/session.ts';
import { wantMoreTexts } from '../../i18n/i18n.ts';
import { doorsQuery } from './doors.queries.ts';

const PendingDoors = lazy(async () => {
  const [{ PendingDoors: component }] = await Promise.all([import('./PendingDoors.tsx'), wantMoreTexts()]);
  return { default: component };
});

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
