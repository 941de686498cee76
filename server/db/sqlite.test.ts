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
import { migrateToLatest } from './migrate.ts';
import type { Db } from './schema.ts';

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
