import { createPool, type PoolConnection, type PoolOptions } from 'mysql2';
import type { MysqlPool } from 'kysely';
import type { DatabaseConfig } from '../config.ts';

type ServerConfig = Extract<DatabaseConfig, { host: string }>;
type Taken = (error: unknown, connection: PoolConnection) => void;

const maxQueued = 200;

/** MySQL and MariaDB. mysql2 waits for ever for a free connection: here the wait ends as configured. */
export function openMysql(config: ServerConfig): MysqlPool {
  const { pool: size } = config;
  const pool = createPool({
    ...(config.socketPath === null ? { host: config.host, port: config.port } : { socketPath: config.socketPath }),
    user: config.user,
    password: config.password,
    database: config.name,
    ...sslOf(config),
    charset: 'utf8mb4',
    timezone: 'Z',
    // As on the other databases: an update counts the rows it found, even where nothing had to change.
    flags: ['+FOUND_ROWS'],
    connectionLimit: size.size + size.maxOverflow,
    maxIdle: size.size,
    idleTimeout: size.recycleSeconds * 1000,
    queueLimit: maxQueued,
    connectTimeout: size.timeoutSeconds * 1000,
    enableKeepAlive: true,
  });
  const take = (callback: Taken) => pool.getConnection((error, connection) => callback(error, connection));
  return {
    end: (callback) => pool.end(callback),
    getConnection(callback) {
      withTimeout(take, size.timeoutSeconds * 1000, (error, connection) => {
        if (error !== null || !size.isPrePing) return callback(error, connection);
        connection.ping((lost) => {
          if (lost === null) return callback(null, connection);
          connection.destroy();
          take(callback);
        });
      });
    },
  } as MysqlPool;
}

/** A connection that comes too late goes straight back to the pool. */
function withTimeout(take: (callback: Taken) => void, timeoutMs: number, callback: Taken): void {
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    callback(new Error('no database connection became free in time'), undefined as unknown as PoolConnection);
  }, timeoutMs);
  take((error, connection) => {
    clearTimeout(timer);
    if (!isOver) return callback(error, connection);
    if (error === null) connection.release();
  });
}

function sslOf({ tls }: ServerConfig): Pick<PoolOptions, 'ssl'> {
  if (tls === 'off') return {};
  return { ssl: { rejectUnauthorized: tls === 'verify' } };
}
