import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../testing/world.ts';
import { dumps } from './dumps.ts';
import {
  dumpOf,
  everyProcess,
  hasPostgres,
  killRestore,
  killRounds,
  makeRoot,
  openClient,
  postgresSource,
  reasonOf,
  startPostgres,
  streamOf,
  type TestServer,
  writePairs,
  proofPlaces,
  untilPlacesAreGone,
} from './testing/servers.ts';

const root = makeRoot();
let server: TestServer;
let port = 0;

/** Everything a database can have, and data and code that look like a dump. */
const richSchema = String.raw`
  do $$ begin create role keeper; create role reader; exception when duplicate_object then null; end $$;
  create schema "odd ""schema";
  create table parent (id serial primary key, a text, b bytea, "we""ird" text);
  insert into parent (a, b) values (E'x\n\\.\nCOPY y FROM stdin;\n\t\r', '\x0a0d00'), ('-- PostgreSQL database dump complete', null);
  create table child (id int primary key, parent_id int references parent (id), at timestamptz default now());
  insert into child values (1, 1, '2026-01-02 03:04:05+02');
  create table "odd ""schema"."n
l" (a int);
  alter table child owner to keeper; grant select on parent to reader;
  create function one() returns text language plpgsql as $x$ begin
/* COPY public.parent FROM stdin;
\.
CREATE VIEW x */ return 'CREATE TRIGGER'; end $x$;
  create function two() returns int language sql begin atomic select 1; select 2; end;
  create function stamp() returns trigger language plpgsql as 'begin return new; end';
  create trigger watch before insert on child for each row execute function stamp();
  create view seen as select a from parent;
  create materialized view kept as select count(*) as n from parent;
  select lo_from_bytea(4242, '\x001122');`;

beforeAll(async () => {
  if (!hasPostgres) return;
  // A dump is loaded over the network of this machine.
  port = await freePort();
  server = await startPostgres(root, port);
});
afterAll(async () => {
  await server?.stop();
  root.remove();
});

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function make(name: string, schema: string): void {
  server.sql(`drop database if exists ${quoted(name)} with (force);`);
  server.sql(
    `create database ${quoted(name)} with template template0 encoding 'UTF8' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8';`,
  );
  server.sql(schema, name);
}

async function stateOf(name: string): Promise<unknown> {
  const { part } = await dumpOf(root.work(), postgresSource(name));
  return { tables: part.tables, counts: part.counts };
}

const properties = `select datname, pg_get_userbyid(datdba), datacl::text, datconnlimit, datcollate, datallowconn,
  (select string_agg(setconfig::text, ',') from pg_db_role_setting where setdatabase = d.oid), shobj_description(oid, 'pg_database')
  from pg_database d where datname not like 'template%' order by 1;`;

