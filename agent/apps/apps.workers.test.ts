import { chmodSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { AppError } from '#shared/errors.ts';
import { siteApp, type AppTimedRestart } from '#shared/site-app.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { installNode, serverText, stopApps, writeApp } from '../testing/apps.ts';
import { call, endWorld, makeWorld, newChangeId, specOf, type World } from '../testing/world.ts';
import { appsHandlers } from './apps.actions.ts';
import { settleApps } from './apps.recovery.ts';
import { readTimer, renderTimer } from './apps.render.ts';
import { readNote } from './apps.supervised.ts';
import { watchTimer } from './apps.timers.ts';

/** Says when it begins and when it ends, and what it was given. A shell, since one more Node for each costs the most. */
const workerText = `
trap 'echo ends $$; exit 0' TERM
echo begins $$ $1 $GREETING \${PORT-none}
sleep 1000 & wait
`;
const refusal = async (work: Promise<unknown>): Promise<AppError> =>
  await work.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => error as AppError,
  );

describe('workers of an application, as real processes', () => {
  let world: World;
  let machine: Machine;
  let spec: SiteSpec;
  const host = 'workers.test';
  const site = (): { siteId: string; slug: string } => ({ siteId: spec.siteId, slug: spec.slug });
  const settled = async <T>(work: Promise<T>): Promise<T> => {
    const result = await work;
    await machine.settled();
    return result;
  };
  const apply = (app: object, isNew = false) => {
    spec = { ...spec, app: siteApp.parse({ ...spec.app, ...app }) };
    const params = { spec, changeId: newChangeId(), isNew, onDrift: 'refuse' } as const;
    return settled(sitesHandlers['sites.apply'](machine, params, call(60)));
  };
  const switchTo = (to: 'start' | 'stop' | 'restart') =>
    settled(appsHandlers['apps.switch'](machine, { site: site(), to, changeId: newChangeId() }, call(60)));
  const status = () => appsHandlers['apps.status'](machine, { site: site() }, call());
  const states = async () => (await status()).workers.map(({ name, state }) => `${name} ${state}`);
  const said = async (worker: string): Promise<string[]> =>
    (
      await sitesHandlers['sites.read_log'](
        machine,
        { site: site(), kind: 'app', worker, cursor: null, search: '' },
        call(),
      )
    ).lines;
  const lastPid = async (worker: string): Promise<string> =>
    (await said(worker)).findLast((line) => line.startsWith('begins'))?.split(' ')[1] ?? '';
  const isThere = (pid: string): boolean => existsSync(`/proc/${pid}/cwd`);
  const unit = (worker: string): string => world.path(`/etc/systemd/system/aapanel-app-${host}:${worker}.service`);
  const link = (worker: string): string =>
    world.path(`/etc/systemd/system/multi-user.target.wants/aapanel-app-${host}:${worker}.service`);
  const write = (files: Record<string, string>): void => writeApp(world, spec.root, files);

  beforeAll(async () => {
    world = await makeWorld();
    installNode(world);
    symlinkSync('/bin/sh', world.path('/usr/bin/sh'));
    symlinkSync('/bin/sleep', world.path('/usr/bin/sleep'));
    machine = await openMachine(world.settings);
    const worker = (name: string) => ({ name, program: 'sh', arguments: ['worker.sh', name] });
    spec = specOf(world, host, {
      kind: 'app',
      app: siteApp.parse({
        program: 'node',
        arguments: ['server.js'],
        environment: [{ name: 'GREETING', value: 'salam' }],
        workers: [worker('queue'), worker('mail-2')],
      }),
    });
    write({ 'server.js': serverText('1'), 'worker.sh': workerText });
  });
  afterAll(() => endWorld(world, machine, stopApps));

  it('run beside it with its environment, its folder and no port of their own, each with its state and its log', async () => {
    await apply({}, true);
    await expect.poll(states).toEqual(['queue running', 'mail-2 running']);
    expect((await status()).workers[0]).toMatchObject({ restarts: 0, end: null, since: expect.stringMatching(/Z$/) });
    await expect.poll(() => said('queue')).toEqual([expect.stringMatching(/^begins \d+ queue salam none$/)]);
    await expect.poll(() => said('mail-2')).toEqual([expect.stringMatching(/^begins \d+ mail-2 salam none$/)]);
    expect(existsSync(link('queue'))).toBe(true);
    expect(readFileSync(unit('queue'), 'utf8')).toContain('MemoryMax=1024M\n');
  });

  it('start anew with it, never two of one name at once; one that is taken out ends, and a timed restart starts nothing anew when it is set', async () => {
    const before = await lastPid('queue');
    await apply({ timedRestart: { every: 'day', minute: 240, timeZone: 'UTC' } });
    expect(await lastPid('queue')).toBe(before);
    const { nextRestartAt } = await status();
    expect(nextRestartAt).toMatch(/T04:00:00\.000Z$/);
    const gone = await lastPid('mail-2');
    await apply({ workers: spec.app?.workers.slice(0, 1) });
    expect(await states()).toEqual(['queue running']);
    await expect.poll(() => lastPid('queue')).not.toBe(before);
    expect((await said('queue')).map((line) => line.split(' ')[0])).toEqual(['begins', 'ends', 'begins']);
    // The one that was taken out has gone with everything of it but its log.
    expect([before, gone].map(isThere)).toEqual([false, false]);
    expect([unit('mail-2'), link('mail-2')].map((path) => existsSync(path))).toEqual([false, false]);
  });

  it('RUN-2 one that does not last takes the change back: the old application, its worker and its timer go on', async () => {
    const main = (await status()).pid;
    write({ 'broken.sh': 'echo no queue at redis; exit 4' });
    const workers = [{ name: 'queue', program: 'sh', arguments: ['broken.sh'] }];
    const kept = spec;
    const failed = await refusal(apply({ workers, timedRestart: null }));
    expect(failed).toMatchObject({
      code: 'config_rejected',
      reason: 'app_worker_ended',
      params: { worker: 'queue', code: 4 },
    });
    expect(failed.params['message']).toContain('no queue at redis');
    spec = kept;
    expect((await status()).pid).toBe(main);
    await expect.poll(states).toEqual(['queue running']);
    expect((await status()).nextRestartAt).not.toBeNull();
    write({ 'worker-text': 'plain' });
    chmodSync(`${world.prefix}${spec.root}/worker-text`, 0o644);
    for (const [program, reason] of [
      ['./gone', 'app_worker_missing'],
      ['./worker-text', 'app_worker_not_executable'],
    ] as const) {
      expect(await refusal(apply({ workers: [{ name: 'queue', program }] }))).toMatchObject({
        reason,
        params: { worker: 'queue', path: `/www/wwwroot/${host}/${program.slice(2)}` },
      });
      spec = kept;
    }
    const placeholder = { name: 'queue', program: 'node', arguments: ['--port={port}'] };
    expect(await refusal(apply({ workers: [placeholder] }))).toMatchObject({
      fields: [{ field: 'app.workers.0.arguments.0', code: 'app_worker_placeholder' }],
    });
    spec = kept;
  });

  it('one that was killed together with its supervisor is started again when the agent starts', async () => {
    const before = await lastPid('queue');
    process.kill(readNote(machine.stateFolder, `aapanel-app-${host}:queue.service`)?.supervisor.pid ?? 0, 'SIGKILL');
    await expect.poll(async () => (await states())[0]).toBe('queue stopped');
    await settleApps(machine);
    await expect.poll(() => lastPid('queue')).not.toBe(before);
    expect(isThere(before)).toBe(false);
  });

  it('they end with their application and start with it, and a deleted site leaves no unit, no timer and no log', async () => {
    const queue = await lastPid('queue');
    await switchTo('stop');
    await expect.poll(() => isThere(queue)).toBe(false);
    expect(await status()).toMatchObject({ workers: [{ state: 'stopped' }], nextRestartAt: null });
    const timer = world.path(`/etc/systemd/system/aapanel-restart-${host}.timer`);
    expect([existsSync(unit('queue')), existsSync(timer)]).toEqual([false, false]);
    await switchTo('start');
    const last = await lastPid('queue');
    expect(existsSync(timer)).toBe(true);
    const { confirm, items } = await sitesHandlers['sites.preview_removal'](
      machine,
      { site: site(), root: spec.root },
      call(),
    );
    const paths = items.map(({ path }) => path);
    expect(paths).toContain(`/www/wwwlogs/${host}.app-mail-2.log`);
    expect(paths).toContain(unit('queue').slice(world.prefix.length));
    const removal = { site: site(), root: spec.root, changeId: newChangeId(), files: 'keep', confirm } as const;
    await settled(sitesHandlers['sites.remove'](machine, removal, call()));
    expect(isThere(last)).toBe(false);
    expect([existsSync(unit('queue')), existsSync(link('queue')), existsSync(timer)]).toEqual([false, false, false]);
  });
});

