import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { newId } from '../core/id.ts';
import { findSetting, putSetting } from '../features/settings/settings.store.ts';
import {
  hasMariadb,
  hasPostgres,
  startMariadb,
  startPostgres,
  type DatabaseServer,
} from '../testing/database-servers.ts';
import { testConfig } from '../testing.ts';
import { openDatabase } from './connect.ts';
import { migrateToLatest } from './migrate.ts';
import { moveDatabase, MoveError, type MovedTable } from './move.ts';
import { isMoveUnfinished, moveMark } from './move-mark.ts';
import type { Db } from './schema.ts';

const isHere = hasMariadb && hasPostgres;
const password = 'p@s:s/w#é%';
let folder: string;
let postgres: DatabaseServer;
let mariadb: DatabaseServer;
const opened: Db[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aapanel-move-'));
  if (!isHere) return;
  [postgres, mariadb] = await Promise.all([startPostgres({ password }), startMariadb({ password })]);
});
afterAll(async () => {
  for (const db of opened) await db.destroy();
  await Promise.all([postgres?.stop(), mariadb?.stop()]);
  await rm(folder, { recursive: true, force: true });
});
let count = 0;
beforeEach(() => {
  count += 1;
});

const sqliteEnv = (name: string) => ({
  DATABASE_TYPE: 'sqlite',
  DEV_DATABASE_PATH: join(folder, `${name}-${count}.db`),
});
/** A database of its own on a server. */
function serverEnv(server: DatabaseServer): Record<string, string> {
  const name = `move_${count}`;
  const charset = server.engine === 'mysql' ? ' character set utf8mb4' : '';
  server.query(`create database ${name}${charset}`, server.engine === 'mysql' ? 'mysql' : 'postgres');
  return server.env(name);
}
async function open(env: Record<string, string>): Promise<Db> {
  const db = await openDatabase(testConfig(folder, { env }), undefined, { isMaintenance: true });
  opened.push(db);
  return db;
}

const arabic = 'لوحة التحكّم ‏—‏ «اختبار» 🌙';

/** People, sites with their domains, jobs with logs, the audit log: with every value that is easily lost on the way. */
async function filled(rows = 30): Promise<Db> {
  const db = await open(sqliteEnv('source'));
  await migrateToLatest(db);
  const odd = [arabic, '', '\'"\\ %_ \u0001\t\n\r\u2028', 'ﬀ é e\u0301', ' trailing ', '🌙'.repeat(50), 'NULL', '0'];
  for (let number = 0; number < rows; number += 1) {
    const text = odd[number % odd.length] ?? '';
    const person = newId();
    await db
      .insertInto('person')
      .values({
        id: person,
        name: `person ${number}`,
        display_name: text,
        role: 'viewer',
        is_disabled: number % 2,
        preferences_json: JSON.stringify({ text }),
        created_at: Number.MAX_SAFE_INTEGER,
        updated_at: -number,
        must_have_second_factor: 0,
        has_second_factor: 1,
        last_seen_at: number % 3 === 0 ? null : 253_402_300_799_999,
      })
      .execute();
    await db
      .insertInto('session')
      .values({
        id: newId(),
        person_id: person,
        token_hash: newId().repeat(4),
        address: text.slice(0, 60),
        user_agent: '',
        created_at: 0,
        last_used_at: 1,
        expires_at: 2,
        elevated_until: null,
      })
      .execute();
    await putSetting(db, `setting ${number}`, text.repeat(number), number);
  }
  await putSetting(db, 'Case', 'A', 1);
  await putSetting(db, 'case', 'a', 1);
  return db;
}

const failureOf = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => undefined,
    (error: unknown) => error,
  );

it.skipIf(!isHere)(
  'SQLite → PostgreSQL → MariaDB → SQLite: every table has the same content, and each is whole',
  async () => {
    const source = await filled();
    const places = [await open(serverEnv(postgres)), await open(serverEnv(mariadb)), await open(sqliteEnv('last'))];
    let from = source;
    const reports: MovedTable[][] = [];
    for (const to of places) {
      reports.push(await moveDatabase(from, to));
      expect(await isMoveUnfinished(to)).toBe(false);
      from = to;
    }
    const byName = (report: MovedTable[] | undefined) =>
      Object.fromEntries((report ?? []).map(({ table, ...sum }) => [table, sum]));
    expect(byName(reports[1])).toEqual(byName(reports[0]));
    expect(byName(reports[2])).toEqual(byName(reports[0]));
    expect(byName(reports[0])).toMatchObject({ person: { rows: 30 }, session: { rows: 30 }, setting: { rows: 32 } });
    const last = places[2] ?? source;
    const people = (db: Db) => db.selectFrom('person').selectAll().orderBy('id').execute();
    expect(await people(last)).toEqual(await people(source));
    expect((await people(last)).filter((row) => row.display_name === arabic).length).toBeGreaterThan(0);
    expect((await people(last)).some((row) => row.display_name === '')).toBe(true);
    expect(await findSetting(last, 'case')).toBe('a');
  },
);

