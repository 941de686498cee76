import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootId } from '../core/boot.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { installFakeApt, type FakeApt } from '../testing/fake-apt.ts';
import { call, hasNginx, makeWorld, newChangeId, specOf, visitUntil, type World } from '../testing/world.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { parseStatus } from './apt.ts';
import type { PublicStep } from './operations.ts';
import { softwareHandlers } from './packages.actions.ts';

const steps: readonly Exclude<PublicStep, 'remove' | 'upgrade'>[] = [
  'refresh',
  'install',
  'configure',
  'start',
  'verify',
];

let world: World;
let machine: Machine;
let apt: FakeApt;
let operationId: string;
beforeEach(async () => {
  world = await makeWorld();
  apt = installFakeApt(world);
  machine = await openMachine(world.settings);
  operationId = newChangeId();
});
afterEach(async () => {
  await machine.settled();
  machine.close();
  world.destroy();
});

const begin = (step: Exclude<PublicStep, 'remove' | 'upgrade'>, id = operationId) =>
  softwareHandlers['software.install'](machine, { name: 'nginx', operationId: id, step }, call());
const observe = (step: PublicStep, offset = 0, id = operationId) =>
  softwareHandlers['software.operation'](machine, { operationId: id, step, offset }, call());
const cancel = () => softwareHandlers['software.cancel'](machine, { operationId }, call());
const uninstall = () => softwareHandlers['software.uninstall'](machine, { operationId }, call(60));
const status = async () => (await softwareHandlers['software.status'](machine, {}, call())).items[0];

async function ended(step: PublicStep): Promise<Awaited<ReturnType<typeof observe>>> {
  for (let round = 0; round < 600; round++) {
    const seen = await observe(step);
    if (seen.state !== 'running') return seen;
    await wait(50);
  }
  throw new Error(`${step} does not end`);
}

async function restartAgent(): Promise<void> {
  await machine.settled();
  machine.close();
  machine = await openMachine(world.settings);
}

const folder = () => `${world.settings.stateFolder}/operations/${operationId}`;

