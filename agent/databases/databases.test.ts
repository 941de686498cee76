import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import { databasesChangePassword, databasesCreate } from '#shared/agent/databases.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { everyProcess, hasMariadb, reasonOf, startMariadb, type TestServer } from '../backups/dumps/testing/servers.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { call, makeWorld, newChangeId, type World } from '../testing/world.ts';
import { databasesHandlers } from './databases.actions.ts';
import { getRecord, listRecords } from './records.ts';
import { findRun, listRuns } from './runs.ts';
import { newPassword } from './seal.ts';
import { settleDatabases } from './settle.ts';
import { renameSteps } from './testing/rename-steps.ts';

type Create = ActionParams<AgentActions['databases.create']>;

const params = (more: Partial<Create> = {}): Create => ({
  databaseId: newChangeId(),
  engine: 'mariadb',
  name: 'shop',
  user: 'shop',
  password: null,
  charset: 'utf8mb4',
  locale: null,
  siteId: null,
  ...more,
});

describe('what is asked', () => {
  it.each([
    ["sh'op", 'database_name_plain'],
    ['sh`op', 'database_name_plain'],
    ['sh"op', 'database_name_plain'],
    ['sh\0op', 'database_name_plain'],
    ['shop\n', 'database_name_plain'],
    ['shop\u2028', 'database_name_plain'],
    ['sh op', 'database_name_plain'],
    ['sh%', 'database_name_plain'],
    ['../shop', 'database_name_plain'],
    ['-shop', 'database_name_plain'],
    ['متجر', 'database_name_plain'],
    ['', 'database_name_plain'],
    ['a'.repeat(64), 'database_name_plain'],
    ['a'.repeat(65), 'database_name_plain'],
    ['mysql', 'database_name_reserved'],
    ['Performance_Schema', 'database_name_reserved'],
    ['aapanel_new_0123456789ab', 'database_name_reserved'],
  ])('SQL-2 the name %j is refused', (name, code) => {
    expect(databasesCreate.params.safeParse(params({ name })).error?.issues[0]).toMatchObject({
      path: ['name'],
      message: code,
    });
  });

  it.each([
    ["sh'op@%", 'database_user_invalid'],
    ['%', 'database_user_invalid'],
    ['shop@localhost', 'database_user_invalid'],
    ['sh\nop', 'database_user_invalid'],
    ['', 'database_user_invalid'],
    ['a'.repeat(33), 'database_user_invalid'],
    ['root', 'database_user_reserved'],
    ['Debian-Sys-Maint', 'database_user_reserved'],
    ['PUBLIC', 'database_user_reserved'],
  ])('SQL-2 the user %j is refused', (user, code) => {
    expect(databasesCreate.params.safeParse(params({ user })).error?.issues[0]).toMatchObject({
      path: ['user'],
      message: code,
    });
  });

  it.each(['short', 'with\nnewline', 'with\0null', 'كلمة مرور طويلة', 'a'.repeat(129)])(
    'SQL-2 the password %j is refused',
    (password) => {
      expect(databasesCreate.params.safeParse(params({ password })).success).toBe(false);
      const given = { databaseId: newChangeId(), password };
      expect(databasesChangePassword.params.safeParse(given).success).toBe(false);
    },
  );
});

