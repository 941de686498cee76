import {
  Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type Dialect,
  type TransactionSettings,
} from 'kysely';
import type { Config, DatabaseConfig, PoolConfig } from '../config.ts';
import type { Log } from '../core/log.ts';
import { isConnectionError } from './connection-errors.ts';
import { createPool, type Pool, type PoolOptions } from './pool.ts';
import { poolDriver } from './pool-driver.ts';
import { rememberDatabase } from './registry.ts';
import { currentRequestId } from './request-scope.ts';
import type { Database, Db } from './schema.ts';
import { maintenanceLimits, servingLimits } from './session-limits.ts';

export type OpenOptions = {
  /** A migration, a move, a backup: statements and transactions may take long. */
  readonly isMaintenance?: boolean;
};

/**
 * Opens the database that the configuration names and asks it one question, so that a wrong address or password is
 * known at once. Throws what the driver throws; the drivers are loaded only when they are used.
 */
export async function openDatabase(
  config: Pick<Config, 'database'>,
  log?: Log,
  { isMaintenance = false }: OpenOptions = {},
): Promise<Db> {
  const { database } = config;
  const opened =
    database.type === 'sqlite'
      ? await openFile(database, log, isMaintenance)
      : await openServer(database, log, isMaintenance);
  const db = kyselyOf(opened.dialect, database, log);
  const reserved = opened.reserved === undefined ? db : kyselyOf(opened.reserved, database, undefined);
  rememberDatabase(db, { pool: opened.pool, database, reserved });
  try {
    // No second try here: whoever starts something wants to know now.
    const lease = await opened.pool.acquire();
    lease.release();
    return db;
  } catch (error) {
    await db.destroy();
    throw error instanceof Error && error.cause !== undefined && isConnectionError(error) ? error.cause : error;
  }
}

type Opened = {
  readonly pool: Pool;
  readonly dialect: Dialect;
  /** A connection of its own for the health checks; undefined: they share. */
  readonly reserved?: Dialect;
};

type ServerConfig = Extract<DatabaseConfig, { host: string }>;
type FileConfig = Extract<DatabaseConfig, { path: string }>;

async function openFile(config: FileConfig, log: Log | undefined, isMaintenance: boolean): Promise<Opened> {
  const [{ openSqliteReader, openSqliteWriter, PanelSqliteAdapter }, { watchWal }] = await Promise.all([
    import('./sqlite.ts'),
    import('./sqlite-wal.ts'),
  ]);
  const writer = openSqliteWriter(config.path);
  const reader = openSqliteReader(config.path);
  let first: typeof writer | undefined = writer;
  const pool = createPool({
    ...poolOptions(config.pool, log, isMaintenance),
    open() {
      const connection = first ?? openSqliteWriter(config.path);
      first = undefined;
      return Promise.resolve(connection);
    },
    size: 1,
    maxOverflow: 0,
    // Opening again would gain nothing.
    lifetimeMs: Infinity,
    idleMs: Infinity,
    isPrePing: false,
    // A turn takes a fraction of a millisecond here.
    maxWaiting: 2_000,
  });
  const stopWatch = watchWal(config.path, pool, log);
  const driver = () =>
    poolDriver({
      pool,
      reader,
      // A transaction that reads first and writes later cannot wait for another process's write in WAL mode and fails
      // with "database is locked" whatever the busy timeout.
      begin: () => ['begin immediate'],
      isTagged: false,
      onDestroy() {
        stopWatch();
        first?.destroy();
        return reader.end();
      },
    });
  return {
    pool,
    dialect: {
      createAdapter: () => new PanelSqliteAdapter(),
      createDriver: driver,
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  };
}

async function openServer(config: ServerConfig, log: Log | undefined, isMaintenance: boolean): Promise<Opened> {
  const limits = isMaintenance ? maintenanceLimits : servingLimits;
  const isPostgres = config.type === 'postgresql';
  const connect = isPostgres ? (await import('./postgres.ts')).openPostgres : (await import('./mysql.ts')).openMysql;
  const open = () => connect(config, limits);
  const options = { ...poolOptions(config.pool, log, isMaintenance), open };
  const dialectOf = (pool: Pool, onDestroy?: () => Promise<void>): Dialect => {
    const driver = {
      pool,
      isTagged: true,
      begin: isPostgres ? beginPostgres : beginMysql,
      ...(onDestroy && { onDestroy }),
    };
    return {
      createAdapter: () => (isPostgres ? new PostgresAdapter() : new MysqlAdapter()),
      createDriver: () => poolDriver(driver),
      createIntrospector: (db) => (isPostgres ? new PostgresIntrospector(db) : new MysqlIntrospector(db)),
      createQueryCompiler: () => (isPostgres ? new PostgresQueryCompiler() : new MysqlQueryCompiler()),
    };
  };
  const reserved = createPool({ ...options, size: 1, maxOverflow: 0, maxWaiting: 20, acquireTimeoutMs: 5_000 });
  const pool = createPool(options);
  return { pool, dialect: dialectOf(pool, () => reserved.close()), reserved: dialectOf(reserved) };
}

/** What the DB_POOL_* variables mean here. */
function poolOptions(pool: PoolConfig, log: Log | undefined, isMaintenance: boolean): Omit<PoolOptions, 'open'> {
  return {
    size: pool.size,
    maxOverflow: pool.maxOverflow,
    acquireTimeoutMs: pool.timeoutSeconds * 1000,
    lifetimeMs: pool.recycleSeconds * 1000,
    isPrePing: pool.isPrePing,
    ...(isMaintenance ? { leakDestroyMs: Infinity } : {}),
    log,
    requestId: currentRequestId,
  };
}

function beginPostgres({ isolationLevel, accessMode }: TransactionSettings): string[] {
  const parts = [...(isolationLevel ? [`isolation level ${isolationLevel}`] : []), ...(accessMode ? [accessMode] : [])];
  return [parts.length === 0 ? 'begin' : `start transaction ${parts.join(' ')}`];
}

function beginMysql({ isolationLevel, accessMode }: TransactionSettings): string[] {
  const parts = [...(isolationLevel ? [`isolation level ${isolationLevel}`] : []), ...(accessMode ? [accessMode] : [])];
  return parts.length === 0 ? ['begin'] : [`set transaction ${parts.join(', ')}`, 'begin'];
}

function kyselyOf(dialect: Dialect, { isSqlShown }: DatabaseConfig, log: Log | undefined): Db {
  return new Kysely<Database>({ dialect, ...(isSqlShown && log !== undefined ? { log: sqlLogger(log) } : {}) });
}

/** Statements without their values: those may be secret. */
function sqlLogger(log: Log) {
  return (event: { query: { sql: string }; queryDurationMillis: number }) => {
    log.debug({ sql: event.query.sql, durationMs: event.queryDurationMillis }, 'sql');
  };
}
