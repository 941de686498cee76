import { jobKinds, jobStates } from '#shared/jobs.ts';
import type { Context } from '../../context.ts';
import type { Collector } from '../../core/metrics.ts';
import type { HistogramName } from '../../core/metrics/families.ts';
import { sample, type Sample } from '../../core/metrics/series.ts';
import { databaseFigures } from '../../db/figures.ts';
import { checkDatabase } from '../../db/health.ts';
import { readHistory } from '../../db/migrate-history.ts';
import { destroyReasons, type Histogram } from '../../db/pool-figures.ts';
import { openDatabaseOf } from '../../db/registry.ts';
import { isAgentUp, type MachineFigures } from './machine.ts';

type MetricsContext = Pick<Context, 'agent' | 'clock' | 'config' | 'db'>;

/** A database that hangs must not keep the rest of the scrape. */
export const databaseLimitMs = 450;

/**
 * Everything that is read when somebody scrapes, but the backups. Questions to the database go over the connection of the
 * health checks: a full pool is what these figures are for.
 */
export function collectorsOf(ctx: MetricsContext, readMachine: () => Promise<MachineFigures>): Collector[] {
  return [
    { name: 'build', collect: () => collectBuild(ctx) },
    { name: 'database', collect: () => collectDatabase(ctx) },
    { name: 'jobs', collect: () => collectJobs(ctx) },
    { name: 'machine', collect: () => collectMachine(ctx, readMachine) },
    { name: 'pool', collect: () => Promise.resolve(poolSamples(ctx)) },
    { name: 'sessions', collect: () => collectSessions(ctx) },
  ];
}

async function collectBuild({ config, db }: MetricsContext): Promise<Sample[]> {
  const newest = (await readHistory(openDatabaseOf(db).reserved)).findLast(({ state }) => state === null);
  return [sample('aapanel_build_info', 1, { version: config.version, migration: newest?.name ?? 'none' })];
}

async function collectDatabase({ db }: MetricsContext): Promise<Sample[]> {
  const { isHealthy, latencyMs } = await checkDatabase(db, databaseLimitMs);
  const found = [sample('aapanel_db_healthy', Number(isHealthy), {})];
  if (isHealthy) found.push(sample('aapanel_db_response_time', latencyMs / 1000, {}));
  return found;
}

async function collectJobs({ db }: MetricsContext): Promise<Sample[]> {
  const rows = await openDatabaseOf(db)
    .reserved.selectFrom('job')
    .select(({ fn }) => ['kind', 'state', fn.countAll().as('count'), fn.max('ended_at').as('ended_at')])
    .groupBy(['kind', 'state'])
    .execute();
  const kinds: readonly string[] = jobKinds;
  const counts = new Map<string, number>();
  for (const kind of jobKinds) for (const state of jobStates) counts.set(`${kind} ${state}`, 0);
  const found: Sample[] = [];
  for (const row of rows) {
    // A job of another version of the panel.
    const kind = kinds.includes(row.kind) ? row.kind : 'other';
    const key = `${kind} ${row.state}`;
    counts.set(key, (counts.get(key) ?? 0) + Number(row.count));
    if (row.state === 'succeeded' && row.ended_at !== null && kind !== 'other') {
      found.push(sample('aapanel_job_last_success_timestamp_seconds', Number(row.ended_at) / 1000, { kind }));
    }
  }
  for (const [key, count] of counts) {
    const [kind = '', state = ''] = key.split(' ');
    found.push(sample('aapanel_jobs', count, { kind, state }));
  }
  return found;
}

async function collectMachine(ctx: MetricsContext, readMachine: () => Promise<MachineFigures>): Promise<Sample[]> {
  const { cpuPercent, memoryPercent, diskPercent } = await readMachine();
  const found = [sample('aapanel_agent_up', Number(await isAgentUp(ctx)), {})];
  if (cpuPercent !== null) found.push(sample('aapanel_cpu_percent', cpuPercent, {}));
  if (memoryPercent !== null) found.push(sample('aapanel_memory_percent', memoryPercent, {}));
  if (diskPercent !== null) found.push(sample('aapanel_disk_percent', diskPercent, {}));
  return found;
}

async function collectSessions({ db, config, clock }: MetricsContext): Promise<Sample[]> {
  const now = clock.now();
  const { count } = await openDatabaseOf(db)
    .reserved.selectFrom('session')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('expires_at', '>', now)
    .where('last_used_at', '>', now - config.cookie.lifetimeSeconds * 1000)
    .executeTakeFirstOrThrow();
  return [sample('aapanel_sessions_active', Number(count), {})];
}

function poolSamples({ db }: MetricsContext): Sample[] {
  const figures = databaseFigures(db);
  const found = [
    sample('aapanel_db_queries_total', figures.totalQueries, {}),
    sample('aapanel_db_failed_queries_total', figures.failedQueries, {}),
    sample('aapanel_db_pool_size', figures.size, {}),
    sample('aapanel_db_pool_max_size', figures.poolSize + figures.maxOverflow, {}),
    sample('aapanel_db_pool_active_connections', figures.active, {}),
    sample('aapanel_db_pool_idle_connections', figures.idle, {}),
    sample('aapanel_db_pool_waiting', figures.waiting, {}),
    sample('aapanel_db_pool_breaker_open', Number(figures.isBreakerOpen), {}),
    sample('aapanel_db_pool_timeouts_total', figures.timeoutsTotal, {}),
    sample('aapanel_db_pool_refused_total', figures.refusedTotal, {}),
    sample('aapanel_db_pool_created_total', figures.createdTotal, {}),
    sample('aapanel_db_pool_leaks_total', figures.leaksTotal, {}),
    sample('aapanel_db_pool_connection_errors_total', figures.connectionErrors, {}),
    sample('aapanel_db_pool_retries_total', figures.retryAttempts, {}),
    histogram('aapanel_db_query_seconds', figures.querySeconds),
    histogram('aapanel_db_pool_acquire_seconds', figures.acquireSeconds),
    histogram('aapanel_db_pool_usage_seconds', figures.usageSeconds),
  ];
  for (const reason of destroyReasons) {
    found.push(sample('aapanel_db_pool_destroyed_total', figures.destroyedTotal[reason], { reason }));
  }
  if (figures.walBytes !== null) found.push(sample('aapanel_db_wal_bytes', figures.walBytes, {}));
  return found;
}

function histogram(name: HistogramName, { buckets, count, sumSeconds }: Readonly<Histogram>): Sample {
  return { name, labels: {}, value: sumSeconds, buckets, count };
}
