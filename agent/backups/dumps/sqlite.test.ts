import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dumps } from './dumps.ts';
import { dumpOf, killRestore, killRounds, makeRoot, reasonOf, streamOf } from './testing/servers.ts';

const root = makeRoot();
const folder = join(root.prefix, 'srv');
const source = (name: string) => ({ kind: 'sqlite', path: `/srv/${name}` }) as const;
const at = (name: string): string => join(folder, name);

beforeAll(() => mkdirSync(folder));
afterAll(() => root.remove());

/** A database in WAL mode with a bit of everything, closed again. */
function make(name: string): void {
  rmSync(at(name), { force: true });
  const database = new DatabaseSync(at(name));
  database.exec(`pragma journal_mode = wal;
    create table t (id integer primary key autoincrement, a, "rowid" text);
    insert into t (a, "rowid") values (null, 'x'), (9007199254740993, 'y'), (0.1, 'z'), (x'00ff', ''), ('it''s' || char(10), null);
    create table "odd ""name" (k text primary key, v) without rowid;
    insert into "odd ""name" values ('b', 1), ('a', 2);
    create view v as select * from t; create trigger w after insert on t begin select 1; end;`);
  database.close();
}

function rowsOf(name: string, sql: string): unknown {
  const database = new DatabaseSync(at(name));
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

const hasWal = (name: string): string[] => readdirSync(folder).filter((each) => each !== name && each.includes(name));

describe('a dump of SQLite', () => {
  it('B-5 P4.2-6 has rows and hash of every table, also of what is only in the log, and is proven', async () => {
    make('a.db');
    const open = new DatabaseSync(at('a.db'));
    open.exec(`insert into t (a) values ('only in the log')`);
    expect(statSync(at('a.db-wal')).size).toBeGreaterThan(0);
    const { part, bytes } = await dumpOf(root.work(), source('a.db'));
    open.close();
    expect(part.tables.map(({ name, rows }) => [name, rows])).toEqual([
      ['odd "name', 2],
      ['sqlite_sequence', 1],
      ['t', 6],
    ]);
    expect(part.counts).toEqual({ routines: 0, triggers: 1, views: 1, events: 0 });
    await dumps.prove(root.work(), part, streamOf(bytes));
    const lying = { ...part, tables: part.tables.map((each) => ({ ...each, rows: 7 })) };
    expect(await reasonOf(dumps.prove(root.work(), lying, streamOf(bytes)))).toBe('backup_mismatch');
    expect(readdirSync(root.work().scratch)).toEqual([]);
  });

  it('comes back in place with owner and mode, and old pages in a log do not come with it', async () => {
    make('b.db');
    chmodSync(at('b.db'), 0o604);
    const { part, bytes } = await dumpOf(root.work(), source('b.db'));
    const writer = new DatabaseSync(at('b.db'));
    writer.exec(`delete from t; create table newer (a)`);
    // A copy of the log as a killed writer leaves it.
    const log = readFileSync(at('b.db-wal'));
    writer.close();
    writeFileSync(at('b.db-wal'), log);
    await dumps.restore(root.work(), part, streamOf(bytes), { kind: 'in_place' });
    expect(rowsOf('b.db', 'select count(*) as n from t')).toEqual([{ n: 5 }]);
    expect(rowsOf('b.db', 'pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect(statSync(at('b.db')).mode & 0o777).toBe(0o604);
    expect(hasWal('b.db')).toEqual([]);
  });

  it('is not put into the place of a file that a program has open, and comes back where it is broken or gone', async () => {
    make('c.db');
    const { part, bytes } = await dumpOf(root.work(), source('c.db'));
    const restore = async (): Promise<string> =>
      await reasonOf(dumps.restore(root.work(), part, streamOf(bytes), { kind: 'in_place' }));
    const open = new DatabaseSync(at('c.db'));
    open.exec('delete from t');
    expect(await restore()).toBe('backup_database_open');
    expect(open.prepare('select count(*) as n from t').get()).toEqual({ n: 0 });
    open.close();
    writeFileSync(at('c.db'), 'this is no database at all'.repeat(500));
    expect(await restore()).toBe('none');
    expect(rowsOf('c.db', 'select count(*) as n from t')).toEqual([{ n: 5 }]);
    rmSync(at('c.db'));
    expect(await restore()).toBe('none');
    expect(rowsOf('c.db', 'select count(*) as n from t')).toEqual([{ n: 5 }]);
    expect(hasWal('c.db')).toEqual([]);
  }, 90_000);

  it('comes back aside beside it, never over a file that exists; a damaged dump changes nothing', async () => {
    make('d.db');
    const { part, bytes } = await dumpOf(root.work(), source('d.db'));
    const aside = async (databaseName: string, input = bytes): Promise<string> =>
      await reasonOf(dumps.restore(root.work(), part, streamOf(input), { kind: 'aside', databaseName }));
    expect(await aside('d_copy')).toBe('none');
    expect(rowsOf('d_copy.db', 'select count(*) as n from t')).toEqual([{ n: 5 }]);
    expect(await aside('d_copy')).toBe('backup_database_exists');
    const changed = Buffer.from(bytes);
    changed[5000] = (changed[5000] ?? 0) ^ 1;
    expect(await aside('d_other', changed)).toBe('backup_mismatch');
    expect(existsSync(at('d_other.db'))).toBe(false);
    expect(readdirSync(`${root.work().folder}/dumps-journal`)).toEqual([]);
  });

  it('a missing and a damaged file each have their reason', async () => {
    expect(await reasonOf(dumps.open(root.work(), source('none.db')))).toBe('backup_database_missing');
    writeFileSync(at('broken.db'), 'this is no database at all'.repeat(500));
    expect(await reasonOf(dumps.open(root.work(), source('broken.db')))).toBe('backup_dump_failed');
    expect(readdirSync(root.work().scratch)).toEqual([]);
  });

  it('B-6 a writer of pairs never leaves an unpaired row in what comes back', async () => {
    const script = `const { DatabaseSync } = require('node:sqlite'); const d = new DatabaseSync(process.argv[1], { timeout: 5000 });
      d.exec('pragma journal_mode = wal; create table l (id); create table r (id);');
      for (let n = 1; ; n += 1) { d.exec('begin immediate; insert into l values (' + n + '); insert into r values (' + n + '); commit');
        if (n === 20) console.log('ready'); }`;
    const writer = spawn(process.execPath, ['-e', script, at('pairs.db')], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(writer.stdout, 'data');
    const { part, bytes } = await dumpOf(root.work(), source('pairs.db'));
    await sleep(0);
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    await dumps.restore(root.work(), part, streamOf(bytes), { kind: 'aside', databaseName: 'pairs_back' });
    const unpaired = `select count(*) as n from l full join r using (id) where l.id is null or r.id is null`;
    expect(rowsOf('pairs_back.db', unpaired)).toEqual([{ n: 0 }]);
    expect(part.tables.find(({ name }) => name === 'l')?.rows).toBeGreaterThanOrEqual(20);
  });

  it(
    'kill -9 at any instant of a restore leaves the old or the new content once it was recovered',
    async () => {
      make('victim.db');
      const { part, bytes } = await dumpOf(root.work(), source('victim.db'));
      const stateOf = async (): Promise<unknown> => (await dumpOf(root.work(), source('victim.db'))).part.tables;
      const saved = await stateOf();
      const [partPath, bytesPath] = [join(root.prefix, 'part.json'), join(root.prefix, 'dump.bin')];
      writeFileSync(partPath, JSON.stringify(part));
      writeFileSync(bytesPath, bytes);
      for (let round = 0; round < killRounds; round += 1) {
        const writer = new DatabaseSync(at('victim.db'));
        writer.exec(`insert into t (a) values (${round})`);
        writer.close();
        const present = await stateOf();
        await killRestore(root, partPath, bytesPath, round, 20);
        await dumps.recover(root.work());
        const found = await stateOf();
        expect(isDeepStrictEqual(found, saved) || isDeepStrictEqual(found, present)).toBe(true);
        expect(readdirSync(folder).filter((name) => name.includes('victim'))).toEqual(['victim.db']);
      }
    },
    60_000 + killRounds * 10_000,
  );
});
