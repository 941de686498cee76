import { useQuery, type QueryFunctionContext } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { BackupTrouble } from '#shared/backup-alerts.ts';
import type { TroubledCertificate } from '#shared/certificates.ts';
import type { FailedRun } from '../features/cron/failed-runs.ts';
import { useCan } from '../api/session.ts';

/** The page itself comes first. */
const firstMs = 3_000;
const everyMs = 5 * 60_000;

type Troubles = {
  readonly backups: readonly BackupTrouble[];
  readonly certificates: readonly TroubledCertificate[];
  readonly cron: readonly FailedRun[];
};

/** What stands against backups, certificates and scheduled jobs, also what came up while nobody was here. It goes when it is settled. */
export function useTroubles(): Troubles {
  const [isTime, setIsTime] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsTime(true), firstMs);
    return () => clearTimeout(timer);
  }, []);
  const can = useCan();
  // Loaded then: no page needs them to show itself.
  const backups = useStanding('backups', isTime && can('backups.read'), async ({ signal }) =>
    (await import('../features/backups/troubles.ts')).fetchTroubles(signal),
  );
  const certificates = useStanding('certificates', isTime && can('certificates.read'), async ({ signal }) =>
    (await import('../features/certificates/troubles.ts')).fetchTroubles(signal),
  );
  const cron = useStanding('cron', isTime && can('cron.read'), async ({ signal }) =>
    (await import('../features/cron/troubles.ts')).fetchTroubles(signal),
  );
  return { backups, certificates, cron };
}

function useStanding<T>(
  of: string,
  enabled: boolean,
  fetch: (context: QueryFunctionContext) => Promise<{ readonly items: readonly T[] }>,
): readonly T[] {
  const { data } = useQuery({
    queryKey: [of, 'troubles', 'bell'],
    queryFn: async (context) => (await fetch(context)).items,
    enabled,
    refetchInterval: everyMs,
    staleTime: 60_000,
    retry: false,
  });
  return data ?? [];
}
