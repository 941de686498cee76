// The drill: a server is lost, and all of it comes back on a bare one from the target and the recovery key.
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { waitReady } from './facts.ts';
import { bareServer, install, type Server } from './installed.ts';
import { down, exec, mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import { steps } from './steps.ts';

const store = '/srv/store';
const aapanel = ['aapanel', '--lang', 'en', 'backup'];
const limit = { timeoutMs: 600_000 };

describe('a server that was lost', () => {
  const step = steps();
  let server: Server;
  let site: panel.Site;
  let recoveryKey = '';
  let looks = '';
  const look = "find /www/wwwroot/shop.test -printf '%u:%g %m %s %p\\n' | sort";

  beforeAll(async () => {
    server = await bareServer('trixie', 'recover', true);
    const printed = await install(server.machine);
    await panel.createOwner(server.owner, printed);
    await panel.installNginx(server.owner);
    site = await panel.createSite(server.owner, { kind: 'static', domains: ['shop.test'] });
    await script(server.machine, `echo 'the shop' > ${site.root}/index.html; mkdir ${site.root}/صور`);
    await panel.waitForText(server.machine, 'shop.test', 'the shop');
    looks = await script(server.machine, look);
  });
  afterAll(async () => {
    if (server !== undefined) await down(server.machine);
  });

  step('has a backup of panel and sites, and a recovery key on paper', async () => {
    const { machine } = server;
    await mustExec(machine, [...aapanel, 'targets', 'add', 'store', '--local', store], limit);
    const sheet = await mustExec(machine, [...aapanel, 'keys', 'recovery'], limit);
    recoveryKey = /AAPR(-[A-Z2-7]{4}){14}/.exec(sheet)?.[0] ?? '';
    expect(recoveryKey).not.toBe('');
    await mustExec(machine, [...aapanel, 'create', '--source', 'panel', '--source', 'sites'], limit);
    const { code } = await exec(machine, [...aapanel, 'test-restore'], limit);
    expect(code).toBe(0);
  });

  step(
    'P4.2-5 comes back on a bare machine within 15 minutes: panel, people, sessions, sites, files and owners',
    async () => {
      const { machine, owner } = server;
      await mustExec(machine, ['aapanel', 'uninstall', '--purge'], limit);
      await script(
        machine,
        'apt-get -qq -y purge nginx nginx-common restic >/dev/null; rm -rf /etc/nginx /www; ' +
          "getent passwd | sed -n 's/^\\(site-[a-z2-7]*\\):.*/\\1/p' | xargs -rn1 userdel",
      );
      expect((await exec(machine, ['which', 'nginx', 'restic', 'aapanel'])).stdout).toBe('');
      const startedAt = Date.now();
      await install(machine);
      const recover = [...aapanel, 'recover', '--local', store];
      const told = await mustExec(machine, recover, { ...limit, input: `${recoveryKey}\n` });
      await waitReady(machine);
      await panel.waitForText(machine, 'shop.test', 'the shop');
      const seconds = Math.round((Date.now() - startedAt) / 1000);
      console.log(`recovery: ${seconds} s with the installation; ${told.trim().split('\n').at(-1)}`);
      expect(seconds).toBeLessThan(15 * 60);
      // The session of before: its row and the secret that signs it came back.
      panel.mustBe(await panel.request(owner, 'GET', '/api/v1/me'), 200);
      expect((await panel.findSite(owner, 'shop.test'))?.id).toBe(site.id);
      expect(await script(machine, look)).toBe(looks);
    },
  );

  step('goes on making backups where it left off', async () => {
    const { machine } = server;
    await mustExec(machine, [...aapanel, 'create', '--source', 'sites'], limit);
    const { total } = JSON.parse(await mustExec(machine, [...aapanel, 'list', '--json'])) as { total: number };
    expect(total).toBeGreaterThanOrEqual(2);
    expect((await exec(machine, [...aapanel, 'verify'], limit)).code).toBe(0);
  });
});
