import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { listDatabases } from './databases.ts';
import { dumps } from './dumps.ts';
import { openMariadbDump } from './mariadb-dump.ts';
import { MariadbReader } from './mariadb-reader.ts';
import { superuserOf } from './place.ts';
import {
  dumpOf,
  everyProcess,
  hasMariadb,
  hasPostgres,
  killRestore,
  killRounds,
  makeRoot,
  mariadbSource,
  openClient,
  reasonOf,
  startMariadb,
  streamOf,
  type TestServer,
  writePairs,
  proofPlaces,
  untilPlacesAreGone,
} from './testing/servers.ts';

const root = makeRoot();
let server: TestServer;

/** Everything a database can have, and data that looks like a dump. */
const richSchema = `
  create table parent (id int primary key auto_increment, a text, b longblob, c bit(3), d json,
    g int as (id + 1) virtual, f double, e enum('a','b'), t timestamp null) engine = InnoDB;
  insert into parent (a, b, c, d, f, e, t) values
    ('x\\nINSERT INTO \`foo\` VALUES\\n(1);\\n', x'0a0d00ff', b'101', '{"a":1}', 0.1, 'a', '2026-01-02 03:04:05'),
    ('it''s \\\\'' ;\\r\\n-- Dump completed\\n', '', null, null, -1e300, null, null),
    ('DELIMITER ;;\\nCREATE TRIGGER x', null, null, null, null, 'b', null);
  create table child (id int primary key, parent_id int, note varchar(20), invisible_one int invisible default 7,
    constraint fk foreign key (parent_id) references parent (id)) engine = InnoDB;
  insert into child values (1, 1, 'one'), (2, 2, null);
  create table \`odd\`\`name (1\` (a int, b int, primary key (a, b), key (b));
  insert into \`odd\`\`name (1\` values (2, 1), (1, 2);
  create table without_rows (id int);
  create table old_engine (a varchar(10)) engine = MyISAM;
  insert into old_engine values ('z'), ('a');
  create sequence numbers;
  select nextval(numbers);
  create view seen as select note from child;
  create view over_view as select * from seen;
  delimiter //
  create procedure fill() begin
    /* a comment that stays
DELIMITER ;
CREATE TRIGGER not_one */
    select 'CREATE VIEW';
    INSERT INTO old_engine VALUES
('q');
  end//
  create function one() returns int return 1//
  create trigger watch before insert on child for each row begin
    INSERT INTO without_rows VALUES
(1);
  end//
  create event daily on schedule every 1 day do insert into without_rows values (2)//
  delimiter ;`;

beforeAll(async () => {
  if (hasMariadb) server = await startMariadb(root);
});
afterAll(async () => {
  await server?.stop();
  root.remove();
});

function make(name: string, schema = richSchema): void {
  const quoted = `\`${name.replaceAll('`', '``')}\``;
  server.sql(
    `drop database if exists ${quoted}; create database ${quoted} character set latin1; use ${quoted};\n${schema}`,
  );
}

/** All content and code, as the server's own tool writes it. */
async function stateOf(name: string): Promise<unknown> {
  const { part } = await dumpOf(root.work({ report: () => undefined }), mariadbSource(name));
  return { tables: part.tables, counts: part.counts };
}

