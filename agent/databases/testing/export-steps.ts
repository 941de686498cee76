import { readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { beforeAll, expect, it } from 'vitest';
import type { ExportWish } from '#shared/database-exports.ts';
import type { DatabaseEngine } from '#shared/databases.ts';
import type { TestServer } from '../../backups/dumps/testing/servers.ts';
import type { FileSite } from '../../files/testing/file-site.ts';
import { call, newChangeId } from '../../testing/world.ts';
import { databasesHandlers } from '../databases.actions.ts';
import { scratchOf } from '../engines/engine.ts';
import { connectAs } from '../import/server.ts';
import { loadStatements } from '../import/load.ts';
import { getRecord } from '../records.ts';
import { unseal } from '../seal.ts';
import { stateOfExport } from '../export/exports.ts';

const engines = ['mariadb', 'postgresql'] as const;
const all = { format: 'sql', what: 'all', tables: null } as const;

/** Of every kind that a dump holds, with names that only quoting keeps together. */
const content: Readonly<Record<DatabaseEngine, string>> = {
  mariadb: `
    create table \`we"ird\`\`t 'n\` (\`a;b\` int primary key auto_increment, v text, b blob, g int as (\`a;b\` * 2));
    insert into \`we"ird\`\`t 'n\` (v, b) values ('it''s; -- \\\\\\n\`', x'00ff27'), (null, null), ('عربي 🙂', '');
    create table \`-log\` (id int primary key, n int); insert into \`-log\` values (1, 10);
    create view shown as select v from \`we"ird\`\`t 'n\`;
    delimiter //
    create procedure add_one(x int) begin insert into \`-log\` values (x, 1); end //
    create function twice(x int) returns int deterministic return x * 2 //
    create trigger counted after insert on \`we"ird\`\`t 'n\` for each row begin update \`-log\` set n = n + 1 where id = 1; end //
    create event daily on schedule every 1 day do delete from \`-log\` where n < 0 //
    delimiter ;`,
  postgresql: `
    create schema "oth.er";
    create table "we""ird*t '" (a serial primary key, v text, b bytea, r numeric);
    insert into "we""ird*t '" (v, b, r) values ('it''s; -- \\ \\. $$', '\\x00ff27', 1.50), (null, null, 'NaN'), ('عربي 🙂', '', 0);
    create table "oth.er"."-log" (id int primary key, n int); insert into "oth.er"."-log" values (1, 10);
    create view shown as select v from "we""ird*t '";
    create function add_one(x int) returns void language sql as $f$ insert into "oth.er"."-log" values (x, 1); $f$;
    create function counted() returns trigger language plpgsql as $f$ begin update "oth.er"."-log" set n = n + 1 where id = 1; return new; end; $f$;
    create trigger counted after insert on "we""ird*t '" for each row execute function counted();`,
};
const weird = { mariadb: '`we"ird``t \'n`', postgresql: `"we""ird*t '"` } as const;
const shownWeird = { mariadb: 'we"ird`t \'n', postgresql: `"we""ird*t '"` } as const;
const log = { mariadb: '`-log`', postgresql: '"oth.er"."-log"' } as const;

/** With the servers of the import, which is the way back of what is exported here. */
export function exportSteps(
  given: () => { readonly files: FileSite; readonly servers: Readonly<Record<DatabaseEngine, TestServer>> },
): void {
  let files: FileSite;
  let servers: Readonly<Record<DatabaseEngine, TestServer>>;
  const ids = {} as Record<DatabaseEngine, Record<'parcel' | 'copy', string>>;

  beforeAll(async () => {
    ({ files, servers } = given());
    const make = async (engine: DatabaseEngine, name: string): Promise<string> => {
      const databaseId = newChangeId();
      const charset = engine === 'mariadb' ? ('utf8mb4' as const) : ('UTF8' as const);
      const facts = { databaseId, engine, name, user: name, password: null, charset, locale: null, siteId: null };
      await databasesHandlers['databases.create'](files.machine, facts, call(60));
      return databaseId;
    };
    for (const engine of engines) {
      ids[engine] = { parcel: await make(engine, 'parcel'), copy: await make(engine, 'copy') };
      await load(engine, 'parcel', content[engine]);
    }
  }, 60_000);
  /** As the import does it, without the process around it. */
  async function load(engine: DatabaseEngine, name: 'parcel' | 'copy', text: string | Buffer): Promise<void> {
    const record = getRecord(files.machine, ids[engine][name]);
    const password = await unseal(files.machine, record.databaseId, record.password);
    const link = await connectAs(files.machine, record, password);
    try {
      await loadStatements(link, engine, Readable.from([Buffer.from(text)]), new AbortController().signal);
    } finally {
      link.close();
    }
  }

  async function open(engine: DatabaseEngine, wish: ExportWish, name: 'parcel' | 'copy' = 'parcel') {
    const one = { databaseId: ids[engine][name], exportId: newChangeId() };
    const begun = await databasesHandlers['databases.export'](files.machine, { ...one, ...wish }, call());
    let bytes: Readable = Readable.from([]);
    await databasesHandlers['databases.export_bytes'](files.machine, one, {
      ...call(),
      giveBytes: (given) => (bytes = given),
    });
    return { one, begun, bytes, state: () => stateOfExport(one, call()) };
  }
  const exported = async (engine: DatabaseEngine, wish: ExportWish): Promise<string> =>
    (await buffer((await open(engine, wish)).bytes)).toString();
  const left = (): string[] => readdirSync(scratchOf(files.machine, '')).filter((each) => each.startsWith('export-'));

  it.each(engines)(
    'what was exported from %s comes back through the import, with views, routines and triggers',
    async (engine) => {
      const sql = (name: string, text: string): string => servers[engine].sql(text, name);
      const { begun, bytes, state } = await open(engine, { ...all, format: 'sql.zst' });
      expect(begun).toMatchObject({ fileName: 'parcel.sql.zst', state: 'waiting', leftOut: [] });
      const packed = await buffer(bytes);
      expect(state()).toMatchObject({ state: 'succeeded', sentBytes: packed.length, failure: null });
      const text = zstdDecompressSync(packed);
      await load(engine, 'copy', text);
      // And again over itself.
      await load(engine, 'copy', text);
      const rows = `select * from ${weird[engine]} order by 1`;
      expect(sql('copy', rows)).toBe(sql('parcel', rows));
      expect(sql('copy', `select n from ${log[engine]}`)).toBe('10');
      sql('copy', `insert into ${weird[engine]} (v) values ('after')`);
      sql('copy', engine === 'mariadb' ? 'call add_one(5)' : 'select add_one(5)');
      expect(sql('copy', `select n from ${log[engine]} where id = 1`)).toBe('11');
      expect(sql('copy', 'select count(*) from shown')).toBe('4');
      expect(sql('copy', `select count(*) from ${log[engine]}`)).toBe('2');
      if (engine === 'mariadb') {
        expect(sql('copy', 'select twice(4)')).toBe('8');
        expect(sql('copy', "select event_name from information_schema.events where event_schema = 'copy'")).toBe(
          'daily',
        );
      }
      await expect.poll(left, { timeout: 10_000 }).toEqual([]);
    },
    30_000,
  );

  it.each(engines)(
    'structure, data and single tables of %s are exported alone, whatever their names are',
    async (engine) => {
      const structure = await exported(engine, { ...all, what: 'structure' });
      expect(structure).toContain('CREATE TABLE');
      expect(structure).not.toMatch(/INSERT INTO|^COPY /m);
      const data = await exported(engine, { ...all, what: 'data', tables: [shownWeird[engine]] });
      expect(data).not.toMatch(/CREATE TABLE|-log/);
      expect(data).toContain('عربي 🙂');
      const begun = await open(engine, { ...all, format: 'sql.gz', tables: [shownWeird[engine]] });
      expect(begun.begun.fileName).toMatch(/^parcel-[^/\\'"`\s]+\.sql\.gz$/);
      const one = gunzipSync(await buffer(begun.bytes)).toString();
      expect(one).toMatch(/CREATE TABLE .*we/);
      expect(one).not.toMatch(/CREATE TABLE .*-log/);
      for (const name of ['we%', 'no', 'mysql.user', 'pg_catalog.pg_authid', '*', '--all-databases'])
        await expect(exported(engine, { ...all, tables: [name] })).rejects.toMatchObject({
          reason: 'database_table_unknown',
        });
    },
    30_000,
  );

  it('no file is taken for whole when the dump breaks off, and the person is told why', async () => {
    const big = {
      mariadb: "insert into big select seq, repeat('x', 20000) from seq_1_to_2000",
      postgresql: 'insert into big select n, repeat(md5(n::text), 600) from generate_series(1, 2000) n',
    };
    for (const engine of engines) {
      servers[engine].sql(
        `drop table if exists big; create table big (id int primary key, v text)${engine === 'mariadb' ? '' : '; alter table big owner to parcel'}`,
        'parcel',
      );
      servers[engine].sql(big[engine], 'parcel');
      const { bytes, one, state } = await open(engine, all);
      // Nobody reads yet: the dump waits in its middle.
      await expect.poll(() => state().sentBytes, { timeout: 10_000 }).toBeGreaterThan(0);
      const users = {
        mariadb: 'kill user parcel@localhost',
        postgresql: "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'parcel'",
      };
      servers[engine].sql(users[engine]);
      await expect(buffer(bytes)).rejects.toMatchObject({ reason: 'database_server_away' });
      expect(state()).toMatchObject({ state: 'failed', failure: { reason: 'database_server_away' } });
      await expect(databasesHandlers['databases.export_bytes'](files.machine, one, call())).rejects.toMatchObject({
        reason: 'database_export_unknown',
      });
    }
    // What the account may not read is said, in the words of the tool.
    servers.postgresql.sql('create table secret (a int); revoke all on secret from public', 'parcel');
    const refused = await open('postgresql', all);
    await expect(buffer(refused.bytes)).rejects.toMatchObject({ reason: 'database_export_refused' });
    expect(refused.state().failure?.params['said']).toMatch(/permission denied for table secret/);
    servers.postgresql.sql('drop table secret', 'parcel');
    await expect.poll(left, { timeout: 10_000 }).toEqual([]);
  }, 30_000);

  it('nothing is held that nobody takes, few run at once, and a closed tab ends the dump', async () => {
    const opened = await Promise.all([1, 2, 3].map(() => open('mariadb', all)));
    await expect(open('mariadb', all)).rejects.toMatchObject({ reason: 'database_exports_busy' });
    const dumps = (state = '%'): string =>
      servers.mariadb.sql(
        `select count(*) from information_schema.processlist where user = 'parcel' and state like '${state}'`,
      );
    // Nobody reads: the server itself waits, with no more on the way than fits into the pipes.
    await expect.poll(() => dumps('Writing to net'), { timeout: 10_000 }).toBe('3');
    for (const { state } of opened) expect(state().sentBytes).toBeLessThan(2 * 1024 * 1024);
    for (const { bytes } of opened) bytes.destroy();
    await expect.poll(() => dumps(), { timeout: 10_000 }).toBe('0');
    expect(opened.map(({ state }) => state().failure?.reason)).toEqual(Array(3).fill('database_export_let_go'));
    await expect.poll(left, { timeout: 10_000 }).toEqual([]);
  }, 30_000);

  it('views of what is gone are left out by name, and an export is nobody else’s', async () => {
    servers.mariadb.sql(
      'create table gone (a int); create view hollow as select a from gone; drop table gone; drop table big',
      'parcel',
    );
    const { begun, bytes, one } = await open('mariadb', all);
    expect(begun.leftOut).toEqual(['hollow']);
    expect((await buffer(bytes)).toString()).not.toContain('hollow');
    await expect(exported('mariadb', { ...all, tables: ['hollow'] })).rejects.toMatchObject({
      reason: 'database_export_nothing',
    });
    for (const [given, asker] of [
      [one, { ...call(), actor: { id: 'somebody', name: 'else' } }],
      [{ ...one, databaseId: ids.mariadb.copy }, call()],
    ] as const)
      await expect(databasesHandlers['databases.export_state'](files.machine, given, asker)).rejects.toMatchObject({
        reason: 'database_export_unknown',
      });
  });
}
