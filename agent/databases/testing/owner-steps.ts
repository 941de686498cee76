import { expect, it } from 'vitest';
import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { reasonOf } from '../../backups/dumps/testing/servers.ts';
import type { Machine } from '../../core/machine.ts';
import { call } from '../../testing/world.ts';
import { databasesHandlers } from '../databases.actions.ts';
import { getRecord, writeRecord } from '../records.ts';
import { seal } from '../seal.ts';
import { settleDatabases } from '../settle.ts';

export type OwnerPlace = {
  readonly machine: Machine;
  readonly sql: (sql: string, database?: string) => string;
  readonly onServer: () => string;
  readonly asUser: (user: string, password: string, sql: string, database?: string) => string;
  readonly passwordOf: (databaseId: string) => Promise<string>;
  readonly create: (more: { name: string; user: string }) => Promise<ActionResult<AgentActions['databases.create']>>;
};

export function ownerSteps(place: () => OwnerPlace): void {
  const give = (databaseId: string, user: string, password: string | null = null) =>
    databasesHandlers['databases.change_owner'](place().machine, { databaseId, user, password }, call());

  it('DB-2 another owner has all that was in the database, and the former one nothing of it', async () => {
    const { sql, asUser, passwordOf, create, onServer } = place();
    const databaseId = (await create({ name: 'handed', user: 'first' })).databaseId ?? '';
    const old = await passwordOf(databaseId);
    asUser(
      'first',
      old,
      `create schema s; create table s.t (id serial, note text); insert into s.t (note) values ('x');
      create function f() returns int language sql as 'select 5';`,
      'handed',
    );
    sql('create database elsewhere owner first;');
    const shown = await give(databaseId, 'second');
    expect(shown).toMatchObject({ name: 'handed', user: 'second', state: 'ready' });
    const password = await passwordOf(databaseId);
    expect(password).not.toBe(old);
    expect(
      asUser(
        'second',
        password,
        `alter table s.t add more int; select note from s.t; select f(); drop function f();
      create table public.mine (id int);`,
        'handed',
      ),
    ).toBe('x\n5');
    // What it has elsewhere stays its own, and so does the role.
    expect(sql(`select pg_get_userbyid(datdba) from pg_database where datname = 'elsewhere'`).trim()).toBe('first');
    expect(() => asUser('first', old, 'select 1', 'handed')).toThrow(/permission denied/);
    sql('drop database elsewhere;');
    // A role that is there needs its password, and one that could do more than its database needs is refused.
    sql(`create role strong superuser login password 'a long word'; alter role first password 'what it had';`);
    const before = onServer();
    for (const [user, given] of [
      ['first', null],
      ['first', 'not the word'],
      ['strong', 'a long word'],
    ] as const)
      expect(await reasonOf(give(databaseId, user, given))).toMatch(/^(database_owner_password|none|undefined)$/);
    expect(onServer()).toBe(before);
    expect(await give(databaseId, 'first', 'what it had')).toMatchObject({ user: 'first' });
    expect(asUser('first', 'what it had', 'select note from s.t', 'handed')).toBe('x');
    // Nothing else was the second one's: it is gone.
    expect(sql(`select count(*) from pg_roles where rolname = 'second'`).trim()).toBe('0');
    sql('drop role strong;');
  });

  it('FAULT-1 a change of the owner that was cut off ends as the server says', async () => {
    const { machine, sql, create, onServer } = place();
    const databaseId = (await create({ name: 'halfway', user: 'halfway' })).databaseId ?? '';
    const before = onServer();
    const record = getRecord(machine, databaseId);
    const next = { user: 'next_one', isNew: true };
    const begin = async (): Promise<void> => {
      await writeRecord(machine, {
        ...record,
        nextUser: next,
        nextPassword: await seal(machine, databaseId, 'next word 1'),
      });
    };
    await begin();
    await settleDatabases(machine);
    expect([onServer(), getRecord(machine, databaseId)]).toEqual([before, record]);
    await begin();
    sql(`create role next_one login; alter database halfway owner to next_one;`);
    await settleDatabases(machine);
    expect(getRecord(machine, databaseId)).toMatchObject({ user: 'next_one', nextUser: null, nextPassword: null });
  });
}