describe.skipIf(!hasMariadb)('a dump of MariaDB', () => {
  it('counts rows and code, whatever the data looks like, and names what is not of one instant', async () => {
    make('rich');
    const { part } = await dumpOf(root.work(), mariadbSource('rich'));
    expect(part.tables.map(({ name, rows }) => [name, rows])).toEqual([
      ['child', 2],
      ['odd`name (1', 2],
      ['old_engine', 2],
      ['parent', 3],
      ['without_rows', 0],
    ]);
    expect(part.counts).toEqual({ routines: 2, triggers: 1, views: 2, events: 1 });
    expect(root.reports).toContainEqual({
      what: 'measured',
      subject: 'rich.old_engine',
      reason: 'table_not_transactional',
      params: { engine: 'MyISAM' },
    });
  });

  it('B-5 is proven in a server that is thrown away with everything in it', async () => {
    make('rich');
    const { part, bytes } = await dumpOf(root.work(), mariadbSource('rich'));
    await dumps.prove(root.work(), part, streamOf(bytes));
    await untilPlacesAreGone(proofPlaces());
    expect(readdirSync(root.work().scratch)).toEqual([]);
  });

  it('B-5 comes back in place with tables, code, grants and character set; another one is as it was', async () => {
    make('rich');
    make('bystander', 'create table t (id int); insert into t values (1);');
    server.sql("create user if not exists site@localhost identified by 'x'; grant select on rich.* to site@localhost;");
    server.sql('grant execute on procedure rich.fill to site@localhost;');
    const before = await stateOf('rich');
    const grants = server.sql('show grants for site@localhost;');
    const { part, bytes } = await dumpOf(root.work(), mariadbSource('rich'));
    server.sql(
      `delete from child; drop table old_engine; drop function one; drop view over_view; drop trigger watch;
      create table newer (id int); alter database rich character set utf8mb4; create procedure newer() select 1;`,
      'rich',
    );
    await dumps.restore(root.work(), part, streamOf(bytes), { kind: 'in_place' });
    expect(await stateOf('rich')).toEqual(before);
    expect(server.sql('show grants for site@localhost;')).toBe(grants);
    expect(server.sql('select note from over_view order by 1;', 'rich')).toBe('NULL\none');
    expect(
      server.sql("select default_character_set_name from information_schema.schemata where schema_name = 'rich';"),
    ).toBe('latin1');
    expect(server.sql('show create procedure fill;', 'rich')).toContain('a comment that stays');
    expect(server.sql('select * from t;', 'bystander')).toBe('1');
    expect(server.sql("show databases like 'aapanel%';")).toBe('');
    expect(() => server.sql('insert into child (id, parent_id) values (9, 99);', 'rich')).toThrow(/foreign key/);
  });

  it('comes back aside as a new database without events, and never into one that exists', async () => {
    make('rich');
    const before = await stateOf('rich');
    const { part, bytes } = await dumpOf(root.work(), mariadbSource('rich'));
    server.sql('drop database if exists copy_1;');
    await dumps.restore(root.work(), part, streamOf(bytes), { kind: 'aside', databaseName: 'copy_1' });
    expect(await stateOf('copy_1')).toMatchObject({ tables: part.tables, counts: { ...part.counts, events: 0 } });
    expect(root.reports.at(-1)).toMatchObject({ what: 'left_out', reason: 'events_aside' });
    const again = dumps.restore(root.work(), part, streamOf(bytes), { kind: 'aside', databaseName: 'copy_1' });
    expect(await reasonOf(again)).toBe('backup_database_exists');
    expect(await stateOf('rich')).toEqual(before);
  });

  it('comes back on a machine that has neither the database nor the account of its routines', async () => {
    make('gone', 'create table t (id int); insert into t values (1); create view v as select * from t;');
    server.sql('create user lost@localhost; create definer = lost@localhost procedure gone.p() select 1;');
    const { part, bytes } = await dumpOf(root.work(), mariadbSource('gone'));
    server.sql('drop database gone; drop user lost@localhost;');
    await dumps.restore(root.work(), part, streamOf(bytes), { kind: 'in_place' });
    expect(server.sql('select * from v;', 'gone')).toBe('1');
    expect(root.reports).toContainEqual({
      what: 'kept',
      subject: 'lost@localhost',
      reason: 'definer_missing',
      params: {},
    });
  });

  it('is refused when one byte is another, when it is cut, or when it reaches out of its database; nothing changes', async () => {
    make('rich');
    make('bystander', 'create table t (id int); insert into t values (1);');
    const before = await stateOf('rich');
    const { part, bytes } = await dumpOf(root.work(), mariadbSource('rich'));
    const changed = Buffer.from(bytes);
    changed[bytes.length - 300] = (changed[bytes.length - 300] ?? 0) ^ 1;
    const restore = async (input: Buffer, of = part): Promise<string> =>
      await reasonOf(dumps.restore(root.work(), of, streamOf(input), { kind: 'in_place' }));
    expect(await restore(changed)).toBe('backup_mismatch');
    expect(await restore(bytes.subarray(0, -1))).toBe('backup_mismatch');
    expect(await restore(Buffer.concat([bytes, Buffer.from('\n')]))).toBe('backup_mismatch');
    for (const statement of [
      'DROP DATABASE bystander',
      'USE bystander',
      'INSERT INTO `bystander`.`t` VALUES\n(2)',
      'GRANT ALL ON *.* TO x',
    ]) {
      const hostile = Buffer.concat([Buffer.from(`${statement};\n`), bytes]);
      const signed = { ...part, bytes: hostile.length, sha256: createHash('sha256').update(hostile).digest('hex') };
      expect(await restore(hostile, signed), statement).toBe('backup_dump_failed');
    }
    expect(await stateOf('rich')).toEqual(before);
    expect(server.sql('select * from t;', 'bystander')).toBe('1');
    expect(server.sql("show databases like 'aapanel%';")).toBe('');
    expect(readdirSync(`${root.work().folder}/dumps-journal`)).toEqual([]);
  });

  it('comes back although the server gives the rows of a table in another order then', async () => {
    make('unordered', "create table t (a int primary key, b text); insert into t values (1, 'x'), (2, 'y'), (3, 'z');");
    const { part, bytes } = await dumpOf(root.work(), mariadbSource('unordered'));
    const swapped = Buffer.from(bytes.toString().replace("(1,'x'),\n(2,'y')", "(2,'y'),\n(1,'x')"));
    const reader = new MariadbReader();
    reader.read(swapped);
    const sha256 = createHash('sha256').update(swapped).digest('hex');
    const other = { ...part, sha256, tables: reader.content().tables };
    expect(other.tables).not.toEqual(part.tables);
    server.sql('delete from t;', 'unordered');
    await dumps.restore(root.work(), other, streamOf(swapped), { kind: 'in_place' });
    expect(server.sql('select * from t;', 'unordered')).toBe('1\tx\n2\ty\n3\tz');
  });

  it('is refused while tables elsewhere refer to it', async () => {
    make('rich');
    make('elsewhere', 'create table t (id int, foreign key (id) references rich.parent (id)) engine = InnoDB;');
    const { part, bytes } = await dumpOf(root.work(), mariadbSource('rich'));
    const restore = dumps.restore(root.work(), part, streamOf(bytes), { kind: 'in_place' });
    expect(await reasonOf(restore)).toBe('backup_database_used_elsewhere');
    server.sql('drop database elsewhere;');
  });

  it('CMD-1 CMD-2 takes any name of a database literally, there and back', async () => {
    const names = ['it\'s "a" `b`; #-- ', '--help', 'قاعدة $(x) %s', 'n'.repeat(63)].map((name) => name.trim());
    const there = async (name: string): Promise<void> => {
      make(name, 'create table t (id int); insert into t values (1); create procedure p() select 1;');
      const { part, bytes } = await dumpOf(root.work(), mariadbSource(name));
      expect(part).toMatchObject({ tables: [{ name: 't', rows: 1 }], counts: { routines: 1 } });
      server.sql('delete from t;', name);
      await dumps.restore(root.work(), part, streamOf(bytes), { kind: 'in_place' });
      expect(server.sql('select * from t;', name)).toBe('1');
    };
    await Promise.all(names.map(there));
  });

  it('B-6 a writer of pairs never leaves an unpaired row in what comes back', async () => {
    const row = 'id int primary key';
    make(
      'pairs',
      `create table a_left (${row}) engine = InnoDB; create table z_right (${row}) engine = InnoDB;
      create table m_filler (t longtext) engine = InnoDB; insert into m_filler select repeat('x', 2000) from seq_1_to_4000;`,
    );
    const stop = writePairs(root, 'mariadb', 'pairs');
    while (Number(server.sql('select count(*) from a_left;', 'pairs')) < 20) await sleep(10);
    const { part, bytes } = await dumpOf(root.work(), mariadbSource('pairs'));
    const rows = Number(server.sql('select count(*) from a_left;', 'pairs'));
    await stop();
    await dumps.restore(root.work(), part, streamOf(bytes), { kind: 'aside', databaseName: 'pairs_back' });
    const unpaired = `select count(*) from a_left l left join z_right r using (id) where r.id is null
      union all select count(*) from z_right r left join a_left l using (id) where l.id is null;`;
    expect(server.sql(unpaired, 'pairs_back')).toBe('0\n0');
    const saved = part.tables.find(({ name }) => name === 'a_left')?.rows ?? 0;
    expect(saved).toBeGreaterThanOrEqual(20);
    expect(saved).toBeLessThan(rows);
  });

  it('a database that is dropped during its dump fails it, and says so', async () => {
    make(
      'dropped',
      `create table a (t longtext); insert into a select repeat('x', 2000) from seq_1_to_5000; create table b (id int);`,
    );
    const dump = await dumps.open(root.work(), mariadbSource('dropped'));
    const dropping = openClient(root, 'mariadb', 'mysql');
    dropping.stdin?.end('drop database dropped;');
    // It waits for the dump, or was faster than it.
    const isWaiting = (): boolean => server.sql('show processlist;').includes('metadata lock');
    while (!isWaiting() && server.sql('show databases;').includes('dropped')) await sleep(20);
    expect(await reasonOf(buffer(dump.stream))).toBe('backup_database_missing');
    expect(await reasonOf(dump.facts)).toBe('backup_database_missing');
  });

  it('CMD-4 P4.2-6 a password of every printable character works, and no process shows it', async () => {
    const password = String.fromCharCode(...Array.from({ length: 95 }, (_, at) => 32 + at));
    make('panel_db', `create table a (t longtext); insert into a select repeat('x', 2000) from seq_1_to_1000;`);
    const text = password.replaceAll(/['\\]/g, String.raw`\$&`);
    server.sql(`create user panel@'%' identified by '${text}'; grant all on panel_db.* to panel@'%';`);
    mkdirSync(join(root.prefix, 'etc/aapanel'), { recursive: true });
    const socket = join(root.prefix, 'run/mysqld/mysqld.sock');
    const url = (secret: string): string =>
      `mysql://panel:${encodeURIComponent(secret)}@localhost/panel_db?socket=${socket}`;
    const settings = join(root.prefix, 'etc/aapanel/panel.env');
    writeFileSync(settings, `DATABASE_URL=${url(password)}\n`);
    const source = { kind: 'panel', engine: 'mariadb', database: 'panel_db' } as const;
    const dump = await dumps.open(root.work(), source);
    // The tool is in the middle of it: nobody reads yet.
    const isAtWork = ({ args }: { args: string }): boolean =>
      args.includes('mariadb-dump') && args.includes('panel_db');
    await vi.waitUntil(() => everyProcess().some(isAtWork), { timeout: 20_000 });
    const seen = everyProcess();
    expect(seen.some(isAtWork)).toBe(true);
    for (const { args, environment } of seen) {
      expect(args).not.toContain(password.slice(1, 60));
      expect(environment).not.toContain(password.slice(1, 60));
    }
    await buffer(dump.stream);
    expect((await dump.facts).tables).toMatchObject([{ name: 'a', rows: 1000 }]);
    expect(readdirSync(root.work().scratch)).toEqual([]);
    writeFileSync(settings, `DATABASE_URL=${url('wrong')}\n`);
    expect(await reasonOf(dumps.open(root.work(), source))).toBe('backup_database_unreachable');
    expect(readdirSync(root.work().scratch)).toEqual([]);
  });

  it(
    'kill -9 at any instant of a restore leaves the old or the new content once it was recovered',
    async () => {
      make('rich');
      const saved = await stateOf('rich');
      const { part, bytes } = await dumpOf(root.work(), mariadbSource('rich'));
      const [partPath, bytesPath] = [join(root.prefix, 'part.json'), join(root.prefix, 'dump.bin')];
      writeFileSync(partPath, JSON.stringify(part));
      writeFileSync(bytesPath, bytes);
      const ends = new Set<string>();
      for (let round = 0; round < killRounds; round += 1) {
        server.sql(
          'delete from child; drop function if exists one; create table if not exists newer (id int);',
          'rich',
        );
        const present = await stateOf('rich');
        await killRestore(root, partPath, bytesPath, round);
        await dumps.recover(root.work());
        const found = await stateOf('rich');
        const end = isDeepStrictEqual(found, saved) ? 'new' : isDeepStrictEqual(found, present) ? 'old' : 'between';
        expect(end).not.toBe('between');
        ends.add(end);
        expect(server.sql("show databases like 'aapanel%';")).toBe('');
        expect(readdirSync(`${root.work().folder}/dumps-journal`)).toEqual([]);
      }
      console.info(`ends: ${[...ends].join(', ')}`);
    },
    60_000 + killRounds * 10_000,
  );

  it('databases are listed with their sizes, those of the server left out, and a server that is away is said to be', async () => {
    make('listed', 'create table t (id int) engine = InnoDB; insert into t values (1);');
    make('with no table', 'set @a = 1;');
    const { databases, engines } = await listDatabases(root.work());
    expect(engines).toEqual({ mariadb: true, postgresql: hasPostgres ? false : null });
    const names = databases.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['listed', 'with no table']));
    expect(names.filter((name) => ['mysql', 'sys', 'information_schema'].includes(name))).toEqual([]);
    expect(databases.find(({ name }) => name === 'listed')?.bytes).toBeGreaterThan(0);
    expect(databases.find(({ name }) => name === 'with no table')?.bytes).toBeNull();
  });

  it('a tool that makes no progress is given up; a slow target is not taken for it', async () => {
    make('stuck', `create table a (t longtext); insert into a select repeat('x', 2000) from seq_1_to_1000;`);
    const blocker = openClient(root, 'mariadb', 'stuck');
    blocker.stdin?.write('lock tables a write; select 1;\n');
    while (!server.sql('show open tables where in_use > 0;').includes('stuck')) await sleep(20);
    const place = { engine: 'mariadb', database: 'stuck', address: superuserOf(root.work(), 'mariadb') } as const;
    const stuck = await openMariadbDump(root.work(), place, 500);
    expect(await reasonOf(buffer(stuck.stream))).toBe('backup_dump_failed');
    blocker.kill();
    const slow = await openMariadbDump(root.work(), place, 500);
    await sleep(600);
    expect((await buffer(slow.stream)).length).toBeGreaterThan(2_000_000);
  });

  it('a missing database, a missing server and one killed in the middle each have their reason', async () => {
    expect(await reasonOf(dumps.open(root.work(), mariadbSource('no_such')))).toBe('backup_database_missing');
    make('killed', `create table a (t longtext); insert into a select repeat('x', 2000) from seq_1_to_5000;`);
    const dump = await dumps.open(root.work(), mariadbSource('killed'));
    await server.kill();
    expect(await reasonOf(buffer(dump.stream))).toBe('backup_database_unreachable');
    expect(await reasonOf(dumps.open(root.work(), mariadbSource('killed')))).toBe('backup_database_unreachable');
    await server.start();
  });
});
