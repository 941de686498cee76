import { monitorEventLoopDelay } from 'node:perf_hooks';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Operation } from '#shared/http.ts';
import { ConfigError } from '../config.ts';
import { route } from '../core/route.ts';
import { findSetting, putSetting } from '../features/settings/settings.store.ts';
import {
  hasMariadb,
  hasPostgres,
  startMariadb,
  startPostgres,
  type DatabaseServer,
} from '../testing/database-servers.ts';
import { makeTestApp, testConfig } from '../testing.ts';
import { openDatabase } from './connect.ts';
import { databaseFigures } from './figures.ts';
import { checkDatabase } from './health.ts';
import { migrateToLatest } from './migrate.ts';
import { refuseTooManyConnections } from './pool-limit.ts';
import { openDatabaseOf } from './registry.ts';
import type { Db } from './schema.ts';
import { inTransaction } from './transaction.ts';

/* The pool over real connections of every engine; servers that stop are in pool-faults.test.ts. */

const password = 'S3cret-of-this-test';
const engines = [
  { name: 'sqlite', isHere: true, start: () => Promise.resolve(undefined) },
  {
    name: 'mysql',
    isHere: hasMariadb,
    start: () => startMariadb({ password, flags: ['--performance-schema=on', '--character-set-server=latin1'] }),
  },
  { name: 'postgresql', isHere: hasPostgres, start: () => startPostgres({ password }) },
] as const;

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe.each(engines)('$name', ({ name, isHere, start }) => {
  const isServer = name !== 'sqlite';
  let folder: string;
  let server: DatabaseServer | undefined;
  const opened: Db[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aapanel-pool-'));
    if (!isHere) return;
    server = await start();
    const db = await open();
    await migrateToLatest(db);
  });
  afterAll(async () => {
    for (const db of opened) await db.destroy();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(env: Record<string, string> = {}): Promise<Db> {
    const db = await openDatabase(testConfig(folder, { env: { ...server?.env(), ...env } }));
    opened.push(db);
    return db;
  }
  /** Sessions of the panel that are in a transaction, as the server itself lists them. */
  function openTransactions(): number {
    if (server === undefined) return 0;
    const text =
      server.engine === 'postgresql'
        ? "select count(*) from pg_stat_activity where application_name like 'aapanel%' and (state like 'idle in%' or xact_start is not null)"
        : 'select count(*) from information_schema.innodb_trx';
    return Number(server.query(text).trim());
  }

  /** InnoDB renews its list ten times a second at most. */
  const expectTransactions = (count: number) =>
    expect.poll(openTransactions, { interval: 120, timeout: 3_000 }).toBe(count);
  const expectNoTransaction = () => expectTransactions(0);

  it.skipIf(!isHere)('P4.3-1 ten good and two bad statements are counted as exactly that', async () => {
    const db = await open();
    for (let count = 0; count < 10; count += 1) await db.selectFrom('setting').select('name').execute();
    for (let count = 0; count < 2; count += 1) {
      await expect(sql`select nothing from nowhere`.execute(db)).rejects.toThrow();
    }
    const figures = databaseFigures(db);
    expect([figures.totalQueries, figures.failedQueries, figures.successRate]).toEqual([12, 2, 83.33]);
    expect(figures.querySeconds.count).toBe(12);
  });

  it.skipIf(!isHere)(
    'P4.3-2 what was written is there for another connection, and a failed transaction is not',
    async () => {
      const [one, two] = [await open(), await open()];
      await putSetting(one, 'kept', 'yes', 1);
      await one.transaction().execute((transaction) => putSetting(transaction, 'kept too', 'yes', 1));
      const undone = one.transaction().execute(async (transaction) => {
        await putSetting(transaction, 'not kept', 'yes', 1);
        throw new Error('stop');
      });
      await expect(undone).rejects.toThrow('stop');
      expect(await findSetting(two, 'kept')).toBe('yes');
      expect(await findSetting(two, 'kept too')).toBe('yes');
      expect(await findSetting(two, 'not kept')).toBeUndefined();
      expect(databaseFigures(one)).toMatchObject({ active: 0, waiting: 0 });
      await expectNoTransaction();
    },
  );

  // SQLite has no server that this could be asked of.
  if (isServer)
    it.skipIf(!isHere)(
      'P4.3-4 P-6 twenty statements at once on a pool of five wait, and the gauges show it',
      async () => {
        const db = await open({ DB_POOL_SIZE: '5', DB_MAX_OVERFLOW: '0' });
        const wait = name === 'mysql' ? sql`select sleep(0.05)` : sql`select pg_sleep(0.05)`;
        const all = Promise.all(Array.from({ length: 20 }, () => wait.execute(db)));
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect(databaseFigures(db)).toMatchObject({
          active: expect.any(Number) as number,
          poolSize: 5,
          maxOverflow: 0,
        });
        expect(databaseFigures(db).waiting).toBeGreaterThan(0);
        await all;
        expect(databaseFigures(db)).toMatchObject({
          size: 5,
          active: 0,
          idle: 5,
          waiting: 0,
          createdTotal: 5,
          overflow: 0,
        });
        expect(databaseFigures(db).acquireSeconds.count).toBe(21);
        expect(databaseFigures(db).usageSeconds.count).toBe(21);
      },
    );

  it.skipIf(!isHere)('P-3 a hundred callers share four connections, and the process stays quick', async () => {
    const db = await open({ DB_POOL_SIZE: '4', DB_MAX_OVERFLOW: '0', DB_POOL_TIMEOUT: '5' });
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const all = Array.from({ length: 100 }, (_, number) =>
      inTransaction(db, async (transaction) => {
        await putSetting(transaction, `caller ${number}`, number, 1);
        return await findSetting(transaction, `caller ${number}`);
      }),
    );
    expect(await Promise.all(all)).toEqual(Array.from({ length: 100 }, (_, number) => number));
    delay.disable();
    expect(delay.percentile(99) / 1e6).toBeLessThan(100);
    expect(databaseFigures(db).size).toBeLessThanOrEqual(4);
  });

  it.skipIf(!isHere)(
    'P-6 with every connection taken the health check still answers, and readers are told in time',
    async () => {
      const db = await open({ DB_POOL_SIZE: '1', DB_MAX_OVERFLOW: '0', DB_POOL_TIMEOUT: '1' });
      let end = (): void => undefined;
      let taken = (): void => undefined;
      const isTaken = new Promise<void>((resolve) => (taken = resolve));
      const holder = db.transaction().execute(async (transaction) => {
        await putSetting(transaction, 'held', 1, 1);
        taken();
        await new Promise<void>((resolve) => (end = resolve));
      });
      await isTaken;
      expect(await checkDatabase(db, 2_000)).toMatchObject({ isHealthy: true });
      const refused = await failure(putSetting(db, 'late', 1, 1));
      expect(refused).toMatchObject({ code: 'database_unavailable', status: 503, reason: 'database_busy' });
      expect(databaseFigures(db)).toMatchObject({ active: 1, timeoutsTotal: 1 });
      end();
      await holder;
      await putSetting(db, 'late', 1, 1);
    },
  );

  it.skipIf(!isHere)('P-2 a transaction kept for a minute is taken away and undone; its owner is told', async () => {
    const db = await open();
    const { pool } = openDatabaseOf(db);
    const realNow = performance.now.bind(performance);
    let shift = 0;
    performance.now = () => realNow() + shift;
    const work = db.transaction().execute(async (transaction) => {
      await putSetting(transaction, 'kept for long', 1, 1);
      shift = 61_000;
      pool.sweep();
      performance.now = realNow;
      await putSetting(transaction, 'kept for longer', 1, 1);
    });
    expect(await failure(work)).toMatchObject({ code: 'database_unavailable' });
    performance.now = realNow;
    expect(await findSetting(db, 'kept for long')).toBeUndefined();
    expect(databaseFigures(db)).toMatchObject({ active: 0, leaksTotal: 1, destroyedTotal: { leaked: 1 } });
    await expectNoTransaction();
    await putSetting(db, 'after', 1, 1);
  });

  // SQLite has no server that this could be asked of.
  if (isServer)
    it.skipIf(!isHere)('P-5 a statement over its time and one that fails leave no open transaction', async () => {
      const db = await open();
      const slow = name === 'mysql' ? 'set statement max_statement_time=0.1 for select sleep(5)' : 'select pg_sleep(5)';
      const cut = db.transaction().execute(async (transaction) => {
        await putSetting(transaction, 'slow', 1, 1);
        if (name === 'postgresql') await sql`set local statement_timeout = 100`.execute(transaction);
        await sql.raw(slow).execute(transaction);
      });
      expect(await failure(cut)).toBeInstanceOf(Error);
      const wrong = db.transaction().execute(async (transaction) => {
        await putSetting(transaction, 'wrong', 1, 1);
        await sql`select nothing from nowhere`.execute(transaction);
      });
      expect(await failure(wrong)).toBeInstanceOf(Error);
      await expectNoTransaction();
      expect(await findSetting(db, 'slow')).toBeUndefined();
      expect(databaseFigures(db).active).toBe(0);
    });

  it.skipIf(!isHere)('P-5 a browser that hangs up in the middle leaves no open transaction', async () => {
    let whenReached = (): void => undefined;
    let goOn = (): void => undefined;
    const reached = new Promise<void>((resolve) => (whenReached = resolve));
    const test = await makeTestApp({
      env: { ...(server?.env() ?? { DATABASE_TYPE: 'sqlite' }) },
      features: [
        (app) => {
          const operation = {
            id: 'slowChange',
            method: 'GET',
            path: '/api/v1/slow-change',
            access: 'public',
            summary: 'test',
            response: z.object({}),
          } as const satisfies Operation;
          route(app, operation, async () => {
            await app.ctx.db.transaction().execute(async (transaction) => {
              await putSetting(transaction, 'hung up', 1, 1);
              whenReached();
              await new Promise<void>((resolve) => (goOn = resolve));
            });
            return {};
          });
        },
      ],
    });
    try {
      await test.app.listen({ port: 0, host: '127.0.0.1' });
      const { port } = test.app.server.address() as AddressInfo;
      const call = request({ port, host: '127.0.0.1', path: '/api/v1/slow-change' });
      call.on('error', () => undefined);
      const answered = new Promise<never>((_resolve, reject) => {
        call.on('response', (response) => {
          response.setEncoding('utf8').on('data', (text: string) => reject(new Error(`answered: ${text}`)));
        });
      });
      answered.catch(() => undefined);
      call.end();
      await Promise.race([reached, answered]);
      if (isServer) await expectTransactions(1);
      call.destroy();
      goOn();
      await expect.poll(() => databaseFigures(test.ctx.db).active).toBe(0);
      await expectNoTransaction();
    } finally {
      // Also when something before was not as expected: closing waits for the answer.
      goOn();
      await test.close();
    }
  });

  // SQLite has no server that this could be asked of.
  if (isServer)
    it.skipIf(!isHere)(
      'P-1 sessions name the panel, have an end to every statement, and statements name their request',
      async () => {
        const { inRequestScope } = await import('./request-scope.ts');
        const db = await open();
        const own =
          name === 'mysql'
            ? sql<{
                text: string;
              }>`select info as text, @@max_statement_time as statement_limit from information_schema.processlist where id = connection_id()`
            : sql<{
                text: string;
              }>`select query as text, application_name as name, current_setting('statement_timeout') as statement_limit from pg_stat_activity where pid = pg_backend_pid()`;
        const { rows } = await inRequestScope('r-42 */ drop table x; --', () => own.execute(db));
        expect(rows[0]?.text).toMatch(/\/\* r-42droptablex-- \*\/$/);
        const limits =
          name === 'mysql'
            ? { statement_limit: expect.anything() as unknown }
            : { statement_limit: '30s', name: `aapanel ${process.pid}` };
        expect(rows[0]).toMatchObject(limits);
        if (name === 'mysql')
          expect(Number((rows[0] as unknown as { statement_limit: string }).statement_limit)).toBe(30);
      },
    );

  // SQLite has no server that this could be asked of.
  if (isServer)
    it.skipIf(!isHere)(
      'P-1 a setting of the session does not reach the next caller, and the limits come back',
      async () => {
        const db = await open({ DB_POOL_SIZE: '1', DB_MAX_OVERFLOW: '0' });
        const [change, look] =
          name === 'mysql'
            ? [
                sql`set @mine = 7, max_statement_time = 5`,
                sql<{
                  mine: unknown;
                  limit: unknown;
                }>`select @mine as mine, @@max_statement_time + 0 as ${sql.ref('limit')}`,
              ]
            : [
                sql`set statement_timeout = 5000`,
                sql<{
                  mine: unknown;
                  limit: unknown;
                }>`select null as mine, current_setting('statement_timeout') as ${sql.ref('limit')}`,
              ];
        await db.connection().execute((connection) => change.execute(connection));
        const { rows } = await look.execute(db);
        await putSetting(db, 'after a reset', 'كلمة 🌙', 1);
        expect(await findSetting(db, 'after a reset')).toBe('كلمة 🌙');
        expect(rows[0]?.mine).toBeNull();
        expect(String(rows[0]?.limit)).toMatch(/^30(\.0+|s)?$/);
        expect(databaseFigures(db).createdTotal).toBe(1);
      },
    );

  // SQLite has no server that this could be asked of.
  if (isServer)
    it.skipIf(!isHere)('P-7 two panels must fit under the limit of the server, or the start is refused', async () => {
      const db = await open();
      await refuseTooManyConnections(db, 'production');
      const large = await open({ DB_POOL_SIZE: '40', DB_MAX_OVERFLOW: '40' });
      const refused = await failure(refuseTooManyConnections(large, 'production'));
      expect(refused).toBeInstanceOf(ConfigError);
      expect(String(refused)).toContain('162 connections');
    });
});
