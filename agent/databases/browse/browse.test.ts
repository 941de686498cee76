import { existsSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TableCell, TablePage } from '#shared/database-browse.ts';
import {
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
import { maintenanceSteps } from '../testing/maintenance-steps.ts';
import { rowSteps } from '../testing/row-steps.ts';

describe.skipIf(!hasMariadb)('the tables of a database, seen as its own user', () => {
  let world: World;
  let server: TestServer;
  let machine: Machine;
  const databaseId = newChangeId();
  const other = newChangeId();
  let endless: Promise<unknown>;

  beforeAll(async () => {
    world = await makeWorld();
    symlinkSync('/usr/sbin/mariadbd', world.path('/usr/sbin/mariadbd'));
    server = await startMariadb(world);
    machine = await openMachine(world.settings);
    for (const [id, name] of [
      [databaseId, 'shop'],
      [other, 'other'],
    ] as const) {
      const facts = { engine: 'mariadb', name, user: name, password: null, charset: 'utf8mb4' } as const;
      const given = { ...facts, databaseId: id, locale: null, siteId: null };
      await databasesHandlers['databases.create'](machine, given, call());
    }
    server.sql('use shop; create view endless as select sleep(600) as n;');
    // Looked at while the others run: it takes as long as nobody's patience.
    endless = reasonOf(rows('endless'));
  }, 60_000);
  afterAll(async () => {
    await machine?.settled();
    machine?.close();
    await server?.stop();
    world?.destroy();
  });

  type More = { readonly after?: string | null; readonly order?: 'down' | 'up'; readonly of?: string };
  const rows = (table: string, { after = null, order = 'up', of = databaseId }: More = {}): Promise<TablePage> =>
    databasesHandlers['databases.rows'](
      machine,
      { databaseId: of, table, after, order, sort: null, filters: [] },
      call(),
    );

  async function walk(table: string, order: 'down' | 'up' = 'up'): Promise<TableCell[][]> {
    const all: TableCell[][] = [];
    for (let after: string | null = null; ; ) {
      const page = await rows(table, { after, order });
      all.push(...page.rows);
      if (page.next === null) return all;
      after = page.next;
    }
  }

  it('every row comes once and in order, both ways, by keys of one and of several columns', async () => {
    server.sql(`use shop;
      create table one (id bigint primary key, v int); insert into one select seq * 3, seq from seq_1_to_173;
      create table two (a varchar(20), b int, primary key (b, a)) character set latin1;
      insert into two select concat('k', seq % 7, char(39)), seq div 7 from seq_1_to_160;
      create table bytes (id binary(2) primary key); insert into bytes select unhex(lpad(hex(seq), 4, '0')) from seq_1_to_120;`);
    const ids = Array.from({ length: 173 }, (_, at) => String((at + 1) * 3));
    expect((await walk('one')).map(([id]) => id)).toEqual(ids);
    expect((await walk('one', 'down')).map(([id]) => id)).toEqual(ids.toReversed());
    const lines = server.sql('select a, b from shop.two order by b, a;').split('\n');
    expect(await walk('two')).toEqual(lines.map((line) => line.split('\t')));
    expect(await walk('bytes')).toHaveLength(120);
  });

  it('a page in the middle reads no more than its own rows, whatever the characters of the key', async () => {
    server.sql(`use shop;
      create table german (k varchar(20) primary key) character set latin1 collate latin1_german1_ci;
      insert into german select concat('ä', lpad(seq, 5, '0')) from seq_1_to_1000;
      create table older (k varchar(20), n int, primary key (k, n)) character set utf8mb3;
      insert into older select concat('ش', lpad(seq, 5, '0')), 1 from seq_1_to_1000;`);
    const read = (): number => Number(server.sql("show global status like 'Handler_read_next';").split('\t')[1]);
    const before = read();
    for (const table of ['german', 'older']) {
      let after: string | null = null;
      const keys: unknown[] = [];
      for (let page = 0; page < 18; page += 1) {
        const found: TablePage = await rows(table, { after });
        keys.push(...found.rows.map(([key]) => key));
        after = found.next;
      }
      expect(new Set(keys).size).toBe(900);
      const { refs } = await rows(table, { after });
      await databasesHandlers['databases.row'](machine, { databaseId, table, row: refs[7] ?? '' }, call());
    }
    // What a connection has read counts once it has ended; one looks at what has no end.
    const open = (): number =>
      Number(server.sql("select count(*) from information_schema.processlist where user = 'shop';").trim());
    await expect.poll(open).toBeLessThan(2);
    expect(read() - before).toBeLessThan(5_000);
  });

  it('values are shown as they are: NULL and the word, control characters, long texts and bytes', async () => {
    server.sql(String.raw`use shop; create table odd (id int primary key, a text, b blob, c bit(4), d point, e json, f longtext);
      insert into odd values (1, 'NULL', x'00ff0a', b'101', point(1, 2), '{"a":1}', repeat('ش', 1000)), (2, null, null, null, null, null, null),
        (3, concat('N', char(9), char(10), char(0), '\\', char(13)), '', 0, null, '[]', '');`);
    const { rows: found } = await rows('odd');
    expect(found).toEqual([
      [
        '1',
        'NULL',
        { text: '00FF0A', isBinary: true, length: 3 },
        '101',
        'POINT(1 2)',
        '{"a":1}',
        { text: 'ش'.repeat(300), isBinary: false, length: 1000 },
      ],
      ['2', null, null, null, null, null, null],
      ['3', 'N\t\n\0\\\r', { text: '', isBinary: true, length: 0 }, '0', null, '[]', ''],
    ]);
  });

  it('tables, columns, indexes and foreign keys are listed; a table without a key shows its first rows', async () => {
    server.sql(`use shop; create table kid (id int primary key auto_increment, of bigint not null default 7, t varchar(9),
        unique u (t), constraint kin foreign key (of) references one (id));
      create table plain (v enum('b', 'a')); insert into plain select 1 + seq % 2 from seq_1_to_70; create view seen as select * from one;`);
    const { items } = await databasesHandlers['databases.tables'](machine, { databaseId }, call());
    expect(items.find(({ name }) => name === 'seen')?.kind).toBe('view');
    expect(items.find(({ name }) => name === 'kid')).toMatchObject({ kind: 'table', storage: 'InnoDB' });
    expect(await rows('kid')).toMatchObject({
      columns: [
        { name: 'id', isKey: true, isNullable: false, extra: 'auto_increment' },
        { name: 'of', type: 'bigint(20)', default: '7' },
        { name: 't', isNullable: true },
      ],
      foreignKeys: [{ name: 'kin', columns: ['of'], table: 'one', targets: ['id'] }],
    });
    expect((await rows('kid')).indexes).toContainEqual({ name: 'u', isUnique: true, columns: ['t'] });
    expect(await rows('plain')).toMatchObject({ hasKey: false, next: null });
    expect((await rows('plain')).rows).toHaveLength(50);
    expect((await rows('seen')).hasKey).toBe(false);
  });

  it('names that the client would read as its own commands start nothing', async () => {
    const flag = `${world.prefix}/started`;
    server.sql(`\\! touch ${flag}-really\n`);
    expect(existsSync(`${flag}-really`)).toBe(true);
    const table = 'a\\';
    const column = `\\! touch ${flag}`;
    server.sql(
      `use shop; execute immediate x'${Buffer.from(
        `create table \`${table}\` (id int primary key, \`${column}\` int, \`x\`\`; drop table one; --\` int)`,
      ).toString(
        'hex',
      )}'; execute immediate x'${Buffer.from(`insert into \`${table}\` values (1, 2, 3)`).toString('hex')}';`,
    );
    expect((await rows(table)).rows).toEqual([['1', '2', '3']]);
    expect((await rows(table)).columns[1]?.name).toBe(column);
    expect(existsSync(flag)).toBe(false);
    expect(await reasonOf(rows('one` where 1=0 union select 1 from mysql.user -- '))).toBe('database_table_unknown');
    expect((await rows('one')).rows).toHaveLength(50);
  });

  it("what is another database's stays there, and nothing is written on the way", async () => {
    server.sql('create table other.secret (id int primary key); insert into other.secret values (1);');
    expect(await reasonOf(rows('secret'))).toBe('database_table_unknown');
    expect(await reasonOf(rows('other.secret'))).toBe('database_table_unknown');
    expect((await rows('secret', { of: other })).rows).toEqual([['1']]);
    server.sql(`use shop
      create table log (n int);
      delimiter //
      create function noted() returns int modifies sql data begin insert into log values (1); return 1; end//
      delimiter ;
      create view writes as select noted() as n;`);
    // The server does not even say what its columns are.
    expect(await reasonOf(rows('writes'))).toBe('database_table_unknown');
    expect(server.sql('select count(*) from shop.log;').trim()).toBe('0');
  });

  it('a page begins only where the agent has said, and only in the same table', async () => {
    const { next } = await rows('one');
    expect(await reasonOf(rows('bytes', { after: next }))).toBe('database_cursor_invalid');
    expect(await reasonOf(rows('one', { after: next, order: 'down' }))).toBe('database_cursor_invalid');
    expect(await reasonOf(rows('one', { after: 'AAAA' }))).toBe('database_cursor_invalid');
    expect(Buffer.from(next ?? '', 'base64').toString('latin1')).not.toContain('150');
  });

  const place = () => ({
    machine,
    databaseId,
    sql: (text: string) => server.sql(`use shop\ndelimiter //\n${text}//`),
  });
  describe('rows', () => rowSteps('mariadb', place));
  describe('upkeep', () => maintenanceSteps('mariadb', place));

  it('a view without end is stopped, and the server goes on', async () => {
    expect(await endless).toBe('database_query_slow');
    expect(server.sql("select count(*) from information_schema.processlist where user = 'shop';").trim()).toBe('0');
  }, 20_000);
});