describe.skipIf(!hasMariadb)('with a server', () => {
  let world: World;
  let server: TestServer;
  let machine: Machine;

  beforeAll(async () => {
    world = await makeWorld();
    symlinkSync('/usr/sbin/mariadbd', world.path('/usr/sbin/mariadbd'));
    server = await startMariadb(world);
    server.sql(`set global general_log_file = '${world.prefix}/run/mysqld/general.log'; set global general_log = on;`);
    machine = await openMachine(world.settings);
  }, 60_000);
  afterAll(async () => {
    await machine?.settled();
    machine?.close();
    await server?.stop();
    world?.destroy();
  });
  beforeEach(() => void server.sql('set global init_connect = default;'));

  const create = (more: Partial<Create> = {}) => databasesHandlers['databases.create'](machine, params(more), call());
  const list = () => databasesHandlers['databases.list'](machine, {}, call());
  const passwordOf = async (databaseId: string): Promise<string> =>
    (await databasesHandlers['databases.show_password'](machine, { databaseId }, call())).password;
  const idOf = ({ databaseId }: ActionResult<AgentActions['databases.create']>): string => databaseId ?? '';

  /** As a site connects; what the client prints. */
  function asUser(user: string, password: string, sql: string, database = ''): string {
    const socket = `${world.prefix}/run/mysqld/mysqld.sock`;
    const args = [
      '--no-defaults',
      '-N',
      '--skip-ssl',
      '--default-character-set=utf8mb4',
      '-S',
      socket,
      '-u',
      user,
      ...(database === '' ? [] : [database]),
    ];
    const env = { MYSQL_PWD: password, PATH: '/usr/bin' };
    // A client that is refused reads nothing: its own words count, and not the broken pipe.
    const { status, stdout, stderr } = spawnSync('/usr/bin/mariadb', args, { env, input: sql, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return stdout.trim();
  }

  /** Every database, user and right of the server. */
  const onServer = (): string =>
    server.sql(`select schema_name, schema_comment from information_schema.schemata order by 1;
      select user, host, json_remove(priv, '$.password_last_changed') from mysql.global_priv order by 1, 2; select * from mysql.db order by 1, 2, 3;`);
  const inState = (): string => {
    const folder = `${world.settings.stateFolder}/databases/records`;
    return existsSync(folder)
      ? readdirSync(folder)
          .sort()
          .map((name) => readFileSync(join(folder, name), 'utf8'))
          .join('\n')
      : '';
  };

  it('a database and its user are made in one step; the user reaches it and nothing else', async () => {
    const siteId = newChangeId();
    const made = await create({ name: 'sh_op', user: 'sh_op', siteId });
    expect(made).toMatchObject({ name: 'sh_op', user: 'sh_op', siteId, state: 'ready', charset: 'utf8mb4' });
    server.sql('create database shXop; create table shXop.t (id int); create database other;');
    const password = await passwordOf(idOf(made));
    asUser('sh_op', password, 'create table t (id int); insert into t values (1);', 'sh_op');
    expect(asUser('sh_op', password, 'show databases;').split('\n').sort()).toEqual(['information_schema', 'sh_op']);
    for (const sql of [
      'select * from shXop.t;',
      'create table other.t (id int);',
      'select * from mysql.global_priv;',
      'create database mine;',
      "grant all on *.* to 'sh_op'@'localhost';",
      "select 1 into outfile '/tmp/aapanel-canary';",
      "select load_file('/etc/passwd') is null or 1 / 0;\nset global general_log = off;",
    ])
      expect(() => asUser('sh_op', password, sql, 'sh_op'), sql).toThrow(/ERROR 1(044|142|227|045)/);
    const { items, servers } = await list();
    expect(servers[0]).toMatchObject({
      state: 'running',
      isOpenToNetwork: false,
      socketPath: '/run/mysqld/mysqld.sock',
    });
    const shown = items.map(({ name, state, tables }) => [name, state, tables]);
    expect(shown).toEqual(
      expect.arrayContaining([
        ['sh_op', 'ready', 1],
        ['other', 'foreign', 0],
      ]),
    );
    expect(items.map(({ name }) => name)).not.toContain('mysql');
    expect(JSON.stringify({ made, items })).not.toContain(password);
    server.sql('drop database shXop; drop database other;');
  });

  it('CMD-4 DB-2 every printable character works in a password, and it is in no argument, log or file', async () => {
    const all = Array.from({ length: 95 }, (_, index) => String.fromCodePoint(32 + index)).join('');
    let [args, isOver] = ['', false];
    const watching = (async () => {
      while (!isOver) {
        args += everyProcess()
          .map((each) => each.args + each.environment)
          .join('\n');
        await sleep(5);
      }
    })();
    for (const [index, password] of [all, `p'a"b\\ \`;--`, ' p a  ', `\\\\'";#`.padEnd(9, '\\')].entries()) {
      const made = await create({ name: `pw${index}`, user: `pw${index}`, password });
      expect(asUser(`pw${index}`, password, 'select database();', `pw${index}`)).toBe(`pw${index}`);
      const next = `${password.slice(0, 100)}'next`;
      const given = { databaseId: idOf(made), password: next };
      await databasesHandlers['databases.change_password'](machine, given, call());
      expect(await passwordOf(idOf(made))).toBe(next);
      expect(asUser(`pw${index}`, next, 'select 1;')).toBe('1');
      expect(() => asUser(`pw${index}`, password, 'select 1;')).toThrow(/ERROR 1045/);
      const kept = inState() + readFileSync(`${world.prefix}/run/mysqld/general.log`, 'latin1');
      expect(kept).not.toContain(next);
      expect(kept).not.toContain(JSON.stringify(next).slice(1, -1));
    }
    isOver = true;
    await watching;
    expect(args).not.toContain(all.slice(40));
    const folder = `${world.settings.stateFolder}/databases/records`;
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(readdirSync(`${world.settings.stateFolder}/databases/scratch/agent`)).toEqual([]);
  });

  it('a generated password is random and opens nothing in another record', async () => {
    const [one, other] = [await create({ name: 'r1', user: 'r1' }), await create({ name: 'r2', user: 'r2' })];
    const passwords = [await passwordOf(idOf(one)), await passwordOf(idOf(other)), newPassword()];
    expect(new Set(passwords).size).toBe(3);
    for (const each of passwords) expect(each).toMatch(/^[a-zA-Z2-9]{28}$/);
  });

  it('names that are taken, by the panel or by hand, are refused and nothing is touched', async () => {
    server.sql("create database byhand; create user byhand2@'%' identified by 'x';");
    await create({ name: 'taken', user: 'taken' });
    const before = onServer() + inState();
    for (const [name, user, reason] of [
      ['byhand', 'new_one', 'database_exists'],
      ['new_one', 'byhand2', 'database_user_exists'],
      ['taken', 'new_one', 'database_exists'],
      ['new_one', 'taken', 'database_user_exists'],
    ] as const)
      expect(await reasonOf(create({ name, user }))).toBe(reason);
    expect(onServer() + inState()).toBe(before);
    server.sql("drop database byhand; drop user byhand2@'%';");
  });

  it('FAULT-2 what fails after the database, after the user or after the grant leaves nothing', async () => {
    const before = onServer() + inState();
    server.sql("install soname 'simple_password_check'; set global strict_password_validation = on;");
    expect(await reasonOf(create({ name: 'half', user: 'half' }))).toBe('database_server_refused');
    server.sql("uninstall soname 'simple_password_check';");
    expect(onServer() + inState()).toBe(before);
    server.sql("set global init_connect = 'no such statement';");
    expect(await reasonOf(create({ name: 'half', user: 'half' }))).toMatch(/^database_server_/);
    expect(onServer() + inState()).toBe(before);
  });

  it('a password that cannot be tried does not count: the old one still does', async () => {
    const made = await create({ name: 'steady', user: 'steady' });
    const old = await passwordOf(idOf(made));
    server.sql("set global init_connect = 'no such statement';");
    const given = { databaseId: idOf(made), password: 'another password' };
    expect(await reasonOf(databasesHandlers['databases.change_password'](machine, given, call()))).toMatch(
      /^database_/,
    );
    server.sql('set global init_connect = default;');
    expect(asUser('steady', old, 'select 1;')).toBe('1');
    expect(await passwordOf(idOf(made))).toBe(old);
  });

  it('another password brings a user back that was dropped by hand', async () => {
    const made = await create({ name: 'orphan', user: 'orphan' });
    server.sql('create table t (id int); insert into t values (7);', 'orphan');
    const before = onServer();
    server.sql('drop user orphan@localhost;');
    const given = { databaseId: idOf(made), password: await passwordOf(idOf(made)) };
    const { password } = await databasesHandlers['databases.change_password'](machine, given, call());
    expect(asUser('orphan', password, 'select id from t;', 'orphan')).toBe('7');
    expect(onServer()).toBe(before);
  });

  it('an empty database can be taken back, one with anything in it cannot', async () => {
    const before = onServer();
    const made = await create({ name: 'fresh', user: 'fresh' });
    const discard = () => databasesHandlers['databases.discard'](machine, { databaseId: idOf(made) }, call());
    server.sql('create procedure fresh.p() select 1;');
    expect(await reasonOf(discard())).toBe('database_not_empty');
    server.sql('drop procedure fresh.p;');
    expect(await discard()).toEqual({ isGone: true });
    expect(await discard()).toEqual({ isGone: false });
    expect(onServer()).toBe(before);
  });

  async function ended(runId: string): Promise<string | null | undefined> {
    for (const endsAt = Date.now() + 30_000; ; ) {
      const { run } = await databasesHandlers['databases.run'](machine, { runId, offset: 0 }, call());
      if (run === null || run.state === 'succeeded' || run.state === 'failed') return run?.failure?.reason;
      if (run.state === 'interrupted') await databasesHandlers['databases.resume'](machine, { runId }, call());
      if (Date.now() > endsAt) throw new Error('the run does not end');
      await sleep(50);
    }
  }

  async function remove(databaseId: string): Promise<string> {
    const preview = await databasesHandlers['databases.preview_removal'](machine, { databaseId }, call());
    const runId = newChangeId();
    const given = { databaseId, runId, confirm: preview.confirm };
    await databasesHandlers['databases.remove'](machine, given, call());
    return runId;
  }

  const fill = `create table t (id int primary key, note text) engine = InnoDB; insert into t values (1, 'سلام'), (2, null);
    create view v as select note from t;
    delimiter //
    create procedure p() begin select 1; end//
    delimiter ;`;

  it('what is deleted is kept as a dump, and comes back with content, user, rights and password', async () => {
    const siteId = newChangeId();
    const made = await create({ name: 'gone_1', user: 'gone_1', siteId, password: `it's "gone" \\` });
    const databaseId = idOf(made);
    server.sql(fill, 'gone_1');
    const preview = await databasesHandlers['databases.preview_removal'](machine, { databaseId }, call());
    expect(preview).toMatchObject({ name: 'gone_1', user: 'gone_1', isUserKept: false, tables: 2 });
    server.sql('create table more (id int);', 'gone_1');
    const stale = { databaseId, runId: newChangeId(), confirm: preview.confirm };
    expect(await reasonOf(databasesHandlers['databases.remove'](machine, stale, call()))).toBe('removal_list_changed');
    const before = onServer();
    const runId = await remove(databaseId);
    expect(await ended(runId)).toBeUndefined();
    const after = await list();
    expect(after.items.map(({ name }) => name)).not.toContain('gone_1');
    expect(after.removed).toMatchObject([{ removalId: runId, name: 'gone_1', siteId, tables: 2 }]);
    expect(onServer()).not.toContain('gone_1');
    const kept = `${world.settings.stateFolder}/databases/kept/${runId}`;
    for (const name of readdirSync(kept)) expect(statSync(join(kept, name)).mode & 0o077).toBe(0);
    // Somebody has made one of the same name meanwhile: theirs stays.
    server.sql('create database gone_1; create table gone_1.theirs (id int);');
    const blocked = { removalId: runId, runId: newChangeId() };
    expect(await reasonOf(databasesHandlers['databases.restore'](machine, blocked, call()))).toBe('database_exists');
    server.sql('drop database gone_1;');
    const back = { removalId: runId, runId: newChangeId() };
    await databasesHandlers['databases.restore'](machine, back, call());
    expect(await ended(back.runId)).toBeUndefined();
    expect(onServer()).toBe(before);
    expect(
      asUser('gone_1', await passwordOf(databaseId), 'select note from v where note is not null; call p();', 'gone_1'),
    ).toBe('سلام\n1');
    expect((await list()).removed).toEqual([]);
  });

  it('a user with rights elsewhere stays, and a database that cannot be dumped is not deleted', async () => {
    const made = await create({ name: 'wide', user: 'wide' });
    server.sql('create database second; grant select on second.* to wide@localhost;');
    const password = await passwordOf(idOf(made));
    // A view that points nowhere is left out of a dump; a damaged table makes it fail.
    server.sql('create table bad (id int) engine = MyISAM;', 'wide');
    execFileSync('/usr/bin/truncate', ['-s', '0', `${world.prefix}/run/mysqld/data/wide/bad.MYI`]);
    server.sql('flush tables;');
    expect(await ended(await remove(idOf(made)))).toBe('backup_dump_failed');
    expect((await list()).items).toContainEqual(expect.objectContaining({ name: 'wide', state: 'ready' }));
    expect(asUser('wide', password, 'select 1;')).toBe('1');
    server.sql('drop table bad;', 'wide');
    expect(await ended(await remove(idOf(made)))).toBeUndefined();
    expect(asUser('wide', password, 'show databases;').split('\n').sort()).toEqual(['information_schema', 'second']);
    server.sql('drop database second; drop user wide@localhost;');
  });

  it('FAULT-1 a crash at any instant of making one and of another password leaves it whole or nothing', async () => {
    const before = onServer();
    const child = join(import.meta.dirname, 'testing/create-child.ts');
    const ends = new Set<string>();
    const rounds = 8;
    // How long it takes on this machine now: the first is left alone, the others die at some part of that time.
    let wholeMs = 0;
    for (let round = 0; round < rounds; round++) {
      const [databaseId, name] = [newChangeId(), `crash_${round}`];
      const program = spawn(process.execPath, [child, world.prefix, machine.stateFolder, databaseId, name], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
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
      expect(asUser(name, password, 'select database();', name)).toBe(name);
      ends.add(password === 'the next password' ? 'changed' : 'made');
      await databasesHandlers['databases.discard'](machine, { databaseId }, call());
    }
    expect(ends).toContain('nothing');
    expect(ends).toContain('changed');
    expect(onServer()).toBe(before);
  }, 60_000);

  it('FAULT-1 a deletion and a restore that are killed go on to their end', async () => {
    const made = await create({ name: 'killed', user: 'killed' });
    const databaseId = idOf(made);
    server.sql(fill, 'killed');
    const before = onServer();
    const killAfter = async (runId: string, ms: number): Promise<void> => {
      const endsAt = Date.now() + 10_000;
      while (findRun(machine, runId)?.process === null && Date.now() < endsAt) await sleep(2);
      await sleep(ms);
      const pid = findRun(machine, runId)?.process?.pid;
      if (pid !== undefined && existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
    };
    for (let round = 0; round < 3; round++) {
      const runId = await remove(databaseId);
      await killAfter(runId, round * 90 + Math.random() * 90);
      expect(await ended(runId)).toBeUndefined();
      expect(onServer()).not.toContain('killed');
      const back = newChangeId();
      await databasesHandlers['databases.restore'](machine, { removalId: runId, runId: back }, call());
      await killAfter(back, round * 150 + Math.random() * 150);
      // As when the machine comes up again: the agent takes it up by itself.
      await settleDatabases(machine);
      expect(await ended(back)).toBeUndefined();
      expect(onServer()).toBe(before);
      expect(
        asUser('killed', await passwordOf(databaseId), 'select note from v where note is not null;', 'killed'),
      ).toBe('سلام');
    }
    expect(listRuns(machine).some(({ attempt }) => attempt > 1)).toBe(true);
  }, 90_000);

  describe('rename', () => {
    renameSteps('mariadb', () => ({
      machine,
      sql: (...given) => server.sql(...given),
      create: async (name) => idOf(await create({ name, user: `u-${name}` })),
      asOwner: async (databaseId, sql) => {
        const { user, name } = getRecord(machine, databaseId);
        return asUser(user, await passwordOf(databaseId), sql, name);
      },
      onServer: () => {
        const more = `select * from mysql.tables_priv order by 1, 2, 3, 4;
          select user, host, db, routine_name from mysql.procs_priv order by 1, 2, 3, 4;`;
        return `${onServer()}\n${server.sql(more)}`.replaceAll(/\d{4}-\d\d-\d\d \S+|, "account_locked": false/g, '');
      },
    }));
  });

  it('FAULT-7 a server that is away is named, and the records stay', async () => {
    const before = inState();
    await server.stop();
    expect((await list()).servers[0]).toMatchObject({ state: 'stopped' });
    expect((await list()).items.every(({ state }) => state === 'unknown')).toBe(true);
    expect(await reasonOf(create({ name: 'later', user: 'later' }))).toBe('database_server_away');
    expect(inState()).toBe(before);
    await server.start();
    expect((await list()).servers[0]).toMatchObject({ state: 'running' });
  });
});

it('a machine without a server says so', async () => {
  const world = await makeWorld();
  const machine = await openMachine(world.settings);
  const { servers, items } = await databasesHandlers['databases.list'](machine, {}, call());
  expect([servers[0]?.state, items]).toEqual(['missing', []]);
  expect(await reasonOf(databasesHandlers['databases.create'](machine, params(), call()))).toBe(
    'database_server_missing',
  );
  machine.close();
  world.destroy();
});
