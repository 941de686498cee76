import { spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseEngine } from '#shared/databases.ts';
import type { AppError } from '#shared/errors.ts';
import {
  hasMariadb,
  hasPostgres,
  startMariadb,
  startPostgres,
  type TestServer,
} from '../../backups/dumps/testing/servers.ts';
import { makeFileSite, type FileSite } from '../../files/testing/file-site.ts';
import { call, freePort, newChangeId } from '../../testing/world.ts';
import { databasesHandlers } from '../databases.actions.ts';
import { getRecord, writeRecord } from '../records.ts';
import { findRun, newRun, writeRun } from '../runs.ts';
import { unseal } from '../seal.ts';
import { settleDatabases } from '../settle.ts';
import { exportSteps } from '../testing/export-steps.ts';
import { siteFileSteps } from '../testing/site-file-steps.ts';
import { runImport } from './import-run.ts';
import { loadStatements } from './load.ts';
import { connectAs } from './server.ts';

type Ended = { state: string; reason: string | undefined; params: Record<string, unknown>; log: string };

describe.skipIf(!hasMariadb || !hasPostgres)('with servers', () => {
  let files: FileSite;
  const servers = {} as Record<DatabaseEngine, TestServer>;
  const ids = {} as Record<DatabaseEngine, string>;

  beforeAll(async () => {
    files = await makeFileSite();
    symlinkSync('/usr/sbin/mariadbd', files.world.path('/usr/sbin/mariadbd'));
    [servers.mariadb, servers.postgresql] = await Promise.all([
      startMariadb(files.world),
      startPostgres(files.world, await freePort()),
    ]);
    for (const engine of ['mariadb', 'postgresql'] as const) {
      ids[engine] = newChangeId();
      const charset = engine === 'mariadb' ? 'utf8mb4' : 'UTF8';
      // Every sign of a password is taken to the server as it is.
      const password = 'p\'a"b\\ c; --%$`';
      const given = {
        databaseId: ids[engine],
        engine,
        name: 'sh-op_1',
        user: 'shop',
        password,
        charset,
        locale: null,
        siteId: null,
      } as const;
      await databasesHandlers['databases.create'](files.machine, given, call(60));
    }
    servers.mariadb.sql(
      "create database other; create table other.secret (a text); insert into other.secret values ('theirs');",
    );
    servers.postgresql.sql('create database other;');
  }, 90_000);
  afterAll(async () => {
    for (const server of Object.values(servers)) await server.stop();
    await files?.close();
  });

  const sql = (engine: DatabaseEngine, text: string): string => servers[engine].sql(text, 'sh-op_1');
  const put = (name: string, bytes: Buffer | string): string => {
    const path = join(files.folder, name);
    rmSync(path, { force: true });
    writeFileSync(path, bytes);
    if (files.machine.isRoot) chownSync(path, files.uid, files.uid);
    return name;
  };

  async function start(engine: DatabaseEngine, path: string): Promise<string> {
    const runId = newChangeId();
    await databasesHandlers['databases.import'](
      files.machine,
      { databaseId: ids[engine], runId, site: files.site, path },
      call(),
    );
    return runId;
  }

  async function ended(runId: string): Promise<Ended> {
    const endsAt = Date.now() + 60_000;
    for (;;) {
      const { run, text } = await databasesHandlers['databases.run'](files.machine, { runId, offset: 0 }, call());
      if (run !== null && run.state !== 'running' && run.state !== 'interrupted')
        return {
          state: run.state,
          reason: run.failure?.reason ?? undefined,
          params: run.failure?.params ?? {},
          log: text,
        };
      if (Date.now() > endsAt) throw new Error(`the run does not end: ${text}`);
      await sleep(50);
    }
  }

  const load = async (engine: DatabaseEngine, text: string | Buffer, name = 'dump.sql'): Promise<Ended> =>
    await ended(await start(engine, put(name, text)));
  /** The same without the process around it. */
  async function attempt(engine: DatabaseEngine, text: string): Promise<Pick<Ended, 'params'> & { reason: string }> {
    const record = getRecord(files.machine, ids[engine]);
    const link = await connectAs(
      files.machine,
      record,
      await unseal(files.machine, record.databaseId, record.password),
    );
    try {
      await loadStatements(link, engine, Readable.from([Buffer.from(text)]), new AbortController().signal);
      return { reason: 'none', params: {} };
    } catch (error) {
      return error as AppError & { reason: string };
    } finally {
      link.close();
    }
  }
  const copyOf = async (engine: DatabaseEngine, runId: string) =>
    (await databasesHandlers['databases.imports'](files.machine, { databaseId: ids[engine] }, call())).items.find(
      ({ importId }) => importId === runId,
    );

  /** The tools' own dump of a database that was made by somebody else. */
  function dump(engine: DatabaseEngine): Buffer {
    const { prefix } = files.world;
    if (engine === 'mariadb') {
      servers.mariadb.sql(`drop database if exists source; create database source character set utf8mb4; use source;
        create table words (id int primary key auto_increment, word varchar(200), at timestamp default current_timestamp) engine=innodb;
        insert into words (word) values ('دفتر'), ('it''s; -- "x" \\\\'), (null), ('line\nline');
        create definer=root@localhost view many as select count(*) n from words;
        create definer=root@localhost function twice(a int) returns int deterministic return a * 2;
        delimiter //
        create definer=root@localhost trigger stamp before insert on words for each row begin set new.at = '2020-01-01'; set @x = ';'; end//
        delimiter ;`);
      const args = ['--no-defaults', '-S', `${prefix}/run/mysqld/mysqld.sock`, '--routines', '--databases', 'source'];
      return run('/usr/bin/mariadb-dump', args);
    }
    servers.postgresql.sql('drop database if exists source;');
    servers.postgresql.sql('create database source;');
    servers.postgresql.sql(
      `create table words (id serial primary key, word text);
       insert into words (word) values ('دفتر'), ('it''s; -- "x" \\'), (null), (E'line\nline\t\\\\.');
       create view many as select count(*) n from words;
       create function twice(a int) returns int language plpgsql as $f$ begin return a * 2; end; $f$;
       create function four(a int) returns int language sql begin atomic select 1; select a * 4; end;
       grant all on words to public;`,
      'source',
    );
    return Buffer.from(servers.postgresql.sql('\\! true', 'source') + pgDump());
  }

  function pgDump(): string {
    const folder = `${files.world.prefix}/run/postgresql`;
    const port = readdirSync(folder).flatMap((name) => /^\.s\.PGSQL\.(\d+)$/.exec(name)?.[1] ?? [])[0] ?? '';
    const dump = ['/usr/bin/pg_dump', '-h', folder, '-p', port, '-U', 'postgres', '--create', 'source'];
    if (process.getuid?.() !== 0) return run('/usr/bin/env', dump).toString();
    const account = ['--reuid', 'postgres', '--regid', 'postgres', '--clear-groups'];
    return run('/usr/bin/setpriv', [...account, ...dump]).toString();
  }

  function run(program: string, args: string[]): Buffer {
    const { status, stdout, stderr } = spawnSync(program, args, { maxBuffer: 64 * 1024 ** 2, cwd: '/' });
    if (status !== 0) throw new Error(stderr.toString());
    return stdout;
  }

  const clear = (engine: DatabaseEngine): void =>
    void sql(
      engine,
      engine === 'mariadb'
        ? 'drop table if exists words, t, a; drop view if exists many; drop function if exists twice;'
        : 'drop schema public cascade; create schema public authorization shop;',
    );

  it.each(['mariadb', 'postgresql'] as const)(
    'DB-2 a dump of %s made by an administrator comes in as the account’s own, plain and packed',
    async (engine) => {
      const plain = dump(engine);
      const folder = mkdtempSync(join(tmpdir(), 'aapanel-zip-'));
      writeFileSync(`${folder}/dump.sql`, plain);
      run('/usr/bin/zip', ['-q', '-j', `${folder}/dump.zip`, `${folder}/dump.sql`]);
      const packed: [string, Buffer][] = [
        ['dump.sql', plain],
        ['dump.sql.gz', gzipSync(plain)],
        ['dump.sql.zst', zstdCompressSync(plain)],
        ['dump.zip', readFileSync(`${folder}/dump.zip`)],
      ];
      rmSync(folder, { recursive: true });
      for (const [name, bytes] of packed) {
        clear(engine);
        const { state, log, reason, params } = await load(engine, bytes, name);
        expect([name, state, reason, params]).toEqual([name, 'succeeded', undefined, {}]);
        expect(log).toContain('What was made belongs to shop.');
        const source = servers[engine].sql('select * from words order by id;', 'source');
        expect(sql(engine, 'select * from words order by id;')).toBe(source);
        expect(sql(engine, 'select n, twice(21) from many;').replace('|', '\t')).toBe('4\t42');
      }
      if (engine === 'mariadb') {
        expect(sql(engine, "select definer from information_schema.views where table_schema = 'sh-op_1';")).toBe(
          'shop@localhost',
        );
        expect(
          sql(engine, "insert into words (word) values ('new'); select date(at) from words where word = 'new';"),
        ).toBe('2020-01-01');
      } else {
        expect(sql(engine, "select distinct tableowner from pg_tables where schemaname = 'public';")).toBe('shop');
        expect(sql(engine, 'select four(2);')).toBe('8');
      }
    },
    60_000,
  );

  it('SQL-4 DB-6 what a hostile dump asks for beyond its account is refused with its line, and nothing is reached', async () => {
    const canary = join(mkdtempSync(join(tmpdir(), 'aapanel-canary-')), 'canary');
    const mariadb: [string, string, number?][] = [
      [`\\! touch ${canary}\n;`, 'database_import_refused'],
      [`system touch ${canary};`, 'database_import_refused'],
      [`source ${canary};`, 'database_import_refused'],
      ['select * from words\\! id\n;', 'database_import_refused'],
      ['select a from other.secret;', 'database_import_denied'],
      ['use other;\ninsert into secret values (1);', 'database_import_refused', 2],
      ['/*!40000 use */ other;', 'database_import_denied'],
      [`load data infile '/etc/passwd' into table words;`, 'database_import_denied'],
      [`load data local infile '/etc/passwd' into table words;`, 'database_import_denied'],
      [`select 1 into outfile '${canary}';`, 'database_import_denied'],
      ['grant all on *.* to shop@localhost;', 'database_import_denied'],
      ["create user x@localhost identified by 'secret12';", 'database_import_denied'],
      ['set global general_log = 1;', 'none'],
      ['execute immediate "set global general_log = 1";', 'database_import_denied'],
      [
        'create or replace definer=root@localhost procedure p() insert into other.secret values (2);\ncall p();',
        'database_import_denied',
        2,
      ],
      ["install soname 'x';", 'database_import_denied'],
    ];
    const postgresql: [string, string, number?][] = [
      [`\\! touch ${canary}`, 'database_import_client_command'],
      [`\\copy t from program 'touch ${canary}'`, 'database_import_client_command'],
      [`select 1 \\g |touch ${canary}\n;`, 'database_import_refused'],
      [`create table t (a text); copy t from program 'touch ${canary}';`, 'database_import_denied'],
      [`copy (select 1) to program 'touch ${canary}';`, 'database_import_denied'],
      [`copy (select 1) to '${canary}';`, 'database_import_denied'],
      ["select pg_read_file('/etc/passwd');", 'database_import_denied'],
      [`select lo_export(lo_from_bytea(0, 'x'), '${canary}');`, 'database_import_denied'],
      ['set role postgres;', 'database_import_denied'],
      ['set session authorization postgres;\ncreate role evil;', 'database_import_denied', 2],
      ['do $$ begin execute $x$ alter role shop superuser $x$; end $$;', 'database_import_denied'],
      ['create extension dblink;', 'database_import_denied'],
      ['drop database other;\nselect 1/0;', 'database_import_refused', 2],
      ["set standard_conforming_strings = off;\nselect '\\'; \\! touch x '';", 'database_import_refused', 2],
    ];
    const before = (): string =>
      `${servers.mariadb.sql('select * from other.secret; show grants for shop@localhost; select count(*) from mysql.global_priv; select @@global.general_log;')}
       ${servers.postgresql.sql('select rolname, rolsuper from pg_roles order by 1; select datname from pg_database order by 1;')}`;
    const world = before();
    for (const [engine, cases] of [
      ['mariadb', mariadb],
      ['postgresql', postgresql],
    ] as const)
      for (const [text, wanted, line = 1] of cases) {
        const { reason, params } = await attempt(engine, text);
        expect([text, reason, params['line'] ?? line]).toEqual([text, wanted, line]);
      }
    expect(before()).toBe(world);
    expect(existsSync(canary)).toBe(false);
  }, 120_000);

  it('DB-3 a bad dump is refused with the line of it, and the copy from before brings everything back', async () => {
    for (const engine of ['mariadb', 'postgresql'] as const) {
      clear(engine);
      sql(engine, "create table t (a int, b varchar(20)); insert into t values (1, 'before');");
      if (engine === 'postgresql') sql(engine, 'alter table t owner to shop;');
      const rows =
        engine === 'mariadb'
          ? "insert into t values (2, 'x');\ninsert into t values (3, 'x'), (4);\n"
          : 'copy t from stdin;\n2\tx\n3\n\\.\n';
      const runId = await start(engine, put('bad.sql', `-- a dump\n\ndelete from t;\n${rows}select 1;\n`));
      const { state, reason, params } = await ended(runId);
      expect([state, reason, params['line']]).toEqual([
        'failed',
        'database_import_refused',
        engine === 'mariadb' ? 5 : 6,
      ]);
      expect(sql(engine, 'select count(*) from t;')).toBe(engine === 'mariadb' ? '1' : '0');
      expect(await copyOf(engine, runId)).toMatchObject({ state: 'failed', hasBegun: true, copy: { tables: 1 } });
      const databaseId = ids[engine];
      const back = newChangeId();
      await databasesHandlers['databases.bring_back'](
        files.machine,
        { databaseId, importId: runId, runId: back },
        call(),
      );
      expect(await ended(back)).toMatchObject({ state: 'succeeded' });
      expect(sql(engine, 'select b from t;')).toBe('before');
      // The account works on in what came back.
      expect((await load(engine, "insert into t values (9, 'after');")).reason).toBeUndefined();
      expect((await copyOf(engine, runId))?.copy).toBeNull();
    }
  }, 60_000);

  it('FAULT-2 a file that fills the disk, and one that unpacks to nothing without end, are stopped', async () => {
    const engine = 'mariadb';
    clear(engine);
    const place = { ...files.machine, now: Date.now };
    const prepared = async (path: string) => {
      const runId = newChangeId();
      const record = getRecord(files.machine, ids[engine]);
      await writeRecord(files.machine, { ...record, state: 'importing', runId });
      const loadFacts = { siteId: files.site.siteId, path, sizeBytes: 0, doneBytes: 0, phase: 'copy' as const };
      return await writeRun(
        files.machine,
        newRun(files.machine, { runId, kind: 'import', databaseId: ids[engine], removalId: null, load: loadFacts }),
      );
    };
    const text = 'create table t (a int);\nselect sleep(600);\n';
    const path = put('bomb.sql.gz', gzipSync(text));
    let asked = 0;
    const full = await prepared(path);
    await runImport(place, full, { freeBytes: () => (++asked > 4 ? 1024 : 1e12) });
    expect(await ended(full.runId)).toMatchObject({
      state: 'failed',
      reason: 'database_import_no_room',
      params: { freeBytes: 1024 },
    });
    const none = await prepared(path);
    await runImport(place, none, { freeBytes: () => 1024 });
    expect(await ended(none.runId)).toMatchObject({ reason: 'database_import_no_room' });
    expect(await copyOf(engine, none.runId)).toMatchObject({ hasBegun: false, copy: null });
    expect(getRecord(files.machine, ids[engine]).state).toBe('ready');
    // More than the 128 MiB that a statement may have, and than the 256 MiB that a packed file may unpack to unasked.
    const nothing = zstdCompressSync(Buffer.alloc(136 * 1024 ** 2, ';'));
    expect((await load(engine, nothing, 'nothing.zst')).reason).toBe('database_import_long');
    const often = Buffer.alloc(320 * 1024 ** 2, '-- nothing at all\n');
    expect((await load(engine, zstdCompressSync(often), 'often.zst')).reason).toMatch(
      /^(archive_resource_exhaustion|database_import_long)$/,
    );
  }, 60_000);

  it('an import stops when it is told to, and one that was cut off is not begun anew over half of itself', async () => {
    const engine = 'mariadb';
    clear(engine);
    const slow = put('slow.sql', 'create table t (a int);\nselect sleep(600);\n');
    const loading = async (runId: string): Promise<void> => {
      const endsAt = Date.now() + 30_000;
      while (
        findRun(files.machine, runId)?.load?.phase !== 'load' ||
        servers.mariadb.sql("select count(*) from information_schema.processlist where info like 'select sleep%';") ===
          '0'
      ) {
        if (Date.now() > endsAt) throw new Error('it does not begin');
        await sleep(50);
      }
    };
    const stopped = await start(engine, slow);
    await loading(stopped);
    await databasesHandlers['databases.stop'](files.machine, { runId: stopped }, call());
    expect(await ended(stopped)).toMatchObject({ state: 'cancelled' });
    const working = (): string =>
      servers.mariadb.sql("select count(*) from information_schema.processlist where user = 'shop';");
    while (working() !== '0') await sleep(50);
    sql(engine, 'drop table t;');
    const killed = await start(engine, slow);
    await loading(killed);
    await expect(
      databasesHandlers['databases.import'](
        files.machine,
        { databaseId: ids[engine], runId: newChangeId(), site: files.site, path: slow },
        call(),
      ),
    ).rejects.toMatchObject({ reason: 'database_under_way' });
    process.kill(findRun(files.machine, killed)?.process?.pid ?? 0, 'SIGKILL');
    while (
      (await databasesHandlers['databases.run'](files.machine, { runId: killed, offset: 0 }, call())).run?.state !==
      'interrupted'
    )
      await sleep(50);
    await settleDatabases(files.machine);
    expect(await ended(killed)).toMatchObject({ state: 'failed', reason: 'database_import_cut_off' });
    expect(await copyOf(engine, killed)).toMatchObject({ hasBegun: true, copy: { tables: 0 } });
    expect(getRecord(files.machine, ids[engine])).toMatchObject({ state: 'ready', runId: null });
    servers.mariadb.sql('kill user shop@localhost;');
  }, 90_000);

  it('FILE-2 only what the site’s own user may read is loaded, and no link is followed', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'aapanel-outside-'));
    writeFileSync(`${outside}/root.sql`, 'create table stolen (a int);', { mode: 0o600 });
    rmSync(join(files.folder, 'link.sql'), { force: true });
    symlinkSync(`${outside}/root.sql`, join(files.folder, 'link.sql'));
    expect((await ended(await start('mariadb', 'link.sql'))).reason).toBe('file_gone');
    if (files.machine.isRoot) {
      linkSync(`${outside}/root.sql`, join(files.folder, 'hard.sql'));
      expect((await ended(await start('mariadb', 'hard.sql'))).reason).toBe('file_forbidden');
    }
    expect((await ended(await start('mariadb', 'none.sql'))).reason).toBe('file_gone');
    for (const [bytes, reason] of [
      [Buffer.from('PGDMP\x01\x0e'), 'database_import_format'],
      [Buffer.from('\xff\xfes\0', 'latin1'), 'database_import_format'],
      [Buffer.alloc(0), 'database_import_format'],
      [gzipSync('select 1').subarray(0, 20), 'archive_damaged_container'],
    ] as const)
      expect((await load('mariadb', bytes)).reason).toBe(reason);
    expect(sql('mariadb', "show tables like 'stolen';")).toBe('');
    rmSync(outside, { recursive: true });
  }, 60_000);

  describe('exports', () => exportSteps(() => ({ files, servers })));
  describe('files of sites', () => siteFileSteps(() => ({ files, servers })));
});
