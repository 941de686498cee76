import type { ServerSettings, TuningPreset } from '#shared/database-server-settings.ts';

/*
 * Facts → the file of settings. Pure: what a preset means on a machine of so much memory is said here and nowhere else.
 */

const MiB = 1024 * 1024;
const step = 128 * MiB;

const presets: Readonly<
  Record<TuningPreset, { readonly share: number; readonly connections: number; readonly factor: number }>
> = {
  small: { share: 1 / 8, connections: 100, factor: 1 },
  medium: { share: 1 / 4, connections: 200, factor: 2 },
  large: { share: 1 / 2, connections: 400, factor: 4 },
};

/** Names that a preset says, in the order of the file. */
export const tunedNames = [
  'innodb_buffer_pool_size',
  'key_buffer_size',
  'tmp_table_size',
  'max_heap_table_size',
  'max_connections',
  'table_open_cache',
  'thread_cache_size',
  'sort_buffer_size',
  'join_buffer_size',
  'binlog_cache_size',
] as const;
export type TunedName = (typeof tunedNames)[number];
export type Tuned = Readonly<Record<TunedName, number>>;

/** What each connection may take besides, in the worst moment: its stack, its network buffers, one sort and one join. */
const perConnection = (values: Pick<Tuned, 'binlog_cache_size' | 'join_buffer_size' | 'sort_buffer_size'>): number =>
  values.sort_buffer_size + values.join_buffer_size + values.binlog_cache_size + MiB;

/** The most that a server with these values takes when everybody comes at once. Temporary tables come on top. */
export function peakOf(values: Tuned): number {
  return (
    values.innodb_buffer_pool_size + values.key_buffer_size + values.max_connections * perConnection(values) + 96 * MiB
  );
}

/** Never more than 85 % of the machine, unless not even the smallest pool fits. */
export function tunedFor(preset: TuningPreset, memoryBytes: number): Tuned {
  const { share, connections, factor } = presets[preset];
  const pool = Math.max(step, Math.floor((memoryBytes * share) / step) * step);
  const values = {
    innodb_buffer_pool_size: pool,
    key_buffer_size: 16 * MiB * factor,
    tmp_table_size: 16 * MiB * factor,
    max_heap_table_size: 16 * MiB * factor,
    table_open_cache: 1_000 * factor,
    thread_cache_size: 16 * factor,
    sort_buffer_size: factor === 1 ? MiB : 2 * MiB,
    join_buffer_size: 256 * 1024,
    binlog_cache_size: 32 * 1024 * factor,
  };
  const left = memoryBytes * 0.85 - pool - values.key_buffer_size - 96 * MiB;
  const fitting = Math.floor(left / perConnection(values) / 10) * 10;
  return { ...values, max_connections: Math.max(40, Math.min(connections, fitting)) };
}

/** undefined: there is nothing to say, so there is no file. */
export function renderSettings(
  { preset, slowLog }: ServerSettings,
  { memoryBytes, slowLogPath }: { readonly memoryBytes: number; readonly slowLogPath: string | null },
): string | undefined {
  const lines: string[] = [];
  if (preset !== null) {
    const values = tunedFor(preset, memoryBytes);
    lines.push(...tunedNames.map((name) => `${name} = ${values[name]}`));
  }
  if (slowLog.isOn) {
    lines.push('slow_query_log = 1');
    if (slowLogPath !== null) lines.push(`slow_query_log_file = ${slowLogPath}`);
    lines.push(`long_query_time = ${(slowLog.thresholdMs / 1_000).toFixed(3)}`);
  }
  if (lines.length === 0) return undefined;
  return `# Written by aapanel, which writes it anew with every change: Databases, MariaDB, Settings.\n[mariadbd]\n${lines.join('\n')}\n`;
}
