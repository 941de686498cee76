import { Kysely, MysqlDialect, PostgresDialect, sql, type Dialect } from 'kysely';
import type { Config, DatabaseConfig } from '../config.ts';
import type { Log } from '../core/log.ts';
import type { Database, Db } from './schema.ts';

/**
 * Opens the database that the configuration names and asks it one question, so that a wrong address or password is
 * known at once. Throws what the driver throws; the drivers are loaded only when they are used.
 */
export async function openDatabase(config: Pick<Config, 'database'>, log?: Log): Promise<Db> {
  const dialect = await dialectOf(config.database, log);
  const db = new Kysely<Database>({
    dialect,
    ...(config.database.isSqlShown && log !== undefined ? { log: sqlLogger(log) } : {}),
  });
  try {
    await sql`select 1`.execute(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}

async function dialectOf(config: DatabaseConfig, log: Log | undefined): Promise<Dialect> {
  switch (config.type) {
    case 'sqlite': {
      const { sqliteDialect } = await import('./sqlite.ts');
      return sqliteDialect(config.path);
    }
    case 'postgresql': {
      const { openPostgres } = await import('./postgres.ts');
      return new PostgresDialect({ pool: openPostgres(config, log) });
    }
    case 'mysql': {
      const { openMysql } = await import('./mysql.ts');
      return new MysqlDialect({ pool: openMysql(config) });
    }
  }
}

/** Statements without their values: those may be secret. */
function sqlLogger(log: Log) {
  return (event: { query: { sql: string }; queryDurationMillis: number }) => {
    log.debug({ sql: event.query.sql, durationMs: event.queryDurationMillis }, 'sql');
  };
}
