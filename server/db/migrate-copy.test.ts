import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { openDatabase } from './connect.ts';
import { createTable, type MigrationDb } from './ddl.ts';
import { copyFolder, keptCopies, sqliteSafety } from './migrate-copy.ts';
import { MigrationFailedError, migrateToLatest, migrationStatus, type Safety } from './migrate.ts';
import { planMigrations } from './migrate-plan.ts';
import type { Migration } from './migrate-source.ts';
import { migrations } from './migrations/list.ts';
import { dumpSchema } from './schema-dump.ts';
import type { Db } from './schema.ts';

let folder: string;
let path: string;
let db: Db;
let safety: Safety;
let copy: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aapanel-copy-'));
  path = join(folder, 'panel.db');
  const env = { ENVIRONMENT: 'development', DATA_DIR: folder, AGENT: 'fake', DEV_DATABASE_PATH: path };
  db = await openDatabase(loadConfig({ argv: [], cwd: folder, env }));
  safety = sqliteSafety(path, copyFolder(path), (made) => (copy = made));
  await migrateToLatest(db, { to: '0003_jobs' });
  await db.insertInto('setting').values({ name: 'theme', value_json: '1', updated_at: 1 }).execute();
});
afterEach(async () => {
  await db.destroy();
  rmSync(folder, { recursive: true, force: true });
});

function step(name: string, up: (given: MigrationDb) => Promise<void>): Migration {
  const module = { revision: name, downRevision: null, up, down: () => Promise.resolve() };
  return { name, checksum: name, effect: 'safe', rules: [], module };
}

const fails = step('9000_fails', async (given) => {
  await createTable(given, 'half').addColumn('id', 'text').execute();
  throw new Error('stop here');
});

describe('the copy before a migration', () => {
  it('M-3 is whole, checked and readable by its owner only; the newest ones are kept', async () => {
    await migrateToLatest(db, { safety, to: '0004_accounts' });
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(statSync(copyFolder(path)).mode & 0o777).toBe(0o700);
    const opened = new DatabaseSync(copy, { readOnly: true });
    expect(opened.prepare('select name from schema_migration order by name').all()).toHaveLength(3);
    expect(opened.prepare('select name from setting').get()).toMatchObject({ name: 'theme' });
    opened.close();
    const steps = Array.from({ length: 5 }, (_, index) => step(`900${index}_step`, () => Promise.resolve()));
    const list = [...migrations, ...steps];
    for (const { name } of steps) await migrateToLatest(db, { safety, migrations: list, to: name });
    expect(readdirSync(copyFolder(path))).toHaveLength(keptCopies);
  });

  it('M-2 M-3 is put back when a later step fails: rows, schema and history are as before', async () => {
    const before = [await dumpSchema(db), (await migrationStatus(db)).applied];
    const failure = await migrateToLatest(db, { safety, migrations: [...migrations, fails] }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(MigrationFailedError);
    expect(failure).toMatchObject({ migration: '9000_fails', restored: true });
    expect([await dumpSchema(db), (await migrationStatus(db)).applied]).toEqual(before);
    expect(await db.selectFrom('setting').select('name').execute()).toEqual([{ name: 'theme' }]);
    expect((await migrationStatus(db)).holder).toBeNull();
    await migrateToLatest(db, { safety });
  });

  it('M-3 is put back when the database is not sound afterwards', async () => {
    const before = await dumpSchema(db);
    const orphan = step('9000_orphan', async (given) => {
      await createTable(given, 'parent')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .execute();
      await createTable(given, 'child')
        .addColumn('parent_id', 'text')
        .addForeignKeyConstraint('child_parent', ['parent_id'], 'parent', ['id'])
        .execute();
    });
    const broken: Safety = {
      ...safety,
      before: (given, names) => safety.before(given, names),
      async check(given) {
        const other = new DatabaseSync(path, { enableForeignKeyConstraints: false });
        other.exec("insert into child (parent_id) values ('nobody')");
        other.close();
        await safety.check(given);
      },
    };
    const failure = await migrateToLatest(db, { safety: broken, migrations: [...migrations, orphan] }).catch(
      (error: unknown) => error,
    );
    expect(String(failure)).toContain('rows of child point to rows of parent that do not exist');
    expect(failure).toMatchObject({ restored: true });
    expect(await dumpSchema(db)).toBe(before);
  });

  it('M-3 stays aside when somebody else wrote meanwhile: nothing of theirs is lost', async () => {
    const writes = step('9000_writes', () => {
      throw new Error('stop here');
    });
    const meanwhile: Safety = {
      ...safety,
      async before(given, names) {
        await safety.before(given, names);
        const other = new DatabaseSync(path);
        other.exec("insert into setting (name, value_json, updated_at) values ('other', '1', 1)");
        other.close();
      },
    };
    const failure = await migrateToLatest(db, { safety: meanwhile, migrations: [...migrations, writes] }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ migration: '9000_writes', restored: false });
    expect((await migrationStatus(db)).applied.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name));
    expect(await db.selectFrom('setting').select('name').orderBy('name').execute()).toEqual([
      { name: 'other' },
      { name: 'theme' },
    ]);
  });

  it('P4.1-5 when it fails nothing is run', async () => {
    const before = await dumpSchema(db);
    const full: Safety = { ...safety, before: () => Promise.reject(new Error('no space left')) };
    await expect(migrateToLatest(db, { safety: full })).rejects.toThrow('no space left');
    expect(await dumpSchema(db)).toBe(before);
    expect((await migrationStatus(db)).holder).toBeNull();
  });
});

describe('the plan', () => {
  it('M-7 P4.1-5 has the SQL of each engine with its locks and findings, and nothing is asked or changed', async () => {
    const before = await dumpSchema(db);
    for (const engine of ['sqlite', 'mysql', 'postgresql'] as const) {
      const steps = await planMigrations(migrations, ['0004_accounts', '0005_doors'], engine);
      expect(steps.map(({ name, effect }) => [name, effect])).toEqual([
        ['0004_accounts', 'destructive'],
        ['0005_doors', 'safe'],
      ]);
      const [accounts] = steps;
      expect(accounts?.rules).toContain('V-drop');
      const statements = accounts?.statements ?? [];
      const quote = engine === 'mysql' ? '`' : '"';
      const dropped = `alter table ${quote}person${quote} drop column ${quote}password_hash${quote}`;
      expect(statements.map(({ sql }) => sql)).toContain(dropped);
      expect(statements.find(({ sql }) => sql === dropped)?.lock).toBe(engine === 'sqlite' ? 'database' : 'short');
      const index = statements.find(({ sql }) => sql.includes('audit_pending'));
      expect(index?.lock).toBe({ sqlite: 'database', mysql: 'short', postgresql: 'writes' }[engine]);
    }
    expect(await dumpSchema(db)).toBe(before);
  });
});