describe.runIf(hasNginx)('installing nginx', () => {
  it('goes through its five steps, each with a log, and sites made before are served at the end', async () => {
    expect(await status()).toMatchObject({ isInstalled: false, isRunning: false, version: null, isConfigOk: null });
    const spec = specOf(world, 'early.test');
    const params = { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' as const };
    // The distribution's package brings its files beside ours.
    const logs: string[] = [];
    for (const step of steps) {
      expect(await begin(step)).toEqual({ state: 'running' });
      const seen = await ended(step);
      expect(seen, seen.text).toMatchObject({ state: 'succeeded', exitCode: 0, progress: 100 });
      logs.push(seen.text);
    }
    expect(logs.join('')).toContain('Setting up nginx');
    expect(logs.join('')).toContain('/etc/nginx/conf.d/aapanel.conf');
    expect(await status()).toMatchObject({ isInstalled: true, isRunning: true, isConfigOk: true, configError: null });
    expect((await status())?.version).toMatch(/^\d+\.\d+/);
    await sitesHandlers['sites.apply'](machine, params, call());
    expect((await visitUntil(world.port, 'early.test', ({ status: code }) => code === 200)).status).toBe(200);
  }, 60_000);

  it('asked twice at the same moment or later it runs once', async () => {
    await Promise.all([begin('refresh'), begin('refresh')]);
    await ended('refresh');
    expect(await begin('refresh')).toEqual({ state: 'succeeded' });
    expect(apt.calls().match(/ update/g)).toHaveLength(1);
  });

  it('JOB-1 a running step goes on while the agent is restarted, and its log is read on from the offset', async () => {
    apt.steer('slow', '2');
    await begin('install');
    await expect.poll(async () => (await observe('install')).text, { timeout: 15_000 }).toContain('Unpacking');
    const first = await observe('install');
    expect(first.state).toBe('running');
    await restartAgent();
    expect((await observe('install')).state).toBe('running');
    expect(await begin('install')).toEqual({ state: 'running' });
    expect((await ended('install')).state).toBe('succeeded');
    const rest = await observe('install', first.nextOffset);
    expect(rest.text).toContain('Setting up');
    expect(rest.text).not.toContain('Unpacking');
    expect(await observe('install', rest.nextOffset)).toMatchObject({ text: '', nextOffset: rest.nextOffset });
    expect(apt.calls().match(/force-confold install nginx/g) ?? apt.calls().match(/ install nginx$/gm)).toBeTruthy();
  }, 60_000);

  it('progress rises with what the package manager says', async () => {
    apt.steer('slow', '1');
    await begin('install');
    const seen: number[] = [];
    for (let round = 0; round < 400; round++) {
      const { progress, state } = await observe('install');
      if (progress !== null && progress !== seen.at(-1)) seen.push(progress);
      if (state !== 'running') break;
      await wait(20);
    }
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen).toContain(60);
    expect(seen.at(-1)).toBe(100);
  }, 60_000);

  it('JOB-1 a step whose process was killed is taken up again, with the package database repaired first', async () => {
    apt.steer('slow', '30');
    await begin('install');
    await expect.poll(async () => (await observe('install')).text, { timeout: 15_000 }).toContain('Unpacking');
    const record = JSON.parse(readFileSync(`${folder()}/install.json`, 'utf8')) as { process: { pid: number } };
    process.kill(record.process.pid, 'SIGKILL');
    await expect.poll(async () => (await observe('install')).state).toBe('unknown');
    apt.steer('slow', null);
    expect(await begin('install')).toEqual({ state: 'running' });
    const seen = await ended('install');
    expect(seen.state).toBe('succeeded');
    expect(seen.text).toContain('Finishing an interrupted installation');
    expect(apt.calls()).toContain('dpkg --configure -a');
  }, 60_000);

  it('a step that dies every time ends as failed, not in a circle', async () => {
    mkdirSync(folder(), { recursive: true });
    const dead = { attempt: 3, state: 'running', at: 0, bootId: 'another', process: { pid: 1, startedTicks: '0' } };
    writeFileSync(`${folder()}/install.json`, JSON.stringify({ ...dead, exitCode: null, progress: 10 }));
    expect((await observe('install')).state).toBe('failed');
    expect(await begin('install')).toEqual({ state: 'failed' });
  });

  it('FAULT-7 without the network it goes on with the known lists, and fails in words when these do not do', async () => {
    apt.steer('no-network');
    await begin('refresh');
    expect(await ended('refresh')).toMatchObject({ state: 'succeeded' });
    apt.steer('unknown');
    await begin('install');
    const seen = await ended('install');
    expect(seen).toMatchObject({ state: 'failed', exitCode: 1 });
    expect(seen.text).toContain('Unable to locate package nginx');
  });

  it('SVC-4 a network that is lost in the middle fails in words with nothing installed, and the next try goes on', async () => {
    apt.steer('lost-network');
    await begin('install');
    const seen = await ended('install');
    expect(seen).toMatchObject({ state: 'failed', exitCode: 100 });
    expect(seen.text).toContain('Connection timed out');
    // It was asked for again by APT itself, and dpkg was never begun.
    expect(apt.calls()).toMatch(/Acquire::Retries=3 .*--download-only/);
    expect(apt.calls()).not.toMatch(/force-confold .*install nginx/);
    expect(await uninstall()).toEqual({ removed: [] });
    expect((await status())?.isInstalled).toBe(false);
    apt.steer('lost-network', null);
    operationId = newChangeId();
    await begin('install');
    expect((await ended('install')).state).toBe('succeeded');
    expect((await status())?.isInstalled).toBe(true);
  }, 60_000);

  it('reads the lists of packages once an hour, and anew after a change of the sources or when they do not do', async () => {
    const next = async (step: 'refresh' | 'install') => {
      await begin(step);
      return await ended(step);
    };
    const reads = () => apt.calls().match(/ update$/gm)?.length;
    await next('refresh');
    operationId = newChangeId();
    expect((await next('refresh')).text).toContain('within the last hour');
    expect(reads()).toBe(1);
    mkdirSync(world.path('/etc/apt'), { recursive: true });
    writeFileSync(world.path('/etc/apt/sources.list'), 'deb http://deb.debian.org/debian stable main\n');
    operationId = newChangeId();
    await next('refresh');
    expect(reads()).toBe(2);
    writeFileSync(`${world.settings.stateFolder}/package-lists.json`, '{"at":17');
    operationId = newChangeId();
    await next('refresh');
    expect(reads()).toBe(3);
    operationId = newChangeId();
    await next('refresh');
    apt.steer('stale');
    const seen = await next('install');
    expect(seen, seen.text).toMatchObject({ state: 'succeeded' });
    expect(seen.text).toMatch(/404.*\nReading the lists of packages anew/);
    expect(reads()).toBe(4);
  }, 60_000);

  it('JOB-2 cancelled in the download it stops at once, and no later step begins', async () => {
    apt.steer('slow-download');
    await begin('install');
    await expect.poll(() => apt.calls(), { timeout: 15_000 }).toContain('--download-only');
    await wait(200);
    const from = Date.now();
    expect(await cancel()).toEqual({ wasRunning: true });
    expect(Date.now() - from).toBeLessThan(5_000);
    expect(await observe('install')).toMatchObject({ state: 'failed', exitCode: 130 });
    expect(await begin('configure')).toEqual({ state: 'failed' });
    expect(await cancel()).toEqual({ wasRunning: false });
    expect(await uninstall()).toEqual({ removed: [] });
  }, 60_000);

  it('JOB-2 cancelled while dpkg works it waits for a whole package database, then takes back what it installed', async () => {
    apt.steer('slow', '2');
    await begin('install');
    await expect.poll(() => apt.isHalf(), { timeout: 15_000 }).toBe(true);
    expect(await cancel()).toEqual({ wasRunning: true });
    expect(apt.isHalf()).toBe(false);
    expect(await observe('install')).toMatchObject({ state: 'failed', exitCode: 130 });
    expect(await uninstall()).toEqual({ removed: ['nginx-common', 'nginx'] });
    expect((await status())?.isInstalled).toBe(false);
    expect(await uninstall()).toEqual({ removed: ['nginx-common', 'nginx'] });
    expect(apt.calls()).not.toContain('purge');
    expect(existsSync(world.path('/etc/nginx/nginx.conf'))).toBe(true);
  }, 60_000);

  it('what another operation or a person installed is never taken back', async () => {
    await begin('install');
    await ended('install');
    operationId = newChangeId();
    await begin('install');
    expect((await ended('install')).text).toContain('installed already');
    expect(await uninstall()).toEqual({ removed: [] });
    expect((await status())?.isInstalled).toBe(true);
  }, 60_000);

  it('packages that others need by now stay, and the answer says so', async () => {
    await begin('install');
    await ended('install');
    apt.steer('needed-by');
    await expect(uninstall()).rejects.toMatchObject({ code: 'in_use', reason: 'packages_needed' });
    expect((await status())?.isInstalled).toBe(true);
  }, 60_000);

  it('a failure of dpkg is a failed step with its words', async () => {
    apt.steer('broken');
    await begin('install');
    const seen = await ended('install');
    expect(seen).toMatchObject({ state: 'failed', exitCode: 100 });
    expect(seen.text).toContain('dpkg returned an error code');
  });

  it('FAULT-4 a start that fails tells why, in the words of nginx', async () => {
    await begin('install');
    await ended('install');
    await begin('configure');
    await ended('configure');
    const holder = (await import('node:net')).createServer();
    await new Promise<void>((resolve) => holder.listen(world.port, '0.0.0.0', resolve));
    await begin('start');
    const seen = await ended('start');
    holder.close();
    expect(seen).toMatchObject({ state: 'failed', exitCode: 1 });
    expect(seen.text).toMatch(/Address already in use/);
  }, 60_000);

  it('sites that are set aside and a broken configuration are told with the state', async () => {
    await begin('install');
    await ended('install');
    writeFileSync(world.path('/etc/nginx/conf.d/bad.conf'), 'nonsense;\n');
    expect(await status()).toMatchObject({
      isConfigOk: false,
      configError: expect.stringContaining('nonsense') as string,
    });
  }, 60_000);
});

