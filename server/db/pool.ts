import type { QueryResult } from 'kysely';
import type { Log } from '../core/log.ts';
import { connectionRevoked, databaseAway, databaseBusy, isConnectionError, isServerFull } from './connection-errors.ts';
import { counted, newCounters, observe, type DestroyReason, type PoolCounters } from './pool-figures.ts';
import { chance, createBreaker, type CircuitBreaker } from './retry.ts';

/** One connection as the pool needs it, whatever the engine. */
export type RawConnection = {
  query(sql: string, parameters: readonly unknown[]): Promise<QueryResult<unknown>>;
  /** A sign of life. */
  ping(): Promise<void>;
  /** Forgets everything the last caller set up in the session. */
  reset(): Promise<void>;
  /** Says goodbye. */
  end(): Promise<void>;
  /** Cuts it at once; the server undoes an open transaction. */
  destroy(): void;
  /** Called once when the other side ends it. */
  onLost(callback: (error: unknown) => void): void;
};

export type PoolOptions = {
  readonly open: () => Promise<RawConnection>;
  /** Connections kept for `idleMs`. */
  readonly size: number;
  /** Connections on top of them, closed after `overflowIdleMs` without work. */
  readonly maxOverflow: number;
  readonly acquireTimeoutMs: number;
  /** Each connection lives for this long, shortened by up to a tenth so that they do not all end together. */
  readonly lifetimeMs: number;
  readonly isPrePing: boolean;
  readonly maxWaiting?: number;
  readonly idleMs?: number;
  readonly overflowIdleMs?: number;
  readonly leakWarnMs?: number;
  /** `Infinity`: for work that may rightly take long, such as a migration. */
  readonly leakDestroyMs?: number;
  readonly log?: Log | undefined;
  /** Names the request that acquires, for the log. */
  readonly requestId?: () => string | undefined;
  readonly now?: () => number;
  readonly random?: () => number;
};

/** A connection in one caller's hands. */
export type Lease = {
  /** Throws connectionRevoked once the pool took the connection back. */
  query(sql: string, parameters: readonly unknown[]): Promise<QueryResult<unknown>>;
  /** Returned like this the connection is cut, and the server undoes the transaction. */
  isInTransaction: boolean;
  /** The session was changed: it is reset before the next caller has it. */
  isChanged: boolean;
  /** It cannot be used any more. */
  readonly isBroken: boolean;
  /** Cuts the connection. */
  breakOff(): void;
  release(): void;
};

export type PoolGauges = {
  /** Connections that exist or are being opened. */
  readonly size: number;
  readonly active: number;
  readonly idle: number;
  readonly waiting: number;
};

export type Pool = {
  acquire(): Promise<Lease>;
  gauges(): PoolGauges;
  readonly counters: PoolCounters;
  readonly breaker: CircuitBreaker;
  /** Ends what is too old, idle for too long or held for too long. Runs every second by itself. */
  sweep(): void;
  /** Refuses new callers, waits for the open ones (at most five seconds) and ends every connection. */
  close(): Promise<void>;
};

type Entry = { readonly connection: RawConnection; readonly diesAt: number; usedAt: number; isLost: boolean };
type Waiter = { readonly stack: Error; give(entry: Entry): void; refuse(error: unknown): void };
type Held = {
  readonly entry: Entry;
  readonly since: number;
  readonly stack: Error;
  readonly requestId: string | undefined;
  isReported: boolean;
  revoke(): void;
};

const sweepMs = 1_000;
/** A connection used within this time is taken to be alive. */
const trustMs = 500;
const pingLimitMs = 2_000;
const closeLimitMs = 5_000;
/** Deep enough to see the caller behind the layers between. */
const stackDepth = 30;

