import { AppError } from '#shared/errors.ts';
import { serverRefused, type Where } from '../engines/engine.ts';
import type { DatabaseRecord } from '../records.ts';
import { openOwner } from '../wire/connect.ts';
import { ServerError } from '../wire/link.ts';
import type { Wire } from '../wire/query.ts';
import { mariadbDialect } from './mariadb-dialect.ts';
import { mariadbStructure } from './mariadb-structure.ts';
import type { Ask, Dialect, Structure } from './page.ts';
import { postgresqlDialect } from './postgresql-dialect.ts';
import { postgresqlStructure } from './postgresql-structure.ts';

/*
 * Sessions of the table browser: as the database's own user, never as the superuser, over the server's own protocol, so that
 * names and values never pass through a client. What a value looks like depends on nothing that somebody has set for the
 * account or the server: what was shown comes back as it went.
 */

const patienceSeconds = 5;
/** For a row that somebody else is just changing. */
const lockSeconds = 3;

const settings = {
  mariadb: [
    `set session sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION',
      time_zone = '+00:00', lc_messages = 'en_US', max_statement_time = ${patienceSeconds},
      innodb_lock_wait_timeout = ${lockSeconds}, lock_wait_timeout = ${lockSeconds},
      foreign_key_checks = on, unique_checks = on, check_constraint_checks = on`,
  ],
  postgresql: [
    `set statement_timeout = ${patienceSeconds * 1_000}; set lock_timeout = ${lockSeconds * 1_000};
     set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set timezone = 'UTC'; set bytea_output = 'hex'; set extra_float_digits = 1`,
  ],
} as const;

const beginnings = {
  reading: {
    mariadb: 'set session transaction read only',
    // With a first query in it the transaction can never again be made one that writes.
    postgresql: 'begin isolation level repeatable read read only; select 1',
  },
  changing: {
    mariadb: 'start transaction read write',
    postgresql: 'begin isolation level read committed read write',
  },
} as const;

export type Session = {
  readonly wire: Wire;
  readonly ask: Ask;
  readonly dialect: Dialect;
  /** Throws `database_table_unknown`, also for one that the account may not read. */
  readonly structureOf: (table: string) => Promise<Structure>;
};

/** One session for one piece of work. A transaction that changes is kept by `commit` alone. Throws `database_server_*`. */
export async function withSession<T>(
  machine: Where,
  record: DatabaseRecord,
  mode: keyof typeof beginnings,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { engine } = record;
  const wire = await openOwner(machine, record);
  try {
    for (const each of [...settings[engine], beginnings[mode][engine]]) await wire.prepare(each);
    const ask: Ask = async (sql, values) =>
      values === undefined ? wire.rows(sql) : (await wire.bound(sql, values)).rows;
    return await work({
      wire,
      ask,
      dialect: engine === 'mariadb' ? mariadbDialect : postgresqlDialect,
      structureOf: (table) => (engine === 'mariadb' ? mariadbStructure : postgresqlStructure)(ask, table),
    });
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    throw slowCodes.has(error.code) ? tooSlow(error) : serverRefused(error.code, error);
  } finally {
    wire.close();
  }
}

/** Stopped at its time: ER_STATEMENT_TIMEOUT, query_canceled. */
const slowCodes = new Set(['1969', '57014']);

function tooSlow(cause: unknown): AppError {
  return new AppError('timeout', 'The server took too long and was stopped.', { reason: 'database_query_slow', cause });
}
