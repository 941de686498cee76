import { backupFamilies } from './families-backups.ts';
import { panelFamilies } from './families-panel.ts';

export type FamilyType = 'counter' | 'gauge' | 'histogram';

export type Family = {
  readonly type: FamilyType;
  /** One line in English, as it stands in the exposition. */
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[];
  /** Who brings it: `events` are counted when they happen, the rest is read by the collector of that name at each scrape. */
  readonly from: string;
};

/**
 * Every family of the panel's own metrics: the only place that names them. A name is an interface: dashboards and alerts
 * of others hang on it. The pages `docs/{en,ar}/metrics.md` are checked against this list.
 */
export const families = { ...panelFamilies, ...backupFamilies } as const;

export type FamilyName = keyof typeof families;
type NamesOf<T extends FamilyType> = {
  [N in FamilyName]: (typeof families)[N]['type'] extends T ? N : never;
}[FamilyName];
export type CounterName = NamesOf<'counter'>;
export type GaugeName = NamesOf<'gauge'>;
export type HistogramName = NamesOf<'histogram'>;
export type LabelsOf<N extends FamilyName> = { readonly [L in (typeof families)[N]['labels'][number]]: string };

export const familyNames = Object.keys(families) as FamilyName[];

/** Only for callers with `backups.read`. */
export function isOfBackups(name: FamilyName): boolean {
  return name in backupFamilies;
}

/** What prom-client tells of the process itself. Its gauges with `_total` in their name are left out: `promtool` objects. */
export const processFamilies = [
  'nodejs_active_handles',
  'nodejs_active_requests',
  'nodejs_active_resources',
  'nodejs_eventloop_lag_max_seconds',
  'nodejs_eventloop_lag_mean_seconds',
  'nodejs_eventloop_lag_min_seconds',
  'nodejs_eventloop_lag_p50_seconds',
  'nodejs_eventloop_lag_p90_seconds',
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_eventloop_lag_seconds',
  'nodejs_eventloop_lag_stddev_seconds',
  'nodejs_external_memory_bytes',
  'nodejs_gc_duration_seconds',
  'nodejs_heap_size_total_bytes',
  'nodejs_heap_size_used_bytes',
  'nodejs_heap_space_size_available_bytes',
  'nodejs_heap_space_size_total_bytes',
  'nodejs_heap_space_size_used_bytes',
  'nodejs_version_info',
  'process_cpu_seconds_total',
  'process_cpu_system_seconds_total',
  'process_cpu_user_seconds_total',
  'process_heap_bytes',
  'process_max_fds',
  'process_open_fds',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
  'process_virtual_memory_bytes',
] as const;
