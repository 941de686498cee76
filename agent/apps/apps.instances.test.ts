import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { AppError } from '#shared/errors.ts';
import { siteApp } from '#shared/site-app.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { findRecord } from '../sites/site-records.ts';
import { installNode, serverText, stopApps, writeApp } from '../testing/apps.ts';
import { call, endWorld, hasNginx, makeWorld, newChangeId, specOf, visit, type World } from '../testing/world.ts';
import { appsHandlers } from './apps.actions.ts';
import { settleApps } from './apps.recovery.ts';
import { portsFor, portsOf, runOf } from './apps.ports.ts';

describe.runIf(hasNginx)('several instances of an application, with a real nginx and real processes', () => {
  let world: World;
  let machine: Machine;
  let spec: SiteSpec;
  /** Neither of the panel's range, which other worlds use at the same time, nor one that the kernel gives to anybody. */
  const port = 20_000 + (process.pid % 490) * 2;
  const site = () => ({ siteId: spec.siteId, slug: spec.slug });
  const settled = async <T>(work: Promise<T>): Promise<T> => {
    const result = await work;
    await machine.settled();
    return result;
  };
  const apply = (app: object, isNew = false) => {
    const next = { ...spec, app: siteApp.parse({ ...spec.app, ...app }) };
    const params = { spec: next, changeId: newChangeId(), isNew, onDrift: 'refuse' } as const;
    return settled(
      sitesHandlers['sites.apply'](machine, params, call(60)).then((done) => {
        spec = next;
        return done;
      }),
    );
  };
  const switchTo = (to: 'start' | 'stop' | 'restart') =>
    settled(appsHandlers['apps.switch'](machine, { site: site(), to, changeId: newChangeId() }, call(60)));
  const status = () => appsHandlers['apps.status'](machine, { site: site() }, call());
  const pids = async () => (await status()).instances.map(({ pid }) => pid ?? 0);
  const host = (): string => spec.domains[0]?.host ?? '';
  const ask = async (path: string) => (await visit(world.port, host(), path)).body;
  const units = (): string[] =>
    readdirSync(world.path('/etc/systemd/system')).filter((name) => name.startsWith(`aapanel-app-${spec.slug}-`));
  const refusal = async (work: Promise<unknown>): Promise<AppError> =>
    await work.then(
      () => Promise.reject(new Error('it was not refused')),
      (error: unknown) => error as AppError,
    );
  const isThere = (pid: number): boolean => existsSync(`/proc/${pid}/cwd`);
  /** Visitors come and come while this is done; what each of them was answered. */
  const visitedWhile = async (work: () => Promise<unknown>): Promise<number[]> => {
    let isDone = false;
    const codes: number[] = [];
    const visitor = async (): Promise<void> => {
      while (!isDone) codes.push((await visit(world.port, host(), '/?20')).status);
    };
    const visitors = [visitor(), visitor(), visitor()];
    try {
      await work();
    } finally {
      isDone = true;
    }
    await Promise.all(visitors);
    return codes;
  };
  const seenNumbers = async (): Promise<string[]> => {
    const seen = new Set<string>();
    for (let round = 0; round < 24; round++) seen.add(await ask('/env?AAPANEL_INSTANCE'));
    return [...seen].sort();
  };
  const make = async (name: string, app: object): Promise<void> => {
    spec = specOf(world, name, {
      kind: 'app',
      app: siteApp.parse({ program: 'node', arguments: ['server.js'], healthSeconds: 10, stopSeconds: 3, ...app }),
    });
    writeApp(world, spec.root, { 'server.js': serverText('1') });
    await apply({}, true);
  };

  beforeAll(async () => {
    world = await makeWorld({ nginx: 'running' });
    installNode(world);
    machine = await openMachine(world.settings);
    await make('many.test', { instances: 3, listen: { kind: 'socket' } });
  });
  afterAll(() => endWorld(world, machine, stopApps));

  it('run beside each other on sockets of their own, each with its number and its log, and nginx sends requests to all', async () => {
    const { instances, state, memoryBytes, listensOn } = await status();
    expect(instances.map(({ number, state: own }) => [number, own])).toEqual([
      [1, 'running'],
      [2, 'running'],
      [3, 'running'],
    ]);
    expect(instances.map((each) => each.listensOn.slice(-8))).toEqual(['s/a.sock', '/a2.sock', '/a3.sock']);
    expect(state).toBe('running');
    expect(listensOn).toBe(instances[0]?.listensOn);
    expect(memoryBytes).toBeGreaterThan((instances[0]?.memoryBytes ?? 0) * 2);
    expect(await seenNumbers()).toEqual(['1', '2', '3']);
    for (const instance of [1, 3]) {
      const log = { site: site(), kind: 'app', instance, cursor: null, search: '' } as const;
      expect((await sitesHandlers['sites.read_log'](machine, log, call())).lines).toEqual(['listens 1']);
    }
  });

  it('one that is killed loses no request, and is started again by itself while the others stay', async () => {
    const before = await pids();
    const codes = await visitedWhile(async () => {
      process.kill(before[1] ?? 0, 'SIGKILL');
      await expect.poll(async () => (await status()).instances[1]?.state, { timeout: 10_000 }).not.toBe('running');
      expect((await status()).state).toBe('running');
      await expect.poll(async () => (await status()).instances[1]?.state, { timeout: 10_000 }).toBe('running');
    });
    expect(codes.length).toBeGreaterThan(50);
    expect(codes.filter((code) => code !== 200)).toEqual([]);
    const after = await status();
    expect(after.instances.map(({ restarts }) => restarts)).toEqual([0, 1, 0]);
    expect(after).toMatchObject({ restarts: 1, end: { kind: 'signal', code: 9 } });
    expect([after.instances[0]?.pid, after.instances[2]?.pid]).toEqual([before[0], before[2]]);
  });

  it('another number of them starts and ends only the difference, and the old number is a change back', async () => {
    const before = await pids();
    expect(await visitedWhile(() => apply({ instances: 2 }))).not.toContain(502);
    expect(await pids()).toEqual(before.slice(0, 2));
    await expect.poll(() => isThere(before[2] ?? 0), { timeout: 5_000 }).toBe(false);
    expect(units()).toHaveLength(2);
    const { files } = await apply({ instances: 3 });
    const [first, second, third] = await pids();
    expect([first, second]).toEqual(before.slice(0, 2));
    expect(third).not.toBe(0);
    const shown = files.map(({ path, diff }) => [path, diff.includes('AAPANEL_INSTANCE=3')]);
    expect(shown).toContainEqual([expect.stringMatching(/aapanel-app-many\.test-[ab]\.3\.service$/), true]);
    expect(files.find(({ path }) => path.endsWith('many.test.conf'))?.diff).toContain('fail_timeout');
    expect(await seenNumbers()).toEqual(['1', '2', '3']);
  });

  it('RUN-1 a new version takes over on all of them without a failed request', async () => {
    const before = await pids();
    writeApp(world, spec.root, { 'server.js': serverText('2') });
    const codes = await visitedWhile(() => switchTo('restart'));
    expect(codes.filter((code) => code !== 200)).toEqual([]);
    expect(await ask('/')).toBe('version 2');
    await expect.poll(() => before.filter(isThere), { timeout: 5_000 }).toEqual([]);
    expect(units()).toHaveLength(3);
  });

  it('what was recorded runs again after a kill of one supervisor, and stopping holds for all', async () => {
    const before = await pids();
    process.kill(before[2] ?? 0, 'SIGKILL');
    await settleApps(machine);
    expect((await pids()).slice(0, 2)).toEqual(before.slice(0, 2));
    const stopped = await switchTo('stop');
    expect(stopped.instances.map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped']);
    await expect.poll(() => before.filter(isThere), { timeout: 5_000 }).toEqual([]);
    expect((await visit(world.port, host(), '/')).status).toBe(503);
    expect(units()).toEqual([]);
  });

  it('on a port of their own choice and the ones behind it they are replaced one after the other, and no request is lost', async () => {
    await make('row.test', { instances: 2, listen: { kind: 'port', port } });
    const before = await pids();
    expect(portsOf(findRecord(machine, spec.slug) ?? {})).toEqual([port, port + 1]);
    expect((await status()).instances.map(({ listensOn }) => listensOn)).toEqual([
      `127.0.0.1:${port}`,
      `127.0.0.1:${port + 1}`,
    ]);
    writeApp(world, spec.root, { 'server.js': serverText('2') });
    const codes = await visitedWhile(() => switchTo('restart'));
    expect(codes.length).toBeGreaterThan(50);
    expect(codes.filter((code) => code !== 200)).toEqual([]);
    expect(await ask('/')).toBe('version 2');
    const [first, second] = await pids();
    expect(before).not.toContain(first);
    // A version that does not answer ends with the first of them: the other one never stopped.
    writeApp(world, spec.root, { 'server.js': 'process.exit(7)' });
    const tried = visitedWhile(async () => {
      expect(await refusal(switchTo('restart'))).toMatchObject({ reason: 'app_exited', params: { code: 7 } });
      writeApp(world, spec.root, { 'server.js': serverText('2') });
      await wait(200);
    });
    expect((await tried).filter((code) => code !== 200)).toEqual([]);
    expect((await pids())[1]).toBe(second);
    // Another site cannot have a port of the row.
    const row = spec;
    spec = specOf(world, 'row2.test', {
      kind: 'app',
      app: siteApp.parse({ program: 'node', listen: { kind: 'port', port: port + 1 } }),
    });
    expect(await refusal(apply({}, true))).toMatchObject({
      fields: [{ field: 'app.listen.port', code: 'app_port_taken', params: { port: port + 1, process: 'row.test' } }],
    });
    expect(await refusal(apply({ listen: { kind: 'port', port: 65_530 }, instances: 8 }, true))).toMatchObject({
      fields: [{ field: 'app.listen.port', code: 'app_port_high', params: { port: 65_528 } }],
    });
    spec = row;
  });

  it('of a program that knows one port only are refused, with that port, and it goes on alone', async () => {
    writeApp(world, spec.root, { 'server.js': serverText('1').replace('Number(process.env.PORT)', String(port)) });
    await apply({ instances: 1 });
    expect(await refusal(apply({ instances: 2 }))).toMatchObject({
      reason: 'app_instances_share_port',
      params: { found: port, port: port + 1 },
    });
    expect(await ask('/')).toBe('version 1');
    expect(units()).toEqual(['aapanel-app-row.test-a.service']);
    expect(readFileSync(world.path('/etc/systemd/system/aapanel-app-row.test-a.service'), 'utf8')).not.toContain(
      'AAPANEL_INSTANCE',
    );
  });
});

it('ports of a place stay when there is room behind them for more instances, and are others when there is none', () => {
  const listen = { kind: 'port', port: null };
  const known = (instances: number, a: number, b: number) =>
    ({ app: { ports: { a, b } }, settings: { app: { instances, listen } } }) as unknown as Parameters<
      typeof portsFor
    >[0];
  const none = new Set<number>();
  expect(portsFor(known(1, 28_000, 28_010), 4, none)).toEqual({ a: 28_000, b: 28_010 });
  expect(portsFor(known(4, 28_000, 28_010), 1, none)).toEqual({ a: 28_000, b: 28_010 });
  // Its two places would run into each other, or into another site's.
  const apart = portsFor(known(1, 28_000, 28_001), 2, none);
  expect(Math.abs(apart.a - apart.b)).toBeGreaterThanOrEqual(2);
  for (const port of [apart.a, apart.b]) expect([28_000, 28_001]).not.toContain(port);
  expect(portsFor(known(2, 28_000, 28_010), 4, new Set([28_003])).a).not.toBe(28_000);
  const taken = new Set(Array.from({ length: 400 }, (_, index) => 21_000 + index * 20));
  const { a, b } = portsFor(undefined, 16, taken);
  for (const port of [...runOf(a, 16), ...runOf(b, 16)]) expect(taken.has(port), String(port)).toBe(false);
});
