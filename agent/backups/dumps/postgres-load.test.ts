import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../testing/world.ts';
import { dumps } from './dumps.ts';
import {
  dumpOf,
  hasPostgres,
  makeRoot,
  postgresSource,
  reasonOf,
  startPostgres,
  streamOf,
  type TestServer,
} from './testing/servers.ts';

const root = makeRoot();
const escaped = join(root.prefix, 'run/postgresql/escaped');
let server: TestServer;

beforeAll(async () => {
  if (!hasPostgres) return;
  server = await startPostgres(root, await freePort());
  server.sql('create role mallory login; create role keeper; create role reader; create role victim login;');
});
afterAll(async () => {
  await server?.stop();
  root.remove();
});

function make(name: string, schema: string): void {
  server.sql(`create database ${name} owner mallory template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C';`);
  server.sql(schema, name);
}

const roles = (): string =>
  server.sql("select rolname, rolsuper, rolcanlogin from pg_roles where rolname !~ '^pg_' order by 1;");

describe.skipIf(!hasPostgres)('whose rights a dump of PostgreSQL is loaded with', () => {
  it('SQL-2 code in it that runs while it is loaded gets no further than the owner of the database', async () => {
    make(
      'hostile',
      `set session authorization mallory;
       create function grow(value int) returns boolean language sql as 'select true';
       create table bait (id int check (grow(id))); insert into bait values (1);
       create or replace function grow(value int) returns boolean language plpgsql as $$ declare step text; begin
         foreach step in array array[
           'alter role mallory superuser', 'set role none', 'alter role mallory superuser', 'set role victim',
           'set session authorization default', 'alter role mallory superuser', 'set session authorization postgres',
           'alter role mallory superuser', 'grant victim to mallory', 'alter role victim password ''known''',
           'copy (select 1) to program ''touch ${escaped}'''] loop
           begin execute step; exception when others then null; end;
         end loop;
         return true;
       end $$;`,
    );
    server.sql('grant select on bait to victim;', 'hostile');
    const before = roles();
    const { part, bytes } = await dumpOf(root.work(), postgresSource('hostile'));
    await dumps.restore(root.work(), part, streamOf(bytes), { kind: 'in_place' });
    expect(roles()).toBe(before);
    expect(existsSync(escaped)).toBe(false);
    const known = `select count(*) from pg_auth_members where member = 'mallory'::regrole;
      select rolpassword is null from pg_authid where rolname = 'victim';`;
    expect(server.sql(known)).toBe('0\nt');
    expect(server.sql("select relacl from pg_class where relname = 'bait';", 'hostile')).toContain('victim=r/mallory');
  });

  it('comes back with extensions, owners, rights and views of others', async () => {
    make(
      'shared',
      `create schema ext; create extension pgcrypto with schema ext; create extension pg_trgm;
       alter schema ext owner to mallory;
       grant create, usage on schema public to keeper;
       set session authorization mallory;
       create table kept (id int primary key, code text check (ext.digest(code, 'sha256') is not null));
       insert into kept values (1, 'a;b'), (2, E'it''s \\\\ \\n.');
       create sequence counter; create function "odd ""name"(a int, b character varying) returns int language sql as 'select 1';
       create view seen as select * from kept; create materialized view held as select count(*) as n from kept;
       create index quick on kept using gin (code gin_trgm_ops);
       reset session authorization;
       alter table kept owner to keeper; alter function "odd ""name" owner to keeper; alter view seen owner to keeper;
       grant select on seen to reader; alter sequence counter owner to postgres;
       set session authorization mallory; alter default privileges in schema public grant select on tables to reader;`,
    );
    const facts = `select relname, pg_get_userbyid(relowner), relacl::text from pg_class
        where relname in ('kept', 'seen', 'held', 'counter') order by 1;
      select proname, pg_get_userbyid(proowner) from pg_proc where proname like 'odd%';
      select extname, nspname from pg_extension e join pg_namespace n on n.oid = extnamespace order by 1;
      select defaclacl::text from pg_default_acl; select nspname, pg_get_userbyid(nspowner) from pg_namespace where nspname = 'ext';`;
    const before = server.sql(facts, 'shared');
    const { part, bytes } = await dumpOf(root.work(), postgresSource('shared'));
    server.sql('drop table kept cascade; drop extension pgcrypto;', 'shared');
    await dumps.restore(root.work(), part, streamOf(bytes), { kind: 'in_place' });
    // Nobody but the superuser makes something his.
    expect(server.sql(facts, 'shared')).toBe(before.replace('counter|postgres', 'counter|mallory'));
    expect(root.reports).toContainEqual(
      expect.objectContaining({ what: 'normalised', reason: 'rights_left', params: { count: 1 } }),
    );
    expect(server.sql('select n from held; select code from seen where id = 1;', 'shared')).toBe('2\na;b');
    expect(roles()).not.toContain('aapanel_');
  });

  it('refuses in words what only the superuser may make, and commands of the client', async () => {
    make(
      'watched',
      `create table t (id int); alter table t owner to mallory;
       create function watch() returns event_trigger language plpgsql as 'begin end';
       create event trigger watching on ddl_command_end execute function watch();`,
    );
    const { part, bytes } = await dumpOf(root.work(), postgresSource('watched'));
    const before = server.sql('select datname from pg_database order by 1;');
    expect(await reasonOf(dumps.restore(root.work(), part, streamOf(bytes), { kind: 'in_place' }))).toBe(
      'backup_superuser_needed',
    );
    expect(server.sql('select datname from pg_database order by 1;')).toBe(before);
    expect(roles()).not.toContain('aapanel_');
  });
});
