import { execFileSync, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import { databasesCreate } from '#shared/agent/databases.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import {
  everyProcess,
  hasPostgres,
  psqlProgram,
  reasonOf,
  startPostgres,
  type TestServer,
} from '../backups/dumps/testing/servers.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { call, freePort, makeWorld, newChangeId, type World } from '../testing/world.ts';
import { databasesHandlers } from './databases.actions.ts';
import { postgresql } from './engines/postgresql.ts';
import { getRecord, listRecords } from './records.ts';
import { settleDatabases } from './settle.ts';
import { isScramOf, scramOf } from './seal.ts';
import { ownerSteps } from './testing/owner-steps.ts';
import { renameSteps } from './testing/rename-steps.ts';

type Create = ActionParams<AgentActions['databases.create']>;

const params = (more: Partial<Create> = {}): Create => ({
  databaseId: newChangeId(),
  engine: 'postgresql',
  name: 'shop',
  user: 'shop',
  password: null,
  charset: 'UTF8',
  locale: null,
  siteId: null,
  ...more,
});

it.each([
  [{ user: 'pg_monitor' }, 'user', 'database_user_reserved'],
  [{ user: 'postgres' }, 'user', 'database_user_reserved'],
  [{ user: 'none' }, 'user', 'database_user_reserved'],
  [{ name: 'template1' }, 'name', 'database_name_reserved'],
  [{ name: 'shop";drop' }, 'name', 'database_name_plain'],
  [{ charset: 'utf8mb4' as const }, 'charset', 'database_charset_engine'],
  [{ locale: "C' template template1 --" }, 'locale', 'database_locale_unknown'],
])('SQL-2 %j is refused for PostgreSQL', (more, field, code) => {
  expect(databasesCreate.params.safeParse(params(more)).error?.issues[0]).toMatchObject({
    path: [field],
    message: code,
  });
});

it('SQL-2 names and values of strangers are quoted by the rule of PostgreSQL', () => {
  expect(postgresql.quoted('a"b\\`\n;--')).toBe('"a""b\\`\n;--"');
  expect(postgresql.literal("a'b\\';--")).toBe("'a''b\\'';--'");
});

it('what the server keeps of a password is salted, and tells the password from every other one', () => {
  const kept = scramOf('pencil and paper');
  expect(kept).toMatch(/^SCRAM-SHA-256\$4096:[\w+/=]{24}\$[\w+/=]{44}:[\w+/=]{44}$/);
  expect(scramOf('pencil and paper')).not.toBe(kept);
  expect([isScramOf(kept, 'pencil and paper'), isScramOf(kept, 'pencil and Paper'), isScramOf('', '')]).toEqual([
    true,
    false,
    false,
  ]);
});

