import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { BackupPlan } from '#shared/backups.ts';
import type { DatabaseEngine } from '#shared/databases.ts';
import { backupsFolder } from '../../backups/work-of.ts';
import { listPlans } from '../../backups/plans.ts';
import { reasonOf } from '../../backups/dumps/testing/servers.ts';
import { putJsonFile } from '../../core/json-file.ts';
import type { Machine } from '../../core/machine.ts';
import { call, newChangeId } from '../../testing/world.ts';
import { databasesHandlers } from '../databases.actions.ts';
import { getRecord } from '../records.ts';
import { findRun } from '../runs.ts';
import { settleDatabases } from '../settle.ts';

export type RenamePlace = {
  readonly machine: Machine;
  readonly sql: (sql: string, database?: string) => string;
  /** A new database of the panel's. */
  readonly create: (name: string) => Promise<string>;
  /** With its user and password, what the client prints. */
  readonly asOwner: (databaseId: string, sql: string) => Promise<string>;
  /** Databases, users, rights and marks of the server. */
  readonly onServer: () => string;
};

/** Everything that a database can have, and how to see that all of it is there and works. */
const content = {
  mariadb: {
    fill: `create table t (id int primary key, note text) engine = InnoDB; insert into t values (1, 'سلام'), (2, null);
      create table child (id int, foreign key (id) references t (id)); insert into child values (1);
      create view v as select note from t where id = 1;
      create sequence counter start with 7;
      delimiter //
      create procedure p() begin select count(*) from t; end//
      create function f() returns int deterministic return 5//
      create trigger tr before insert on child for each row set new.id = new.id//
      create event ev on schedule every 1 year do select 1//
      delimiter ;`,
    look: `select note from v; call p(); select f(); select id from child; select nextval(counter) > 0;
      show create trigger tr; select 'ok';`,
    seen: /^سلام\n2\n5\n1\n1\n[\s\S]*\nok$/,
  },
  postgresql: {
    fill: `create table t (id int primary key, note text); insert into t values (1, 'سلام'), (2, null);
      create schema "odd schema"; create table "odd schema"."t ""two" (id serial); create view v as select note from t;
      create function f() returns int language sql as 'select 5'; create type mood as enum ('good');`,
    look: `select note from v where note is not null; select f(); select count(*) from "odd schema"."t ""two";`,
    seen: /^سلام\n5\n0$/,
  },
} as const;

