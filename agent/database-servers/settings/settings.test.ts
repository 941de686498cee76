import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, chownSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerSettings, ServerSettingsView } from '#shared/database-server-settings.ts';
import { hasMariadb, reasonOf, startMariadb, type TestServer } from '../../backups/dumps/testing/servers.ts';
import { openMachine, type Machine } from '../../core/machine.ts';
import { call, makeWorld, newChangeId, type World } from '../../testing/world.ts';
import { databaseServersHandlers as handlers } from '../database-servers.actions.ts';
import { peakOf, renderSettings, tunedFor, tunedNames } from './settings.render.ts';

const GiB = 1024 ** 3;

it('a preset never takes more than 85 % of the machine, grows with it, and is written as it is', () => {
  for (const memory of [1, 2, 4, 16, 64, 512].map((each) => each * GiB))
    for (const preset of ['small', 'medium', 'large'] as const) {
      const values = tunedFor(preset, memory);
      expect(peakOf(values), `${preset} of ${memory}`).toBeLessThan(memory * 0.86);
      expect(values.max_connections).toBeGreaterThanOrEqual(40);
    }
  const given = { preset: 'medium', slowLog: { isOn: true, thresholdMs: 250 } } as const;
  expect(renderSettings(given, { memoryBytes: 4 * GiB, slowLogPath: '/var/log/mysql/aapanel-slow.log' })).toBe(
    readFileSync(`${import.meta.dirname}/testdata/medium.golden.cnf`, 'utf8'),
  );
  const none = { preset: null, slowLog: { isOn: false, thresholdMs: 250 } } as const;
  expect(renderSettings(none, { memoryBytes: GiB, slowLogPath: null })).toBeUndefined();
});

