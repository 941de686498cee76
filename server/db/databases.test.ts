import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstRunLink } from '../features/accounts/accounts.logic.ts';
import { findLink, replaceLink, useLink } from '../features/accounts/accounts.store.ts';
import { findSetting, putSetting } from '../features/settings/settings.store.ts';
import { newId } from '../core/id.ts';
import {
  hasMariadb,
  hasPostgres,
  startMariadb,
  startPostgres,
  type DatabaseServer,
  type DatabaseServerOptions,
} from '../testing/database-servers.ts';
import { makeTestApp, testConfig, type TestApp } from '../testing.ts';
import { openDatabase } from './connect.ts';
import { isUniqueError } from './errors.ts';
import { migrateToLatest, MigrationHistoryError, pendingMigrations } from './migrate.ts';

/*
 * One body on every database, with real servers started here from the distribution's packages (mariadb-server,
 * postgresql). Where those are missing the engine is reported as not run, which fails in CI.
 */

const run = promisify(execFile);
const oddPassword = 'p@s:s/w#é%';

type Engine = {
  readonly name: 'sqlite' | 'mysql' | 'postgresql';
  /** undefined: it cannot run here, and why. */
  readonly missing: string | undefined;
  /** Variables that make the panel use an empty database; twice when the password can be given in two ways. */
  start(folder: string): Promise<Record<string, string>[]>;
  stop(): Promise<void>;
  halt(): Promise<void>;
  /** Starts a halted server again; undefined where there is no server. */
  readonly resume?: () => Promise<void>;
  /** Asks the database itself, with its own client. */
  query(sql: string): string;
};

