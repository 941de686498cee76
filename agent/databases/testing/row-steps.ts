import { expect, it } from 'vitest';
import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { FilterOperator, TableCell, TablePage } from '#shared/database-browse.ts';
import type { RowValues, TableRow } from '#shared/database-rows.ts';
import type { DatabaseEngine } from '#shared/databases.ts';
import { reasonOf } from '../../backups/dumps/testing/servers.ts';
import type { Machine } from '../../core/machine.ts';
import { call } from '../../testing/world.ts';
import { databasesHandlers } from '../databases.actions.ts';

/* Rows that are changed in a real server: the same steps for both. `sql` asks as the superuser, in the database itself. */

type Change = ActionParams<AgentActions['databases.change_row']>['change'];
type Given = Readonly<Record<string, string | null>>;
export type RowPlace = {
  readonly machine: Machine;
  readonly databaseId: string;
  readonly sql: (text: string) => string;
};

const content: Readonly<Record<DatabaseEngine, string>> = {
  mariadb: String.raw`create table canary (id int primary key);
    create table ${"`od``d ;'--`"} (id bigint unsigned, ${"`k'`"} varchar(60), txt longtext, n int not null default 7, d decimal(5, 2),
      b blob, e enum('small', 'it''s'), at timestamp null, t bit(3), v varchar(5), g int as (n * 2), primary key (id, ${"`k'`"}));
    create table ci (name varchar(20) unique not null, v int);
    create table mother (id int primary key); insert into mother values (1);
    create table child (id int primary key auto_increment, m int, u int unique, foreign key (m) references mother (id), constraint small check (u < 9));
    insert into child (m, u) values (1, 1);
    create table keyless (v int); insert into keyless values (1);
    create table half (id int primary key) engine = MyISAM; insert into half values (1); create view looks as select * from mother;
    create table barred (id int primary key, v int); insert into barred values (1, 1);
    create trigger bar before update on barred for each row signal sqlstate '45000' set message_text = 'no';`,
  postgresql: String.raw`create type kind as enum ('small', 'it''s'); create table canary (id int primary key);
    create table "od""d ;'--" (id numeric(20), "k'" varchar(60), txt text, n int not null default 7, d numeric(5, 2),
      b bytea, e kind, at timestamptz, t boolean, v varchar(5), g int generated always as (n * 2) stored, primary key (id, "k'"));
    create table ci (name varchar(20) unique not null, v int);
    create table mother (id int primary key); insert into mother values (1);
    create table child (id serial primary key, m int references mother (id) deferrable initially deferred, u int unique, constraint small check (u < 9));
    insert into child (m, u) values (1, 1);
    create table keyless (v int); insert into keyless values (1); create view looks as select * from mother;
    create table heir (primary key (id)) inherits (mother); create table half (id int primary key); insert into half values (1);
    create rule nothing as on delete to half do instead nothing;
    create table barred (id int primary key, v int); insert into barred values (1, 1);
    create function no() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
    create trigger bar before update on barred for each row execute function no();`,
};

const strange = [
  "'; drop table canary; --",
  String.raw`\'; drop table canary; -- \\`,
  '`"\' ? $1 %s :a {{}}',
  "x' or '1'='1",
  'NULL',
  '',
  '  a\r\n\t b  ',
  'عربي 🙂 \u202e',
  'x'.repeat(60_000),
];

const wrongInMariadb = [
  [{ d: '1.239' }, 'row_value_rounded'],
  [{ t: '2' }, 'row_value_bits'],
  [{ t: '1111' }, 'row_value_long'],
] as const;

