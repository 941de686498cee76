import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sql } from 'kysely';
import { putSetting, findSetting } from '../features/settings/settings.store.ts';
import { testConfig } from '../testing.ts';
import { openDatabase } from './connect.ts';
import { databaseFigures } from './figures.ts';
import { migrateToLatest } from './migrate.ts';
import { openDatabaseOf } from './registry.ts';
import type { Db } from './schema.ts';
import { cutWal } from './sqlite-wal.ts';

const run = promisify(execFile);
let folder: string;
let db: Db;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aapanel-test-'));
  db = await openDatabase(testConfig(folder));
  await migrateToLatest(db);
});
afterAll(async () => {
  await db.destroy();
  await rm(folder, { recursive: true, force: true });
});

it('three processes that read and then write in 50 transactions each never meet a locked database', async () => {
  await putSetting(db, 'counter', 0, 0);
  const program = `
    const { testConfig } = await import('#server/testing.ts');
    const { openDatabase } = await import('#server/db/connect.ts');
    const { findSetting, putSetting } = await import('#server/features/settings/settings.store.ts');
    const db = await openDatabase(testConfig(process.argv[1]));
    for (let round = 0; round < 50; round += 1) {
      await db.transaction().execute(async (transaction) => {
        await putSetting(transaction, 'counter', (await findSetting(transaction, 'counter')) + 1, round);
      });
    }
    await db.destroy();`;
  const root = join(import.meta.dirname, '..', '..');
  const args = ['--input-type=module', '-e', program, folder];
  await Promise.all([1, 2, 3].map(() => run(process.execPath, args, { cwd: root })));
  expect(await findSetting(db, 'counter')).toBe(150);
});

it('a write waits for another process without holding up the rest of this one, and gives up in the end', async () => {
  const other = new DatabaseSync(join(folder, 'panel.db'));
  other.exec('begin immediate');
  let longestMs = 0;
  let lastAt = performance.now();
  const ticker = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - lastAt);
    lastAt = performance.now();
  }, 1);
  const written = putSetting(db, 'patience', 'kept', 1);
  await new Promise((resolve) => setTimeout(resolve, 600));
  other.exec('commit');
  await written;
  expect(await findSetting(db, 'patience')).toBe('kept');
  // A quarter of a second is far from the five seconds that SQLite would have waited, also on a busy machine.
  expect(longestMs).toBeLessThan(250);
  other.exec('begin immediate');
  await expect(putSetting(db, 'patience', 'lost', 2)).rejects.toThrow('locked');
  clearInterval(ticker);
  other.exec('rollback');
  other.close();
  expect(await findSetting(db, 'patience')).toBe('kept');
});

it('P-8 fifty writers with a hundred transactions each take turns, none is busy, and readers do not wait for them', async () => {
  await putSetting(db, 'turns', 0, 0);
  const readMs: number[] = [];
  let isWriting = true;
  const reader = (async () => {
    while (isWriting) {
      const startedAt = performance.now();
      await findSetting(db, 'patience');
      readMs.push(performance.now() - startedAt);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const writer = async () => {
    for (let round = 0; round < 100; round += 1) {
      await db.transaction().execute(async (transaction) => {
        await putSetting(transaction, 'turns', Number(await findSetting(transaction, 'turns')) + 1, round);
      });
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: 50 }, writer));
  const wholeMs = performance.now() - startedAt;
  isWriting = false;
  await reader;
  expect(await findSetting(db, 'turns')).toBe(5000);
  const middle = readMs.toSorted((a, b) => a - b)[Math.floor(readMs.length / 2)];
  // By the time that the writers take on this machine: whoever waited for them would read a few times, not hundreds of times.
  expect(middle).toBeLessThan(wholeMs / 20);
  expect(databaseFigures(db)).toMatchObject({ active: 0, waiting: 0, timeoutsTotal: 0, refusedTotal: 0 });
});

it('P-8 the write-ahead log is measured, and one that is too long is cut', async () => {
  await putSetting(db, 'long', 'x'.repeat(200_000), 1);
  expect(databaseFigures(db).walBytes).toBeGreaterThan(200_000);
  const path = join(folder, 'panel.db');
  const { pool } = openDatabaseOf(db);
  expect(await cutWal(path, pool, undefined)).toBeGreaterThan(200_000);
  expect(await cutWal(path, pool, undefined, 100_000)).toBe(0);
  expect(databaseFigures(db).walBytes).toBe(0);
  expect(await findSetting(db, 'long')).toHaveLength(200_000);
});

it('the file is in WAL mode with foreign keys, in a folder of its owner alone', async () => {
  const pragma = async (name: string) => {
    const { rows } = await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(db);
    return Object.values(rows[0] ?? {})[0];
  };
  expect(await pragma('journal_mode')).toBe('wal');
  expect(await pragma('foreign_keys')).toBe(1);
  const orphan = db
    .insertInto('session')
    .values({
      id: 'a',
      person_id: 'nobody',
      token_hash: 'x',
      address: '',
      user_agent: '',
      created_at: 0,
      last_used_at: 0,
      expires_at: 0,
    })
    .execute();
  await expect(orphan).rejects.toThrow('FOREIGN KEY');
  const deep = await openDatabase(testConfig(folder, { env: { DEV_DATABASE_PATH: join(folder, 'deep', 'panel.db') } }));
  await migrateToLatest(deep);
  expect((await stat(join(folder, 'deep'))).mode & 0o777).toBe(0o700);
  for (const name of ['panel.db', 'panel.db-wal']) {
    expect((await stat(join(folder, 'deep', name))).mode & 0o777).toBe(0o600);
  }
  await deep.destroy();
});
