import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { SqliteAdapter, type QueryResult } from 'kysely';
import { isBusy } from './errors.ts';
import type { RawConnection } from './pool.ts';

/** Prepared statements kept: the panel has fewer different ones than this. */
const maxStatements = 256;

/** How long a statement waits for another process that writes. */
const patienceMs = 5_000;
/** SQLite's own waiting stops the whole process: it gets this long at a time, the rest is waited without it. */
const blockingMs = 5;
const pauseMs = 15;

/** Above this the log that SQLite writes ahead is brought into the file and cut. */
export const maxWalBytes = 64 * 1024 * 1024;

/**
 * Kysely assumes of SQLite that changes of structure are not taken back, and that there is one connection alone. Here
 * migrations run in one transaction: it takes a failed one back as a whole, and it is the lock that Kysely does not have
 * on SQLite. Callers queue in the pool, and reads pass beside it.
 */
export class PanelSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/** The one connection that writes. The file and its folder (mode 0700) are made when they are new. */
export function openSqliteWriter(path: string): RawConnection {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // SQLite makes its files with the process's umask: made here first, the file and its WAL are readable by nobody else.
  closeSync(openSync(path, 'a', 0o600));
  const sqlite = new DatabaseSync(path, { timeout: blockingMs, enableForeignKeyConstraints: true });
  sqlite.exec('pragma journal_mode = wal');
  sqlite.exec('pragma synchronous = normal');
  sqlite.exec('pragma journal_size_limit = 67108864');
  return connectionOf(sqlite);
}

/** Another connection that cannot write: reads do not wait for a transaction that is under way. */
export function openSqliteReader(path: string): RawConnection {
  return connectionOf(new DatabaseSync(path, { timeout: blockingMs, readOnly: true }));
}

/**
 * A busy statement is tried again while another process holds the file. Safe for every statement: a busy one has done
 * nothing, and inside a transaction (`begin immediate`) none is busy.
 */
function connectionOf(sqlite: DatabaseSync): RawConnection {
  const statements = new Map<string, Prepared>();

  function prepare(sql: string): Prepared {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = preparedOf(sqlite.prepare(sql));
    if (!/^\s*(select|insert|update|delete|with|begin|commit|rollback)\b/i.test(sql)) return statement;
    const [oldest] = statements.keys();
    if (statements.size >= maxStatements && oldest !== undefined) statements.delete(oldest);
    statements.set(sql, statement);
    return statement;
  }

  function close(): void {
    statements.clear();
    if (sqlite.isOpen) sqlite.close();
  }

  return {
    async query(sql, parameters) {
      const endsAt = performance.now() + patienceMs;
      for (;;) {
        try {
          return prepare(sql)(parameters);
        } catch (error) {
          if (!isBusy(error) || performance.now() >= endsAt) throw error;
          await wait(pauseMs);
        }
      }
    },
    ping: () => Promise.resolve(),
    reset() {
      sqlite.exec('pragma foreign_keys = on');
      return Promise.resolve();
    },
    end() {
      close();
      return Promise.resolve();
    },
    destroy: close,
    onLost: () => undefined,
  };
}

type Prepared = (parameters: readonly unknown[]) => QueryResult<unknown>;

function preparedOf(statement: StatementSync): Prepared {
  if (statement.columns().length > 0) return (parameters) => ({ rows: statement.all(...values(parameters)) });
  return (parameters) => {
    const { changes, lastInsertRowid } = statement.run(...values(parameters));
    return { insertId: BigInt(lastInsertRowid), numAffectedRows: BigInt(changes), rows: [] };
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
