import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import {
  hasMariadb,
  hasPostgres,
  startMariadb,
  startPostgres,
  type DatabaseServer,
} from '../testing/database-servers.ts';
import { openDatabase } from './connect.ts';
import { createIndex, createTable, dropTable, type MigrationDb } from './ddl.ts';
import {
  migrateDown,
  MigrationFailedError,
  MigrationHistoryError,
  MigrationLockedError,
  MigrationTargetError,
  migrateToLatest,
  migrationStatus,
  pendingMigrations,
  refuseNewerDatabase,
  whyNotMigrated,
} from './migrate.ts';
import { historyOf } from './migrate-history.ts';
import { withMigrationLock } from './migrate-lock.ts';
import type { Migration, MigrationModule } from './migrate-source.ts';
import { defaultLimits } from './migrate-step.ts';
import { migrations } from './migrations/list.ts';
import { dumpSchema } from './schema-dump.ts';
import type { Db } from './schema.ts';
import { seedOf } from './testing/seeds.ts';

/*
 * One body on every database, with real servers of the distribution. A missing one is "not run", which fails in CI.
 */

type Engine = { readonly name: 'sqlite' | 'mysql' | 'postgresql'; readonly isThere: boolean };

const engines: readonly Engine[] = [
  { name: 'sqlite', isThere: true },
  { name: 'mysql', isThere: hasMariadb },
  { name: 'postgresql', isThere: hasPostgres },
];

const names = migrations.map(({ name }) => name);
const quick = { ...defaultLimits, lockTimeoutSeconds: 1, retryDelayMs: 10 };

function migration(name: string, module: Partial<MigrationModule>, checksum = name): Migration {
  const whole = { revision: name, downRevision: null, up: () => Promise.resolve(), ...module };
  return { name, checksum, effect: 'safe', rules: [], module: whole };
}

const child = join(import.meta.dirname, 'testing', 'migrate-process.ts');

/** `aapanel migrate up` as a process of its own; with `dieAfter` it is killed after so many statements. */
function migrateInAnotherProcess(
  env: Record<string, string>,
  cwd: string,
  dieAfter = 0,
): Promise<{ signal: string | null; applied: string[]; statements: number }> {
  return new Promise((resolve, reject) => {
    const args = [child, JSON.stringify({ env, cwd, dieAfter })];
    const running = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    running.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    running.once('error', reject);
    running.once('close', (_code, signal) => {
      const answer = (out === '' ? {} : JSON.parse(out)) as { applied?: string[]; statements?: number };
      resolve({ signal, applied: answer.applied ?? [], statements: answer.statements ?? 0 });
    });
  });
}

