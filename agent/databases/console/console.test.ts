import { createServer, type Server } from 'node:net';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databasesQuery } from '#shared/agent/database-console.ts';
import { consoleLimits, type ConsoleAnswer, type ConsoleResult, type ConsoleRows } from '#shared/database-console.ts';
import type { DatabaseEngine } from '#shared/databases.ts';
import {
  everyProcess,
  hasMariadb,
  hasPostgres,
  reasonOf,
  startMariadb,
  startPostgres,
  type TestServer,
} from '../../backups/dumps/testing/servers.ts';
import { openMachine, type Machine } from '../../core/machine.ts';
import { call, freePort, makeWorld, newChangeId, type World } from '../../testing/world.ts';
import { databasesHandlers } from '../databases.actions.ts';
import { queryMariadb } from '../wire/mariadb-query.ts';
import { readerOf } from './reader.ts';

type Mode = 'execute' | 'query';
type More = { readonly maxRows?: number; readonly timeoutSeconds?: number; readonly signal?: AbortSignal };

let world: World;
let machine: Machine;
beforeAll(async () => {
  world = await makeWorld();
  machine = await openMachine(world.settings);
});
afterAll(async () => {
  await machine?.settled();
  machine?.close();
  world?.destroy();
});

/** One database of the panel's on a real server, and its console. */
function consoleOf(engine: DatabaseEngine) {
  const databaseId = newChangeId();
  const user = engine === 'mariadb' ? 'shop' : 'shop_pg';
  let server: TestServer;
  const run = async (mode: Mode, statement: string, more: More = {}): Promise<ConsoleAnswer> => {
    const { maxRows = 100, timeoutSeconds = 20, signal } = more;
    const params = databasesQuery.params.parse({ databaseId, statement, maxRows, timeoutSeconds });
    return databasesHandlers[`databases.${mode}`](machine, params, {
      ...call(70),
      ...(signal === undefined ? {} : { signal }),
    });
  };
  const one = async (mode: Mode, statement: string, more: More = {}): Promise<ConsoleResult> => {
    const { results } = await run(mode, statement, more);
    if (results[0] === undefined || results.length > 1) throw new Error(`${results.length} results`);
    return results[0];
  };
  const rows = async (mode: Mode, statement: string, more: More = {}): Promise<ConsoleRows> => {
    const result = await one(mode, statement, more);
    if (result.outcome !== 'rows') throw new Error(JSON.stringify(result));
    return result;
  };
  return {
    databaseId,
    run,
    one,
    rows,
    sql: (text: string, database = 'shop') => server.sql(text, database),
    async start() {
      if (engine === 'mariadb') {
        symlinkSync('/usr/sbin/mariadbd', world.path('/usr/sbin/mariadbd'));
        server = await startMariadb(world);
      } else server = await startPostgres(world, await freePort());
      const facts = { engine, name: 'shop', user, password: null, locale: null, siteId: null } as const;
      const charset = engine === 'mariadb' ? 'utf8mb4' : 'UTF8';
      await databasesHandlers['databases.create'](machine, { ...facts, charset, databaseId }, call());
    },
    stop: () => server?.stop(),
    /** Statements of the console that the server works on now. */
    busy: (): number =>
      Number(
        engine === 'mariadb'
          ? server.sql(
              `select count(*) from information_schema.processlist where user like 'aapanel_read_%' or user = '${user}';`,
            )
          : server.sql(`select count(*) from pg_stat_activity where application_name = 'aapanel';`),
      ),
  };
}

async function untilIdle(busy: () => number): Promise<void> {
  for (let round = 0; busy() > 0; round += 1) {
    if (round > 60) throw new Error('a statement of the console goes on');
    await sleep(50);
  }
}

/** Asks for as much as there is room for, and says how much more memory that took, in bytes. */
async function memoryFor(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().rss;
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
  await work();
  clearInterval(timer);
  return most - before;
}

const cannot = { outcome: 'failed', why: 'reading' } as const;

