import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { BackupTrouble } from '#shared/backup-alerts.ts';
import { useCan } from '../api/session.ts';

/** The page itself comes first. */
const firstMs = 3_000;
const everyMs = 5 * 60_000;
const none: readonly BackupTrouble[] = [];

/** Backups that failed or are late, also those that the timer made while nobody was here. They go when it is settled. */
export function useBackupTroubles(): readonly BackupTrouble[] {
  const isAllowed = useCan()('backups.read');
  const [isTime, setIsTime] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsTime(true), firstMs);
    return () => clearTimeout(timer);
  }, []);
  const { data } = useQuery({
    queryKey: ['backups', 'troubles'],
    // Loaded then: no page needs it to show itself.
    queryFn: async ({ signal }) =>
      (await import('../features/backups/troubles.ts')).fetchTroubles(signal).then(({ items }) => items),
    enabled: isAllowed && isTime,
    refetchInterval: everyMs,
    staleTime: 60_000,
    retry: false,
  });
  return data ?? none;
}
