import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { createPool, type Pool, type PoolOptions, type RawConnection } from './pool.ts';

/*
 * The pool alone, over connections that do nothing, with a clock that stands still until it is moved. With real servers:
 * pool-engines.test.ts.
 */

type Plain = RawConnection & { readonly number: number; readonly calls: string[]; lose(): void; isDeaf: boolean };

let pool: Pool | undefined;
afterEach(() => pool?.close());

function rig(options: Partial<PoolOptions> = {}) {
  const connections: Plain[] = [];
  const lines: Record<string, unknown>[] = [];
  const clock = { ms: 0 };
  const log = pino(
    { base: null },
    { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const made = createPool({
    open: () => Promise.resolve(plainConnection(connections)),
    size: 2,
    maxOverflow: 1,
    acquireTimeoutMs: 40,
    lifetimeMs: 1_000_000,
    isPrePing: true,
    now: () => clock.ms,
    random: () => 0.5,
    log,
    ...options,
  });
  pool = made;
  return { pool: made, connections, clock, lines };
}

function plainConnection(all: Plain[]): Plain {
  let whenLost: ((error: unknown) => void) | undefined;
  const calls: string[] = [];
  const note = (name: string) => {
    calls.push(name);
    return connection.isDeaf ? Promise.reject(new Error('deaf')) : Promise.resolve();
  };
  const connection: Plain = {
    number: all.length,
    calls,
    isDeaf: false,
    query(text) {
      calls.push(text);
      return text === 'hang' ? new Promise(() => undefined) : Promise.resolve({ rows: [] });
    },
    ping: () => note('ping'),
    reset: () => note('reset'),
    end: () => note('end'),
    destroy: () => void calls.push('destroy'),
    onLost: (callback) => (whenLost = callback),
    lose: () => whenLost?.(new Error('gone')),
  };
  all.push(connection);
  return connection;
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const settled = () => new Promise((resolve) => setImmediate(resolve));

it('P-1 P-3 who waits in vain is told so with 503 and Retry-After, and the queue has an end', async () => {
  const { pool: made } = rig({ maxWaiting: 2 });
  const held = await Promise.all([made.acquire(), made.acquire()]);
  held.push(await made.acquire());
  const waiting = [failure(made.acquire()), failure(made.acquire())];
  expect(made.gauges()).toEqual({ size: 3, active: 3, idle: 0, waiting: 2 });
  const refused = await failure(made.acquire());
  for (const error of [refused, ...(await Promise.all(waiting))]) {
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'database_unavailable', status: 503, reason: 'database_busy' });
    expect((error as AppError).params['retryAfterSeconds']).toBeGreaterThan(0);
  }
  expect(made.counters).toMatchObject({ timeoutsTotal: 2, refusedTotal: 1, createdTotal: 3 });
  for (const lease of held) lease.release();
});

it('P-3 first come, first served', async () => {
  const { pool: made } = rig({ size: 1, maxOverflow: 0, acquireTimeoutMs: 5_000 });
  const first = await made.acquire();
  const order: number[] = [];
  const all = Array.from({ length: 150 }, async (_, number) => {
    const lease = await made.acquire();
    order.push(number);
    lease.release();
  });
  first.release();
  await Promise.all(all);
  expect(order).toEqual(Array.from({ length: 150 }, (_, number) => number));
  expect(made.counters.createdTotal).toBe(1);
});

it('P-1 a connection is asked for a sign of life only after half a second without work, and a deaf one is replaced', async () => {
  const { pool: made, connections, clock } = rig();
  (await made.acquire()).release();
  clock.ms = 500;
  (await made.acquire()).release();
  expect(connections[0]?.calls).toEqual([]);
  clock.ms = 1_001;
  (await made.acquire()).release();
  expect(connections[0]?.calls).toEqual(['ping']);
  clock.ms = 2_000;
  const [deaf] = connections;
  if (deaf !== undefined) deaf.isDeaf = true;
  const lease = await made.acquire();
  expect(connections).toHaveLength(2);
  expect(made.counters.destroyedTotal).toMatchObject({ stale: 1 });
  lease.release();
});

it('P-1 a connection lives for its time less up to a tenth; extra ones go after ten seconds, all after ten minutes of rest', async () => {
  const { pool: made, clock } = rig();
  const all = [await made.acquire(), await made.acquire(), await made.acquire()];
  for (const lease of all) lease.release();
  clock.ms = 9_999;
  made.sweep();
  expect(made.gauges().size).toBe(3);
  clock.ms = 10_000;
  made.sweep();
  expect(made.gauges()).toMatchObject({ size: 2, idle: 2 });
  clock.ms = 600_000;
  made.sweep();
  expect(made.gauges().size).toBe(0);
  (await made.acquire()).release();
  // One million milliseconds less half a tenth.
  clock.ms = 600_000 + 949_999;
  (await made.acquire()).release();
  expect(made.counters.destroyedTotal.lifetime).toBe(0);
  clock.ms = 600_000 + 950_000;
  made.sweep();
  expect(made.counters.destroyedTotal).toMatchObject({ overflow: 1, idle: 2, lifetime: 1 });
  expect(made.gauges().size).toBe(0);
});

it('P-1 a changed session is reset before the next caller has it; one with an open transaction is cut', async () => {
  const { pool: made, connections } = rig({ size: 1, maxOverflow: 0 });
  const changed = await made.acquire();
  changed.isChanged = true;
  changed.release();
  const next = await made.acquire();
  expect(connections[0]?.calls).toEqual(['reset']);
  next.isInTransaction = true;
  next.release();
  await settled();
  expect(connections[0]?.calls).toEqual(['reset', 'destroy']);
  (await made.acquire()).release();
  expect(connections).toHaveLength(2);
});

it('P-2 a connection held for ten seconds is reported once with the place that took it, and after sixty it is taken away', async () => {
  const { pool: made, connections, clock, lines } = rig({ requestId: () => 'r-17' });
  async function theForgetfulOne() {
    return await made.acquire();
  }
  const lease = await theForgetfulOne();
  const hanging = failure(lease.query('hang', []));
  clock.ms = 10_000;
  made.sweep();
  clock.ms = 20_000;
  made.sweep();
  expect(made.counters.leaksTotal).toBe(1);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ heldMs: 10_000, requestId: 'r-17' });
  expect(lines[0]?.['acquiredAt']).toContain('theForgetfulOne');
  clock.ms = 60_000;
  made.sweep();
  expect(await hanging).toMatchObject({ code: 'database_unavailable', reason: 'database_busy' });
  expect(await failure(lease.query('select 1', []))).toMatchObject({ code: 'database_unavailable' });
  expect(connections[0]?.calls).toEqual(['hang', 'destroy']);
  lease.release();
  expect(made.gauges()).toEqual({ size: 0, active: 0, idle: 0, waiting: 0 });
  expect(made.counters).toMatchObject({ leaksTotal: 1, destroyedTotal: { leaked: 1 } });
});