describe.skipIf(!hasPostgres)('the tables of a database of PostgreSQL, seen as its owner', () => {
  let world: World;
  let server: TestServer;
  let machine: Machine;
  const databaseId = newChangeId();
  let endless: Promise<unknown>;

  beforeAll(async () => {
    world = await makeWorld();
    server = await startPostgres(world, await freePort());
    machine = await openMachine(world.settings);
    const facts = { engine: 'postgresql', name: 'shop', user: 'shop', password: null, charset: 'UTF8' } as const;
    await databasesHandlers['databases.create'](machine, { ...facts, databaseId, locale: null, siteId: null }, call());
    sql('create view endless as select 1 as n from pg_sleep(600)');
    // Looked at while the others run: it takes as long as nobody's patience.
    endless = reasonOf(rows('endless'));
  }, 60_000);
  afterAll(async () => {
    await machine?.settled();
    machine?.close();
    await server?.stop();
    world?.destroy();
  });

  const sql = (text: string): string => server.sql(`set role shop; ${text}`, 'shop');
  const rows = (table: string, after: string | null = null, order: 'down' | 'up' = 'up'): Promise<TablePage> =>
    databasesHandlers['databases.rows'](machine, { databaseId, table, after, order, sort: null, filters: [] }, call());
  async function walk(table: string, order: 'down' | 'up' = 'up'): Promise<TableCell[][]> {
    const all: TableCell[][] = [];
    for (let after: string | null = null; ; ) {
      const page = await rows(table, after, order);
      all.push(...page.rows);
      if (page.next === null) return all;
      after = page.next;
    }
  }

  it('every row comes once and in order, both ways, by keys of every type, whatever the account has set', async () => {
    sql(`create type size as enum ('small', 'large', 'a; drop table one');
      create table one (id bigint primary key, v int); insert into one select n * 3, n from generate_series(1, 173) n;
      create table two (a varchar(20) collate "C", s size, b numeric, primary key (b, s, a));
      insert into two select 'k''\\' || n % 7, (enum_range(null::size))[n % 3 + 1], n / 7 / 3.0 from generate_series(1, 160) n;
      create table bytes (id bytea, at timestamptz, f float8, primary key (id, at, f));
      insert into bytes select decode(lpad(to_hex(n), 4, '0'), 'hex'), '2026-03-29T00:30Z'::timestamptz + n * interval '7 min', n / 3.0 from generate_series(1, 120) n;
      insert into bytes values ('\\x00', 'infinity', 'NaN');
      alter role shop set standard_conforming_strings = off; alter role shop set datestyle = 'German';
      alter role shop set bytea_output = 'escape'; alter role shop set timezone = 'Asia/Kathmandu'; alter role shop set search_path = 'nowhere';`);
    const ids = Array.from({ length: 173 }, (_, at) => String((at + 1) * 3));
    expect((await walk('one')).map(([id]) => id)).toEqual(ids);
    expect((await walk('one', 'down')).map(([id]) => id)).toEqual(ids.toReversed());
    const lines = sql("select concat_ws(E'\\t', a, s, b) from two order by b, s, a")
      .split('\n')
      .map((line) => line.split('\t'));
    expect(await walk('two')).toEqual(lines);
    expect(await walk('two', 'down')).toEqual(lines.toReversed());
    expect(await walk('bytes')).toHaveLength(121);
  });

  it('values, columns, indexes and keys are shown as they are, and names that only quoting keeps together', async () => {
    sql(`create table two_ids (id int primary key); create schema "sche.ma"; create domain photo as bytea;
      create table "sche.ma"."we""ird'\\; --" (id int generated always as identity primary key, "a""b" text default 'x''y', p photo, g int generated always as (id * 2) stored,
        t int unique references two_ids (id) deferrable, j jsonb, l int[]);
      create index low on "sche.ma"."we""ird'\\; --" (lower("a""b"));
      insert into "sche.ma"."we""ird'\\; --" ("a""b", p, j, l) values ('NULL', '\\x00ff0a', '{"a": 1}', '{1,2}'), (repeat('ش', 1000), null, null, null);
      create view seen as select * from one; create table bare (v int); insert into bare select generate_series(1, 70);`);
    const { items } = await databasesHandlers['databases.tables'](machine, { databaseId }, call());
    const shown = `"sche.ma"."we""ird'\\; --"`;
    expect(items.find(({ name }) => name === shown)).toMatchObject({ kind: 'table', storage: 'heap' });
    expect(items.find(({ name }) => name === 'seen')).toMatchObject({ kind: 'view', sizeBytes: null });
    const page = await rows(shown);
    expect(page).toMatchObject({
      hasKey: true,
      next: null,
      columns: [
        { name: 'id', type: 'integer', isKey: true, isNullable: false, extra: 'identity' },
        { name: 'a"b', isNullable: true, default: "'x''y'::text" },
        { name: 'p', type: 'public.photo' },
        { name: 'g', default: null, extra: 'generated as ((id * 2))' },
        {},
        {},
        { type: 'integer[]' },
      ],
      foreignKeys: [{ columns: ['t'], table: 'two_ids', targets: ['id'] }],
    });
    expect(page.indexes).toContainEqual({ name: 'low', isUnique: false, columns: ['lower("a""b")'] });
    expect(page.rows).toEqual([
      ['1', 'NULL', { text: '00FF0A', isBinary: true, length: 3 }, '2', null, '{"a": 1}', '{1,2}'],
      ['2', { text: 'ش'.repeat(300), isBinary: false, length: 1000 }, null, '4', null, null, null],
    ]);
    expect(await rows('bare')).toMatchObject({ hasKey: false, next: null });
    expect((await rows('bare')).rows).toHaveLength(50);
  });

  it('what the account may not read is not there, nothing is written on the way, and a view without end is stopped', async () => {
    server.sql('create table public.theirs (a int); revoke all on public.theirs from public;', 'shop');
    sql(`create table log (n int);
      create function noted() returns int language plpgsql security definer as $$ begin
        perform set_config('transaction_read_only', 'off', true); insert into log values (1); return 1; end $$;
      create view writes as select noted() as n;`);
    for (const table of ['theirs', 'pg_catalog.pg_authid', "one' or true --", 'ONE', '"one"'])
      expect([table, await reasonOf(rows(table))]).toEqual([table, 'database_table_unknown']);
    expect(await reasonOf(rows('writes'))).toBe('database_server_refused');
    expect(sql('select count(*) from log')).toBe('0');
    const { next } = await rows('one');
    expect(await reasonOf(rows('bytes', next))).toBe('database_cursor_invalid');
    expect(await reasonOf(rows('one', next, 'down'))).toBe('database_cursor_invalid');
    expect(await endless).toBe('database_query_slow');
    await expect.poll(() => server.sql("select count(*) from pg_stat_activity where usename = 'shop'")).toBe('0');
  }, 20_000);

  describe('rows', () => rowSteps('postgresql', () => ({ machine, databaseId, sql })));
  describe('upkeep', () => maintenanceSteps('postgresql', () => ({ machine, databaseId, sql })));
});