describe('the timer of a timed restart', () => {
  const site = { siteId: 'abcdefghijklmnop', slug: 'example.com' };
  const zone = { timeZone: 'Asia/Riyadh' };

  it.each<[AppTimedRestart, string]>([
    [{ every: 'day', minute: 245, ...zone }, '*-*-* 04:05:00 Asia/Riyadh'],
    [{ every: 'hours', hours: 1, ...zone }, '*-*-* 00/1:00:00 Asia/Riyadh'],
    [{ every: 'hours', hours: 12, ...zone }, '*-*-* 00/12:00:00 Asia/Riyadh'],
  ])('%j is read as it was meant', (restart, calendar) => {
    const text = renderTimer(site, restart);
    expect(text).toContain(`OnCalendar=${calendar}\nUnit=aapanel-app-restart@abcdefghijklmnop.service\n`);
    expect(readTimer(text)).toEqual({ restart, siteId: site.siteId });
  });

  it('has its supervisor ask once at each moment, by what the file says then, and makes up for nothing', () => {
    let now = Date.parse('2026-05-01T00:30:00Z');
    let restart: AppTimedRestart | null = { every: 'day', minute: 240, ...zone };
    const launch = vi.fn(() => Promise.resolve());
    const watch = watchTimer({
      read: () => (restart === null ? undefined : renderTimer(site, restart)),
      now: () => now,
      launch,
    });
    const at = (time: string): number => {
      now = Date.parse(`2026-05-01T${time}Z`);
      watch.look();
      return launch.mock.calls.length;
    };
    // 04:00 in Riyadh is 01:00 in UTC.
    expect([at('00:59:59'), at('01:00:00'), at('01:00:01')]).toEqual([0, 1, 1]);
    expect(launch).toHaveBeenCalledWith('abcdefghijklmnop');
    restart = { every: 'hours', hours: 1, timeZone: 'UTC' };
    expect([at('05:30:00'), at('06:00:02'), at('07:00:00')]).toEqual([1, 2, 3]);
    restart = null;
    expect(at('09:00:00')).toBe(3);
    watch.stop();
  });
});