it.skipIf(!isHere)(
  'a target with anything in it is refused and left alone; an empty one that is up to date is taken',
  async () => {
    const source = await filled(2);
    const target = await open(serverEnv(postgres));
    await migrateToLatest(target);
    await putSetting(target, 'theirs', 'kept', 1);
    expect(await failureOf(moveDatabase(source, target))).toMatchObject({
      fault: 'target_not_empty',
      detail: 'setting',
    });
    expect(await findSetting(target, 'theirs')).toBe('kept');
    expect(await isMoveUnfinished(target)).toBe(false);
    await target.deleteFrom('setting').execute();
    expect(await moveDatabase(source, target)).toContainEqual(expect.objectContaining({ table: 'person', rows: 2 }));
    expect(await failureOf(moveDatabase(source, source))).toMatchObject({ fault: 'same_database' });
    const foreign = serverEnv2();
    expect(await failureOf(moveDatabase(source, await open(foreign)))).toMatchObject({ fault: 'target_foreign' });
  },
);

/** A database of somebody else. */
function serverEnv2(): Record<string, string> {
  count += 1000;
  const env = serverEnv(mariadb);
  mariadb.query('create table theirs (id int primary key)', env['DB_NAME']);
  return env;
}

it.skipIf(!isHere)(
  'a text with NUL and one too long for the column end the move, and the target stays marked',
  async () => {
    const source = await filled(1);
    for (const [name, value, detail] of [
      ['nul', '"\0"', 'setting.value_json'],
      ['long'.repeat(30), '"x"', undefined],
    ] as const) {
      await source.insertInto('setting').values({ name, value_json: value, updated_at: 1 }).execute();
      const target = await open({ ...serverEnv(postgres) });
      const failed = await failureOf(moveDatabase(source, target));
      expect(failed).toBeInstanceOf(Error);
      if (detail !== undefined) expect(failed).toMatchObject({ fault: 'value_unportable' });
      if (failed instanceof MoveError) expect(failed.detail).toContain(detail ?? '');
      expect(await isMoveUnfinished(target)).toBe(true);
      await source.deleteFrom('setting').where('name', '=', name).execute();
      count += 1;
    }
  },
);

it.skipIf(!isHere)(
  'a move that is killed leaves a marked target, and the source as it was; it can be done again',
  async () => {
    const source = await filled(60);
    const [from, to] = [sqliteEnv('source'), serverEnv(mariadb)];
    const program = `
    const [folder, from, to] = JSON.parse(process.argv[1]);
    const { testConfig } = await import('#server/testing.ts');
    const { openDatabase } = await import('#server/db/connect.ts');
    const { moveDatabase } = await import('#server/db/move.ts');
    const open = (env) => openDatabase(testConfig(folder, { env }));
    await moveDatabase(await open(from), await open(to), { onProgress: (table) => {
      if (table === 'session') process.kill(process.pid, 'SIGKILL');
    } });`;
    const args = ['--input-type=module', '-e', program, JSON.stringify([folder, from, to])];
    const child = spawn(process.execPath, args, { cwd: join(import.meta.dirname, '..', '..'), stdio: 'ignore' });
    const signal = await new Promise((resolve) => child.once('exit', (_code, given) => resolve(given)));
    expect(signal).toBe('SIGKILL');
    const target = await open(to);
    expect(await isMoveUnfinished(target)).toBe(true);
    expect(await findSetting(source, moveMark)).toBeUndefined();
    await putSetting(source, 'goes on', 'yes', 1);
    expect(await failureOf(moveDatabase(source, target))).toMatchObject({ fault: 'target_unfinished' });
    expect(await moveDatabase(source, target, { isAgain: true })).toContainEqual(
      expect.objectContaining({ table: 'person', rows: 60 }),
    );
    expect(await findSetting(target, 'goes on')).toBe('yes');
    expect(await isMoveUnfinished(target)).toBe(false);
  },
);
