import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMachine, type Machine } from '../core/machine.ts';
import { call, makeWorld, type World } from '../testing/world.ts';
import { processesHandlers } from './processes.actions.ts';
import { statOf } from './proc-files.ts';
import { socketsIn } from './sockets.ts';

describe('rows of /proc/net', () => {
  const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
  const rowOf = (local: string, state: string): string =>
    `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000   106        0 31337 1 0 100 0`;
  const addresses = (rows: readonly string[], protocol: 'tcp' | 'udp' = 'tcp') =>
    socketsIn([head, ...rows].join('\n'), protocol).map(({ address, port }) => `${address} ${port}`);

  it('are read with their addresses as people write them', () => {
    expect(
      addresses([
        rowOf('0100007F:0CEA', '0A'),
        rowOf('00000000:0050', '0A'),
        rowOf('00000000000000000000000000000000:01BB', '0A'),
        rowOf('00000000000000000000000001000000:0016', '0A'),
        rowOf('B80D0120000000000000000001000000:1F90', '0A'),
        rowOf('0000000000000000FFFF00000100007F:1F91', '0A'),
      ]),
    ).toEqual(['127.0.0.1 3306', '0.0.0.0 80', ':: 443', '::1 22', '2001:db8::1 8080', '::ffff:127.0.0.1 8081']);
  });

  it('count only while they listen', () => {
    expect(addresses([rowOf('0100007F:0CEA', '01'), 'nonsense', ''])).toEqual([]);
    expect(addresses([rowOf('00000000:0035', '07')], 'udp')).toEqual(['0.0.0.0 53']);
  });
});

describe('processes of this machine', () => {
  let world: World;
  let machine: Machine;
  beforeAll(async () => {
    world = await makeWorld({});
    machine = await openMachine(world.settings);
  });
  afterAll(() => {
    machine.close();
    world.destroy();
  });
  const list = async () => (await processesHandlers['processes.list'](machine, {}, call())).items;
  const end = (pid: number, startTicks: number, signal: 'TERM' | 'KILL' = 'TERM', isElevated = true) =>
    processesHandlers['processes.end'](machine, { pid, startTicks, signal }, { ...call(), isElevated });

  it('are listed with what they use, and one that is ended is gone', async () => {
    const child = spawn('/bin/sleep', ['4242']);
    const pid = child.pid ?? 0;
    await once(child, 'spawn');
    const found = (await list()).find((each) => each.pid === pid);
    expect(found).toMatchObject({ name: 'sleep', command: '/bin/sleep 4242', parentPid: process.pid, guard: 'none' });
    expect(Math.abs(Date.parse(found?.startedAt ?? '') - Date.now())).toBeLessThan(120_000);
    expect(found?.memoryBytes).toBeGreaterThan(100_000);
    const ticks = found?.startTicks ?? 0;
    await expect(end(pid, ticks + 1)).rejects.toMatchObject({ code: 'not_found', reason: 'process_gone' });
    expect(child.exitCode).toBe(null);
    const ended = once(child, 'exit');
    expect(await end(pid, ticks)).toEqual({ isGone: true });
    expect(await ended).toEqual([null, 'SIGTERM']);
  });

  it('one that does not want to end is said to be there still, and KILL ends it', async () => {
    const child = spawn(process.execPath, [
      '-e',
      'process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1000)',
    ]);
    await once(child.stdout, 'data');
    const pid = child.pid ?? 0;
    const ticks = statOf('/proc', pid)?.startTicks ?? 0;
    expect(await end(pid, ticks)).toEqual({ isGone: false });
    expect(await end(pid, ticks, 'KILL')).toEqual({ isGone: true });
  });

  it('the first process, the agent and what started it are left alone, and the system’s own need a fresh factor', async () => {
    for (const pid of [1, process.pid, process.ppid])
      await expect(end(pid, statOf('/proc', pid)?.startTicks ?? 0)).rejects.toMatchObject({
        reason: 'process_of_panel',
      });
    if (process.getuid?.() !== 0) return;
    const child = spawn('/bin/sleep', ['4243']);
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    const ticks = statOf('/proc', pid)?.startTicks ?? 0;
    await expect(end(pid, ticks, 'KILL', false)).rejects.toMatchObject({ code: 'elevation_required' });
    expect(child.exitCode).toBe(null);
    child.kill('SIGKILL');
  });

  it('a name with brackets and spaces does not hide the facts behind it', async () => {
    const child = spawn(process.execPath, [
      '-e',
      'process.title = "a) S 1 (b"; console.log("ready"); setInterval(() => {}, 1000)',
    ]);
    await once(child.stdout, 'data');
    expect(statOf('/proc', child.pid ?? 0)).toMatchObject({ parentPid: process.pid });
    child.kill('SIGKILL');
  });

  it('a port that listens is shown with the process that holds it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { items } = await processesHandlers['processes.sockets'](machine, {}, call());
    expect(items.filter((each) => each.port === port)).toEqual([
      expect.objectContaining({ protocol: 'tcp', address: '127.0.0.1', isLocal: true, pid: process.pid }),
    ]);
    server.close();
  });
});
