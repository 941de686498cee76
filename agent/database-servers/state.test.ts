import { spawn, type ChildProcess } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseServersEndProcess } from '#shared/agent/database-servers.ts';
import type { ServerProcess, ServerState } from '#shared/database-server-state.ts';
import {
  hasMariadb,
  hasPostgres,
  openClient,
  reasonOf,
  startMariadb,
  startPostgres,
  type TestServer,
} from '../backups/dumps/testing/servers.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { call, makeWorld, type World } from '../testing/world.ts';
import { databaseServersHandlers as handlers } from './database-servers.actions.ts';

it.each(['1; kill 2', '-1', '', '1 or 1', "1'", '1\n2', '1-', '1--2', 'a', '1'.repeat(21)])(
  'SQL-2 the process %j is none',
  (processId) => {
    const given = { engine: 'mariadb', processId, what: 'statement' };
    expect(databaseServersEndProcess.params.safeParse(given).success).toBe(false);
  },
);

describe.each([
  { engine: 'mariadb' as const, isHere: hasMariadb, sleep: 'sleep(600);' },
  { engine: 'postgresql' as const, isHere: hasPostgres, sleep: 'pg_sleep(600);' },
])('what $engine is doing', ({ engine, isHere, sleep }) => {
  let world: World;
  let server: TestServer;
  let machine: Machine;
  const clients: ChildProcess[] = [];

  beforeAll(async () => {
    if (!isHere) return;
    world = await makeWorld();
    symlinkSync('/usr/sbin/mariadbd', world.path('/usr/sbin/mariadbd'));
    server = await (engine === 'mariadb' ? startMariadb(world) : startPostgres(world));
    machine = await openMachine(world.settings);
    server.sql('create database shop;');
  }, 60_000);
  afterAll(async () => {
    for (const each of clients) each.kill('SIGKILL');
    await machine?.settled();
    machine?.close();
    await server?.stop();
    world?.destroy();
  });

  const state = (): Promise<ServerState> => handlers['database_servers.state'](machine, { engine }, call());
  const end = (processId: string, what: 'connection' | 'statement') =>
    handlers['database_servers.end_process'](machine, { engine, processId, what }, call());
  async function untilProcess(
    isWanted: (found: ServerProcess | undefined) => boolean,
    word: string,
  ): Promise<ServerProcess | undefined> {
    for (const endsAt = Date.now() + 15_000; ; ) {
      const found = (await state()).processes.find(({ statement }) => statement.includes(word));
      if (isWanted(found)) return found;
      if (Date.now() > endsAt) throw new Error(`not so: ${JSON.stringify(found)}`);
    }
  }
  const open = (statement: string): ChildProcess => {
    const socket = `${world.prefix}/run/mysqld/mysqld.sock`;
    // One that goes on after an error, as programs do.
    const client =
      engine === 'postgresql'
        ? openClient({ prefix: world.prefix } as Parameters<typeof openClient>[0], engine, 'shop')
        : spawn('/usr/bin/mariadb', ['--no-defaults', '-N', '-n', '--force', '-S', socket, '-u', 'root', 'shop'], {
            stdio: ['pipe', 'ignore', 'ignore'],
          });
    client.stdin?.on('error', () => undefined);
    clients.push(client);
    client.stdin?.write(`${statement}\n`);
    return client;
  };

  it.skipIf(!isHere)('figures are there, and every statement with who runs it, as it was written', async () => {
    open(`select 'one', '"two" \t ${'x'.repeat(2_500)}', ${sleep}`);
    const found = await untilProcess((each) => each?.isRunning === true, 'two');
    expect(found).toMatchObject({ database: 'shop', isCut: true, canEnd: true, host: '' });
    expect(found?.statement).toContain(`select 'one', '"two" \t xxxx`);
    const { version, uptime, connections, cache, sizeBytes, databases } = await state();
    expect(version).toMatch(/^\d+\.\d+/);
    expect(uptime).toBeGreaterThanOrEqual(0);
    expect(connections.open).toBeGreaterThanOrEqual(1);
    expect(connections.limit).toBeGreaterThan(20);
    expect([cache.sizeBytes > 1_000_000, sizeBytes > 1_000, databases]).toEqual([true, true, 1]);
    expect(Number(cache.hits)).toBeGreaterThan(0);
  });

  it.skipIf(!isHere)('a statement is stopped and its connection stays; then the connection goes', async () => {
    const client = open(`select 'third', ${sleep}`);
    const running = await untilProcess((each) => each?.isRunning === true, 'third');
    await end(running?.id ?? '', 'statement');
    await untilProcess((each) => each?.isRunning !== true, 'third');
    client.stdin?.write(`select 'fourth', ${sleep}\n`);
    const again = await untilProcess((each) => each?.isRunning === true, 'fourth');
    expect(again?.id).toBe(running?.id);
    await end(again?.id ?? '', 'connection');
    await untilProcess((each) => each === undefined, 'fourth');
    expect(await reasonOf(end(running?.id ?? '', 'connection'))).toBe('database_process_gone');
  });

  it.skipIf(!isHere)('what is not there, and what is the server itself, is left alone', async () => {
    expect(await reasonOf(end('999999999', 'connection'))).toBe('database_process_gone');
    expect(await reasonOf(end('1-1', 'connection'))).toBe('database_process_gone');
    if (engine === 'mariadb') {
      server.sql('set global event_scheduler = on;');
      const thread = (await state()).processes.find(({ user }) => user === 'event_scheduler');
      expect(thread?.canEnd).toBe(false);
      expect(await reasonOf(end(thread?.id ?? '', 'connection'))).toBe('database_process_system');
    } else {
      const worker = server.sql("select pid from pg_stat_activity where backend_type = 'checkpointer';");
      expect(await reasonOf(end(`${worker}-0`, 'connection'))).toBe('database_process_gone');
    }
    expect(server.sql('select 1;')).toBe('1');
  });
});