describe.skipIf(!hasMariadb)('settings of a real server', () => {
  let world: World;
  let server: TestServer;
  let machine: Machine;
  const again: ChildProcess[] = [];
  const file = (): string => world.path('/etc/mysql/mariadb.conf.d/zz-aapanel.cnf');
  const tool = (): string => world.path('/usr/sbin/mariadbd');

  beforeAll(async () => {
    world = await makeWorld();
    symlinkSync('/usr/sbin/mariadbd', tool());
    const folder = world.path('/etc/mysql/mariadb.conf.d/50-server.cnf').replace(/\/[^/]+$/, '');
    mkdirSync(folder, { recursive: true });
    writeFileSync(world.path('/etc/mysql/my.cnf'), `[mariadbd]\nthread_cache_size = 9\n!includedir ${folder}/\n`);
    server = await startMariadb(world);
    const { uid, gid } = statSync(`${world.prefix}/run/mysqld/data`);
    mkdirSync(`${world.prefix}/var/log/mysql`, { recursive: true });
    chownSync(`${world.prefix}/var/log/mysql`, uid, gid);
    machine = await openMachine(world.settings);
  }, 60_000);
  afterAll(async () => {
    for (const each of again) each.kill('SIGKILL');
    await machine?.settled();
    machine?.close();
    await server?.stop();
    world?.destroy();
  });

  const read = (): Promise<ServerSettingsView> => handlers['database_servers.settings'](machine, {}, call());
  const put = async (settings: ServerSettings, revision?: string) => {
    const given = { settings, revision: revision ?? (await read()).revision, changeId: newChangeId() };
    return await handlers['database_servers.put_settings'](machine, given, call());
  };
  const off = { isOn: false, thresholdMs: 1_000 };
  const runtime = (): string => server.sql(`select ${tunedNames.map((name) => `@@global.${name}`).join(', ')};`);

  it('a preset is taken up by the running server, says what it changes, and is undone to what was before', async () => {
    const before = await read();
    expect(before).toMatchObject({ settings: { preset: null }, previous: null, isChangedByHand: false });
    await put({ preset: null, slowLog: off });
    const plain = runtime();
    const small = before.choices.find(({ preset }) => preset === 'small');
    const after = await put({ preset: 'small', slowLog: off });
    expect(runtime().split('\t').map(Number)).toEqual(small?.values.map(({ next }) => next));
    expect(after).toMatchObject({ settings: { preset: 'small' }, previous: { preset: null }, waiting: [] });
    expect(
      after.choices.find(({ preset }) => preset === null)?.values.find(({ name }) => name === 'thread_cache_size'),
    ).toMatchObject({ next: 9 });
    expect(statSync(file()).mode & 0o777).toBe(0o644);
    const back = await put(after.previous ?? { preset: 'large', slowLog: off });
    expect(back).toMatchObject({ settings: { preset: null }, previous: { preset: 'small' } });
    expect(existsSync(file())).toBe(false);
    expect(runtime().split('\t').slice(2)).toEqual(plain.split('\t').slice(2));
  }, 40_000);

  it('a server that starts with the file has the same values', async () => {
    await put({ preset: 'small', slowLog: { isOn: true, thresholdMs: 700 } });
    const [values, args] = [runtime(), server.process.spawnargs.slice(1)];
    await server.stop();
    const { uid, gid } = statSync(`${world.prefix}/run/mysqld/data`);
    const own = args.map((each) =>
      each === '--no-defaults' ? `--defaults-file=${world.path('/etc/mysql/my.cnf')}` : each,
    );
    const child = spawn('/usr/sbin/mariadbd', own, { uid, gid, cwd: '/', stdio: 'ignore' });
    again.push(child);
    for (let round = 0; round < 100; round++) {
      try {
        server.sql('select 1;');
        break;
      } catch {
        await sleep(100);
      }
    }
    expect(runtime()).toBe(values);
    expect(server.sql('select @@slow_query_log, @@long_query_time;')).toBe('1\t0.700000');
    expect((await read()).waiting).toEqual([]);
    await put({ preset: null, slowLog: off });
  }, 40_000);

  it('what the server refuses, what another file says otherwise, and what was seen before a change, change nothing', async () => {
    const [values, { revision }] = [runtime(), await read()];
    rmSync(tool());
    const script = `#!/bin/sh\ncase "$*" in *candidate*) echo "0 [ERROR] unknown variable" >&2; exit 7;; esac\nexec /usr/sbin/mariadbd "$@"\n`;
    writeFileSync(tool(), script, { mode: 0o755 });
    expect(await reasonOf(put({ preset: 'large', slowLog: off }))).toBe('database_settings_refused');
    rmSync(tool());
    symlinkSync('/usr/sbin/mariadbd', tool());
    expect(existsSync(file())).toBe(false);
    const other = world.path('/etc/mysql/mariadb.conf.d/zzz.cnf');
    writeFileSync(other, '[mariadbd]\nmax_connections = 33\n');
    expect(await reasonOf(put({ preset: 'small', slowLog: off }))).toBe('database_settings_overridden');
    rmSync(other);
    expect(existsSync(file())).toBe(false);
    await put({ preset: null, slowLog: { isOn: false, thresholdMs: 2_000 } });
    expect(await reasonOf(put({ preset: 'small', slowLog: off }, revision))).toBe('database_settings_changed');
    expect(runtime().split('\t').slice(0, 4)).toEqual(values.split('\t').slice(0, 4));
    await put({ preset: 'small', slowLog: off });
    expect(await read()).toMatchObject({ isChangedByHand: false });
    const { revision: own } = await read();
    writeFileSync(file(), `${readFileSync(file(), 'utf8')}# by hand\n`);
    expect(await read()).toMatchObject({ isChangedByHand: true });
    expect(await reasonOf(put({ preset: null, slowLog: off }, own))).toBe('database_settings_changed');
    await put({ preset: null, slowLog: off });
  }, 60_000);

  const slow = () => handlers['database_servers.slow_statements'](machine, {}, call());

  it('slow statements are written down and shown by their shape; what is no log of the server is not read', async () => {
    await put({ preset: null, slowLog: { isOn: true, thresholdMs: 50 } });
    server.sql(
      "create database if not exists shop; use shop; select sleep(0.08), 'secret one'; select sleep(0.09), 'secret two';",
    );
    const found = await slow();
    expect(found.isOn).toBe(true);
    expect(found.items).toContainEqual(
      expect.objectContaining({ digest: 'select sleep(?), ?;', database: 'shop', user: 'root', count: 2 }),
    );
    expect(JSON.stringify(found)).not.toContain('secret');
    const { uid, gid } = statSync(`${world.prefix}/run/mysqld/data`);
    const elsewhere = `${world.prefix}/run/mysqld/elsewhere.log`;
    writeFileSync(elsewhere, readFileSync(`${world.prefix}/var/log/mysql/aapanel-slow.log`));
    chownSync(elsewhere, uid, gid);
    server.sql(`set global slow_query_log_file = '${elsewhere}';`);
    expect((await slow()).items).toEqual([]);
    const link = `${world.prefix}/run/mysqld/data/link.log`;
    server.sql(`set global slow_query_log_file = '${link}';`);
    rmSync(link, { force: true });
    symlinkSync('/etc/shadow', link);
    expect((await slow()).items).toEqual([]);
    rmSync(link);
    writeFileSync(link, readFileSync(elsewhere));
    chownSync(link, 0, 0);
    expect((await slow()).items).toEqual([]);
    chownSync(link, uid, gid);
    expect((await slow()).items.length).toBeGreaterThan(0);
    await put({ preset: null, slowLog: off });
    expect(await slow()).toMatchObject({ isOn: false });
  }, 40_000);
});
