import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import {
  hasMariadb,
  hasPostgres,
  startMariadb,
  startPostgres,
  type DatabaseServer,
} from '../testing/database-servers.ts';
import { testConfig } from '../testing.ts';
import { openDatabase } from './connect.ts';
import { databaseFigures } from './figures.ts';
import type { Db } from './schema.ts';

/* A server that is killed and comes back while the panel works. */

const password = 'S3cret-of-this-test';
const engines = [
  {
    name: 'mysql',
    isHere: hasMariadb,
    // Each commit reaches the kernel: a killed server keeps it.
    start: () => startMariadb({ password, flags: ['--innodb-flush-log-at-trx-commit=2'] }),
  },
  { name: 'postgresql', isHere: hasPostgres, start: () => startPostgres({ password }) },
] as const;

describe.each(engines)('$name', ({ isHere, start }) => {
  let folder: string;
  let server: DatabaseServer;
  let db: Db;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aapanel-fault-'));
    if (!isHere) return;
    server = await start();
    db = await openDatabase(testConfig(folder, { env: server.env() }));
    await sql`create table probe (id varchar(32) not null)`.execute(db);
  });
  afterAll(async () => {
    await db?.destroy();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it.skipIf(!isHere)(
    'P-4 killed under load and started again: nothing is lost, nothing is written twice, and the pool heals in two seconds',
    async () => {
      const unhandled: unknown[] = [];
      const note = (error: unknown) => void unhandled.push(error);
      process.on('unhandledRejection', note);
      const done: string[] = [];
      const refused: string[] = [];
      const unknown: string[] = [];
      const other: unknown[] = [];
      let isOver = false;
      let lastDoneAt = 0;
      async function writer(name: string): Promise<void> {
        for (let count = 0; !isOver; count += 1) {
          const id = `${name}-${count}`;
          try {
            if (count % 2 === 0) await sql`insert into probe (id) values (${id})`.execute(db);
            else {
              await db.transaction().execute(async (transaction) => {
                await sql`insert into probe (id) values (${id})`.execute(transaction);
                await sql`select count(*) from probe where id = ${id}`.execute(transaction);
              });
            }
            done.push(id);
            lastDoneAt = performance.now();
          } catch (error) {
            if (!(error instanceof AppError) || error.code !== 'database_unavailable') other.push(error);
            else if (error.reason === 'database_lost') unknown.push(id);
            else refused.push(id);
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        }
      }
      // A second try begins anew.
      await sql`delete from probe`.execute(db);
      const writers = Promise.all(Array.from({ length: 8 }, (_, number) => writer(`w${number}`)));
      await expect.poll(() => done.length, { timeout: 10_000 }).toBeGreaterThan(200);
      await server.halt('SIGKILL');
      const doneBefore = done.length;
      // It stays away until somebody was refused for it.
      await expect.poll(() => refused.length, { interval: 10, timeout: 20_000 }).toBeGreaterThan(0);
      await server.resume();
      const backAt = performance.now();
      await expect.poll(() => done.length, { interval: 10, timeout: 10_000 }).toBeGreaterThan(doneBefore + 8);
      const healedMs = lastDoneAt - backAt;
      isOver = true;
      await writers;
      process.off('unhandledRejection', note);
      expect(healedMs).toBeLessThan(2_000);
      expect(other).toEqual([]);
      const { rows } = await sql<{ id: string; times: number }>`
        select id, count(*) as times from probe group by id`.execute(db);
      expect(rows.filter(({ times }) => Number(times) !== 1)).toEqual([]);
      const kept = new Set(rows.map(({ id }) => id));
      expect(done.filter((id) => !kept.has(id))).toEqual([]);
      expect(refused.filter((id) => kept.has(id))).toEqual([]);
      expect(unhandled).toEqual([]);
      const figures = databaseFigures(db);
      expect(figures).toMatchObject({ active: 0, waiting: 0, isBreakerOpen: false });
      expect(figures.connectionErrors).toBeGreaterThan(0);
    },
  );
});
