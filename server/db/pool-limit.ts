import { sql } from 'kysely';
import { ConfigError, finding, reportOf } from '../config/findings.ts';
import type { Environment } from '../environment.ts';
import { openDatabaseOf } from './registry.ts';
import type { Db } from './schema.ts';

/** While one version of the panel takes over from another, both are there. */
const processes = 2;
/** For `aapanel` commands beside the panel and for a person who looks. */
const reserve = 4;

/**
 * Compares the connections that two panels may open with what the server grants this user. Throws ConfigError when it is
 * too much; SQLite has no such limit.
 */
export async function refuseTooManyConnections(db: Db, environment: Environment): Promise<void> {
  const { database } = openDatabaseOf(db);
  if (database.type === 'sqlite') return;
  const { size, maxOverflow } = database.pool;
  const wanted = processes * (size + maxOverflow + 1);
  const granted = await (database.type === 'postgresql' ? postgresLimit(db) : mysqlLimit(db));
  if (wanted <= granted - reserve) return;
  const params = { wanted: String(wanted), granted: String(granted), reserve: String(reserve) };
  throw new ConfigError(reportOf(environment, [finding('error', 'database_pool_too_large', 'DB_POOL_SIZE', params)]));
}

async function postgresLimit(db: Db): Promise<number> {
  const { rows } = await sql<{ granted: number }>`
    select least(
      current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
      (select nullif(rolconnlimit, -1) from pg_roles where rolname = current_user),
      (select nullif(datconnlimit, -1) from pg_database where datname = current_database())
    )::int as granted`.execute(db);
  return rows[0]?.granted ?? 0;
}

async function mysqlLimit(db: Db): Promise<number> {
  const { rows } = await sql<{ server: number; own: number }>`
    select @@global.max_connections as server, @@session.max_user_connections as own`.execute(db);
  const { server = 0, own = 0 } = rows[0] ?? {};
  return Number(own) === 0 ? Number(server) : Math.min(Number(server), Number(own));
}
