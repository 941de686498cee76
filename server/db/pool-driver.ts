import {
  RawNode,
  SelectQueryNode,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import type { AppError } from '#shared/errors.ts';
import { databaseAway, databaseLost, isConnectionError } from './connection-errors.ts';
import type { Lease, Pool, RawConnection } from './pool.ts';
import { counted } from './pool-figures.ts';
import { requestComment } from './request-scope.ts';
import { withRetry } from './retry.ts';

export type PoolDriverOptions = {
  readonly pool: Pool;
  /** The statements that start a transaction. */
  readonly begin: (settings: TransactionSettings) => readonly string[];
  /** Answers reads outside a transaction, beside the pool (SQLite). */
  readonly reader?: RawConnection;
  /** Statements carry the id of the request they belong to. */
  readonly isTagged: boolean;
  readonly onDestroy?: () => Promise<void>;
};

/** A statement that changes the session beyond itself. Only text that the panel wrote by hand can do so. */
const sessionChange = /^\s*(set|pragma|lock|listen|prepare|declare|create\s+temp)|advisory_lock|get_lock/i;

/** A caller's place: with its lease once it has asked for something. */
type Taken = { lease: Lease | undefined };

/** Kysely's way to the pool, the same for every engine: a connection is taken with the first statement. */
export function poolDriver({ pool, begin, reader, isTagged, onDestroy }: PoolDriverOptions): Driver {
  const known = new WeakMap<DatabaseConnection, Taken>();

  function takenOf(connection: DatabaseConnection): Taken {
    const taken = known.get(connection);
    if (taken === undefined) throw new Error('this connection belongs to another driver');
    return taken;
  }

  /** `isRepeatable`: it may run twice without harm. */
  async function run(taken: Taken, sql: string, parameters: readonly unknown[], isRepeatable: boolean) {
    const { lease } = taken;
    if (lease !== undefined && !lease.isBroken) return await ask(lease, sql, parameters, isRepeatable);
    // A session that broke takes what was set up in it along: only the first statement may find itself another one.
    if (lease !== undefined) throw databaseAway(new Error('the connection broke before'));
    return await withRetry(() => runFirst(taken, sql, parameters, isRepeatable), {
      isTransient: (error) => isPassing(error) && !pool.breaker.isOpen,
      onRetry: () => (pool.counters.retryAttempts += 1),
    });
  }

  async function runFirst(taken: Taken, sql: string, parameters: readonly unknown[], isRepeatable: boolean) {
    const lease = await pool.acquire();
    try {
      const answer = await ask(lease, sql, parameters, isRepeatable);
      taken.lease = lease;
      return answer;
    } catch (error) {
      // Another fault than a lost connection: the session goes on.
      if (isPassing(error)) lease.release();
      else taken.lease = lease;
      throw error;
    }
  }

  return {
    init: () => Promise.resolve(),
    acquireConnection() {
      const taken: Taken = { lease: undefined };
      const connection: DatabaseConnection = {
        async executeQuery<R>(query: CompiledQuery) {
          const text = isTagged ? query.sql + requestComment() : query.sql;
          const isPlainRead = isRead(query);
          const answer =
            isPlainRead && reader !== undefined && taken.lease === undefined
              ? await counted(pool.counters, () => reader.query(text, query.parameters))
              : await run(taken, text, query.parameters, isPlainRead);
          if (taken.lease !== undefined && RawNode.is(query.query) && sessionChange.test(query.sql)) {
            taken.lease.isChanged = true;
          }
          return answer as QueryResult<R>;
        },
        streamQuery() {
          throw new Error('answers are not streamed: read them in pages');
        },
      };
      known.set(connection, taken);
      return Promise.resolve(connection);
    },
    async beginTransaction(connection, settings) {
      const taken = takenOf(connection);
      // Nothing is done yet: like a read, the beginning may be repeated.
      for (const statement of begin(settings)) await run(taken, statement, [], true);
      if (taken.lease !== undefined) taken.lease.isInTransaction = true;
    },
    async commitTransaction(connection) {
      const { lease } = takenOf(connection);
      if (lease === undefined) return;
      let answer: QueryResult<unknown>;
      try {
        answer = await lease.query('commit', []);
      } catch (error) {
        throw isConnectionError(error) && !isAppError(error) ? databaseLost(error) : error;
      }
      lease.isInTransaction = false;
      const [row] = answer.rows as { command?: string }[];
      if (row?.command === 'ROLLBACK') throw new Error('the transaction was undone: one of its statements had failed');
    },
    async rollbackTransaction(connection) {
      const { lease } = takenOf(connection);
      // The server undoes what a broken connection leaves.
      if (lease === undefined || lease.isBroken) return;
      try {
        await lease.query('rollback', []);
        lease.isInTransaction = false;
      } catch {
        lease.breakOff();
      }
    },
    releaseConnection(connection) {
      takenOf(connection).lease?.release();
      return Promise.resolve();
    },
    async destroy() {
      await pool.close();
      await onDestroy?.();
    },
  };
}

function isRead({ query }: CompiledQuery): boolean {
  return SelectQueryNode.is(query) && query.endModifiers === undefined;
}

/** The database was away and nothing was done. */
function isPassing(error: unknown): boolean {
  return isAppError(error) && error.reason === 'database_away';
}

function isAppError(error: unknown): error is AppError {
  return error instanceof Error && error.name === 'AppError';
}

async function ask(lease: Lease, sql: string, parameters: readonly unknown[], isRepeatable: boolean) {
  try {
    return await lease.query(sql, parameters);
  } catch (error) {
    if (!isConnectionError(error) || isAppError(error)) throw error;
    // What a transaction did is undone by the server, and a read did nothing.
    throw isRepeatable || lease.isInTransaction ? databaseAway(error) : databaseLost(error);
  }
}
