import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { zstdCompressSync } from 'node:zlib';
import { beforeAll, expect, it } from 'vitest';
import type { DatabaseEngine } from '#shared/databases.ts';
import type { AppError } from '#shared/errors.ts';
import type { SiteCopyState } from '#shared/site-copies.ts';
import type { SiteFileDatabaseChoice, SiteFileSite } from '#shared/site-files.ts';
import type { TestServer } from '../../backups/dumps/testing/servers.ts';
import { copiesHandlers } from '../../copies/copies.actions.ts';
import { copiesFolder } from '../../copies/copy-paths.ts';
import { findCopy } from '../../copies/copy-records.ts';
import { forgetOldCopies } from '../../copies/copies.ts';
import type { FileSite } from '../../files/testing/file-site.ts';
import {
  giveDatabases,
  reserveDatabases,
  takeDatabasesBack,
  wantedDatabases,
  type Bringing,
  type BroughtDatabase,
} from '../../site-files/file-databases.ts';
import { loadDatabases } from '../../site-files/load-databases.ts';
import { siteFilesHandlers } from '../../site-files/site-files.actions.ts';
import { foreignFile, tarOf, type ForeignDatabase } from '../../site-files/testing/foreign-file.ts';
import { call, newChangeId, specOf } from '../../testing/world.ts';
import { databasesHandlers } from '../databases.actions.ts';
import { connectAs } from '../import/server.ts';
import { getRecord, listRecords, removeRecord, writeRecord } from '../records.ts';
import { unseal } from '../seal.ts';

const engines = ['mariadb', 'postgresql'] as const;
const rows: Readonly<Record<DatabaseEngine, string>> = {
  mariadb: `create table \`we"ird\` (id int primary key, v text); insert into \`we"ird\` values (1, 'it''s; عربي \\\\! x'), (2, null);
    create view shown as select v from \`we"ird\`;`,
  postgresql: `set role book; create table "we""ird" (id int primary key, v text); insert into "we""ird" values (1, 'it''s; عربي \\! x'), (2, null);
    create view shown as select v from "we""ird";`,
};
const never = (): never => {
  throw new Error('it is not there');
};