/** Connections for many callers: first come, first served, and every wait has an end. */
export function createPool(options: PoolOptions): Pool {
  const { log, now = () => performance.now(), random = chance } = options;
  const { maxWaiting = 200, idleMs = 600_000, overflowIdleMs = 10_000 } = options;
  const { leakWarnMs = 10_000, leakDestroyMs = 60_000 } = options;
  const limit = options.size + options.maxOverflow;
  const counters = newCounters(now());
  const breaker = createBreaker(now);
  /** Last used last: what is not needed grows old at the front. */
  const idle: Entry[] = [];
  const waiting: Waiter[] = [];
  const held = new Set<Held>();
  let opening = 0;
  /** Being asked for a sign of life or being reset. */
  let checking = 0;
  let isClosed = false;
  let onEmpty: (() => void) | undefined;

  const total = () => idle.length + held.size + opening + checking;

  function drop(entry: Entry, reason: DestroyReason): void {
    counters.destroyedTotal[reason] += 1;
    if (reason === 'lost' || reason === 'stale') counters.connectionErrors += 1;
    const isPolite = reason === 'idle' || reason === 'lifetime' || reason === 'overflow' || reason === 'closed';
    if (isPolite) entry.connection.end().catch(() => entry.connection.destroy());
    else entry.connection.destroy();
  }

  async function openOne(): Promise<void> {
    opening += 1;
    let connection: RawConnection;
    try {
      connection = await options.open();
    } catch (error) {
      opening -= 1;
      counters.connectionErrors += 1;
      // Callers wait for one of the open connections to come back.
      if (isServerFull(error) && held.size > 0 && !isClosed) return;
      breaker.failed();
      waiting.shift()?.refuse(isConnectionError(error) ? databaseAway(error) : error);
      pump();
      return;
    }
    opening -= 1;
    breaker.succeeded();
    counters.createdTotal += 1;
    const diesAt = now() + options.lifetimeMs * (1 - random() / 10);
    const entry: Entry = { connection, diesAt, usedAt: now(), isLost: false };
    connection.onLost((error) => {
      entry.isLost = true;
      const at = idle.indexOf(entry);
      if (at === -1) return;
      idle.splice(at, 1);
      log?.warn({ err: error }, 'an idle database connection was lost');
      drop(entry, 'lost');
    });
    if (!isClosed) return putBack(entry);
    drop(entry, 'closed');
    pump();
  }

  function putBack(entry: Entry): void {
    idle.push(entry);
    pump();
  }

  /** Brings waiting callers and free connections together, and opens what is missing. */
  function pump(): void {
    while (waiting.length > 0 && idle.length > 0) {
      const entry = idle.pop() as Entry;
      if (options.isPrePing && now() - entry.usedAt > trustMs)
        void check(entry, () => entry.connection.ping(), 'stale');
      else waiting.shift()?.give(entry);
    }
    while (waiting.length > opening + checking && total() < limit) {
      if (!breaker.mayTry()) {
        for (const waiter of waiting.splice(0)) waiter.refuse(databaseAway(new Error('not tried: it failed just now')));
        return;
      }
      void openOne();
    }
    if (isClosed && total() === 0) onEmpty?.();
  }

  async function check(entry: Entry, step: () => Promise<void>, reason: DestroyReason): Promise<void> {
    checking += 1;
    const isGood = await isDoneInTime(step(), pingLimitMs);
    checking -= 1;
    if (!isGood || entry.isLost || isClosed) {
      drop(entry, isClosed && isGood ? 'closed' : reason);
      pump();
      return;
    }
    entry.usedAt = now();
    putBack(entry);
  }

  function takeBack(holder: Held, lease: Lease): void {
    if (!held.delete(holder)) return;
    const { entry } = holder;
    observe(counters.usageSeconds, now() - holder.since);
    entry.usedAt = now();
    if (entry.isLost || lease.isBroken) drop(entry, 'lost');
    else if (lease.isInTransaction) drop(entry, 'failed');
    else if (isClosed) drop(entry, 'closed');
    else if (entry.diesAt <= now()) drop(entry, 'lifetime');
    else if (lease.isChanged) return void check(entry, () => entry.connection.reset(), 'failed');
    else return putBack(entry);
    pump();
  }

  function leaseOf(entry: Entry, stack: Error): Lease {
    const { promise: revoked, reject } = Promise.withResolvers<never>();
    revoked.catch(() => undefined);
    let isBroken = false;
    const lease: Lease = {
      isInTransaction: false,
      isChanged: false,
      get isBroken() {
        return isBroken || entry.isLost;
      },
      async query(sql, parameters) {
        if (isBroken) throw connectionRevoked();
        try {
          const answer = () => Promise.race([entry.connection.query(sql, parameters), revoked]);
          return await counted(counters, answer);
        } catch (error) {
          if (isConnectionError(error)) isBroken = true;
          throw error;
        }
      },
      breakOff() {
        isBroken = true;
      },
      release() {
        takeBack(holder, lease);
      },
    };
    const holder: Held = {
      entry,
      stack,
      since: now(),
      requestId: options.requestId?.(),
      isReported: false,
      revoke() {
        isBroken = true;
        held.delete(holder);
        observe(counters.usageSeconds, now() - holder.since);
        drop(entry, 'leaked');
        reject(connectionRevoked());
        pump();
      },
    };
    held.add(holder);
    return lease;
  }

  function acquire(): Promise<Lease> {
    if (isClosed) return Promise.reject(new Error('the database is closed'));
    if (waiting.length >= maxWaiting) {
      counters.refusedTotal += 1;
      return Promise.reject(databaseBusy('Too many requests wait for the database.'));
    }
    const stack = stackHere();
    const startedAt = now();
    return new Promise<Lease>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const waiter: Waiter = {
        stack,
        give(entry) {
          clearTimeout(timer);
          observe(counters.acquireSeconds, now() - startedAt);
          resolve(leaseOf(entry, stack));
        },
        refuse(error) {
          clearTimeout(timer);
          reject(error as Error);
        },
      };
      waiting.push(waiter);
      pump();
      if (!waiting.includes(waiter)) return;
      timer = setTimeout(() => {
        const at = waiting.indexOf(waiter);
        if (at === -1) return;
        waiting.splice(at, 1);
        counters.timeoutsTotal += 1;
        observe(counters.acquireSeconds, now() - startedAt);
        waiter.refuse(databaseBusy('No database connection became free in time.'));
      }, options.acquireTimeoutMs);
    });
  }

  function reasonToEnd(entry: Entry, isExtra: boolean): DestroyReason | undefined {
    if (entry.diesAt <= now()) return 'lifetime';
    const restedMs = now() - entry.usedAt;
    if (isExtra && restedMs >= overflowIdleMs) return 'overflow';
    return restedMs >= idleMs ? 'idle' : undefined;
  }

  function sweep(): void {
    let extra = total() - options.size;
    // Those without work for longest stand first.
    for (const entry of idle.slice()) {
      const reason = reasonToEnd(entry, extra > 0);
      if (reason === undefined) continue;
      extra -= 1;
      idle.splice(idle.indexOf(entry), 1);
      drop(entry, reason);
    }
    for (const holder of Array.from(held)) {
      const heldMs = now() - holder.since;
      if (heldMs < leakWarnMs || leakDestroyMs === Infinity) continue;
      const { requestId, stack } = holder;
      const facts = { heldMs: Math.round(heldMs), acquiredAt: stack.stack, requestId };
      if (!holder.isReported) {
        holder.isReported = true;
        counters.leaksTotal += 1;
        log?.warn(facts, 'a database connection is held for long');
      }
      if (heldMs < leakDestroyMs) continue;
      log?.error(facts, 'a database connection was held for too long and is taken away');
      holder.revoke();
    }
  }

  const sweeper = setInterval(sweep, sweepMs);
  sweeper.unref();

  return {
    acquire,
    counters,
    breaker,
    sweep,
    gauges: () => ({ size: total(), active: held.size, idle: idle.length, waiting: waiting.length }),
    async close() {
      if (isClosed) return;
      isClosed = true;
      clearInterval(sweeper);
      for (const waiter of waiting.splice(0)) waiter.refuse(new Error('the database is closed'));
      const ends = idle.splice(0).map((entry) => {
        counters.destroyedTotal.closed += 1;
        return isDoneInTime(entry.connection.end(), closeLimitMs).then((isGood) => {
          if (!isGood) entry.connection.destroy();
        });
      });
      if (total() > 0) {
        await isDoneInTime(new Promise<void>((resolve) => (onEmpty = resolve)), closeLimitMs);
        for (const holder of Array.from(held)) holder.revoke();
      }
      await Promise.all(ends);
    },
  };
}

function stackHere(): Error {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = stackDepth;
  const error = new Error('acquired here');
  Error.stackTraceLimit = before;
  return error;
}

async function isDoneInTime(work: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, limitMs, false)));
  const done = work.then(
    () => true,
    () => false,
  );
  const result = await Promise.race([done, tooLate]);
  clearTimeout(timer);
  return result;
}