it('an operation that was never started is unknown, and asking leaves nothing behind', async () => {
  expect(await observe('install', 7)).toEqual({
    state: 'unknown',
    exitCode: null,
    text: '',
    nextOffset: 7,
    progress: null,
  });
  expect(await cancel()).toEqual({ wasRunning: false });
  expect(await uninstall()).toEqual({ removed: [] });
  expect(
    existsSync(`${world.settings.stateFolder}/operations`)
      ? readdirSync(`${world.settings.stateFolder}/operations`)
      : [],
  ).toEqual([]);
});

it('OUT-2 control characters of a log stay behind, and a line without an end waits for it', async () => {
  mkdirSync(folder(), { recursive: true });
  const running = {
    attempt: 1,
    state: 'starting',
    at: (await import('node:os')).uptime(),
    process: null,
    exitCode: null,
    progress: null,
  };
  writeFileSync(`${folder()}/install.json`, JSON.stringify({ ...running, bootId: bootId() }));
  writeFileSync(`${folder()}/install.log`, '\x1b[31mred\x1b[0m\nhalf');
  expect(await observe('install')).toMatchObject({ state: 'running', text: '[31mred[0m\n' });
});

describe('a status line of APT', () => {
  it.each([
    ['dlstatus:1:20.5:Retrieving file 1 of 2', { phase: 'download', percent: 20.5 }],
    ['pmstatus:nginx:40:Unpacking nginx', { phase: 'packages', percent: 40 }],
    ['pmstatus:libc6:amd64:99.9999:Configuring', { phase: 'packages', percent: 99.9999 }],
    ['pmerror:nginx:40:it failed', undefined],
    ['nonsense', undefined],
    ['pmstatus:x:99999:y', undefined],
  ])('%j', (line, wanted) => {
    expect(parseStatus(line)).toEqual(wanted);
  });
});
