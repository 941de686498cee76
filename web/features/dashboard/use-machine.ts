import { useEffect, useState } from 'react';
import type { SystemSample } from '#shared/system.ts';
import { useSamples } from '../../layout/live.ts';

/** Readings come once a second: after this time without one they are old. */
const patienceMs = 5_000;

export type Machine = {
  readonly samples: readonly SystemSample[];
  /** The newest reading; undefined before the first. */
  readonly now: SystemSample | undefined;
  /** No reading has come for a while: what is shown was true at `now.at`. */
  readonly isStale: boolean;
};

/** The machine second by second while the caller is shown. */
export function useMachine(): Machine {
  const samples = useSamples();
  const now = samples.at(-1);
  const at = now?.at;
  const [staleAt, setStaleAt] = useState<string>();
  useEffect(() => {
    if (at === undefined) return;
    const timer = setTimeout(() => setStaleAt(at), patienceMs);
    return () => clearTimeout(timer);
  }, [at]);
  return { samples, now, isStale: at !== undefined && staleAt === at };
}
