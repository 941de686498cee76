// A bare machine, a copy of the tree, one command: the first thing a person tries.
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { must, until } from './host.ts';
import { down, exec, mustExec, script, vpsUp, type Machine } from './machine.ts';
import * as panel from './panel.ts';
import { steps } from './steps.ts';

const project = resolve(import.meta.dirname, '../..');
const leaveOut = ['node_modules', 'dist', 'data', 'logs', 'test-results', '.git'];

describe('a copy of the tree on a machine that never saw it', () => {
  const step = steps();
  let machine: Machine;
  let owner: panel.Visitor;
  let link = '';

  beforeAll(async () => {
    const world = inject('world');
    const copy = join(world.folder, 'checkout');
    await mkdir(copy);
    const archive = join(world.folder, 'checkout.tar');
    const excludes = leaveOut.map((name) => `--exclude=./${name}`);
    await must('tar', ['-C', project, ...excludes, '-cf', archive, '.']);
    machine = await vpsUp(world, 'checkout', 'bookworm', {
      readOnlyBinds: { [archive]: '/mnt/checkout.tar' },
      hasDownloads: true,
    });
    owner = panel.visitor(machine, `http://${machine.address}:5000`);
  });
  afterAll(async () => {
    if (machine !== undefined) await down(machine);
  });

  step('bin/start brings everything it needs and prints the one-time link', async () => {
    await script(machine, 'mkdir /root/panel; tar -C /root/panel --no-same-owner -xf /mnt/checkout.tar');
    const unit = ['systemd-run', '--quiet', '--unit=start', '--setenv=HOME=/root', '--property=KillMode=mixed'];
    const shell = 'exec /root/panel/bin/start > /root/start.log 2>&1';
    await mustExec(machine, [...unit, '--working-directory=/root', 'bash', '-c', shell]);
    link = await until(
      'the link',
      async () => {
        const text = await mustExec(machine, ['cat', '/root/start.log']);
        if ((await exec(machine, ['systemctl', 'is-failed', 'start'])).stdout.trim() === 'failed') return text;
        return text.includes('#token=') ? text : undefined;
      },
      400_000,
      500,
    );
    expect(link).toMatch(/#token=/);
  });

  step('the system keeps its own Node, the panel has a private one', async () => {
    const version = await script(machine, '/root/.cache/aapanel/node-*/bin/node --version');
    expect(version.trim()).toBe(process.version);
    expect(await script(machine, 'readlink -f "$(command -v node)"')).toBe('/usr/bin/node\n');
  });

  step('the link makes the owner, and the browser part is served in Arabic', async () => {
    await panel.createOwner(owner, panel.tokenOf(link));
    const page = await panel.request(owner, 'GET', '/', undefined, { Accept: 'text/html' });
    expect(page.status).toBe(200);
    expect(page.text).toMatch(/<html[^>]*lang="ar"/);
  });

  step('a static site answers through nginx that the panel installed', async () => {
    await panel.installNginx(owner);
    const site = await panel.createSite(owner, { kind: 'static', domains: ['first.test'] });
    await script(machine, `echo 'my first site' > ${site.root}/index.html`);
    await panel.waitForText(machine, 'first.test', 'my first site');
  });

  step('ending the command ends panel and agent, and the site goes on', async () => {
    await mustExec(machine, ['systemctl', 'stop', 'start']);
    expect((await exec(machine, ['pgrep', '-f', 'main.ts'])).stdout).toBe('');
    await panel.waitForText(machine, 'first.test', 'my first site');
  });

  step('a second start is quick and finds everything as it was', async () => {
    const started = Date.now();
    const shell = 'exec /root/panel/bin/start > /root/start2.log 2>&1';
    await mustExec(machine, ['systemd-run', '--quiet', '--unit=again', '--setenv=HOME=/root', 'bash', '-c', shell]);
    await until('the panel', async () =>
      (await panel.request(owner, 'GET', '/health/ready')).status === 200 ? true : undefined,
    );
    expect(Date.now() - started).toBeLessThan(15_000);
    expect((await panel.request(owner, 'GET', '/api/v1/me')).status).toBe(200);
    expect(await script(machine, 'grep -c "#token=" /root/start2.log || true')).toBe('0\n');
    await mustExec(machine, ['systemctl', 'stop', 'again']);
  });
});