export function rowSteps(engine: DatabaseEngine, place: () => RowPlace): void {
  const isMariadb = engine === 'mariadb';
  const odd = isMariadb ? "od`d ;'--" : `"od""d ;'--"`;
  const inSql = isMariadb ? "`od``d ;'--`" : `"od""d ;'--"`;
  const valuesOf = (given: Given): RowValues => Object.entries(given).map(([column, value]) => ({ column, value }));

  type Wish = Partial<ActionParams<AgentActions['databases.rows']>>;
  const page = (table: string, wish: Wish = {}): Promise<TablePage> => {
    const { machine, databaseId } = place();
    const given = { databaseId, table, after: null, order: 'up' as const, sort: null, filters: [], ...wish };
    return databasesHandlers['databases.rows'](machine, given, call());
  };
  async function idsOf(table: string, wish: Wish): Promise<TableCell[]> {
    const ids: TableCell[] = [];
    for (let after: string | null | undefined = null; after !== undefined; ) {
      const { rows, next }: TablePage = await page(table, { ...wish, after });
      ids.push(...rows.map(([id = null]) => id));
      after = next ?? undefined;
    }
    return ids;
  }
  const read = (table: string, row: string): Promise<TableRow> => {
    const { machine, databaseId } = place();
    return databasesHandlers['databases.row'](machine, { databaseId, table, row }, call());
  };
  const change = (table: string, what: Change): Promise<unknown> => {
    const { machine, databaseId } = place();
    return databasesHandlers['databases.change_row'](machine, { databaseId, table, change: what }, call());
  };
  const insert = (table: string, given: Given) => change(table, { kind: 'insert', values: valuesOf(given) });
  /** As somebody does who has opened the row whose first column is so. */
  async function opened(table: string, first: string): Promise<{ row: string; version: string; cells: TableCell[] }> {
    const { rows, refs } = await page(table);
    const row = refs[rows.findIndex(([value]) => value === first)] ?? '';
    return { row, ...(await read(table, row)) };
  }
  async function update(table: string, first: string, given: Given): Promise<unknown> {
    const { row, version } = await opened(table, first);
    return await change(table, { kind: 'update', row, version, values: valuesOf(given) });
  }
  async function remove(table: string, first: string): Promise<unknown> {
    const { row, version } = await opened(table, first);
    return await change(table, { kind: 'delete', row, version });
  }
  const fault = async (done: Promise<unknown>): Promise<unknown> => {
    try {
      await done;
    } catch (error) {
      const { fields, reason } = error as { fields: { field: string; code: string }[]; reason?: string };
      return reason ?? fields.map(({ field, code }) => `${field} ${code}`).join();
    }
    return 'none';
  };
  const texts = (): string[] => {
    const shown = isMariadb ? 'hex(txt)' : "upper(encode(convert_to(txt, 'UTF8'), 'hex'))";
    const lines = place().sql(`select ${shown} from ${inSql} order by id`).split('\n');
    return lines.map((line) => Buffer.from(line, 'hex').toString());
  };

  it('SQL-2 SQL-4 whatever a value says, it is stored and changed in this one row, also as part of the key', async () => {
    place().sql(content[engine]);
    for (const [at, value] of strange.entries())
      await insert(odd, { id: String(at), "k'": value.slice(0, 50), txt: value, e: "it's" });
    expect(texts()).toEqual(strange);
    for (const [at, row] of (await page(odd)).refs.entries()) {
      const value = strange[at] ?? '';
      const { cells, version } = await read(odd, row);
      expect(cells.slice(0, 4)).toEqual([String(at), value.slice(0, 50), value, '7']);
      const values = valuesOf({ txt: `${value.slice(0, 59_000)}!`, "k'": `${value.slice(0, 49)}"` });
      await change(odd, { kind: 'update', row, version, values });
    }
    expect(texts()).toEqual(strange.map((value) => `${value.slice(0, 59_000)}!`));
    for (const row of (await page(odd)).refs.slice(1))
      await change(odd, { kind: 'delete', row, version: (await read(odd, row)).version });
    expect(texts()).toEqual([`${strange[0]}!`]);
    expect(place().sql('select count(*) from canary').trim()).toBe('0');
    const withNul = insert(odd, { id: '9', "k'": 'a\0b', txt: null });
    expect(await fault(withNul)).toBe(isMariadb ? 'none' : 'values.1.value row_value_invalid');
    if (isMariadb) await remove(odd, '9');
  });

  it('NULL, the word and nothing at all are three values, and every type is shown as it is written', async () => {
    const [bits, shownBits] = isMariadb ? ['101', '101'] : ['yes', 'true'];
    await insert(odd, {
      id: '1',
      "k'": 'a',
      txt: null,
      n: '-5',
      d: '12.50',
      b: '00ff1A',
      e: 'small',
      at: '2026-03-29 00:30:00',
      t: bits,
      v: '',
    });
    const at = isMariadb ? '2026-03-29 00:30:00' : '2026-03-29 00:30:00+00';
    const bytes = { text: '00FF1A', isBinary: true, length: 3 };
    const shown = (await opened(odd, '1')).cells;
    expect(shown).toEqual(['1', 'a', null, '-5', '12.50', bytes, 'small', at, shownBits, '', '-10']);
    await update(odd, '1', { d: null, b: null, e: null, at: null, t: null, v: 'NULL', txt: '' });
    expect((await opened(odd, '1')).cells).toEqual(['1', 'a', '', '-5', null, null, null, null, null, 'NULL', '-10']);
    await insert('ci', { name: 'only', v: null });
    await update('ci', 'only', { v: null });
    expect((await page('ci')).rows).toEqual([['only', null]]);
    expect((await page(odd)).columns).toMatchObject([
      { kind: isMariadb ? 'integer' : 'decimal', isKey: true },
      { kind: 'text' },
      { kind: 'text', isNullable: true },
      { kind: 'integer', default: '7' },
      { kind: 'decimal' },
      { kind: 'bytes' },
      { kind: 'choice', choices: ['small', "it's"] },
      { kind: 'datetime' },
      { kind: isMariadb ? 'bits' : 'boolean' },
      { kind: 'text' },
      { isGenerated: true },
    ]);
  });

  it('what does not fit its column is said so of its field, and nothing is changed', async () => {
    const wrong: readonly (readonly [Given, string])[] = [
      [{ n: '1.5' }, 'row_value_integer'],
      [{ n: '3000000000' }, 'row_value_range'],
      [{ n: '9'.repeat(30) }, 'row_value_range'],
      [{ n: null }, 'row_value_needed'],
      [{ d: '1e3' }, 'row_value_decimal'],
      [{ d: '12345' }, 'row_value_range'],
      [{ b: 'abc' }, 'row_value_bytes'],
      [{ e: 'large' }, 'not_a_choice'],
      [{ at: '2026-02-30 00:00:00' }, 'row_value_invalid'],
      [{ at: '' }, 'row_value_needed'],
      [{ v: 'longer' }, 'row_value_long'],
      [{ g: '1' }, 'row_column_fixed'],
      [{ 'n = 1, n': '1' }, 'row_column_fixed'],
      ...(isMariadb ? wrongInMariadb : ([[{ t: 'maybe' }, 'row_value_invalid']] as const)),
    ];
    const { row, version, cells } = await opened(odd, '1');
    for (const [given, code] of wrong) {
      const values = valuesOf({ txt: 'new', ...given });
      const said = await fault(change(odd, { kind: 'update', row, version, values }));
      expect([given, said]).toEqual([given, `values.1.value ${code}`]);
    }
    expect(await read(odd, row)).toMatchObject({ cells, version });
  });

  it('a row that is no longer what was shown stays as it is, and of two who change it at once one does', async () => {
    await update(odd, '1', { txt: 'x'.repeat(70_000 - 5_000), v: 'a' });
    place().sql(`update ${inSql} set txt = concat(txt, repeat('y', 9000)) where id = 1`);
    const seen = await opened(odd, '1');
    expect(seen.cells[2]).toMatchObject({ length: 74_000, isBinary: false });
    const mine: Change = { kind: 'update', ...pick(seen), values: valuesOf({ v: 'mine' }) };
    for (const other of [`v = 'A'`, `txt = concat(txt, 'z')`, `v = null`]) {
      const { version } = await read(odd, seen.row);
      place().sql(`update ${inSql} set ${other} where id = 1`);
      expect(await reasonOf(change(odd, { ...mine, version }))).toBe('database_row_changed');
      expect(await reasonOf(change(odd, { kind: 'delete', row: seen.row, version }))).toBe('database_row_changed');
    }
    expect((await opened(odd, '1')).cells[9]).toBe(null);
    const { version } = await read(odd, seen.row);
    const both = ['one', 'two'].map((value) =>
      fault(change(odd, { ...mine, version, values: valuesOf({ v: value }) })),
    );
    expect(new Set(await Promise.all(both))).toEqual(new Set(['database_row_changed', 'none']));
    place().sql(`delete from ${inSql} where id = 1`);
    expect(await reasonOf(read(odd, seen.row))).toBe('database_row_gone');
    expect(await reasonOf(change(odd, { ...mine, version }))).toBe('database_row_gone');
  });

  it('what the table does not allow is said by its kind, and a key is found by a unique index too', async () => {
    expect(await fault(insert('ci', { name: 'only' }))).toBe('database_row_exists');
    expect(await fault(insert('ci', { v: '1' }))).toMatch(/row_value_needed|database_row_invalid/);
    expect(await fault(insert('child', { m: '2' }))).toBe('database_row_reference');
    expect(await fault(insert('child', { m: '1', u: '9' }))).toBe('database_row_check');
    expect(await fault(remove('mother', '1'))).toBe('database_row_referenced');
    expect(await fault(update('barred', '1', { v: '2' }))).toBe('database_server_refused');
    await insert('child', {});
    expect(place().sql('select count(*) from child').trim()).toBe('2');
    expect(place().sql('select v from barred').trim()).toBe('1');
  });

  it('rows without a key of their own, of views and of what cannot be taken back are never changed', async () => {
    const none = { keyless: 'no_key', looks: 'view', ...(isMariadb ? { half: 'storage' } : {}) };
    for (const [table, editing] of Object.entries(none)) {
      expect(await page(table)).toMatchObject({ editing, refs: [] });
      expect(await fault(insert(table, {}))).toBe('database_table_fixed');
    }
    const { row, version } = await opened('mother', '1');
    for (const table of ['child', 'keyless', odd]) {
      expect(await reasonOf(read(table, row))).toBe('database_cursor_invalid');
      expect(await reasonOf(change(table, { kind: 'delete', row, version }))).toBe('database_cursor_invalid');
    }
    expect(await reasonOf(read('mother', Buffer.from('["1"]').toString('base64')))).toBe('database_cursor_invalid');
    if (isMariadb) return;
    expect(await fault(remove('half', '1'))).toBe('database_row_not_one');
    place().sql('insert into heir values (7); insert into mother values (7)');
    expect(await fault(remove('mother', '7'))).toBe('database_row_gone');
    place().sql(
      'reset role; create table lent (id int primary key); insert into lent values (1); grant select on lent to shop',
    );
    expect(await fault(remove('lent', '1'))).toBe('database_row_denied');
    expect(place().sql('select count(*) from mother')).toBe('3');
  });

  it('rows come in the order of an indexed column, every one once, also those without a value', async () => {
    const numbers = isMariadb ? 'seq as i from seq_1_to_130' : 'i from generate_series(1, 130) i';
    place().sql(`create table many (id int primary key, n int, f varchar(20) not null, s varchar(40), at timestamp null);
      create index low on many (n, id); create index middle on many (f);
      insert into many select i, nullif(i % 4, 0), concat('f', i % 3), concat('it''s ', i, '%_!x'), null from (select ${numbers}) as all_of`);
    for (const [sort, order] of [
      ['n', 'up'],
      ['n', 'down'],
      ['f', 'up'],
      ['f', 'down'],
    ] as const) {
      const by = order === 'up' ? 'asc' : 'desc';
      const expected = place().sql(`select id from many order by ${sort} ${by}, id ${by}`).trim().split('\n');
      expect(await idsOf('many', { sort, order })).toEqual(expected);
    }
    for (const sort of ['s', 'n, id', 'id desc']) expect(await fault(page('many', { sort }))).toBe('sort not_a_choice');
  });

  it('SQL-2 rows are found by operator and value, and a value is never more than that', async () => {
    const filter = (column: string, operator: FilterOperator, value = '') => ({ column, operator, value });
    const found = (...filters: ReturnType<typeof filter>[]) => idsOf('many', { filters });
    expect(await found(filter('s', 'contains', 'S 12'), filter('n', 'is', '1'))).toEqual(['121', '125', '129']);
    expect(await found(filter('s', 'begins', "it's 13"))).toEqual(['13', '130']);
    expect(await found(filter('s', 'contains', '7%_!X'))).toHaveLength(13);
    expect(await found(filter('s', 'contains', '%7'))).toEqual([]);
    expect(await found(filter('id', 'at_least', '129'), filter('s', 'not_null'))).toEqual(['129', '130']);
    expect(await found(filter('id', 'less', '9'), filter('n', 'null'))).toEqual(['4', '8']);
    expect(await found(filter('id', 'at_most', '8'), filter('n', 'is_not', '1'))).toEqual([
      '2',
      '3',
      '4',
      '6',
      '7',
      '8',
    ]);
    expect(await found(filter('f', 'more', 'f1'))).toHaveLength(43);
    for (const value of strange.slice(0, 5)) expect(await found(filter('f', 'is', value))).toEqual([]);
    expect(await fault(found(filter('n', 'is', '1 or true')))).toBe('filters.0.value row_value_integer');
    expect(await fault(found(filter('n', 'contains', '1')))).toBe('filters.0.operator not_a_choice');
    expect(await fault(found(filter('n = n or n', 'null')))).toBe('filters.0.column not_a_choice');
    const said = isMariadb ? 'filters.0.value row_value_invalid' : 'database_filter_invalid';
    expect(await fault(found(filter('at', 'less', 'never')))).toBe(said);
    expect(await found(filter('at', 'less', '2026-11-28 10:00'))).toEqual([]);
    const { next } = await page('many', { filters: [filter('f', 'not_null')] });
    expect(await reasonOf(page('many', { after: next }))).toBe('database_cursor_invalid');
  });
}

const pick = ({ row, version }: { row: string; version: string }) => ({ row, version });