it('P-4 an idle connection that the server ends is counted, logged and never handed out', async () => {
  const { pool: made, connections, lines } = rig();
  (await made.acquire()).release();
  connections[0]?.lose();
  expect(made.gauges().size).toBe(0);
  expect(made.counters.destroyedTotal.lost).toBe(1);
  expect(lines).toHaveLength(1);
  (await made.acquire()).release();
  expect(connections).toHaveLength(2);
});

it('P4.3-3 while the database is away callers fail at once after five failures, and one try a second goes through', async () => {
  let tries = 0;
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  const { pool: made, clock } = rig({
    open() {
      tries += 1;
      return Promise.reject(refused);
    },
  });
  for (let count = 0; count < 5; count += 1) {
    expect(await failure(made.acquire())).toMatchObject({ reason: 'database_away', cause: refused });
  }
  for (let count = 0; count < 20; count += 1) {
    expect(await failure(made.acquire())).toMatchObject({ reason: 'database_away' });
  }
  expect(tries).toBe(5);
  clock.ms = 1_000;
  await Promise.all([failure(made.acquire()), failure(made.acquire())]);
  expect(tries).toBe(6);
  expect(made.counters.connectionErrors).toBe(6);
});

it('a server that grants no more connections: callers wait for those that are open', async () => {
  const full = Object.assign(new Error('too many clients'), { code: '53300' });
  let opened = 0;
  const connections: Plain[] = [];
  const { pool: made } = rig({
    acquireTimeoutMs: 5_000,
    open() {
      opened += 1;
      return opened === 1 ? Promise.resolve(plainConnection(connections)) : Promise.reject(full);
    },
  });
  const first = await made.acquire();
  const waiting = [made.acquire(), made.acquire()];
  await settled();
  expect(made.gauges()).toMatchObject({ active: 1, waiting: 2 });
  first.release();
  for (const lease of waiting) (await lease).release();
  expect(made.breaker.isOpen).toBe(false);
});

it('closing does not wait for a connection that is still being opened longer than that takes', async () => {
  let finish = (): void => undefined;
  const connections: Plain[] = [];
  const { pool: made } = rig({
    async open() {
      await new Promise<void>((resolve) => (finish = resolve));
      return plainConnection(connections);
    },
  });
  const refused = failure(made.acquire());
  const startedAt = performance.now();
  const closed = made.close();
  finish();
  await closed;
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(String(await refused)).toContain('closed');
  expect(connections[0]?.calls).toEqual(['end']);
});

it('closing waits for the callers that are under way and turns new ones away', async () => {
  const { pool: made, connections } = rig();
  const lease = await made.acquire();
  const closed = made.close();
  await expect(made.acquire()).rejects.toThrow('closed');
  expect(connections[0]?.calls).toEqual([]);
  lease.release();
  await closed;
  expect(connections[0]?.calls).toEqual(['end']);
});
