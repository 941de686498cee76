import type { PoolGauges } from './pool.ts';
import { successRate, type PoolCounters } from './pool-figures.ts';
import { openDatabaseOf } from './registry.ts';
import type { Db } from './schema.ts';
import { walBytesOf } from './sqlite-wal.ts';

/** A picture of the panel's way to its database: for metrics, the health detail and `aapanel db`. */
export type DatabaseFigures = PoolGauges &
  Readonly<Omit<PoolCounters, 'startedAt'>> & {
    readonly databaseType: 'sqlite' | 'postgresql' | 'mysql';
    readonly poolSize: number;
    readonly maxOverflow: number;
    /** Connections above `poolSize`. */
    readonly overflow: number;
    readonly uptimeSeconds: number;
    /** Per cent of the statements that the database carried out. */
    readonly successRate: number;
    /** It was away several times in a row: calls fail at once, one at a time tries. */
    readonly isBreakerOpen: boolean;
    /** Size of SQLite's write-ahead log; null with a server. */
    readonly walBytes: number | null;
  };

/** Whether a caller would get a connection at once. */
export function hasFreeConnection(db: Db): boolean {
  const { pool, database } = openDatabaseOf(db);
  const most = database.type === 'sqlite' ? 1 : database.pool.size + database.pool.maxOverflow;
  const { active, waiting } = pool.gauges();
  return waiting === 0 && active < most;
}

export function databaseFigures(db: Db): DatabaseFigures {
  const { pool, database } = openDatabaseOf(db);
  const { startedAt, ...counters } = structuredClone(pool.counters);
  const gauges = pool.gauges();
  const isFile = database.type === 'sqlite';
  const poolSize = isFile ? 1 : database.pool.size;
  return {
    ...gauges,
    ...counters,
    databaseType: database.type,
    poolSize,
    maxOverflow: isFile ? 0 : database.pool.maxOverflow,
    overflow: Math.max(0, gauges.size - poolSize),
    uptimeSeconds: Math.round(performance.now() - startedAt) / 1000,
    successRate: successRate(pool.counters),
    isBreakerOpen: pool.breaker.isOpen,
    walBytes: isFile ? walBytesOf(database.path) : null,
  };
}
