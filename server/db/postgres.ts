import pg from 'pg';
import type { PostgresPool } from 'kysely';
import type { DatabaseConfig } from '../config.ts';
import type { Log } from '../core/log.ts';

type ServerConfig = Extract<DatabaseConfig, { host: string }>;

/** int8 as a number: every bigint of the panel is a time or a size below 2^53. On this pool only. */
const types: pg.CustomTypesConfig = {
  getTypeParser(id, format) {
    if (Number(id) === pg.types.builtins.INT8) return Number;
    return pg.types.getTypeParser(id, format) as (value: string) => unknown;
  },
};

/** A pool with an end to every wait: for a connection, for an answer, and for the age of a connection. */
export function openPostgres(config: ServerConfig, log?: Log): PostgresPool {
  const { pool: size } = config;
  const pool = new pg.Pool({
    host: config.socketPath ?? config.host,
    port: config.port,
    user: config.user,
    password: config.password,
    database: config.name,
    ssl: sslOf(config),
    types,
    max: size.size + size.maxOverflow,
    min: 0,
    connectionTimeoutMillis: size.timeoutSeconds * 1000,
    maxLifetimeSeconds: size.recycleSeconds,
    idleTimeoutMillis: 10 * 60 * 1000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 60_000,
    application_name: 'aapanel',
    keepAlive: true,
  });
  // Without a listener an idle connection that the server closes ends the process.
  pool.on('error', (error) => log?.warn({ err: error }, 'an idle database connection was lost'));
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect();
      if (!size.isPrePing) return client;
      try {
        await client.query('select 1');
        return client;
      } catch {
        client.release(true);
        return pool.connect();
      }
    },
  } as PostgresPool;
}

function sslOf({ tls, host }: ServerConfig): pg.PoolConfig['ssl'] {
  if (tls === 'off') return false;
  return tls === 'require' ? { rejectUnauthorized: false } : { rejectUnauthorized: true, servername: host };
}