for (const engine of engines) {
  if (!engine.isThere) {
    const reason = `not run: ${engine.name} is not installed`;
    console.warn(reason);
    it.skipIf(process.env['CI'] !== 'true')(reason, () => expect.fail(reason));
    continue;
  }
  describe(`migrations on ${engine.name}`, () => {
    let folder: string;
    let server: DatabaseServer | undefined;
    let env: Record<string, string>;
    let db: Db;

    /** An empty database again, in less time than the way down takes. */
    async function empty(): Promise<void> {
      if (engine.name === 'postgresql') server?.query('drop schema public cascade; create schema public');
      else if (engine.name === 'mysql') server?.query('drop database panel; create database panel');
      else for (const suffix of ['', '-wal', '-shm']) rmSync(join(folder, `panel.db${suffix}`), { force: true });
    }
    async function reopen(): Promise<void> {
      await db.destroy();
      await empty();
      db = await open();
    }
    const open = () => openDatabase(loadConfig({ argv: [], cwd: folder, env }), undefined, { isMaintenance: true });

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'aapanel-migrate-'));
      const options = { password: 'p@s:s/w' };
      const flags = ['--debug-no-sync', '--skip-sync-frm'];
      if (engine.name === 'mysql') server = await startMariadb({ ...options, flags });
      if (engine.name === 'postgresql') server = await startPostgres(options);
      const place = server?.env() ?? { DATABASE_TYPE: 'sqlite', DEV_DATABASE_PATH: join(folder, 'panel.db') };
      env = { ENVIRONMENT: 'development', DATA_DIR: folder, AGENT: 'fake', ...place };
    });
    beforeEach(async () => {
      await empty();
      db = await open();
    });
    afterEach(() => db.destroy());
    afterAll(async () => {
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it('P4.1-1 P4.1-2 M-5 from empty, down and up again step by step: the committed schema, and each down() restores the one before', async () => {
      const states = [await dumpSchema(db)];
      expect(states[0]).toBe('');
      for (const name of names) {
        expect(await migrateToLatest(db, { to: name })).toEqual([name]);
        states.push(await dumpSchema(db));
      }
      await expect(states.at(-1)).toMatchFileSnapshot(join(import.meta.dirname, 'schema', `${engine.name}.txt`));
      for (let index = names.length; index > 0; index -= 1) {
        expect(await migrateDown(db)).toEqual([names[index - 1]]);
        expect(await dumpSchema(db), names[index - 1]).toBe(states[index - 1]);
      }
      expect(await migrateToLatest(db)).toEqual(names);
      expect(await dumpSchema(db)).toBe(states.at(-1));
    });

    it('M-5 every earlier schema with rows in it is brought to the same schema, and what must stay stays', async () => {
      await migrateToLatest(db);
      const wanted = await dumpSchema(db);
      for (const name of names.slice(-6, -1)) {
        await reopen();
        await migrateToLatest(db, { to: name });
        const seed = seedOf(name);
        await seed.plant(db);
        await migrateToLatest(db);
        expect(await dumpSchema(db), name).toBe(wanted);
        await seed.check(db);
        // And back again with rows in every table that stays: once on the engine that needs seconds for it.
        if (engine.name === 'mysql' && name !== names.at(-2)) continue;
        await migrateDown(db, { to: name });
        await migrateToLatest(db);
        expect(await dumpSchema(db), name).toBe(wanted);
      }
    });

    it('M-2 a step that fails leaves the last whole schema, and its record says what was executed, how long and by what', async () => {
      const fails = migration('9000_fails', {
        async up(given) {
          await createTable(given, 'half').addColumn('id', 'integer').execute();
          throw new Error('stop here');
        },
      });
      const list = [...migrations, fails];
      const failure = await migrateToLatest(db, { migrations: list }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(MigrationFailedError);
      expect(String(failure)).toContain('9000_fails failed: stop here');
      const { applied, pending } = await migrationStatus(db, list);
      expect(applied.map(({ name }) => name)).toEqual(names);
      expect(applied.every((row) => row.checksum?.length === 64 && row.duration_ms !== null && row.tool_version)).toBe(
        true,
      );
      const isHalfDone = engine.name === 'mysql';
      expect(pending).toMatchObject([{ name: '9000_fails', isHalfDone }]);
      expect((await dumpSchema(db)).includes('half')).toBe(isHalfDone);
      // Where nothing is taken back, a panel that does not know the step sees that it began.
      if (isHalfDone) await expect(migrateToLatest(db)).rejects.toThrow(MigrationHistoryError);
      const mended = migration('9000_fails', {
        up: (given) => createTable(given, 'half').addColumn('id', 'integer').execute(),
        down: (given) => dropTable(given, 'half'),
      });
      expect(await migrateToLatest(db, { migrations: [...migrations, mended] })).toEqual(['9000_fails']);
    });

    it('M-2 what Kysely lets pass is refused: an edited file, a missing one, one out of order, a missing down', async () => {
      await migrateToLatest(db);
      const [first, second, ...rest] = migrations;
      if (first === undefined || second === undefined) return;
      const asked = (list: Migration[]) => migrateToLatest(db, { migrations: list }).catch((error: unknown) => error);
      // The source beside the code counts, so the edited one needs a name of its own.
      await historyOf(db)
        .updateTable('schema_migration')
        .set({ checksum: 'other' })
        .where('name', '=', first.name)
        .execute();
      expect(await asked([...migrations])).toMatchObject({ problems: [{ kind: 'edited', name: first.name }] });
      await expect(migrateDown(db)).rejects.toThrow('was changed after it was executed');
      await historyOf(db)
        .updateTable('schema_migration')
        .set({ checksum: null })
        .where('name', '=', first.name)
        .execute();
      expect(await asked([first, ...rest])).toMatchObject({ problems: [{ kind: 'gone', name: second.name }] });
      const late = migration('0001_z_late', {});
      expect(await asked([first, late, second, ...rest])).toMatchObject({
        problems: [{ kind: 'order', name: late.name }],
      });
      const oneWay = migration('9001_one_way', { irreversible: 'rows were merged' });
      const list = [...migrations, oneWay];
      await migrateToLatest(db, { migrations: list });
      await expect(migrateDown(db, { migrations: list })).rejects.toThrow(MigrationTargetError);
      await expect(migrateDown(db, { migrations: list })).rejects.toThrow('rows were merged');
    });

    it('a database that Kysely’s migrator made is taken over with its rows, and the old table can still be read', async () => {
      await migrateToLatest(db, { to: '0003_jobs' });
      await seedOf('0003_jobs').plant(db);
      const rows = await historyOf(db).selectFrom('schema_migration').select(['name', 'timestamp']).execute();
      await dropTable(db as unknown as MigrationDb, 'schema_migration');
      await createTable(db as unknown as MigrationDb, 'schema_migration')
        .addColumn('name', 'varchar(255)', (column) => column.notNull().primaryKey())
        .addColumn('timestamp', 'varchar(255)', (column) => column.notNull())
        .execute();
      for (const row of rows)
        await historyOf(db)
          .insertInto('schema_migration')
          .values(row as never)
          .execute();
      expect(await pendingMigrations(db)).toEqual(names.slice(3));
      expect(await migrateToLatest(db)).toEqual(names.slice(3));
      await seedOf('0003_jobs').check(db);
      const { applied, problems } = await migrationStatus(db);
      expect(problems).toEqual([]);
      expect(applied.every(({ checksum }) => checksum?.length === 64)).toBe(true);
    });

    it('M-6 a newer database is refused by the start, by up and by down, and nothing is written', async () => {
      await migrateToLatest(db);
      await historyOf(db)
        .insertInto('schema_migration')
        .values({ name: '9999_future', timestamp: '', checksum: null, duration_ms: 1, tool_version: '9', state: null })
        .execute();
      const before = [await dumpSchema(db), await migrationStatus(db)];
      await expect(refuseNewerDatabase(db)).rejects.toThrow('9999_future was executed by a newer version');
      await expect(migrateToLatest(db)).rejects.toThrow(MigrationHistoryError);
      await expect(migrateDown(db)).rejects.toThrow(MigrationHistoryError);
      expect([await dumpSchema(db), await migrationStatus(db)]).toEqual(before);
      // A panel that already runs goes on: the next version prepares the database beside it.
      expect(await whyNotMigrated(db)).toBeUndefined();
    });

    it('M-4 P4.1-4 two processes that migrate at once apply each step once, and the one that waits too long says who is at work', async () => {
      const [one, two] = await Promise.all([
        migrateInAnotherProcess(env, folder),
        migrateInAnotherProcess(env, folder),
      ]);
      expect([...one.applied, ...two.applied].sort()).toEqual(names);
      expect([one.applied, two.applied]).toContainEqual([]);
      await reopen();
      const other = await open();
      try {
        await other.connection().execute(async (connection) => {
          await withMigrationLock(connection as unknown as MigrationDb, 0, async () => {
            const refused = await migrateToLatest(db, { lockWaitMs: 150 }).catch((error: unknown) => error);
            expect(refused).toBeInstanceOf(MigrationLockedError);
            expect(String(refused)).toContain(`process ${process.pid}`);
            expect(await whyNotMigrated(db)).toContain('another process is migrating the database');
          });
        });
        expect(await migrateToLatest(db)).toEqual(names);
      } finally {
        await other.destroy();
      }
    });

    it('M-4 a lock whose owner ended without releasing it is taken over at once', async () => {
      const died = await migrateInAnotherProcess(env, folder, 12);
      expect(died.signal).toBe('SIGKILL');
      const startedAt = performance.now();
      expect((await migrateToLatest(db)).length).toBeGreaterThan(0);
      expect(performance.now() - startedAt).toBeLessThan(8_000);
      expect((await migrationStatus(db)).holder).toBeNull();
    });

    // SQLite has one writer: there the lock of the migrations is refused already (M-4 above).
    it.skipIf(engine.name === 'sqlite')(
      'a lock that somebody holds on a table ends the step after its limit, and the retries after theirs',
      async () => {
        const list = [
          migration('0001_one', {
            up: (given) => createTable(given, 'one').addColumn('id', 'integer').execute(),
            down: (given) => dropTable(given, 'one'),
          }),
          migration('0002_two', {
            up: (given) => createIndex(given, 'one_id', 'one', ['id']),
            down: () => Promise.resolve(),
          }),
        ];
        await migrateToLatest(db, { migrations: list, to: '0001_one' });
        const other = await open();
        let tries = 0;
        const counted = list.map((step) => ({
          ...step,
          module: { ...step.module, up: (given: MigrationDb) => ((tries += 1), step.module.up(given)) },
        }));
        try {
          await other.transaction().execute(async (transaction) => {
            await sql`insert into one (id) values (1)`.execute(transaction);
            const limits = { ...quick, lockRetries: 1 };
            const failure = await migrateToLatest(db, { migrations: counted, limits, lockWaitMs: 0 }).catch(
              (error: unknown) => error,
            );
            expect(failure).toBeInstanceOf(MigrationFailedError);
          });
          expect(tries).toBe(2);
          expect(await migrateToLatest(db, { migrations: counted, limits: quick })).toEqual(['0002_two']);
        } finally {
          await other.destroy();
        }
      },
    );

    it('M-3 killed at ten points of an up, the next start ends with the whole new schema', async () => {
      const states = new Map([['', '']]);
      for (const name of names) {
        await migrateToLatest(db, { to: name });
        states.set(name, await dumpSchema(db));
      }
      const wanted = await dumpSchema(db);
      await reopen();
      // Each start goes on where the one before was killed, and is killed later.
      for (let kill = 1; kill <= 10; kill += 1) {
        const died = await migrateInAnotherProcess(env, folder, 4 + 4 * kill);
        expect(died.signal, `kill ${kill}`).toBe('SIGKILL');
        await expectOldOrNew(states);
      }
      await migrateToLatest(db);
      expect(await dumpSchema(db)).toBe(wanted);
      expect((await migrationStatus(db)).applied.map(({ name }) => name)).toEqual(names);
    });

    /** Before anything goes on: SQLite and PostgreSQL stand at a whole step; MySQL says which step it stopped in. */
    async function expectOldOrNew(states: ReadonlyMap<string, string>): Promise<void> {
      const { applied, pending } = await migrationStatus(db);
      if (engine.name === 'mysql') {
        expect(pending.filter(({ isHalfDone }) => isHalfDone).length).toBeLessThan(2);
        return;
      }
      expect(await dumpSchema(db)).toBe(states.get(applied.at(-1)?.name ?? ''));
    }
  });
}
