import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import {
  SqliteAdapter,
  SqliteDialect,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type SqliteDatabase,
} from 'kysely';
import { isBusy } from './errors.ts';

/** Prepared statements kept: the panel has fewer different ones than this. */
const maxStatements = 256;

/** How long a statement waits for another process that writes. */
const patienceMs = 5_000;
/** SQLite's own waiting stops the whole process: it gets this long at a time, the rest is waited without it. */
const blockingMs = 5;
const pauseMs = 15;

/** SQLite takes changes of structure back like any other; Kysely assumes that it does not. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * SQLite for Kysely. Migrations run in one transaction: it takes a failed one back as a whole, and it is the lock that
 * Kysely does not have on SQLite, so that two processes starting together do not both migrate.
 */
export function sqliteDialect(path: string): Dialect {
  const dialect = new SqliteDialect({ database: openSqlite(path) });
  return {
    createAdapter: () => new TransactionalSqliteAdapter(),
    createDriver: () => patientDriver(dialect.createDriver()),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  };
}

/**
 * Tries again while another process holds the file. Safe for every statement: a busy one has done nothing, and inside a
 * transaction (`begin immediate`) none is busy.
 */
function patientDriver(driver: Driver): Driver {
  const patient = new WeakMap<DatabaseConnection, DatabaseConnection>();
  const inner = new WeakMap<DatabaseConnection, DatabaseConnection>();
  return {
    init: (options) => driver.init(options),
    async acquireConnection(options) {
      const connection = await driver.acquireConnection(options);
      const known = patient.get(connection) ?? patientConnection(connection);
      patient.set(connection, known);
      inner.set(known, connection);
      return known;
    },
    beginTransaction: (connection, settings) => driver.beginTransaction(connection, settings),
    commitTransaction: (connection) => driver.commitTransaction(connection),
    rollbackTransaction: (connection) => driver.rollbackTransaction(connection),
    releaseConnection: (connection, options) => driver.releaseConnection(inner.get(connection) ?? connection, options),
    destroy: (options) => driver.destroy(options),
  };
}

function patientConnection(connection: DatabaseConnection): DatabaseConnection {
  return {
    async executeQuery<R>(query: CompiledQuery, options?: Parameters<DatabaseConnection['executeQuery']>[1]) {
      const endsAt = performance.now() + patienceMs;
      for (;;) {
        try {
          return await connection.executeQuery<R>(query, options);
        } catch (error) {
          if (!isBusy(error) || performance.now() >= endsAt) throw error;
          await wait(pauseMs);
        }
      }
    },
    streamQuery: (query, chunkSize, options) => connection.streamQuery(query, chunkSize, options),
  };
}

/**
 * Kysely's view of a node:sqlite file, its folder made with mode 0700 when it is new.
 *
 * `begin` becomes `begin immediate`: a transaction that reads first and writes later cannot wait for another process's
 * write in WAL mode and fails with "database is locked" whatever the busy timeout.
 */
function openSqlite(path: string): SqliteDatabase {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // SQLite makes its files with the process's umask: made here first, the file and its WAL are readable by nobody else.
  closeSync(openSync(path, 'a', 0o600));
  const sqlite = new DatabaseSync(path, { timeout: blockingMs, enableForeignKeyConstraints: true });
  sqlite.exec('pragma journal_mode = wal');
  sqlite.exec('pragma synchronous = normal');
  sqlite.exec('pragma journal_size_limit = 67108864');
  const statements = new Map<string, Prepared>();

  function prepare(sql: string): Prepared {
    const text = sql === 'begin' ? 'begin immediate' : sql;
    const known = statements.get(text);
    if (known !== undefined) return known;
    const statement = preparedOf(sqlite.prepare(text));
    if (!/^\s*(select|insert|update|delete|with|begin|commit|rollback)\b/i.test(text)) return statement;
    const [oldest] = statements.keys();
    if (statements.size >= maxStatements && oldest !== undefined) statements.delete(oldest);
    statements.set(text, statement);
    return statement;
  }

  return {
    close() {
      statements.clear();
      sqlite.close();
    },
    prepare,
  };
}

type Prepared = ReturnType<SqliteDatabase['prepare']>;

function preparedOf(statement: StatementSync): Prepared {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...values(parameters)),
    run: (parameters) => statement.run(...values(parameters)),
    iterate: (parameters) => statement.iterate(...values(parameters)),
  };
}

/** Booleans and undefined have no place in SQLite: they are a mistake of the caller, reported as such. */
function values(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map((value) => {
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
      return value;
    }
    if (value instanceof Uint8Array) return value;
    throw new TypeError(`a value of type ${typeof value} cannot be stored`);
  });
}