export function renameSteps(engine: DatabaseEngine, place: () => RenamePlace): void {
  const isMariadb = engine === 'mariadb';
  const { fill, look, seen } = content[engine];

  async function start(databaseId: string, name: string): Promise<string> {
    const runId = newChangeId();
    await databasesHandlers['databases.rename'](place().machine, { databaseId, runId, name }, call());
    return runId;
  }
  async function ended(runId: string): Promise<string | null | undefined> {
    const { machine } = place();
    for (const endsAt = Date.now() + 30_000; ; ) {
      const { run } = await databasesHandlers['databases.run'](machine, { runId, offset: 0 }, call());
      if (run === null || run.state === 'succeeded' || run.state === 'failed') return run?.failure?.reason;
      if (run.state === 'interrupted') await databasesHandlers['databases.resume'](machine, { runId }, call());
      if (Date.now() > endsAt) throw new Error('the run does not end');
      await sleep(30);
    }
  }

  it('DB-2 FAULT-1 a renamed database has all that was in it, its rights, and its plans follow; killed on the way it ends the same', async () => {
    const { machine, sql, create, asOwner, onServer } = place();
    const databaseId = await create('to_name');
    await asOwner(databaseId, fill);
    if (isMariadb)
      sql(`create user guest@'%' identified by 'x'; grant select on \`to\\_name\`.* to guest@'%';
        grant insert on to_name.t to guest@'%'; grant select (note) on to_name.t to guest@'%';
        grant execute on procedure to_name.p to guest@'%';
        create database beside; create view beside.w as select 1 from to_name.t; create database toXname;`);
    const folder = backupsFolder(machine.stateFolder);
    const none = { last: 1, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
    const plan: BackupPlan = {
      name: 'nightly',
      sources: [{ kind: 'database', engine, name: 'to_name' }],
      targetIds: [newChangeId()],
      excludes: [],
      schedule: null,
      retention: none,
      proof: 'never',
      isPaused: false,
    };
    await putJsonFile(`${folder}/plans.json`, [{ planId: newChangeId(), plan, since: 0 }]);
    const before = onServer();
    const next = 'N-_9'.padEnd(63, 'x');
    expect(await ended(await start(databaseId, next))).toBeUndefined();
    expect(getRecord(machine, databaseId)).toMatchObject({ name: next, state: 'ready', formerNames: ['to_name'] });
    expect(await asOwner(databaseId, look)).toMatch(seen);
    expect(listPlans(folder)[0]?.plan.sources).toEqual([{ kind: 'database', engine, name: next }]);
    const after = onServer();
    const escape = (text: string): string => text.replaceAll('_', '\\\\_');
    const renamed = before.replaceAll(escape('to_name'), escape(next)).replaceAll(/(?<!u-)\bto_name\b/g, next);
    expect(after.split('\n').sort()).toEqual(renamed.split('\n').sort());
    // Killed in the middle on its way back, it ends the same: when the machine comes up, the agent takes it up by itself.
    const runId = await start(databaseId, 'to_name');
    const endsAt = Date.now() + 10_000;
    while (findRun(machine, runId)?.process == null && Date.now() < endsAt) await sleep(2);
    await sleep(Math.random() * 150);
    const pid = findRun(machine, runId)?.process?.pid;
    if (pid !== undefined && existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
    await settleDatabases(machine);
    expect(await ended(runId)).toBeUndefined();
    expect(onServer()).toBe(before);
    expect(await asOwner(databaseId, look)).toMatch(seen);
    if (isMariadb) sql(`drop database beside; drop database toXname; drop user guest@'%';`);
  });

  it('a name that is taken, by the panel or by hand, is refused and nothing is touched', async () => {
    const { create, sql, onServer } = place();
    const [databaseId] = [await create('keeps'), await create('other_one')];
    sql('create database byhand_2');
    const before = onServer();
    for (const name of ['other_one', 'byhand_2', 'keeps'])
      expect(await reasonOf(start(databaseId, name))).toBe('database_exists');
    expect(onServer()).toBe(before);
    sql('drop database byhand_2');
  });

  it('FAULT-2 a rename that cannot be done leaves everything as it was', async () => {
    const { machine, create, asOwner, sql, onServer } = place();
    const databaseId = await create('falls');
    await asOwner(databaseId, fill);
    const before = onServer();
    // The user cannot make a table with it, so it does not count.
    if (isMariadb) {
      sql(`create definer = nobody@nowhere view falls.lost as select 1 as one; drop table falls.child;`);
      sql(
        `create table falls.gone (id int); create view falls.broken as select * from falls.gone; drop table falls.gone;`,
      );
      expect(await reasonOf(start(databaseId, 'never'))).toBe('database_view_broken');
      sql('drop view falls.broken;');
      sql("set global init_connect = 'no such statement';");
      expect(await ended(await start(databaseId, 'never'))).toMatch(/^database_server_/);
      sql('set global init_connect = default;');
    } else {
      sql('alter schema public owner to postgres; revoke all on schema public from public, "u-falls";', 'falls');
      expect(await ended(await start(databaseId, 'never'))).toBe('database_server_refused');
      sql('grant all on schema public to "u-falls";', 'falls');
    }
    expect(getRecord(machine, databaseId)).toMatchObject({ name: 'falls', state: 'ready', runId: null });
    expect(onServer()).toBe(before);
    expect(onServer()).not.toContain('never');
    expect(await asOwner(databaseId, isMariadb ? 'select note from v;' : 'select f();')).toMatch(/سلام|5/);
  }, 60_000);
}
