// A bare machine, a copy of the tree, one command: the first thing a person tries.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { GaveUp, must, until } from './host.ts';
import { startUpstream } from './installed.ts';
import { down, exec, mustExec, script, vpsUp, type Machine } from './machine.ts';
import * as panel from './panel.ts';
import type { Suite } from './rootfs.ts';
import { steps } from './steps.ts';
import type { World } from './world.ts';

const project = resolve(import.meta.dirname, '../..');

export function describeCheckout(suite: Suite): void {
  describe(`a copy of the tree on a ${suite} machine that never saw it`, () => {
    const step = steps();
    let machine: Machine;
    let owner: panel.Visitor;
    let link = '';

    beforeAll(async () => {
      const world = inject('world');
      const archive = await packTree(world);
      machine = await vpsUp(world, `checkout-${suite}`, suite, {
        readOnlyBinds: {
          [archive]: '/mnt/checkout.tar',
          [join(import.meta.dirname, 'inside')]: '/mnt/inside',
          [process.execPath]: '/mnt/node',
        },
        hasDownloads: true,
      });
      owner = panel.visitor(machine, `http://${machine.address}:5000`);
      await script(machine, 'mkdir /root/panel; tar -C /root/panel --no-same-owner -xf /mnt/checkout.tar');
    });
    afterAll(async () => {
      if (machine !== undefined) await down(machine);
    });

    step('bin/start brings everything it needs and prints the one-time link', async () => {
      link = await start(machine, 'first', ['/root/panel/bin/start'], 550_000);
      expect(link).toMatch(/#token=/);
      expect(link).toMatch(/تشغيل اللوحة/);
    });

    step('the panel has a private Node, and what only brought it is gone again', async () => {
      const version = await script(machine, '/root/.cache/aapanel/node-*/bin/node --version');
      expect(version.trim()).toBe(process.version);
      expect((await exec(machine, ['which', 'node', 'npm'])).stdout).toBe('');
    });

    step('the link makes the owner, and the browser part is served in Arabic', async () => {
      await panel.createOwner(owner, link);
      const page = await panel.request(owner, 'GET', '/', undefined, { Accept: 'text/html' });
      panel.mustBe(page, 200);
      expect(page.text).toMatch(/<html[^>]*lang="ar"/);
    });

    step('a static and a proxied site answer through nginx that the panel installed', async () => {
      await panel.installNginx(owner);
      await startUpstream(machine);
      const site = await panel.createSite(owner, { kind: 'static', domains: ['first.test'] });
      await script(machine, `echo 'my first site' > ${site.root}/index.html`);
      await panel.createSite(owner, {
        kind: 'proxy',
        domains: ['app.test'],
        upstream: { url: 'http://127.0.0.1:9090' },
      });
      await panel.waitForText(machine, 'first.test', 'my first site');
      await panel.waitForText(machine, 'app.test', 'upstream saw app.test');
    });

    step('a second bin/start from the same tree says that one runs already', async () => {
      const second = await exec(machine, ['/root/panel/bin/start']);
      expect(second.code).toBe(1);
      expect(second.stderr).toMatch(/runs already/);
      panel.mustBe(await panel.request(owner, 'GET', '/api/v1/me'), 200);
    });

    step('ending the command ends panel and agent, also by kill -9, and the sites go on', async () => {
      await mustExec(machine, ['systemctl', 'kill', '-s', 'KILL', '--kill-who=main', 'first']);
      await until('panel and agent to end', async () =>
        (await exec(machine, ['pgrep', '-f', '(agent|cli)/main.ts'])).stdout === '' ? true : undefined,
      );
      await panel.waitForText(machine, 'first.test', 'my first site');
    });

    step('the next start is quick and finds everything as it was', async () => {
      const started = Date.now();
      const text = await start(machine, 'again', ['/root/panel/bin/start'], 60_000);
      expect(Date.now() - started).toBeLessThan(30_000);
      expect(text).not.toMatch(/#token=/);
      panel.mustBe(await panel.request(owner, 'GET', '/api/v1/me'), 200);
      expect((await panel.findSite(owner, 'first.test'))?.state).toBe('active');
      await mustExec(machine, ['systemctl', 'stop', 'again']);
    });

    step('an ordinary user with Node on the PATH gets the fake agent, is told so, and changes nothing', async () => {
      await script(
        machine,
        `cp -r /root/.cache/aapanel/node-* /opt/node; ln -s /opt/node/bin/node /opt/node/bin/npm /usr/local/bin/
         useradd --create-home person; cp -r /root/panel /home/person/panel; rm -rf /home/person/panel/data /home/person/panel/logs
         chown -R person: /home/person/panel`,
      );
      const before = await script(machine, 'find /etc/nginx /www -newer /opt/node | sort');
      const as = ['setpriv', '--reuid=person', '--regid=person', '--init-groups', 'env', 'HOME=/home/person'];
      const text = await start(machine, 'person', [...as, '/home/person/panel/bin/start'], 60_000);
      expect(text).toMatch(/NOT ROOT/);
      const person = panel.visitor(machine, owner.origin);
      await panel.createOwner(person, text);
      await panel.createSite(person, { kind: 'static', domains: ['toy.test'] });
      expect(await script(machine, 'find /etc/nginx /www -newer /opt/node | sort')).toBe(before);
      await mustExec(machine, ['systemctl', 'stop', 'person']);
    });
  });
}

/** The tree as git knows it (with what is not committed yet), or all of it but what runs leave behind. */
async function packTree(world: World): Promise<string> {
  const archive = join(world.folder, 'checkout.tar');
  if (existsSync(join(project, '.git'))) {
    const listed = await must('git', ['-C', project, 'ls-files', '-co', '--exclude-standard', '-z']);
    const names = listed.split('\0').filter((name) => name !== '' && existsSync(join(project, name)));
    const list = join(world.folder, 'checkout.list');
    await writeFile(list, names.join('\0'));
    await must('tar', ['-C', project, '--null', '-T', list, '-cf', archive]);
    return archive;
  }
  const leaveOut = ['node_modules', 'dist', 'data', 'logs', 'test-results'].map((name) => `--exclude=./${name}`);
  await must('tar', ['-C', project, ...leaveOut, '-cf', archive, '.']);
  return archive;
}

/** Runs a command as a unit of its own and answers what it printed once the panel is ready. */
async function start(machine: Machine, unit: string, command: string[], timeoutMs: number): Promise<string> {
  const settings = Object.entries({ HOME: '/root', ...machine.world.environment });
  const variables = settings.map(([name, value]) => `--setenv=${name}=${value}`);
  const properties = [`--unit=${unit}`, '--property=KillMode=process', '--working-directory=/', ...variables];
  const intoLog = ['bash', '-c', `exec "$@" > /root/${unit}.log 2>&1`, unit];
  await mustExec(machine, ['systemd-run', '--quiet', ...properties, ...intoLog, ...command]);
  const args = ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', 'http://127.0.0.1:5000/health/ready'];
  return await until(
    'the panel to be ready',
    async () => {
      const isReady = (await exec(machine, args)).stdout === '200';
      const hasEnded = (await exec(machine, ['systemctl', 'is-active', '--quiet', unit])).code !== 0;
      if (!isReady && !hasEnded) return undefined;
      const text = await mustExec(machine, ['cat', `/root/${unit}.log`]);
      if (hasEnded) throw new GaveUp(`it ended:\n${text.slice(-3_000)}`);
      return text.split('─'.repeat(20)).length > 2 ? text : undefined;
    },
    timeoutMs,
    500,
  );
}