describe.skipIf(!hasMariadb)('the console of MariaDB', () => {
  const shop = consoleOf('mariadb');
  beforeAll(async () => {
    await shop.start();
    shop.sql(`create table item (id int primary key, name varchar(50), photo blob, price decimal(10,2) unsigned);
      insert into item values (1, 'NULL', x'00ff27', 9.5), (2, null, null, null), (3, 'سطر\nثانٍ\t\\\\"', '', 0);
      create table log (id int auto_increment primary key, said text) engine=myisam;
      delimiter //
      create definer=root@localhost function write_down() returns int modifies sql data
        begin insert into log (said) values ('written'); return 1; end //
      create procedure two() begin select 1 as first; select 2 as second; end //
      delimiter ;
      create definer=root@localhost sql security definer view writer as select write_down() as done;
      create sequence numbers;`);
  }, 60_000);
  afterAll(() => shop.stop());

  it('answers rows with their types; NULL, bytes and every sign are what they are', async () => {
    const { columns, rows, cut } = await shop.rows('query', 'select * from item order by id');
    expect(columns).toEqual([
      { name: 'id', type: 'int' },
      { name: 'name', type: 'varchar' },
      { name: 'photo', type: 'blob' },
      { name: 'price', type: 'decimal unsigned' },
    ]);
    expect(rows).toEqual([
      ['1', 'NULL', { text: '00FF27', isBinary: true, length: 3 }, '9.50'],
      ['2', null, null, null],
      ['3', 'سطر\nثانٍ\t\\"', { text: '', isBinary: true, length: 0 }, '0.00'],
    ]);
    expect(cut).toBeNull();
  });

  it('changes as the user of the database, and says how much', async () => {
    expect(await shop.one('execute', `update item set name = 'x' where id > 1`)).toEqual({
      outcome: 'done',
      affectedRows: 2,
    });
    expect(await shop.run('execute', 'call two()')).toMatchObject({
      kind: 'CALL',
      results: [{ rows: [['1']] }, { rows: [['2']] }, { outcome: 'done' }],
    });
    expect(await shop.one('execute', 'selec 1')).toMatchObject({ outcome: 'failed', code: '1064', why: 'other' });
    const whoIs = 'select substring_index(user(), "@", 1), substring_index(current_user(), "@", 1)';
    expect((await shop.rows('execute', whoIs)).rows).toEqual([['shop', 'shop']]);
    expect((await shop.rows('query', whoIs)).rows[0]).toEqual([readerOf(shop.databaseId), readerOf(shop.databaseId)]);
  });

  it.each([
    "insert into item values (9, 'a', null, 1)",
    "update item set name = 'mallory'",
    'delete from item',
    'drop table item',
    'truncate item',
    'create table mine (id int)',
    'create temporary table mine (id int)',
    'alter table item add mine int',
    'replace into item (id) values (1)',
    'set session transaction read write',
    "set password = password('known')",
    'begin not atomic commit; select done from writer; end',
    'set statement tx_read_only = 0 for select done from writer',
    'commit',
    'call two()',
    'do write_down()',
    'execute immediate "delete from item"',
    '/*! delete from item */',
    '/*M!100100 delete from item */',
    'explain delete from item',
    'analyze delete from item',
    'select done from writer',
    'select write_down()',
    '(select done from writer)',
    'with w as (select done from writer) select * from w',
    'select nextval(numbers)',
    'select * from item for update',
    "select 1 into outfile '/tmp/aapanel-console-outfile'",
    "select 1 into dumpfile '/tmp/aapanel-console-outfile'",
    'lock tables item write',
    'handler item open',
    'select * from mysql.global_priv',
    'kill 1',
    "load data infile '/etc/passwd' into table item",
    "load data local infile '/etc/passwd' into table item",
    "grant all on *.* to 'shop'@'localhost'",
  ])('SQL-4 DB-5 %s: nothing is written by what only reads', async (statement) => {
    const state = (): string =>
      shop.sql(`checksum table item, log; show tables; select host, user, priv from mysql.global_priv
      order by user; show table status like 'numbers'; select next_not_cached_value from numbers;`);
    await shop.rows('query', 'select 1');
    const before = state();
    const result = await shop.one('query', statement);
    // Whoever may select for an update has the rows, and has changed nothing.
    if (statement.endsWith('for update')) expect(['rows', 'failed']).toContain(result.outcome);
    else expect(result).toMatchObject(cannot);
    expect(state()).toBe(before);
    expect(existsSync('/tmp/aapanel-console-outfile')).toBe(false);
  });

  it('SQL-4 DB-5 no statement reaches a file of the machine, also not as the user of the database', async () => {
    const into = (word: string): string => `select 1 into ${word} '/tmp/aapanel-console-outfile'`;
    expect(await shop.one('execute', into('outfile'))).toMatchObject({ outcome: 'failed', code: '1227' });
    expect(await shop.one('execute', into('dumpfile'))).toMatchObject({ outcome: 'failed', code: '1227' });
    expect(existsSync('/tmp/aapanel-console-outfile')).toBe(false);
    for (const mode of ['query', 'execute'] as const)
      expect((await shop.rows(mode, "select load_file('/etc/passwd')")).rows).toEqual([[null]]);
    const load = (way: string): string => `load data ${way} '/etc/passwd' into table log (said)`;
    expect(await shop.one('execute', load('infile'))).toMatchObject({ outcome: 'failed', code: '1045' });
    expect(await shop.one('execute', load('local infile'))).toMatchObject({ outcome: 'failed' });
    expect(shop.sql(`select count(*) from log where said like '%root%';`)).toBe('0');
  });

  it('SQL-4 a server that asks for a file of the client gets none', async () => {
    const asked: Buffer[] = [];
    const path = join(world.settings.stateFolder, 'liar.sock');
    const liar: Server = createServer((socket) => {
      const send = (sequence: number, body: Buffer): void =>
        void socket.write(Buffer.concat([Buffer.from([body.length, 0, 0, sequence]), body]));
      const salt = Buffer.alloc(20, 7);
      const middle = Buffer.from([0, 0xff, 0xf7, 45, 2, 0, 0xff, 0x81, 21, ...Array<number>(10).fill(0)]);
      const hello = [Buffer.from('\n5.5.5-10.11\0'), Buffer.alloc(4), salt.subarray(0, 8), middle, salt.subarray(8)];
      send(0, Buffer.concat([...hello, Buffer.from('\0mysql_native_password\0')]));
      let count = 0;
      socket.on('data', (bytes: Buffer) => {
        asked.push(bytes);
        count += 1;
        if (count === 1) send(2, Buffer.from([0, 0, 0, 2, 0, 0, 0]));
        else send(1, Buffer.from('\xfb/etc/passwd', 'latin1'));
      });
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => liar.listen(path, resolve));
    const wire = await queryMariadb({ at: { socketPath: path }, user: 'shop', password: 'a', database: 'shop' });
    const results = await wire.query('select 1', { maxRows: 1, signal: new AbortController().signal });
    wire.close();
    await new Promise((resolve) => liar.close(resolve));
    expect(results).toMatchObject([{ outcome: 'failed', why: 'copy' }]);
    expect(Buffer.concat(asked).includes('root:')).toBe(false);
  });

  it('SQL-4 more than one statement is refused as such, and none of them is run', async () => {
    for (const mode of ['query', 'execute'] as const)
      expect(await shop.one(mode, 'select 1; delete from item')).toMatchObject({ outcome: 'failed', why: 'several' });
    expect((await shop.rows('query', 'select count(*) from item; ')).rows).toEqual([['3']]);
  });

  it('DB-5 FAULT-5 a result without an end stops at the rows, at the bytes and at the time, with flat memory, also on the server', async () => {
    const endless = 'from information_schema.columns a, information_schema.columns b, information_schema.columns c';
    expect((await shop.rows('query', `select 1 ${endless}`, { maxRows: 10 })).cut).toBe('rows');
    const grown = await memoryFor(async () => {
      const wide = await shop.rows('query', `select repeat('x', 30000) ${endless}`, { maxRows: 10_000 });
      expect(wide.cut).toBe('bytes');
      expect(JSON.stringify(wide.rows).length).toBeLessThan(consoleLimits.bytes + 100_000);
    });
    expect(grown).toBeLessThan(150 * 1024 * 1024);
    const late = { timeoutSeconds: 1 };
    const stopped = { outcome: 'stopped', why: 'time' };
    expect(await shop.one('query', 'select sleep(600)', late)).toEqual(stopped);
    expect(await shop.one('query', `select count(*) ${endless}`, late)).toEqual(stopped);
    const patient = 'set statement max_statement_time = 0 for select sleep(600)';
    expect(await shop.one('execute', patient, late)).toEqual(stopped);
    expect(await shop.one('execute', 'begin not atomic loop do sleep(1); end loop; end', late)).toEqual(stopped);
    await untilIdle(shop.busy);
  });

  it('DB-5 when whoever asked goes away, the server stops', async () => {
    const gone = new AbortController();
    const asked = shop.one('execute', 'select sleep(600)', { signal: gone.signal });
    while (shop.busy() === 0) await sleep(20);
    gone.abort();
    expect(await asked).toEqual({ outcome: 'stopped', why: 'cancelled' });
    await untilIdle(shop.busy);
  });

  it('long values are cut with their length, and at most four statements run at once', async () => {
    const { rows } = await shop.rows('query', "select repeat('é', 50000), repeat(unhex('ff'), 50000)");
    expect(rows[0]).toMatchObject([
      { length: 50_000, isBinary: false },
      { length: 50_000, isBinary: true },
    ]);
    const sleeping = Array.from({ length: 4 }, () => shop.one('query', 'select sleep(2)'));
    expect(await reasonOf(shop.one('query', 'select 1'))).toBe('console_busy');
    await Promise.all(sleeping);
  });

  it('SQL-4 an account that somebody gave rights over the server does not come into the console', async () => {
    shop.sql(`grant file on *.* to 'shop'@'localhost';`);
    expect(await reasonOf(shop.one('execute', 'select 1'))).toBe('database_account_mighty');
    shop.sql(`revoke file on *.* from 'shop'@'localhost';`);
    expect((await shop.rows('execute', 'select 1')).rows).toEqual([['1']]);
  });

  it('each person has a history of their own, without passwords, sealed, and it can be emptied', async () => {
    await shop.one('execute', "select 'zebra'");
    await shop.one('execute', "set password = password('zebra secret')").catch(() => undefined);
    const of = async (id: string) =>
      (await databasesHandlers['databases.console'](machine, shop, { ...call(), actor: { id, name: id } })).items;
    const mine = await of('tester');
    expect(mine[0]).toMatchObject({ statement: "select 'zebra'", mode: 'write', hasFailed: false });
    expect(await of('somebody')).toEqual([]);
    const folder = join(machine.stateFolder, 'databases/console', shop.databaseId);
    const kept = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    expect(kept.join('')).not.toMatch(/zebra/);
    await databasesHandlers['databases.clear_console'](machine, shop, call());
    expect(await of('tester')).toEqual([]);
    expect(everyProcess().filter(({ args }) => args.includes('zebra'))).toEqual([]);
  });
});

describe.skipIf(!hasPostgres)('the console of PostgreSQL', () => {
  const shop = consoleOf('postgresql');
  beforeAll(async () => {
    await shop.start();
    const server = `set role shop_pg;
      create table item (id int primary key, name text, photo bytea, price numeric(10, 2), tags text[]);
      insert into item values (1, 'NULL', '\\x00ff27', 9.5, '{a,b}'), (2, null, null, null, null);
      create schema shelf; create table shelf.box (id int);
      create sequence numbers; create table log (said text);
      create function write_down() returns int language sql security definer as $$ insert into log values ('written') returning 1 $$;
      create function open_up() returns text language sql security definer as $$ select set_config('transaction_read_only', 'off', false) $$;
      create view writer as select write_down() as done;
      select lo_create(4711);`;
    shop.sql(server);
  }, 60_000);
  afterAll(() => shop.stop());

  it('answers rows with their types; NULL, bytes and every sign are what they are', async () => {
    const { columns, rows, cut } = await shop.rows('query', 'select * from item order by id');
    expect(columns.map(({ type }) => type)).toEqual(['integer', 'text', 'bytea', 'numeric(10,2)', 'text[]']);
    expect(rows).toEqual([
      ['1', 'NULL', { text: '00FF27', isBinary: true, length: 3 }, '9.50', '{a,b}'],
      ['2', null, null, null, null],
    ]);
    expect(cut).toBeNull();
    shop.sql('set role shop_pg; create table shelf.late (id int); insert into shelf.late values (7);');
    expect((await shop.rows('query', 'table shelf.late')).rows).toEqual([['7']]);
  });

  it('changes as the user of the database, and says how much', async () => {
    expect(await shop.one('execute', `update item set name = 'x'`)).toEqual({ outcome: 'done', affectedRows: 2 });
    expect(await shop.one('execute', 'selec 1')).toMatchObject({ code: '42601', position: 1, why: 'other' });
    const whoIs = 'select session_user, current_user';
    expect((await shop.rows('execute', whoIs)).rows).toEqual([['shop_pg', 'shop_pg']]);
    expect((await shop.rows('query', whoIs)).rows[0]).toEqual([readerOf(shop.databaseId), readerOf(shop.databaseId)]);
  });

  it.each([
    "insert into item values (9, 'a')",
    "update item set name = 'mallory'",
    'delete from item',
    'drop table item',
    'truncate item',
    'create table mine (id int)',
    'create temporary table mine (id int)',
    'set transaction read write',
    'set default_transaction_read_only = off',
    'reset session authorization',
    'commit',
    'do $$ begin delete from item; end $$',
    'explain analyze delete from item',
    'with d as (delete from item returning 1) select * from d',
    "select set_config('transaction_read_only', 'off', false)",
    'select open_up()',
    'select done from writer',
    'select write_down()',
    "select nextval('numbers')",
    "select setval('numbers', 50)",
    'select * into mine from item',
    'copy item to stdout',
    "copy item from '/etc/passwd'",
    "copy (select 1) to program 'touch /tmp/aapanel-console-outfile'",
    "select pg_read_file('/etc/passwd')",
    "select lo_import('/etc/passwd')",
    "select lo_export(4711, '/tmp/aapanel-console-outfile')",
    'select rolpassword from pg_authid',
    "notify somebody, 'x'",
    "select pg_catalog.set_config('session_authorization', 'postgres', false)",
    'set role shop_pg',
  ])('SQL-4 DB-5 %s: nothing is written by what only reads', async (statement) => {
    await shop.rows('query', 'select 1');
    const before = stateOf();
    expect(await shop.one('query', statement)).toMatchObject({ outcome: 'failed' });
    expect(stateOf()).toBe(before);
    expect(existsSync('/tmp/aapanel-console-outfile')).toBe(false);
  });
  const stateOf = (): string =>
    shop.sql(`select * from item order by id; select * from log; select last_value, is_called from numbers;
      select relname from pg_class where relnamespace = 'public'::regnamespace order by 1;
      select rolname, rolpassword from pg_authid order by 1; select oid from pg_largeobject_metadata order by 1;`);

  it.each([
    'select lo_create(4712)',
    "select lo_put(4711, 0, 'x')",
    'select lo_unlink(4711)',
    'select lo_from_bytea(4713, $$x$$)',
  ])('SQL-4 DB-5 %s: what older servers let be written in a reading transaction is taken back', async (statement) => {
    const before = stateOf();
    await shop.one('query', statement);
    await untilIdle(shop.busy);
    expect(stateOf()).toBe(before);
  });

  it('SQL-4 DB-5 no statement reaches a file or a program of the machine, also not as the user of the database', async () => {
    for (const statement of [
      "copy item to program 'touch /tmp/aapanel-console-outfile'",
      "copy item to '/tmp/aapanel-console-outfile'",
      "copy log from '/etc/passwd'",
      "copy log from program 'id'",
      "select pg_read_file('/etc/passwd')",
      "select pg_ls_dir('/')",
      "select lo_import('/etc/passwd')",
      'create function f() returns int language plpython3u as $$ return 1 $$',
      'create extension file_fdw',
      'alter system set work_mem = 1000',
      'set session authorization postgres',
    ])
      expect(await shop.one('execute', statement), statement).toMatchObject({ outcome: 'failed' });
    expect(await shop.one('execute', 'copy log from stdin')).toMatchObject({ outcome: 'failed', why: 'copy' });
    expect(await shop.one('execute', 'copy item to stdout')).toMatchObject({ outcome: 'failed', why: 'copy' });
    expect(existsSync('/tmp/aapanel-console-outfile')).toBe(false);
    expect(shop.sql('select count(*) from log;')).toBe('0');
  });

  it('SQL-4 more than one statement is refused as such, and none of them is run', async () => {
    for (const mode of ['query', 'execute'] as const)
      expect(await shop.one(mode, 'select 1; delete from item')).toMatchObject({ outcome: 'failed', why: 'several' });
    expect((await shop.rows('query', 'select count(*) from item; ')).rows).toEqual([['2']]);
  });

  it('DB-5 a result without an end stops at the rows, at the bytes and at the time, with flat memory, also on the server', async () => {
    expect((await shop.rows('query', 'select generate_series(1, 1000000000000)', { maxRows: 10 })).cut).toBe('rows');
    const grown = await memoryFor(async () => {
      const wide = await shop.rows('query', "select repeat('x', 30000) from generate_series(1, 350000)", {
        maxRows: 10_000,
      });
      expect(wide.cut).toBe('bytes');
      const one = await shop.rows('query', "select repeat('x', 500000000)");
      expect(one).toMatchObject({ cut: 'bytes', rows: [] });
    });
    expect(grown).toBeLessThan(150 * 1024 * 1024);
    const late = { timeoutSeconds: 1 };
    const stopped = { outcome: 'stopped', why: 'time' };
    expect(await shop.one('query', 'select pg_sleep(600)', late)).toEqual(stopped);
    const patient = `do $$ begin set statement_timeout = 0; perform pg_sleep(600); end $$`;
    expect(await shop.one('execute', patient, late)).toEqual(stopped);
    await untilIdle(shop.busy);
  });

  it('DB-5 when whoever asked goes away, the server stops', async () => {
    const gone = new AbortController();
    const asked = shop.one('execute', 'select pg_sleep(600)', { signal: gone.signal });
    while (shop.busy() === 0) await sleep(20);
    gone.abort();
    expect(await asked).toEqual({ outcome: 'stopped', why: 'cancelled' });
    await untilIdle(shop.busy);
  });

  it('SQL-4 an account that somebody gave rights over the server does not come into the console', async () => {
    shop.sql('grant pg_execute_server_program to shop_pg;');
    expect(await reasonOf(shop.one('execute', 'select 1'))).toBe('database_account_mighty');
    shop.sql('revoke pg_execute_server_program from shop_pg;');
  });

  it('the account that reads goes with its database', async () => {
    const { databaseId } = shop;
    await shop.rows('query', 'select 1');
    expect(shop.sql(`select count(*) from pg_roles where rolname = '${readerOf(databaseId)}';`)).toBe('1');
    shop.sql('set role shop_pg; drop owned by shop_pg;');
    await databasesHandlers['databases.discard'](machine, { databaseId }, call());
    expect(shop.sql('select rolname from pg_roles;', 'postgres')).not.toMatch(/aapanel_read|shop/);
  });
});
