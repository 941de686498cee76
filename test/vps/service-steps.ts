// Services, processes and ports of an installed server: what systemd really does, and what it keeps from happening.
import { expect } from 'vitest';
import { until } from './host.ts';
import type { Server } from './installed.ts';
import { exec, mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import type { Step } from './steps.ts';

type Service = {
  unit: string;
  state: string;
  boot: string;
  guard: string;
  failure: { result: string; code: number } | null;
};
type Outcome = { service: Service; complaint: string | null };
type Process = { pid: number; name: string; user: string; startTicks: number; unit: string | null };

const unitText = `[Unit]
Description=Fails on purpose
[Service]
ExecStart=/bin/sh -c 'echo cannot find the spoon >&2; exit 7'
[Install]
WantedBy=multi-user.target
`;

export function serviceSteps(step: Step, server: () => Server): void {
  const owner = () => server().owner;
  const call = <T>(method: string, path: string, body?: unknown) =>
    panel.call<T>(owner(), method, `/api/v1${path}`, body);
  const list = async () => (await call<{ items: Service[] }>('GET', '/services')).items;
  const one = async (unit: string) => (await call<{ service: Service }>('GET', `/services/${unit}`)).service;

  step('services are shown as systemd has them, and one that fails says why', async () => {
    const { machine } = server();
    await mustExec(machine, ['tee', '/etc/systemd/system/spoon.service'], { input: unitText });
    await mustExec(machine, ['systemctl', 'daemon-reload']);
    const before = await list();
    expect(before.find(({ unit }) => unit === 'nginx.service')).toMatchObject({ state: 'active', boot: 'enabled' });
    expect(before.find(({ unit }) => unit === 'aapanel-agent.service')).toMatchObject({ guard: 'panel' });
    expect(before.find(({ unit }) => unit === 'spoon.service')).toMatchObject({ state: 'inactive', boot: 'disabled' });
    expect(before.filter(({ unit }) => unit.includes('@.'))).toEqual([]);
    await call<Outcome>('POST', '/services/spoon.service/start');
    const failed = await until('the failure', async () => {
      const service = await one('spoon.service');
      return service.state === 'failed' ? service : undefined;
    });
    expect(failed.failure).toEqual({ result: 'exit-code', code: 7 });
    const journal = await call<{ lines: { text: string; priority: number }[]; cursor: string }>(
      'GET',
      '/services/spoon.service/journal?lines=50',
    );
    expect(journal.lines.map(({ text }) => text)).toContain('cannot find the spoon');
    const after = encodeURIComponent(journal.cursor);
    expect(await call('GET', `/services/spoon.service/journal?after=${after}`)).toMatchObject({ lines: [] });
    expect(await call<{ text: string }>('GET', '/services/spoon.service')).toMatchObject({
      text: expect.stringContaining('Description=Fails on purpose') as string,
    });
  });

  step('starting, stopping and the boot are what systemd then does', async () => {
    const { machine } = server();
    const isActive = async () => (await exec(machine, ['systemctl', 'is-active', 'cron.service'])).stdout.trim();
    expect(await isActive()).toBe('active');
    expect((await call<Outcome>('POST', '/services/cron.service/stop')).service.state).toBe('inactive');
    expect(await isActive()).toBe('inactive');
    expect((await call<Outcome>('POST', '/services/cron.service/restart')).service.state).toBe('active');
    expect((await call<Outcome>('POST', '/services/spoon.service/enable')).service.boot).toBe('enabled');
    expect(await script(machine, 'ls /etc/systemd/system/multi-user.target.wants')).toContain('spoon.service');
    expect((await call<Outcome>('POST', '/services/spoon.service/disable')).service.boot).toBe('disabled');
    expect((await exec(machine, ['systemctl', 'is-enabled', 'spoon.service'])).stdout.trim()).toBe('disabled');
    await script(machine, 'rm /etc/systemd/system/spoon.service; systemctl daemon-reload; systemctl reset-failed');
    expect((await panel.request(owner(), 'GET', '/api/v1/services/spoon.service')).status).toBe(404);
  });

  step('S-5 the panel’s own services are left alone, and names that are none are refused', async () => {
    for (const unit of ['aapanel-agent.service', 'aapanel.service'])
      panel.mustBe(await panel.request(owner(), 'POST', `/api/v1/services/${unit}/stop`), 409);
    for (const unit of ['*.service', '-H.service%20x', '..%2F..%2Fetc%2Fpasswd', 'ssh.socket', 'a%0Ab.service'])
      expect([400, 404]).toContain((await panel.request(owner(), 'POST', `/api/v1/services/${unit}/restart`)).status);
    panel.mustBe(await panel.request(owner(), 'POST', '/api/v1/services/no-such-thing.service/start'), 404);
  });

  step('the panel starts anew by its own button, and goes on', async () => {
    const { machine } = server();
    const pidOf = async () => (await mustExec(machine, ['systemctl', 'show', '-PMainPID', 'aapanel.service'])).trim();
    const before = await pidOf();
    panel.mustBe(await panel.request(owner(), 'POST', '/api/v1/services/aapanel.service/restart'), 200);
    await until('another process of the panel', async () => {
      const now = await pidOf();
      return now !== before && now !== '0' ? true : undefined;
    });
    await until('an answer', async () =>
      (await panel.request(owner(), 'GET', '/api/v1/me')).status === 200 ? true : undefined,
    );
  });

  step('processes are shown with user and service, one is ended, and its number alone is not enough', async () => {
    const { machine } = server();
    // Of type exec: it is back when the program runs, and not while systemd's child still has root's name.
    const start = ['systemd-run', '--quiet', '--property=Type=exec', '--unit=sleeper', '--uid=nobody'];
    await mustExec(machine, [...start, '/bin/sleep', '4711']);
    const processes = async () => (await call<{ items: Process[] }>('GET', '/processes')).items;
    const find = async () => (await processes()).find(({ unit }) => unit === 'sleeper.service');
    const sleeper = await find();
    expect(sleeper).toMatchObject({ name: 'sleep', user: 'nobody' });
    const end = (startTicks: number) =>
      panel.request(owner(), 'POST', `/api/v1/processes/${sleeper?.pid ?? 0}/end`, { startTicks, signal: 'TERM' });
    panel.mustBe(await end((sleeper?.startTicks ?? 0) + 1), 404);
    expect(await find()).toBeDefined();
    panel.mustBe(await end(sleeper?.startTicks ?? 0), 200);
    expect(await find()).toBeUndefined();
    const nginx = (await processes()).filter(({ unit }) => unit === 'nginx.service');
    expect(nginx.length).toBeGreaterThanOrEqual(2);
    const { items } = await call<{ items: { port: number; name: string; unit: string }[] }>('GET', '/sockets');
    expect(items.filter(({ port }) => port === 80).map(({ name, unit }) => `${name} ${unit}`)).toContain(
      'nginx nginx.service',
    );
  });

  step('updates that wait are those APT names, and a restart that packages ask for is told', async () => {
    const { machine } = server();
    type Updates = { hasApt: boolean; items: { name: string }[]; restart: unknown; isInterrupted: boolean };
    const plan = await mustExec(machine, ['apt-get', '--simulate', 'dist-upgrade']);
    const named = [...plan.matchAll(/^Inst (\S+)/gm)].flatMap(([, name]) => name ?? []).toSorted();
    const before = await call<Updates>('GET', '/updates');
    expect(before).toMatchObject({ hasApt: true, isInterrupted: false });
    expect(before.items.map(({ name }) => name).toSorted()).toEqual(named);
    await mustExec(machine, ['tee', '/run/reboot-required'], { input: 'restart\n' });
    await mustExec(machine, ['tee', '/run/reboot-required.pkgs'], { input: 'libc6\nlibc6\n$(id)\n' });
    expect((await call<Updates>('GET', '/updates')).restart).toEqual({ isNeeded: true, packages: ['libc6'] });
    await mustExec(machine, ['rm', '/run/reboot-required', '/run/reboot-required.pkgs']);
    expect((await call<Updates>('GET', '/updates')).restart).toEqual({ isNeeded: false, packages: [] });
  });
}