describe.skipIf(!hasPostgres)('with a server', () => {
  let world: World;
  let server: TestServer;
  let machine: Machine;
  let port: number;

  beforeAll(async () => {
    world = await makeWorld();
    port = await freePort();
    server = await startPostgres(world, port);
    server.sql("alter system set log_statement = 'all'; select pg_reload_conf();");
    machine = await openMachine(world.settings);
  }, 60_000);
  afterAll(async () => {
    await machine?.settled();
    machine?.close();
    await server?.stop();
    world?.destroy();
  });

  const create = (more: Partial<Create> = {}) => databasesHandlers['databases.create'](machine, params(more), call());
  const list = () => databasesHandlers['databases.list'](machine, {}, call());
  const passwordOf = async (databaseId: string): Promise<string> =>
    (await databasesHandlers['databases.show_password'](machine, { databaseId }, call())).password;
  const idOf = ({ databaseId }: ActionResult<AgentActions['databases.create']>): string => databaseId ?? '';

  /** As a site connects: over the machine's own address with the password. */
  function asUser(user: string, password: string, sql: string, database = user): string {
    const env = { PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: user, PGPASSWORD: password, PGDATABASE: database };
    const args = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1'];
    return execFileSync(psqlProgram, args, {
      env: { ...env, PATH: '/usr/bin', PGPASSFILE: '/dev/null' },
      input: sql,
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  }

  /** Every database and role of the server, with owners, rights and comments. */
  const onServer = (): string =>
    server.sql(`select datname, pg_get_userbyid(datdba), datacl, pg_encoding_to_char(encoding), datcollate,
        shobj_description(oid, 'pg_database') from pg_database order by 1;
      select rolname, rolcanlogin, rolsuper, rolpassword from pg_authid where rolname !~ '^pg_' order by 1;`);
  const records = (): string =>
    listRecords(machine)
      .map((each) => JSON.stringify(each))
      .join('\n');

  it('a database, its role and its rights are made in one step; the role reaches it and nothing else', async () => {
    const made = await create({ name: 'sh-op', user: 'sh-op', siteId: newChangeId() });
    expect(made).toMatchObject({ engine: 'postgresql', name: 'sh-op', state: 'ready', charset: 'UTF8' });
    const password = await passwordOf(idOf(made));
    asUser('sh-op', password, "create schema more; create table t (note text); insert into t values ('سلام');");
    expect(asUser('sh-op', password, 'select upper(note) from t; select current_user;')).toBe('سلام\nsh-op');
    server.sql(
      "create role stranger login password 'stranger stays'; create database other; create table secret (id int);",
    );
    for (const [sql, database] of [
      ['select 1 from pg_authid;', 'sh-op'],
      ['create role mine;', 'sh-op'],
      ['create database mine;', 'sh-op'],
      ["copy (select 1) to program 'touch /tmp/aapanel-canary';", 'sh-op'],
      ["select pg_read_file('/etc/passwd');", 'sh-op'],
      ['set session authorization postgres;', 'sh-op'],
      ['select 1 from secret;', 'postgres'],
    ] as const)
      expect(() => asUser('sh-op', password, sql, database), sql).toThrow(/permission denied|must be|no privileges/);
    expect(() => asUser('stranger', 'stranger stays', 'select 1;', 'sh-op')).toThrow(/permission denied for database/);
    expect(() => asUser('sh-op', 'a wrong password', 'select 1;')).toThrow(/password authentication failed/);
    const { items, servers } = await list();
    expect(servers[1]).toMatchObject({
      engine: 'postgresql',
      state: 'running',
      isOpenToNetwork: false,
      port,
      socketPath: '/run/postgresql',
    });
    expect(items.map(({ name, state }) => [name, state])).toEqual([
      ['other', 'foreign'],
      ['sh-op', 'ready'],
    ]);
    expect(items[1]?.sizeBytes).toBeGreaterThan(1_000_000);
    expect(JSON.stringify({ made, items })).not.toContain(password);
    server.sql('drop database other; drop table secret; drop role stranger;');
  });

  it('CMD-4 DB-2 every printable character works in a password, and it is in no argument or statement', async () => {
    const all = Array.from({ length: 95 }, (_, index) => String.fromCodePoint(126 - index)).join('');
    let [seen, isOver] = ['', false];
    const watching = (async () => {
      while (!isOver) {
        const found = everyProcess().map(({ args, environment }) => args + environment);
        seen += [...found, server.sql('select string_agg(query, chr(10)) from pg_stat_activity;')].join('\n');
        await sleep(20);
      }
    })();
    const passwords: string[] = [];
    for (const [index, password] of [all, `p'a"b\\ \`;--:$$`].entries()) {
      const made = await create({ name: `pw${index}`, user: `pw${index}`, password });
      expect(asUser(`pw${index}`, password, 'select current_database();')).toBe(`pw${index}`);
      const next = `${password.slice(0, 100)}'next`;
      await databasesHandlers['databases.change_password'](machine, { databaseId: idOf(made), password: next }, call());
      expect(asUser(`pw${index}`, next, 'select 1;')).toBe('1');
      expect(() => asUser(`pw${index}`, password, 'select 1;')).toThrow(/authentication failed/);
      expect(records()).not.toContain(JSON.stringify(next).slice(1, -1));
      passwords.push(password);
    }
    isOver = true;
    await watching;
    expect(seen).toContain('pg_stat_activity');
    for (const password of passwords) expect(seen).not.toContain(password);
  });

  it('an encoding and a locale are as wished, and one that the server does not know leaves nothing', async () => {
    await create({ name: 'old', user: 'old', charset: 'WIN1256', locale: 'C' });
    expect((await list()).items).toContainEqual(
      expect.objectContaining({ name: 'old', charset: 'WIN1256', collation: 'C' }),
    );
    const before = onServer() + records();
    for (const more of [{ locale: 'xx_XX.utf8' }, { charset: 'WIN1256' as const, locale: 'C.utf8' }])
      await expect(create({ name: 'half', user: 'half', ...more })).rejects.toMatchObject({
        fields: [{ field: 'locale', code: 'database_locale_unknown' }],
      });
    expect(onServer() + records()).toBe(before);
  });

  it('FAULT-2 names that are taken, and a server that refuses on the way, leave everything as it was', async () => {
    server.sql('create database byhand; create role byhand2;');
    const before = onServer() + records();
    for (const [name, user, reason] of [
      ['byhand', 'new_one', 'database_exists'],
      ['new_one', 'byhand2', 'database_user_exists'],
      ['old', 'new_one', 'database_exists'],
    ] as const)
      expect(await reasonOf(create({ name, user }))).toBe(reason);
    // The template is in use by somebody who changes it: the role is made by then, the database is not.
    server.sql(
      "update pg_database set datallowconn = false where datname = 'template0'; alter database template0 rename to template_away;",
    );
    expect(await reasonOf(create({ name: 'half', user: 'half' }))).toBe('database_server_refused');
    server.sql('alter database template_away rename to template0;');
    expect(onServer() + records()).toBe(before);
    server.sql('drop database byhand; drop role byhand2;');
  });

  async function ended(runId: string): Promise<string | null | undefined> {
    for (const endsAt = Date.now() + 30_000; ; ) {
      const { run } = await databasesHandlers['databases.run'](machine, { runId, offset: 0 }, call());
      if (run === null || run.state === 'succeeded' || run.state === 'failed') return run?.failure?.reason;
      if (Date.now() > endsAt) throw new Error('the run does not end');
      await sleep(50);
    }
  }

  async function remove(databaseId: string): Promise<string> {
    const { confirm } = await databasesHandlers['databases.preview_removal'](machine, { databaseId }, call());
    const runId = newChangeId();
    await databasesHandlers['databases.remove'](machine, { databaseId, runId, confirm }, call());
    return runId;
  }

  it('what is deleted is kept as a dump, and comes back with content, owner, rights and password', async () => {
    const made = await create({ name: 'gone_1', user: 'gone_1', password: `it's "gone" \\` });
    const databaseId = idOf(made);
    const password = await passwordOf(databaseId);
    asUser(
      'gone_1',
      password,
      `create schema "Sch""ema"; create table "Sch""ema".t (id serial primary key, note text);
       insert into "Sch""ema".t (note) values ('سلام'), (null);
       create function f() returns int language sql as 'select 7';`,
    );
    const discard = databasesHandlers['databases.discard'](machine, { databaseId }, call());
    expect(await reasonOf(discard)).toBe('database_not_empty');
    const preview = await databasesHandlers['databases.preview_removal'](machine, { databaseId }, call());
    expect(preview).toMatchObject({ name: 'gone_1', user: 'gone_1', isUserKept: false, tables: 1, connections: 0 });
    const before = onServer().replaceAll(/SCRAM\S+/g, '');
    const runId = await remove(databaseId);
    expect(await ended(runId)).toBeUndefined();
    expect(onServer()).not.toContain('gone_1');
    expect((await list()).removed).toMatchObject([
      { removalId: runId, engine: 'postgresql', name: 'gone_1', tables: 1 },
    ]);
    const back = { removalId: runId, runId: newChangeId() };
    await databasesHandlers['databases.restore'](machine, back, call());
    expect(await ended(back.runId)).toBeUndefined();
    expect(onServer().replaceAll(/SCRAM\S+/g, '')).toBe(before);
    expect(asUser('gone_1', password, `select note from "Sch""ema".t where id = 1; select f();`)).toBe('سلام\n7');
    asUser('gone_1', password, 'create table public.after_it (id int);');
    expect((await list()).removed).toEqual([]);
  });

  it('a role with rights elsewhere stays, and an open connection does not keep a database from going', async () => {
    const made = await create({ name: 'wide', user: 'wide' });
    const password = await passwordOf(idOf(made));
    server.sql('create database second; grant connect on database second to wide;');
    const client = spawn(psqlProgram, ['-X', '-q'], {
      env: { PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: 'wide', PGPASSWORD: password, PGDATABASE: 'wide' },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    client.stdin.on('error', () => undefined);
    client.stdin.write('select pg_sleep(60);\n');
    for (let tries = 0; tries < 100 && !server.sql('select usename from pg_stat_activity;').includes('wide'); tries++)
      await sleep(50);
    expect(await ended(await remove(idOf(made)))).toBeUndefined();
    client.kill();
    expect(asUser('wide', password, 'select 1;', 'second')).toBe('1');
    expect((await list()).items.map(({ name }) => name)).not.toContain('wide');
    server.sql('drop database second; drop role wide;');
  });

  it('FAULT-1 a crash at any instant of making one and of another password leaves it whole or nothing', async () => {
    const before = onServer();
    const child = join(import.meta.dirname, 'testing/create-child.ts');
    const ends = new Set<string>();
    const rounds = 8;
    let wholeMs = 0;
    for (let round = 0; round < rounds; round++) {
      const [databaseId, name] = [newChangeId(), `crash_${round}`];
      const args = [child, world.prefix, machine.stateFolder, databaseId, name, 'postgresql'];
      const program = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
      const over = new Promise((resolve) => program.once('exit', resolve));
      await new Promise((resolve) => program.stdout.once('data', resolve));
      const startedAt = performance.now();
      if (round > 0) {
        await sleep((wholeMs * (round - 1 + Math.random())) / rounds);
        program.kill('SIGKILL');
      }
      await over;
      if (round === 0) wholeMs = performance.now() - startedAt;
      await settleDatabases(machine);
      const record = listRecords(machine).find((each) => each.databaseId === databaseId);
      if (record === undefined) {
        expect(onServer(), name).toBe(before);
        ends.add('nothing');
        continue;
      }
      expect(record).toMatchObject({ state: 'ready', nextPassword: null });
      const password = await passwordOf(databaseId);
      expect(asUser(name, password, 'select current_database();')).toBe(name);
      ends.add(password === 'the next password' ? 'changed' : 'made');
      await databasesHandlers['databases.discard'](machine, { databaseId }, call());
    }
    expect(ends).toContain('nothing');
    expect(ends).toContain('changed');
    expect(onServer()).toBe(before);
    const scratch = `${world.settings.stateFolder}/databases/scratch`;
    expect(readdirSync(scratch).flatMap((name) => readdirSync(join(scratch, name)))).toEqual([]);
  }, 60_000);

  it('FAULT-7 a server that is away is named, and the records stay', async () => {
    const before = records();
    await server.stop();
    expect((await list()).servers[1]).toMatchObject({ state: 'missing' });
    expect(await reasonOf(create({ name: 'later', user: 'later' }))).toMatch(/^database_server_(away|missing)$/);
    expect(records()).toBe(before);
    await server.start();
    expect((await list()).servers[1]).toMatchObject({ state: 'running' });
  });

  describe('rename', () => {
    renameSteps('postgresql', () => ({
      machine,
      sql: (...given) => server.sql(...given),
      create: async (name) => idOf(await create({ name, user: `u-${name}` })),
      asOwner: async (databaseId, sql) => {
        const { user, name } = getRecord(machine, databaseId);
        return asUser(user, await passwordOf(databaseId), sql, name);
      },
      onServer,
    }));
  });

  describe('owner', () => {
    ownerSteps(() => ({ machine, sql: (...given) => server.sql(...given), onServer, asUser, passwordOf, create }));
  });
});