async function until(isTrue: () => Promise<unknown>): Promise<void> {
  const endsAt = Date.now() + 30_000;
  for (;;) {
    try {
      await isTrue();
      return;
    } catch (error) {
      if (Date.now() > endsAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function sqlite(): Engine {
  let path = '';
  return {
    name: 'sqlite',
    missing: undefined,
    start(folder) {
      path = join(folder, 'a b', 'panel.db');
      return Promise.resolve([{ DATABASE_TYPE: 'sqlite', DEV_DATABASE_PATH: path }]);
    },
    stop: () => Promise.resolve(),
    halt: () => Promise.resolve(),
    query(sql) {
      const database = new DatabaseSync(path, { readOnly: true });
      const rows = database.prepare(sql).all();
      database.close();
      return JSON.stringify(rows);
    },
  };
}

function withServer(
  name: 'mysql' | 'postgresql',
  isHere: boolean,
  launch: (options: DatabaseServerOptions) => Promise<DatabaseServer>,
): Engine {
  let server: DatabaseServer | undefined;
  const running = () => {
    if (server === undefined) throw new Error('not started');
    return server;
  };
  return {
    name,
    missing: isHere ? undefined : `the server of ${name} is not installed`,
    async start() {
      server = await launch({ password: oddPassword });
      return [server.env(), { DATABASE_TYPE: name, DATABASE_URL: server.url() }];
    },
    stop: async () => server?.stop(),
    halt: () => running().halt(),
    resume: () => running().resume(),
    query: (sql) => running().query(sql),
  };
}

const engines = [
  sqlite(),
  withServer('mysql', hasMariadb, startMariadb),
  withServer('postgresql', hasPostgres, startPostgres),
];

async function migrateInAnotherProcess(folder: string, env: Record<string, string>): Promise<string[]> {
  const program = `
    const [folder, env] = JSON.parse(process.argv[1]);
    const { testConfig } = await import('#server/testing.ts');
    const { openDatabase } = await import('#server/db/connect.ts');
    const { migrateToLatest } = await import('#server/db/migrate.ts');
    const db = await openDatabase(testConfig(folder, { env }));
    console.log(JSON.stringify(await migrateToLatest(db)));
    await db.destroy();`;
  const args = ['--input-type=module', '-e', program, JSON.stringify([folder, env])];
  const { stdout } = await run(process.execPath, args, { cwd: join(import.meta.dirname, '..', '..') });
  return JSON.parse(stdout) as string[];
}

for (const engine of engines) {
  if (engine.missing !== undefined) {
    const reason = `not run: ${engine.name}: ${engine.missing}`;
    console.warn(reason);
    it.skipIf(process.env['CI'] !== 'true')(reason, () => expect.fail(reason));
    continue;
  }
  describe(engine.name, () => {
    let folder: string;
    let variables: Record<string, string>[] = [];
    let test: TestApp;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'aapanel-db-'));
      variables = await engine.start(folder);
    });
    afterAll(async () => {
      await test?.close();
      await engine.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const open = () => openDatabase(testConfig(folder, { env: variables[0] ?? {} }));

    it('three processes that migrate at once end with one complete schema', async () => {
      const db = await open();
      const all = await pendingMigrations(db);
      expect(all[0]).toBe('0001_core');
      const applied = await Promise.all([1, 2, 3].map(() => migrateInAnotherProcess(folder, variables[0] ?? {})));
      expect(applied.flat()).toEqual(all);
      expect(await pendingMigrations(db)).toEqual([]);
      expect(await migrateToLatest(db)).toEqual([]);
      await db.destroy();
    });

    it('a migration that stopped after its work and before its record is met again without harm', async () => {
      const db = await open();
      engine.query('select 1');
      await db.deleteFrom('schema_migration' as 'setting').execute();
      expect((await migrateToLatest(db))[0]).toBe('0001_core');
      await db.destroy();
    });

    it('a database of a newer version is refused and left alone', async () => {
      const db = await open();
      const history = 'schema_migration' as 'setting';
      const future = { name: '9999_future', timestamp: new Date().toISOString() } as unknown as {
        name: string;
        value_json: string;
        updated_at: number;
      };
      await db.insertInto(history).values(future).execute();
      await expect(migrateToLatest(db)).rejects.toThrow(MigrationHistoryError);
      await db.deleteFrom(history).where('name', '=', '9999_future').execute();
      await db.destroy();
    });

    it('P1.2-6 the owner created through the API is found there with the database’s own client', async () => {
      test = await makeTestApp({ env: variables[0] ?? {} });
      const token = (await firstRunLink(test.ctx))?.split('#token=')[1] ?? '';
      const input = { token, name: 'laila', displayName: 'ليلى 🌙', password: 'a long enough secret' };
      const made = await test.anonymous.post('/api/v1/first-run', input);
      expect(made.status).toBe(201);
      const found = engine.query('select name, display_name, role from person');
      expect(found).toContain('laila');
      expect(found).toContain('ليلى 🌙');
      const signedIn = await test.anonymous.post('/api/v1/sign-in', {
        name: 'laila',
        password: 'a long enough secret',
      });
      expect(signedIn.json).toMatchObject({ state: 'signed_in', me: { person: { displayName: 'ليلى 🌙' } } });
      const owner = await test.signIn();
      const rows = await owner.get('/api/v1/audit?pageSize=1');
      expect(rows.json).toMatchObject({ items: [{ action: 'signIn', outcome: 'done' }], total: 2 });
    });

    it('P1.2-7 a password with every odd letter works as variable and in a URL', async () => {
      for (const env of variables) {
        const db = await openDatabase(testConfig(folder, { env }));
        expect(await db.selectFrom('person').select('name').where('name', '=', 'laila').execute()).toHaveLength(1);
        await db.destroy();
      }
      if (engine.name === 'sqlite') return;
      const wrong = testConfig(folder, { env: { ...variables[0], DB_PASSWORD: 'other' } });
      const failure: unknown = await openDatabase(wrong).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(Error);
      expect(String(failure)).not.toContain('other');
    });

    it('times are numbers, text is exact, names differ by case, and a duplicate is recognised', async () => {
      const { db } = test.ctx;
      const row = { value_json: `"'\\\\ \u0001 \u{1F319} ${'س'.repeat(5000)}"`, updated_at: 253_402_300_799_999 };
      await db
        .insertInto('setting')
        .values({ name: 'Case', ...row })
        .execute();
      await db
        .insertInto('setting')
        .values({ name: 'case', ...row })
        .execute();
      expect(await db.selectFrom('setting').selectAll().where('name', '=', 'Case').execute()).toEqual([
        { name: 'Case', ...row },
      ]);
      const failure: unknown = await db
        .insertInto('setting')
        .values({ name: 'case', ...row })
        .execute()
        .then(
          () => undefined,
          (error: unknown) => error,
        );
      expect(isUniqueError(failure)).toBe(true);
      expect(isUniqueError(new Error('other'))).toBe(false);
    });

    it('a transaction that fails leaves nothing', async () => {
      const { db } = test.ctx;
      const failed = db.transaction().execute(async (transaction) => {
        await putSetting(transaction, 'half', 1, 1);
        throw new Error('stop');
      });
      await expect(failed).rejects.toThrow('stop');
      expect(await findSetting(db, 'half')).toBeUndefined();
    });

    it('a setting written by ten at once is there once', async () => {
      const { db } = test.ctx;
      await Promise.all(Array.from({ length: 10 }, (_, value) => putSetting(db, 'many', value, value)));
      expect(await db.selectFrom('setting').select('name').where('name', '=', 'many').execute()).toHaveLength(1);
      await putSetting(db, 'many', 'same', 5);
      await putSetting(db, 'many', 'same', 5);
      expect(await findSetting(db, 'many')).toBe('same');
    });

    it('a one-time link is used by exactly one of ten', async () => {
      const { db } = test.ctx;
      const tokenHash = newId().repeat(4);
      await replaceLink(db, { purpose: 'first_run', personId: null, tokenHash, at: 1, expiresAt: 1000 });
      const link = await findLink(db, 'first_run', tokenHash, 2);
      const used = await Promise.all(Array.from({ length: 10 }, () => useLink(db, link?.id ?? '', 2)));
      expect(used.filter(Boolean)).toHaveLength(1);
      expect(await findLink(db, 'first_run', tokenHash, 2)).toBeUndefined();
    });

    it.skipIf(engine.resume === undefined)(
      'while the server is away the panel is not ready but alive, and it heals by itself when the server is back',
      async () => {
        const ready = async () => (await test.anonymous.get('/health/ready')).status;
        expect(await ready()).toBe(200);
        await engine.halt();
        await new Promise((resolve) => setTimeout(resolve, 1_050));
        const startedAt = performance.now();
        expect(await ready()).toBe(503);
        expect(performance.now() - startedAt).toBeLessThan(2_000);
        expect((await test.anonymous.get('/health/live')).status).toBe(200);
        const failed = await test.anonymous.get('/api/v1/sign-in');
        expect([failed.status, failed.text.includes('127.0.0.1')]).toEqual([503, false]);
        expect(failed.headers['retry-after']).toBe('2');
        await engine.resume?.();
        await until(async () => {
          if ((await ready()) !== 200) throw new Error('still not ready');
        });
        expect((await test.anonymous.get('/api/v1/sign-in')).status).toBe(200);
      },
      40_000,
    );
  });
}