describe.skipIf(!hasPostgres)('a dump of PostgreSQL', () => {
  it('SQL-2 the owner of a database decides nothing about what the superuser runs while it is saved', async () => {
    server.sql('create role mallory login;');
    make('mallory', 'alter database mallory owner to mallory;');
    server.sql(
      `set session authorization mallory; create schema evil; create table evil.kept (id int);
       create function evil.seize(name, text) returns boolean language plpgsql as $$ begin
         execute 'alter role mallory superuser'; return true; exception when others then return true; end $$;
       create function evil.json_build_array(text) returns json language plpgsql as $$ begin
         execute 'alter role mallory superuser'; return '[]'; exception when others then return '[]'; end $$;
       create operator evil.!~ (leftarg = name, rightarg = text, function = evil.seize);
       alter database mallory set search_path = evil, pg_catalog; alter database mallory set standard_conforming_strings = off;`,
      'mallory',
    );
    const { part } = await dumpOf(root.work(), postgresSource('mallory'));
    expect(part.tables.length).toBe(1);
    expect(server.sql("select rolsuper from pg_roles where rolname = 'mallory';")).toBe('f');
    server.sql('drop database mallory; drop role mallory;');
  });

  it('B-5 counts rows and code, whatever they look like, and is proven in a server that is thrown away', async () => {
    make('rich', richSchema);
    const { part, bytes } = await dumpOf(root.work(), postgresSource('rich'));
    expect(part.tables.map(({ name, rows }) => [name, rows])).toEqual([
      ['"odd ""schema"."n\nl"', 0],
      ['public.child', 1],
      ['public.parent', 2],
      ['pg_catalog.pg_largeobject', 1],
    ]);
    expect(part.counts).toEqual({ routines: 3, triggers: 1, views: 2, events: 0 });
    await dumps.prove(root.work(), part, streamOf(bytes));
    await untilPlacesAreGone(proofPlaces());
    expect(readdirSync(root.work().scratch)).toEqual([]);
    server.sql('drop database rich with (force);');
  });

  it('B-5 comes back in place with owners, grants and settings, while clients keep coming', async () => {
    make('rich', richSchema);
    server.sql(`alter database rich owner to keeper; revoke all on database rich from public; grant connect on database rich to reader with grant option;
      alter database rich set search_path = 'a b', public; alter database rich connection limit 50; comment on database rich is 'it''s mine';`);
    const before = [await stateOf('rich'), server.sql(properties)];
    const { part, bytes } = await dumpOf(root.work(), postgresSource('rich'));
    server.sql('delete from child; drop view seen; create table newer (id int);', 'rich');
    const client = openClient(root, 'postgresql', 'rich');
    client.stdin?.write('begin; lock table parent in access share mode;\n');
    await dumps.restore(root.work(), part, streamOf(bytes), { kind: 'in_place' });
    client.kill();
    expect([await stateOf('rich'), server.sql(properties)]).toEqual(before);
    expect(server.sql("select tableowner from pg_tables where tablename = 'child';", 'rich')).toBe('keeper');
    expect(server.sql("select a from public.seen where a like '--%';", 'rich')).toBe(
      '-- PostgreSQL database dump complete',
    );
    server.sql('drop database rich with (force);');
  });

  it('comes back aside, on a machine without its roles, and never into a database that exists', async () => {
    make('rich', richSchema);
    const before = await stateOf('rich');
    const { part, bytes } = await dumpOf(root.work(), postgresSource('rich'));
    server.sql('drop database rich with (force); drop role keeper; drop role reader;');
    await dumps.restore(root.work(), part, streamOf(bytes), { kind: 'in_place' });
    expect(await stateOf('rich')).toEqual(before);
    expect(root.reports).toContainEqual({ what: 'created', subject: 'keeper', reason: 'role_missing', params: {} });
    expect(server.sql("select rolcanlogin from pg_roles where rolname = 'keeper';")).toBe('f');
    await dumps.restore(root.work(), part, streamOf(bytes), { kind: 'aside', databaseName: 'copy_1' });
    expect(await stateOf('copy_1')).toEqual(before);
    const again = dumps.restore(root.work(), part, streamOf(bytes), { kind: 'aside', databaseName: 'copy_1' });
    expect(await reasonOf(again)).toBe('backup_database_exists');
    server.sql('drop database copy_1; drop database rich with (force);');
  });

  it('is refused when one byte is another, and a load that fails leaves everything as it was', async () => {
    make('plain', 'create table t (id int); insert into t values (1);');
    const before = server.sql(properties);
    const { part, bytes } = await dumpOf(root.work(), postgresSource('plain'));
    const changed = Buffer.from(bytes);
    changed[bytes.length - 200] = (changed[bytes.length - 200] ?? 0) ^ 1;
    const restore = dumps.restore(root.work(), part, streamOf(changed), { kind: 'in_place' });
    expect(await reasonOf(restore)).toBe('backup_mismatch');
    const lying = { ...part, tables: part.tables.map((each) => ({ ...each, rows: 2 })) };
    const other = dumps.restore(root.work(), lying, streamOf(bytes), { kind: 'in_place' });
    expect(await reasonOf(other)).toBe('backup_mismatch');
    expect(server.sql(properties)).toBe(before);
    expect(readdirSync(`${root.work().folder}/dumps-journal`)).toEqual([]);
  });

  it('CMD-1 CMD-2 takes any name of a database literally, there and back', async () => {
    const names = ['it\'s "a" `b` --help', 'host=قاعدة', 'n'.repeat(63)];
    for (const name of names) make(name, 'create table t (id int); insert into t values (1);');
    const there = async (name: string): Promise<void> => {
      const { part, bytes } = await dumpOf(root.work(), postgresSource(name));
      expect(part.tables).toMatchObject([{ name: 'public.t', rows: 1 }]);
      server.sql('delete from t;', name);
      await dumps.restore(root.work(), part, streamOf(bytes), { kind: 'in_place' });
      expect(server.sql('select * from t;', name)).toBe('1');
    };
    await Promise.all(names.map(there));
  });

  it('B-6 a writer of pairs never leaves an unpaired row in what comes back', async () => {
    make(
      'pairs',
      `create table a_left (id int primary key); create table z_right (id int primary key);
      create table m_filler (t text); insert into m_filler select repeat(md5(n::text), 60) from generate_series(1, 4000) n;`,
    );
    const stop = writePairs(root, 'postgresql', 'pairs');
    while (Number(server.sql('select count(*) from a_left;', 'pairs')) < 20) await sleep(10);
    const { part, bytes } = await dumpOf(root.work(), postgresSource('pairs'));
    const rows = Number(server.sql('select count(*) from a_left;', 'pairs'));
    await stop();
    await dumps.restore(root.work(), part, streamOf(bytes), { kind: 'aside', databaseName: 'pairs_back' });
    const unpaired = 'select count(*) from a_left l full join z_right r using (id) where r.id is null or l.id is null;';
    expect(server.sql(unpaired, 'pairs_back')).toBe('0');
    const saved = part.tables.find(({ name }) => name === 'public.a_left')?.rows ?? 0;
    expect(saved).toBeGreaterThanOrEqual(20);
    expect(saved).toBeLessThan(rows);
  });

  it('CMD-4 P4.2-6 a password of every printable character works, and no process shows it', async () => {
    const password = String.fromCharCode(...Array.from({ length: 95 }, (_, at) => 32 + at));
    make(
      'panel_db',
      `create table a (t text); insert into a select repeat(md5(n::text), 60) from generate_series(1, 1000) n;`,
    );
    server.sql(`create role panel login password '${password.replaceAll("'", "''")}';`);
    server.sql('alter table a owner to panel;', 'panel_db');
    // Of all local accounts this one alone is asked for its password.
    const rules = join(root.prefix, 'run/postgresql/data/pg_hba.conf');
    writeFileSync(
      rules,
      'local all panel scram-sha-256\nlocal all all peer\nhost all all 127.0.0.1/32 scram-sha-256\n',
    );
    server.sql('select pg_reload_conf();');
    mkdirSync(join(root.prefix, 'etc/aapanel'), { recursive: true });
    const folder = join(root.prefix, 'run/postgresql');
    const url = (secret: string): string =>
      `postgresql://panel:${encodeURIComponent(secret)}@localhost:${port}/panel_db?host=${folder}`;
    const settings = join(root.prefix, 'etc/aapanel/panel.env');
    writeFileSync(settings, `DATABASE_URL=${url(password)}\n`);
    const source = { kind: 'panel', engine: 'postgresql', database: 'panel_db' } as const;
    const dump = await dumps.open(root.work(), source);
    const isAtWork = ({ args }: { args: string }): boolean => args.includes('pg_dump');
    await vi.waitUntil(() => everyProcess().some(isAtWork), { timeout: 20_000 });
    const seen = everyProcess();
    expect(seen.some(isAtWork)).toBe(true);
    for (const { args, environment } of seen) {
      expect(args).not.toContain(password.slice(1, 60));
      expect(environment).not.toContain(password.slice(1, 60));
    }
    await buffer(dump.stream);
    expect((await dump.facts).tables).toMatchObject([{ name: 'public.a', rows: 1000 }]);
    expect(readdirSync(root.work().scratch)).toEqual([]);
    writeFileSync(settings, `DATABASE_URL=${url('wrong')}\n`);
    expect(await reasonOf(dumps.open(root.work(), source))).toBe('backup_database_unreachable');
    expect(readdirSync(root.work().scratch)).toEqual([]);
  });

  it(
    'kill -9 at any instant of a restore leaves the old or the new content once it was recovered',
    async () => {
      make(
        'victim',
        `do $$ begin create role keeper; exception when duplicate_object then null; end $$; alter database victim owner to keeper;
         create table t (id int); insert into t values (1); create view v as select * from t;`,
      );
      const saved = await stateOf('victim');
      const { part, bytes } = await dumpOf(root.work(), postgresSource('victim'));
      const [partPath, bytesPath] = [join(root.prefix, 'part.json'), join(root.prefix, 'dump.bin')];
      writeFileSync(partPath, JSON.stringify(part));
      writeFileSync(bytesPath, bytes);
      const ends = new Set<string>();
      for (let round = 0; round < killRounds; round += 1) {
        server.sql('insert into t values (2); create table if not exists newer (id int);', 'victim');
        const present = await stateOf('victim');
        await killRestore(root, partPath, bytesPath, round);
        await dumps.recover(root.work());
        const found = await stateOf('victim');
        ends.add(isDeepStrictEqual(found, saved) ? 'new' : isDeepStrictEqual(found, present) ? 'old' : 'between');
        expect(ends).not.toContain('between');
        expect(server.sql("select datname from pg_database where datname like 'aapanel%' or not datallowconn;")).toBe(
          'template0',
        );
        expect(readdirSync(`${root.work().folder}/dumps-journal`)).toEqual([]);
        expect(server.sql("select rolname from pg_roles where rolname like 'aapanel%';")).toBe('');
      }
      console.info(`ends: ${[...ends].join(', ')}`);
    },
    60_000 + killRounds * 10_000,
  );

  it('a database that is dropped during its dump, a missing one and a killed server each have their reason', async () => {
    const big = `create table a (t text); insert into a select repeat(md5(n::text), 60) from generate_series(1, 5000) n; create table b (id int);`;
    make('dropped', big);
    const dump = await dumps.open(root.work(), postgresSource('dropped'));
    server.sql('drop database dropped with (force);');
    expect(await reasonOf(buffer(dump.stream))).toBe('backup_database_missing');
    expect(await reasonOf(dump.facts)).toBe('backup_database_missing');
    expect(await reasonOf(dumps.open(root.work(), postgresSource('no_such')))).toBe('backup_database_missing');
    make('killed', big);
    const other = await dumps.open(root.work(), postgresSource('killed'));
    await server.stop();
    expect(await reasonOf(buffer(other.stream))).toBe('backup_database_unreachable');
    expect(await reasonOf(dumps.open(root.work(), postgresSource('killed')))).toBe('backup_database_unreachable');
  });
});
