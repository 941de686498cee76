import type { BackupProof, Retention } from '#shared/backups.ts';
import { localTime, offsetMs } from '#shared/zoned.ts';

/*
 * What stays and what goes: a pure function. "Newest" is by the chain's sequence, never by a clock; clocks only say which
 * hour, day, week, month or year a set stands for, in the time zone of the plan.
 */

export type Candidate = {
  readonly setId: string;
  readonly sequence: number;
  /** Epoch ms. */
  readonly at: number;
  readonly isPinned: boolean;
  readonly proof: BackupProof['state'] | null;
  readonly addedBytes: number;
};

export type KeepReason =
  | 'newest'
  | 'pinned'
  | 'last_proven'
  | 'last'
  | 'hourly'
  | 'daily'
  | 'weekly'
  | 'monthly'
  | 'yearly'
  /** Its check failed or could not run: kept until a newer one is proven. */
  | 'unverified'
  /** A newer one could not be verified, and none after that was proven. */
  | 'newer_unverified';

export type Decision<T extends Candidate> = {
  readonly keep: readonly { readonly set: T; readonly reasons: readonly KeepReason[] }[];
  readonly remove: readonly T[];
};

export type RetentionGiven = {
  readonly retention: Retention;
  readonly timeZone: string;
  /** Stored now and allowed at most; the oldest that only a rule keeps go above it. */
  readonly storedBytes?: number;
  readonly maxBytes?: number | null;
};

const dayMs = 24 * 60 * 60 * 1000;

export function decide<T extends Candidate>(sets: readonly T[], given: RetentionGiven): Decision<T> {
  const newestFirst = sets.toSorted((a, b) => b.sequence - a.sequence);
  const reasons = new Map<string, KeepReason[]>();
  const keep = ({ setId }: T, reason: KeepReason): void =>
    void reasons.set(setId, [...(reasons.get(setId) ?? []), reason]);
  const [newest] = newestFirst;
  if (newest !== undefined) keep(newest, 'newest');
  const lastProven = newestFirst.find(({ proof }) => proof === 'proven');
  if (lastProven !== undefined) keep(lastProven, 'last_proven');
  for (const set of newestFirst) if (set.isPinned) keep(set, 'pinned');
  holdBack(newestFirst, lastProven, keep);
  // What is not known to be good takes no place of one that is.
  const isDoubtful = ({ proof }: T): boolean => proof === 'failed' || proof === 'not_run';
  byRules(
    newestFirst.filter((set) => !isDoubtful(set)),
    given,
    keep,
  );
  // Nor does it go before its time: a check of a whole target that could not run says so of every set in it.
  byRules(newestFirst, given, (set, reason) => isDoubtful(set) && keep(set, reason));
  const tooMuch = overLimit(newestFirst, reasons, given);
  const isKept = ({ setId }: T): boolean => reasons.has(setId) && !tooMuch.has(setId);
  return {
    keep: newestFirst.filter(isKept).map((set) => ({ set, reasons: reasons.get(set.setId) ?? [] })),
    remove: newestFirst.filter((set) => !isKept(set)),
  };
}

function byRules<T extends Candidate>(
  newestFirst: readonly T[],
  { retention, timeZone }: RetentionGiven,
  keep: (set: T, reason: KeepReason) => void,
): void {
  for (const set of newestFirst.slice(0, retention.last)) keep(set, 'last');
  for (const [rule, periodOf] of Object.entries(periods)) {
    let left = retention[rule as keyof typeof periods];
    let before: string | undefined;
    for (const set of newestFirst) {
      if (left === 0) break;
      const period = periodOf(set.at, timeZone);
      if (period === before) continue;
      before = period;
      left--;
      keep(set, rule as keyof typeof periods);
    }
  }
}

/** A set that failed its check, or could not be checked, keeps itself and all before it until a newer one is proven. */
function holdBack<T extends Candidate>(
  newestFirst: readonly T[],
  lastProven: T | undefined,
  keep: (set: T, reason: KeepReason) => void,
): void {
  const doubtful = newestFirst.find(
    ({ proof, sequence }) => (proof === 'failed' || proof === 'not_run') && sequence > (lastProven?.sequence ?? 0),
  );
  if (doubtful === undefined) return;
  for (const set of newestFirst)
    if (set.sequence < doubtful.sequence) keep(set, 'newer_unverified');
    else if (set.proof === 'failed' || set.proof === 'not_run') keep(set, 'unverified');
}

const periods = {
  hourly: (at: number, timeZone: string): string => {
    // With the offset: the hour that clocks show twice is two hours.
    const { year, month, day, hour } = localTime(at, timeZone);
    return [year, month, day, hour, offsetMs(at, timeZone)].join('-');
  },
  daily: (at: number, timeZone: string): string => {
    const { year, month, day } = localTime(at, timeZone);
    return [year, month, day].join('-');
  },
  /** Weeks begin on Saturday, as the weekly schedule does. */
  weekly: (at: number, timeZone: string): string => {
    const { year, month, day } = localTime(at, timeZone);
    return String(Math.floor((Date.UTC(year, month - 1, day) / dayMs + 5) / 7));
  },
  monthly: (at: number, timeZone: string): string => {
    const { year, month } = localTime(at, timeZone);
    return [year, month].join('-');
  },
  yearly: (at: number, timeZone: string): string => String(localTime(at, timeZone).year),
} as const;

const rules: readonly KeepReason[] = ['last', ...(Object.keys(periods) as (keyof typeof periods)[])];

function overLimit<T extends Candidate>(
  newestFirst: readonly T[],
  reasons: ReadonlyMap<string, readonly KeepReason[]>,
  { storedBytes, maxBytes }: RetentionGiven,
): Set<string> {
  const gone = new Set<string>();
  if (storedBytes === undefined || maxBytes === undefined || maxBytes === null) return gone;
  let bytes = storedBytes;
  for (const set of newestFirst) if (!reasons.has(set.setId)) bytes -= set.addedBytes;
  for (const set of newestFirst.toReversed()) {
    if (bytes <= maxBytes) break;
    const why = reasons.get(set.setId);
    if (why === undefined || !why.every((reason) => rules.includes(reason))) continue;
    gone.add(set.setId);
    bytes -= set.addedBytes;
  }
  return gone;
}