/** Databases in the file of a site, with the servers of the import. */
export function siteFileSteps(
  given: () => { readonly files: FileSite; readonly servers: Readonly<Record<DatabaseEngine, TestServer>> },
): void {
  let files: FileSite;
  let servers: Readonly<Record<DatabaseEngine, TestServer>>;
  const ids = {} as Record<DatabaseEngine, string>;
  const described = (): SiteFileSite => ({ ...files.spec, name: 'Shop', remark: '', category: '' });

  beforeAll(async () => {
    ({ files, servers } = given());
    for (const engine of engines) {
      ids[engine] = newChangeId();
      const charset = engine === 'mariadb' ? 'utf8mb4' : 'UTF8';
      const made = { databaseId: ids[engine], engine, name: 'book', user: 'book', password: null, charset } as const;
      const whole = { ...made, locale: null, siteId: files.site.siteId } as const;
      await databasesHandlers['databases.create'](files.machine, whole, call(60));
      servers[engine].sql(rows[engine], 'book');
    }
  }, 60_000);

  async function exported(databaseIds: string[], asking = call()): Promise<Buffer> {
    const asked = { site: files.site, exportId: newChangeId() };
    const start = {
      ...asked,
      description: described(),
      databaseIds,
      passphrase: null,
      withSecrets: false,
      withCertificate: false,
    };
    await siteFilesHandlers['site_files.export'](files.machine, start, asking);
    const follow = () => siteFilesHandlers['site_files.follow'](files.machine, { ...asked, offset: 0 }, call());
    await expect.poll(async () => (await follow()).export?.state, { timeout: 30_000 }).not.toBe('running');
    const { export: done, text } = await follow();
    expect([done?.state, done?.failure], text).toEqual(['ready', null]);
    const pieces: Buffer[] = [];
    for (let offset = 0; offset < (done?.sizeBytes ?? 0); offset += pieces.at(-1)?.length ?? never()) {
      const { data } = await siteFilesHandlers['site_files.read'](files.machine, { ...asked, offset }, call());
      pieces.push(Buffer.from(data, 'base64'));
    }
    return Buffer.concat(pieces);
  }

  async function sent(bytes: Buffer): Promise<string> {
    const uploadId = newChangeId();
    const begun = { uploadId, fileName: 'shop.site.tar', sizeBytes: bytes.length };
    await siteFilesHandlers['site_files.begin'](files.machine, begun, call());
    const data = bytes.toString('base64');
    await siteFilesHandlers['site_files.write'](files.machine, { uploadId, offset: 0, data }, call());
    return uploadId;
  }

  type Wish = { readonly uploadId: string; readonly databases: SiteFileDatabaseChoice[] };

  async function begin(wish: Wish, copyId = newChangeId(), spec = specOf(files.world, `${copyId}.test`)) {
    const asked = { copyId, source: { ...wish, certificateId: null }, spec, withSecrets: false };
    await copiesHandlers['copies.start'](files.machine, asked, call());
    return { copyId, spec };
  }
  const follow = (copyId: string) => copiesHandlers['copies.follow'](files.machine, { copyId, offset: 0 }, call());
  async function ended(copyId: string): Promise<SiteCopyState & { log: string }> {
    await expect.poll(async () => (await follow(copyId)).copy?.state, { timeout: 30_000 }).not.toBe('running');
    const { copy, text } = await follow(copyId);
    return { ...(copy ?? never()), log: text };
  }

  /** Databases and accounts on both servers, and what the panel knows of. */
  const seen = (): unknown => [
    servers.mariadb.sql('show databases; select user, host from mysql.global_priv order by 1, 2;'),
    servers.postgresql.sql('select datname from pg_database order by 1;'),
    servers.postgresql.sql('select rolname from pg_roles order by 1;'),
    listRecords(files.machine)
      .map(({ engine, name, state }) => `${engine} ${name} ${state}`)
      .sort(),
    existsSync(files.world.prefix + copiesFolder) ? readdirSync(files.world.prefix + copiesFolder) : [],
  ];

  it('SITE-3 databases of a site go out in its file and come in under other names, as accounts of their own', async () => {
    const other = newChangeId();
    await writeRecord(files.machine, { ...getRecord(files.machine, ids.mariadb), databaseId: other, siteId: null });
    await expect(exported([other])).rejects.toMatchObject({ reason: 'database_unknown' });
    await databasesHandlers['databases.link'](files.machine, { databaseId: other, siteId: files.site.siteId }, call());
    await expect(exported([ids.mariadb], { ...call(), may: () => false })).rejects.toMatchObject({
      code: 'not_allowed',
    });
    await removeRecord(files.machine, other);

    const file = await exported([ids.mariadb, ids.postgresql]);
    const names = spawnSync('/usr/bin/tar', ['-tf', '-'], { input: file, encoding: 'utf8' }).stdout;
    expect(names).toBe('manifest.json\nfiles.tar.zst\ndatabases/0.sql.zst\ndatabases/1.sql.zst\n');
    const uploadId = await sent(file);
    const looked = await siteFilesHandlers['site_files.inspect'](files.machine, { uploadId }, call());
    expect(looked.databases).toMatchObject(engines.map((engine) => ({ engine, name: 'book', user: 'book' })));

    const before = seen();
    // Names that are taken, and somebody who may have none.
    const free = { index: 1, name: 'book_2', user: 'book_2' };
    for (const [wish, field, code] of [
      [{ index: 0, name: 'book', user: 'free' }, 'databases.1.name', 'database_exists'],
      [{ index: 0, name: 'free', user: 'book' }, 'databases.1.user', 'database_user_exists'],
      [{ index: 0, name: 'other', user: 'free' }, 'databases.1.name', 'database_exists'],
    ] as const)
      await expect(begin({ uploadId, databases: [free, wish] })).rejects.toMatchObject({ fields: [{ field, code }] });
    const asked = { copyId: newChangeId(), spec: specOf(files.world, 'none.test'), withSecrets: false };
    const bare = { ...asked, source: { uploadId, databases: [free], certificateId: null } };
    await expect(
      copiesHandlers['copies.start'](files.machine, bare, { ...call(), may: (each) => each !== 'databases.manage' }),
    ).rejects.toMatchObject({ code: 'not_allowed' });
    expect(seen()).toEqual(before);

    const wanted = [0, 1].map((index) => ({ index, name: 'book_2', user: 'book_2' }));
    const { copyId, spec } = await begin({ uploadId, databases: wanted });
    const done = await ended(copyId);
    expect([done.state, done.failure], done.log).toEqual(['copied', null]);
    // Until the site is there they are nobody's.
    expect(listRecords(files.machine).filter(({ state }) => state === 'importing')).toHaveLength(2);
    await copiesHandlers['copies.settle'](files.machine, { copyId, changeId: newChangeId() }, call(60));
    for (const engine of engines) {
      const record = listRecords(files.machine).find((each) => each.engine === engine && each.name === 'book_2');
      expect(record).toMatchObject({ state: 'ready', runId: null, siteId: spec.siteId, user: 'book_2' });
      const made = record ?? never();
      const password = await unseal(files.machine, made.databaseId, made.password);
      expect(password).not.toBe(
        await unseal(files.machine, ids[engine], getRecord(files.machine, ids[engine]).password),
      );
      (await connectAs(files.machine, made, password)).close();
      for (const sql of [
        'select * from shown order by 1',
        `select id from ${engine === 'mariadb' ? '`we"ird`' : '"we""ird"'}`,
      ])
        expect(servers[engine].sql(sql, 'book_2')).toBe(servers[engine].sql(sql, 'book'));
    }
    expect(servers.mariadb.sql("show grants for 'book_2'@'localhost'")).not.toMatch(/ON `?(book`|other|mysql|\*`)/);
    // A crash between the site and its databases: the next start of the agent gives them to it.
    const [one = never()] = listRecords(files.machine).filter(({ name }) => name === 'book_2');
    await writeRecord(files.machine, { ...one, state: 'importing', runId: copyId });
    await forgetOldCopies(files.machine);
    expect(getRecord(files.machine, one.databaseId).state).toBe('ready');
  }, 60_000);

  async function foreign(databases: readonly ForeignDatabase[]): Promise<string> {
    const packed = zstdCompressSync(tarOf([['index.html', Buffer.from('x')]]));
    return await sent(await foreignFile(files.world.folder, described(), packed, { databases }));
  }
  const mariadb = (sql: string): ForeignDatabase => ({
    engine: 'mariadb',
    name: 'guest',
    user: 'guest',
    charset: 'utf8mb4',
    collation: 'utf8mb4_bin',
    sql: Buffer.from(sql),
  });
  const postgresql = (sql: string): ForeignDatabase => ({
    ...mariadb(sql),
    engine: 'postgresql',
    charset: 'UTF8',
    collation: 'xx_XX.none',
  });
  const guest = [{ index: 0, name: 'guest', user: 'guest' }];

  /** The same without the process around it. */
  async function attempt(database: ForeignDatabase, isTakenBack = true): Promise<unknown> {
    const uploadId = await foreign([database]);
    const wanted = await wantedDatabases(files.machine, uploadId, guest, call());
    let bringing: Bringing = { copyId: newChangeId(), spec: { siteId: newChangeId() }, databases: wanted };
    await reserveDatabases(files.machine, bringing, uploadId, Number.POSITIVE_INFINITY);
    const stop = new AbortController();
    const onMade = (made: BroughtDatabase): Promise<void> => {
      bringing = { ...bringing, databases: [made] };
      return Promise.resolve();
    };
    const given = { uploadId, stop, say: () => undefined, onMade };
    const fault: unknown = await loadDatabases(files.machine, bringing, given).catch((error: AppError) => error.reason);
    await siteFilesHandlers['site_files.discard'](files.machine, { uploadId }, call());
    if (isTakenBack) await takeDatabasesBack(files.machine, bringing);
    else await giveDatabases(files.machine, bringing);
    return fault;
  }

  it('SQL-4 SITE-3 a dump of a stranger reaches nothing but its own new database, and what fails is taken back', async () => {
    const before = seen();
    const reach = files.world.path('/reached');
    for (const [database, reason] of [
      [mariadb(`create table a (id int);\n\\! touch ${reach}\n`), 'database_import_refused'],
      [postgresql(`create table a (id int);\n\\! touch ${reach}\n`), 'database_import_client_command'],
      [mariadb("create table a (id int); create user evil@localhost identified by 'x';"), 'database_import_denied'],
      [postgresql("create table a (id int); create role evil login password 'x';"), 'database_import_denied'],
      [mariadb('insert into other.secret values (1);'), 'database_import_denied'],
      [mariadb(`select 'x' into outfile '${reach}';`), 'database_import_denied'],
      [postgresql(`copy (select 1) to program 'touch ${reach}';`), 'database_import_denied'],
      [mariadb("set password = password('mine'); alter database guest comment ''; broken;"), 'database_import_refused'],
      [
        postgresql("alter role guest password 'mine'; comment on database guest is ''; broken;"),
        'database_import_refused',
      ],
    ] as const)
      expect([database.sql.toString(), await attempt(database)]).toEqual([database.sql.toString(), reason]);
    expect(existsSync(reach)).toBe(false);
    for (const facts of [{ name: 'mysql' }, { user: 'root' }, { name: '../x' }, { collation: 'x'.repeat(65) }])
      await expect(foreign([{ ...mariadb('select 1;'), ...facts }])).rejects.toThrow();
    expect(seen()).toEqual(before);

    // What it says of who made it, and of the account, does not count; the password is ours.
    const hostile = [
      "create definer=`root`@`localhost` sql security definer view v as select user(); set password = password('mine');",
      "create view v as select 1; alter role guest password 'mine'; comment on database guest is '';",
    ];
    for (const [index, make] of [mariadb, postgresql].entries()) {
      expect(await attempt(make(hostile[index] ?? ''), false)).toBeUndefined();
      const made = listRecords(files.machine).find(({ name }) => name === 'guest') ?? never();
      expect(made).toMatchObject({ state: 'ready', user: 'guest' });
      (await connectAs(files.machine, made, await unseal(files.machine, made.databaseId, made.password))).close();
      if (made.engine === 'mariadb')
        expect(
          servers.mariadb.sql("select definer from information_schema.views where table_schema = 'guest'"),
        ).toContain('guest@localhost');
      // As one of an import that was given up, which a start of the agent comes upon.
      const copyId = newChangeId();
      await writeRecord(files.machine, { ...made, state: 'importing', runId: copyId });
      const brought = { databaseId: made.databaseId, index: 0, name: 'guest', user: 'guest', isMade: true };
      await takeDatabasesBack(files.machine, { copyId, spec: { siteId: newChangeId() }, databases: [brought] });
    }
    expect(seen()).toEqual(before);
  }, 90_000);

  it('FAULT-1 SITE-3 an import that is killed while rows come in begins anew, and one that is given up leaves nothing', async () => {
    const before = seen();
    const killed = async (database: ForeignDatabase) => {
      const uploadId = await foreign([database]);
      const wish = { uploadId, databases: guest };
      const begun = await begin(wish);
      const loading = (): number | undefined => {
        const copy = findCopy(files.machine, begun.copyId);
        return copy?.databases?.[0]?.isMade === true ? copy.process?.pid : undefined;
      };
      await expect.poll(loading, { timeout: 20_000 }).toBeDefined();
      process.kill(loading() ?? never(), 'SIGKILL');
      await expect.poll(async () => (await follow(begun.copyId)).isInterrupted, { timeout: 20_000 }).toBe(true);
      return { ...begun, wish };
    };
    const { copyId, spec, wish } = await killed(
      mariadb('create table a (id int); insert into a values (1); do sleep(1);'),
    );
    await begin(wish, copyId, spec);
    const done = await ended(copyId);
    expect([done.state, done.failure], done.log).toEqual(['copied', null]);
    expect(servers.mariadb.sql('select count(*) from a', 'guest').trim()).toBe('1');
    await copiesHandlers['copies.cancel'](files.machine, { copyId }, call(30));
    expect(seen()).toEqual(before);

    const second = await killed(postgresql('create table a (id int); insert into a values (1); select pg_sleep(9);'));
    await copiesHandlers['copies.cancel'](files.machine, { copyId: second.copyId }, call(30));
    expect(seen()).toEqual(before);
  }, 90_000);
}
