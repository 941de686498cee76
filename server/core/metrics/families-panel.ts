import { histogramBounds } from '../../db/pool-figures.ts';
import type { Family } from './families.ts';

/** Names of methods, routes, operations, outcomes and states are closed lists of the code; nothing a stranger typed is a label. */
export const panelFamilies = {
  aapanel_build_info: {
    type: 'gauge',
    help: 'Always 1; version of the panel and the newest migration of its database.',
    labels: ['version', 'migration'],
    from: 'build',
  },

  aapanel_http_requests_total: {
    type: 'counter',
    help: 'Requests by route template; the probes and the metrics themselves are not counted.',
    labels: ['route', 'method', 'status_class'],
    from: 'events',
  },
  aapanel_http_request_duration_seconds: {
    type: 'histogram',
    help: 'Time until the answer was sent; streams are not measured.',
    labels: ['route', 'method', 'status_class'],
    buckets: [0.005, 0.025, 0.1, 0.5, 2, 10],
    from: 'events',
  },
  aapanel_http_requests_in_flight: {
    type: 'gauge',
    help: 'Requests that are being answered, open streams included.',
    labels: [],
    from: 'events',
  },

  aapanel_sign_in_attempts_total: {
    type: 'counter',
    help: 'Attempts to sign in by method and outcome; a right password that waits for a second factor is second_factor.',
    labels: ['method', 'outcome'],
    from: 'events',
  },
  aapanel_sessions_active: { type: 'gauge', help: 'Sessions that have not ended.', labels: [], from: 'sessions' },

  aapanel_db_healthy: { type: 'gauge', help: '1 when the database answers.', labels: [], from: 'database' },
  aapanel_db_response_time: {
    type: 'gauge',
    help: 'Seconds that the database took to answer SELECT 1.',
    labels: [],
    from: 'database',
  },
  aapanel_db_queries_total: { type: 'counter', help: 'Statements sent to the database.', labels: [], from: 'pool' },
  aapanel_db_failed_queries_total: { type: 'counter', help: 'Statements that failed.', labels: [], from: 'pool' },
  aapanel_db_query_seconds: {
    type: 'histogram',
    help: 'Time of one statement.',
    labels: [],
    buckets: histogramBounds,
    from: 'pool',
  },
  aapanel_db_wal_bytes: { type: 'gauge', help: 'Size of the write-ahead log of SQLite.', labels: [], from: 'pool' },
  aapanel_db_pool_size: { type: 'gauge', help: 'Open connections.', labels: [], from: 'pool' },
  aapanel_db_pool_max_size: {
    type: 'gauge',
    help: 'Connections that may be open at once, those of a rush included.',
    labels: [],
    from: 'pool',
  },
  aapanel_db_pool_active_connections: {
    type: 'gauge',
    help: 'Connections that somebody works with.',
    labels: [],
    from: 'pool',
  },
  aapanel_db_pool_idle_connections: {
    type: 'gauge',
    help: 'Connections that wait for work.',
    labels: [],
    from: 'pool',
  },
  aapanel_db_pool_waiting: { type: 'gauge', help: 'Callers who wait for a connection.', labels: [], from: 'pool' },
  aapanel_db_pool_breaker_open: {
    type: 'gauge',
    help: '1 while calls fail at once because the database was away several times in a row.',
    labels: [],
    from: 'pool',
  },
  aapanel_db_pool_acquire_seconds: {
    type: 'histogram',
    help: 'Time a caller waited for a connection.',
    labels: [],
    buckets: histogramBounds,
    from: 'pool',
  },
  aapanel_db_pool_usage_seconds: {
    type: 'histogram',
    help: 'Time a connection was held.',
    labels: [],
    buckets: histogramBounds,
    from: 'pool',
  },
  aapanel_db_pool_timeouts_total: { type: 'counter', help: 'Callers who waited in vain.', labels: [], from: 'pool' },
  aapanel_db_pool_refused_total: {
    type: 'counter',
    help: 'Callers sent away because too many waited.',
    labels: [],
    from: 'pool',
  },
  aapanel_db_pool_created_total: { type: 'counter', help: 'Connections opened.', labels: [], from: 'pool' },
  aapanel_db_pool_destroyed_total: {
    type: 'counter',
    help: 'Connections closed, by reason.',
    labels: ['reason'],
    from: 'pool',
  },
  aapanel_db_pool_leaks_total: { type: 'counter', help: 'Connections held for too long.', labels: [], from: 'pool' },
  aapanel_db_pool_connection_errors_total: {
    type: 'counter',
    help: 'Connections that could not be opened or were lost.',
    labels: [],
    from: 'pool',
  },
  aapanel_db_pool_retries_total: {
    type: 'counter',
    help: 'Statements and transactions tried again.',
    labels: [],
    from: 'pool',
  },

  aapanel_jobs: { type: 'gauge', help: 'Jobs that are kept, by state.', labels: ['kind', 'state'], from: 'jobs' },
  aapanel_job_last_success_timestamp_seconds: {
    type: 'gauge',
    help: 'When a job of this kind last succeeded.',
    labels: ['kind'],
    from: 'jobs',
  },
  aapanel_jobs_ended_total: {
    type: 'counter',
    help: 'Jobs that ended in this process.',
    labels: ['kind', 'outcome'],
    from: 'events',
  },
  aapanel_job_duration_seconds: {
    type: 'histogram',
    help: 'From the start of a job to its end.',
    labels: ['kind'],
    buckets: [1, 10, 60, 300, 1800, 7200],
    from: 'events',
  },

  aapanel_agent_up: {
    type: 'gauge',
    help: '1 when the agent can be asked; it is not woken for this.',
    labels: [],
    from: 'machine',
  },
  aapanel_agent_operations_total: {
    type: 'counter',
    help: 'Operations asked of the agent.',
    labels: ['operation', 'outcome'],
    from: 'events',
  },
  aapanel_agent_operation_duration_seconds: {
    type: 'histogram',
    help: 'Time until the agent answered.',
    labels: ['operation'],
    buckets: [0.01, 0.1, 1, 10, 60],
    from: 'events',
  },

  aapanel_cpu_percent: {
    type: 'gauge',
    help: 'Load of all processors since the scrape before.',
    labels: [],
    from: 'machine',
  },
  aapanel_memory_percent: { type: 'gauge', help: 'Memory in use.', labels: [], from: 'machine' },
  aapanel_disk_percent: {
    type: 'gauge',
    help: 'Space in use where the data of the panel lie.',
    labels: [],
    from: 'machine',
  },

  aapanel_scrape_duration_seconds: {
    type: 'gauge',
    help: 'Time that the collectors of this scrape took together.',
    labels: [],
    from: 'events',
  },
  aapanel_scrape_collector_duration_seconds: {
    type: 'gauge',
    help: 'Time of each collector in this scrape.',
    labels: ['collector'],
    from: 'events',
  },
  aapanel_scrape_collector_errors_total: {
    type: 'counter',
    help: 'Scrapes in which this collector failed or took too long; its families are absent then.',
    labels: ['collector'],
    from: 'events',
  },
} as const satisfies Record<`aapanel_${string}`, Family>;
