import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemInfo, systemSample } from '#shared/system.ts';
import { createEvents } from '../../core/events.ts';
import { systemClock } from '../../core/clock.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { createSampler } from './sampler.ts';
import { readServices } from './services.ts';

let test: TestApp;
let viewer: TestClient;

beforeAll(async () => {
  test = await makeTestApp();
  viewer = await test.signIn('viewer');
});
afterAll(() => test.close());

it('a stranger learns nothing of the machine, a viewer reads it', async () => {
  expect((await test.anonymous.get('/api/v1/system')).status).toBe(401);
  expect((await test.anonymous.get('/api/v1/system/history')).status).toBe(401);
  const info = systemInfo.parse((await viewer.get('/api/v1/system')).json);
  expect(info).toMatchObject({ agent: 'fake', siteCounts: { all: 0, enabled: 0, failed: 0 } });
  expect(info.cpuCores).toBeGreaterThan(0);
  const { items } = (await viewer.get('/api/v1/system/history')).json as { items: unknown[] };
  const sample = systemSample.parse(items[0]);
  expect(sample.memory.totalBytes).toBeGreaterThan(0);
  expect(sample.disks.every(({ usedBytes, totalBytes }) => usedBytes <= totalBytes)).toBe(true);
});

it('the machine is sampled once a second while somebody looks, and not at all otherwise', async () => {
  const events = createEvents(test.ctx.log);
  const sampler = createSampler({ events, clock: systemClock, log: test.ctx.log });
  const samples: number[] = [];
  const subscribe = () =>
    events.subscribe({ topics: ['system'], isAllowed: () => true, wake: () => samples.push(performance.now()) });
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(samples).toHaveLength(0);
  const subscription = subscribe();
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(subscription.take()).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const [second] = subscription.take();
  if (second?.type !== 'system') throw new Error('no sample came');
  expect(second.sample.cpuPercent).not.toBeNull();
  expect(second.sample.panel.cpuPercent).not.toBeNull();
  subscription.close();
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const before = (await sampler.history()).length;
  sampler.stop();
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect((await sampler.history()).length - before).toBeLessThanOrEqual(1);
  sampler.stop();
});

describe('services', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'aapanel-services-'));
    const files: Record<string, string> = {
      'bin/nginx': '',
      'bin/redis-server': '',
      'bin/sshd': '',
      'bin/pg_ctlcluster': '',
      'bin/php-fpm8.4': '',
      'v2/system.slice/nginx.service/cgroup.events': 'populated 1\nfrozen 0\n',
      'v2/system.slice/ssh.service/cgroup.events': 'populated 0\nfrozen 0\n',
      'v2/system.slice/system-postgresql.slice/postgresql@17-main.service/cgroup.events': 'populated 1\n',
      'v1/systemd/system.slice/nginx.service/cgroup.procs': '12\n',
      'v1/systemd/system.slice/ssh.service/cgroup.procs': '',
      'proc/1/comm': 'init\n',
      'proc/77/comm': 'nginx\n',
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(root, dirname(path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const states = async (cgroup: string, proc: string) => {
    const roots = { cgroup: join(root, cgroup), proc: join(root, proc), programs: [join(root, 'bin')] };
    return Object.fromEntries((await readServices(roots)).map(({ name, state }) => [name, state]));
  };

  it('with systemd the control groups tell who runs', async () => {
    expect(await states('v2', 'none')).toMatchObject({
      nginx: 'running',
      ssh: 'stopped',
      postgresql: 'running',
      redis: 'stopped',
      'php-fpm': 'stopped',
      docker: 'not_installed',
    });
    expect(await states('v1', 'none')).toMatchObject({ nginx: 'running', ssh: 'stopped', docker: 'not_installed' });
  });

  it('without systemd the processes tell, and hidden processes are unknown, never green', async () => {
    expect(await states('none', 'proc')).toMatchObject({ nginx: 'running', redis: 'stopped', docker: 'not_installed' });
    expect(await states('none', 'none')).toMatchObject({ nginx: 'unknown', redis: 'unknown', docker: 'not_installed' });
  });
});
