/** Upper bounds in seconds; the last bucket of a histogram has no bound. */
export const histogramBounds = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30] as const;

/** Counts per bucket (not cumulative), one more than there are bounds. */
export type Histogram = { readonly buckets: number[]; count: number; sumSeconds: number };

export const destroyReasons = ['closed', 'failed', 'idle', 'leaked', 'lifetime', 'lost', 'overflow', 'stale'] as const;
/**
 * `stale` did not answer the sign of life, `lost` was closed by the other side, `failed` could not be cleaned for the next
 * caller, `overflow` was one of the extra connections of a rush.
 */
export type DestroyReason = (typeof destroyReasons)[number];

/** What a pool counts while it lives. */
export type PoolCounters = {
  readonly startedAt: number;
  createdTotal: number;
  readonly destroyedTotal: Record<DestroyReason, number>;
  /** Connections that could not be opened or were lost. */
  connectionErrors: number;
  /** Callers who waited in vain. */
  timeoutsTotal: number;
  /** Callers who were sent away because the queue was full. */
  refusedTotal: number;
  /** Connections held for too long. */
  leaksTotal: number;
  retryAttempts: number;
  totalQueries: number;
  failedQueries: number;
  readonly acquireSeconds: Histogram;
  readonly usageSeconds: Histogram;
  readonly querySeconds: Histogram;
};

export function newCounters(now: number): PoolCounters {
  return {
    startedAt: now,
    createdTotal: 0,
    destroyedTotal: Object.fromEntries(destroyReasons.map((reason) => [reason, 0])) as Record<DestroyReason, number>,
    connectionErrors: 0,
    timeoutsTotal: 0,
    refusedTotal: 0,
    leaksTotal: 0,
    retryAttempts: 0,
    totalQueries: 0,
    failedQueries: 0,
    acquireSeconds: newHistogram(),
    usageSeconds: newHistogram(),
    querySeconds: newHistogram(),
  };
}

function newHistogram(): Histogram {
  return { buckets: Array.from({ length: histogramBounds.length + 1 }, () => 0), count: 0, sumSeconds: 0 };
}

export function observe(histogram: Histogram, milliseconds: number): void {
  const seconds = Math.max(0, milliseconds) / 1000;
  const found = histogramBounds.findIndex((bound) => seconds <= bound);
  const index = found === -1 ? histogramBounds.length : found;
  histogram.buckets[index] = (histogram.buckets[index] ?? 0) + 1;
  histogram.count += 1;
  histogram.sumSeconds += seconds;
}

/** Per cent with two decimals; 100 before the first query. */
export function successRate({ totalQueries, failedQueries }: PoolCounters): number {
  if (totalQueries === 0) return 100;
  return Math.round(((totalQueries - failedQueries) / totalQueries) * 10_000) / 100;
}

/** Counts and times one statement. */
export async function counted<T>(counters: PoolCounters, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  counters.totalQueries += 1;
  try {
    return await work();
  } catch (error) {
    counters.failedQueries += 1;
    throw error;
  } finally {
    observe(counters.querySeconds, performance.now() - startedAt);
  }
}
