import { expect, it } from 'vitest';
import type { ActionParams } from '#shared/agent/action.ts';
import { databasesMaintain } from '#shared/agent/database-maintenance.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { DatabaseEngine } from '#shared/databases.ts';
import { call, newChangeId } from '../../testing/world.ts';
import { databasesHandlers } from '../databases.actions.ts';
import { runMaintenance, type MaintenanceOptions } from '../maintenance/maintain-run.ts';
import { getRecord } from '../records.ts';
import { newRun, writeRun, type Upkeep } from '../runs.ts';
import { openOwner } from '../wire/connect.ts';
import type { RowPlace } from './row-steps.ts';

/* Upkeep of tables in a real server: as a process of its own, or in this one where that is not the question. */

type Wish = Omit<ActionParams<AgentActions['databases.maintain']>, 'databaseId' | 'runId'>;

export function maintenanceSteps(engine: DatabaseEngine, place: () => RowPlace): void {
  const isMariadb = engine === 'mariadb';
  const wish = (kind: Wish['kind'], tables: string[], more: Partial<Wish> = {}): Wish => ({
    kind,
    tables,
    minutes: 1,
    charset: null,
    collation: null,
    ...more,
  });
  const start = (given: Wish, runId: string) => {
    const { machine, databaseId } = place();
    return databasesHandlers['databases.maintain'](machine, { databaseId, runId, ...given }, call());
  };
  const look = (runId: string) => databasesHandlers['databases.run'](place().machine, { runId, offset: 0 }, call());
  type More = MaintenanceOptions & { readonly done?: Upkeep['done']; readonly runId?: string };
  async function here(given: Wish, { done = [], runId = newChangeId(), ...options }: More = {}) {
    const { machine, databaseId } = place();
    const upkeep = { ...given, done };
    const run = await writeRun(
      machine,
      newRun(machine, { runId, kind: 'maintain', databaseId, removalId: null, upkeep }),
    );
    await runMaintenance(machine, run, options);
    return await look(runId);
  }

  it('tables are looked after one by one, and each outcome stands in the log', async () => {
    const inSql = isMariadb ? '`wide "one`' : '"wide ""one"';
    place().sql(`create table ${inSql} (id int primary key, t varchar(50)); create table plain_one (id int);`);
    const odd = isMariadb ? 'wide "one' : '"wide ""one"';
    const runId = newChangeId();
    await start(wish(isMariadb ? 'optimize' : 'vacuum', [odd, 'plain_one']), runId);
    await expect.poll(async () => (await look(runId)).run?.state, { timeout: 20_000 }).toBe('succeeded');
    const { run, text } = await look(runId);
    expect([run?.progress, run?.failure]).toEqual([100, null]);
    expect(text.split('\n').map((line) => line.replace(/ \(.*/, ''))).toEqual([`${odd}: done`, 'plain_one: done', '']);
    const others = isMariadb ? (['analyze', 'check'] as const) : (['analyze', 'reindex', 'optimize'] as const);
    for (const kind of others) expect((await here(wish(kind, [odd]))).run?.state).toBe('succeeded');
  });

  it('a table that cannot be done is said, the others are, and what is through is not done again', async () => {
    const gone = `plain_one; drop table canary`;
    const { run, text } = await here(wish('analyze', ['plain_one', gone, 'plain_one '], {}));
    expect(run).toMatchObject({
      state: 'failed',
      failure: { reason: 'database_maintenance_partly', params: { failed: 2, tables: 3 } },
    });
    expect(text).toMatch(/^plain_one: done/);
    expect(text).toContain('There is no such table');
    expect((await here(wish('analyze', [gone, 'plain_one']), { done: ['done'] })).run?.state).toBe('succeeded');
    const refused = start(wish(isMariadb ? 'vacuum' : 'repair', ['plain_one']), newChangeId());
    await expect(refused).rejects.toMatchObject({ fields: [{ field: 'kind', code: 'not_a_choice' }] });
  });

  it('a table that takes longer than it may, or that somebody stops, stays as it was', async () => {
    const { machine, databaseId, sql } = place();
    sql('create table held (id int primary key); insert into held values (1)');
    // Nobody writes a table anew that somebody else has: the statement waits.
    const holder = await openOwner(machine, getRecord(machine, databaseId));
    await holder.prepare(
      isMariadb ? 'lock tables held read' : 'begin; lock table public.held in access exclusive mode',
    );
    try {
      const late = await here(wish('optimize', ['held']), { seconds: 0.2 });
      expect(late).toMatchObject({ run: { state: 'failed', failure: { reason: 'database_maintenance_partly' } } });
      expect(late.text).toMatch(isMariadb ? /^held: failed .* \(max_statement_time exceeded\)\n/ : /\(57014\)\n/);
      const runId = newChangeId();
      const waiting = here(wish('optimize', ['held', 'plain_one']), { runId });
      await databasesHandlers['databases.stop'](machine, { runId }, call());
      expect(await waiting).toMatchObject({ run: { state: 'cancelled' }, text: 'Stopped.\n' });
    } finally {
      holder.close();
    }
    expect((await here(wish('optimize', ['held']))).run?.state).toBe('succeeded');
    expect(sql('select count(*) from held').trim()).toBe('1');
  });
  if (!isMariadb) return;

  it('storage engine and character set are changed with what is in the table, and a letter that would be lost stops it', async () => {
    const { sql, databaseId } = place();
    sql(`create table old_one (id int primary key, t varchar(20)) engine = MyISAM character set latin1;
      insert into old_one values (1, 'é'); create table arabic (t varchar(20)); insert into arabic values ('سلام');`);
    expect((await here(wish('convert_storage', ['old_one']))).run?.state).toBe('succeeded');
    expect((await here(wish('convert_charset', ['old_one'], { charset: 'utf8mb4' }))).run?.state).toBe('succeeded');
    expect(sql('show create table old_one')).toMatch(
      /ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci/,
    );
    expect(sql('select hex(t) from old_one').trim()).toBe('C3A9');
    const lost = await here(wish('convert_charset', ['arabic'], { charset: 'latin1' }));
    expect(lost.run).toMatchObject({ state: 'failed' });
    expect(sql('select t from arabic').trim()).toBe('سلام');
    expect((await here(wish('repair', ['old_one']))).text).toMatch(/^old_one: unsupported/);
    const facts = sql(
      `select default_character_set_name, schema_comment from information_schema.schemata where schema_name = 'shop'`,
    );
    expect(facts.trim()).toBe(`latin1\taapanel ${databaseId}`);
    // Without a table: only the database's own, for tables that are made later.
    const own = await here(wish('convert_charset', [], { charset: 'utf8mb4', collation: 'utf8mb4_bin' }));
    expect(own.run?.state).toBe('succeeded');
    sql('create table later (t varchar(20))');
    expect(sql('show create table later')).toContain('COLLATE=utf8mb4_bin');
    const given = { databaseId, runId: newChangeId(), kind: 'convert_charset', tables: ['t'] };
    const asked = { ...given, charset: 'latin1', collation: 'utf8mb4_bin' };
    expect(databasesMaintain.params.safeParse(asked).error?.issues[0]).toMatchObject({ path: ['collation'] });
    expect(databasesMaintain.params.safeParse({ ...given, kind: 'check', tables: [] }).success).toBe(false);
  });
}
