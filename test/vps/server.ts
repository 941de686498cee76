// The life of a server, from the installer to uninstall, on one Debian release. Run by one file per release.
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { checkLeftBehind } from './left-behind.ts';
import { exposure, isActive, ourProcesses, property, treeState, waitReady } from './facts.ts';
import { until } from './host.ts';
import { down, exec, mustExec, reboot, script, vpsUp, type Machine } from './machine.ts';
import * as panel from './panel.ts';
import type { Suite } from './rootfs.ts';
import { steps } from './steps.ts';

export type ServerOptions = {
  /** The release carries the runtime; otherwise the installer brings it from npm. */
  hasRuntime: boolean;
};

export function describeServer(suite: Suite, options: ServerOptions): void {
  describe(`a server with ${suite}`, () => {
    const step = steps();
    let machine: Machine;
    let owner: panel.Visitor;
    const ids: Record<string, string> = {};
    let log = '';

    beforeAll(async () => {
      const withRuntime = inject('releaseWithRuntime');
      const release = options.hasRuntime && withRuntime !== null ? withRuntime : inject('release');
      machine = await vpsUp(inject('world'), suite, suite, {
        readOnlyBinds: { [release]: '/mnt/release' },
        hasDownloads: true,
      });
      owner = panel.visitor(machine, `https://${machine.address}:5000`);
    });
    afterAll(async () => {
      if (machine !== undefined) await down(machine);
    });

    step('the installer asks nothing, and ends with a one-time link in Arabic and English', async () => {
      log = await mustExec(machine, ['bash', '/mnt/release/deploy/install.sh'], { timeoutMs: 240_000 });
      expect(log).toMatch(/تعمل اللوحة الآن/);
      expect(log).toMatch(/aaPanel is running/);
      expect(panel.tokenOf(log)).not.toBe('');
    });

    step('the installed code belongs to root and nobody else can write to it', async () => {
      const loose = 'find /www/server/panel \\( ! -user root -o -perm /022 \\) ! -type l -print';
      expect(await script(machine, loose)).toBe('');
      expect(
        await script(machine, 'stat -c "%U:%G %a" /etc/aapanel/panel.env /var/lib/aapanel /var/lib/aapanel-agent'),
      ).toBe('root:aapanel 640\naapanel:aapanel 750\nroot:root 700\n');
    });

    step('the units are valid and sandboxed as promised', async () => {
      for (const unit of [
        'aapanel.service',
        'aapanel-agent.service',
        'aapanel-agent.socket',
        'aapanel-nginx-guard.service',
      ])
        expect((await exec(machine, ['systemd-analyze', 'verify', unit])).stderr).not.toMatch(/aapanel/);
      expect(await exposure(machine, 'aapanel.service')).toBeLessThanOrEqual(1.5);
      expect(await exposure(machine, 'aapanel-agent.service')).toBeLessThanOrEqual(4.8);
    });

    step('the web process is not root and holds no capability', async () => {
      const pid = await property(machine, 'aapanel.service', 'MainPID');
      const status = await mustExec(machine, ['cat', `/proc/${pid}/status`]);
      expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).not.toBe('0');
      expect(/^CapEff:\s+(\w+)/m.exec(status)?.[1]).toMatch(/^0+$/);
      expect(/^NoNewPrivs:\s+(\d)/m.exec(status)?.[1]).toBe('1');
    });

    step('nobody but root and the panel can open the socket of the agent', async () => {
      expect(await mustExec(machine, ['stat', '-c', '%U:%G %a', '/run/aapanel/agent.sock'])).toBe('root:aapanel 660\n');
      const ask = 'curl -s --unix-socket /run/aapanel/agent.sock http://agent/ -o /dev/null';
      const stranger = await exec(machine, [
        'setpriv',
        '--reuid=65534',
        '--regid=65534',
        '--clear-groups',
        'bash',
        '-c',
        ask,
      ]);
      expect(stranger.code).toBe(7);
    });

    step('the certificate that the installer showed is the one that the panel serves', async () => {
      const shown = /SHA-256\)[^:]*: ([0-9A-F:]+)/.exec(log)?.[1];
      const pipe =
        'openssl s_client -connect 127.0.0.1:5000 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256';
      expect((await script(machine, pipe)).trim().split('=')[1]).toBe(shown);
    });

    step('the link makes the owner once and never again', async () => {
      const token = panel.tokenOf(log);
      await panel.createOwner(owner, token);
      const me = await panel.call<{ person: { name: string; role: string } }>(owner, 'GET', '/api/v1/me');
      expect(me.person).toMatchObject({ name: 'owner', role: 'owner' });
      const second = await panel.request(panel.visitor(machine, owner.origin), 'POST', '/api/v1/first-run', {
        token,
        name: 'second',
        displayName: '',
        password: panel.ownerPassword,
      });
      expect(second.status).toBeGreaterThanOrEqual(400);
    });

    step('the durable job installs nginx and its log can be read', async () => {
      const jobText = await panel.installNginx(owner);
      expect(jobText).toMatch(/nginx/);
      expect(await isActive(machine, 'nginx.service')).toBe(true);
    });

    step('a static and a proxied site answer a visitor through nginx', async () => {
      await startUpstream(machine);
      const fixed = await panel.createSite(owner, { kind: 'static', domains: ['static.test', 'موقع.test'] });
      const proxied = await panel.createSite(owner, {
        kind: 'proxy',
        domains: ['proxy.test'],
        upstream: { url: 'http://127.0.0.1:9090' },
      });
      const other = await panel.createSite(owner, { kind: 'static', domains: ['other.test'] });
      Object.assign(ids, { fixed: fixed.id, proxied: proxied.id, other: other.id });
      await script(
        machine,
        `echo 'static content' > ${fixed.root}/index.html; echo 'other content' > ${other.root}/index.html`,
      );
      await panel.waitForText(machine, 'static.test', 'static content');
      await panel.waitForText(machine, 'xn--4gbrim.test', 'static content');
      await panel.waitForText(machine, 'proxy.test', 'upstream saw proxy.test');
    });

    step('sites and panel are back after a reboot, and the owner is still signed in', async () => {
      await reboot(machine);
      await waitReady(machine);
      await panel.waitForText(machine, 'static.test', 'static content');
      await panel.waitForText(machine, 'other.test', 'other content');
      expect((await panel.request(owner, 'GET', '/api/v1/me')).status).toBe(200);
    });

    step('a file changed by hand is never overwritten silently; overwriting is an explicit choice', async () => {
      const { slug } = await panel.getSite(owner, ids['fixed'] ?? '');
      const file = `/etc/nginx/aapanel/sites/${slug}.conf`;
      await script(machine, `echo '# by hand' >> ${file}`);
      const refused = await panel.updateSite(owner, ids['fixed'] ?? '', { domains: ['static.test', 'new.test'] });
      expect(refused.status).toBe(412);
      expect(await mustExec(machine, ['tail', '-n', '1', file])).toBe('# by hand\n');
      const taken = await panel.updateSite(owner, ids['fixed'] ?? '', {
        domains: ['static.test', 'new.test'],
        overwrite: true,
      });
      expect(taken.status).toBe(200);
      await panel.waitForText(machine, 'new.test', 'static content');
    });

    step('a change is taken back with one call', async () => {
      const changes = await panel.call<{ items: { id: string; isUndoable: boolean }[] }>(
        owner,
        'GET',
        `/api/v1/site-changes?siteId=${ids['fixed']}`,
      );
      const last = changes.items.find((change) => change.isUndoable);
      await panel.call(owner, 'POST', `/api/v1/site-changes/${last?.id}/undo`, {});
      await until('new.test to be gone', async () =>
        (await panel.visit(machine, 'new.test')).text.includes('static content') ? undefined : true,
      );
      await panel.waitForText(machine, 'static.test', 'static content');
    });

    step('a site broken by hand is set aside at the next change and the others go on', async () => {
      const { slug } = await panel.getSite(owner, ids['other'] ?? '');
      await script(machine, `echo 'this is no directive;' >> /etc/nginx/aapanel/sites/${slug}.conf`);
      const change = await panel.updateSite(owner, ids['proxied'] ?? '', { domains: ['proxy.test', 'proxy2.test'] });
      expect(change.status).toBe(200);
      await panel.waitForText(machine, 'proxy2.test', 'upstream saw proxy2.test');
      await panel.waitForText(machine, 'static.test', 'static content');
      const seen = await panel.call<{ drift: string; isolatedReason: string | null }>(
        owner,
        'GET',
        `/api/v1/sites/${ids['other']}/inspection`,
      );
      expect(seen.drift).toBe('isolated');
      expect(seen.isolatedReason).toMatch(/directive/);
      const repaired = await panel.request(owner, 'POST', `/api/v1/sites/${ids['other']}/drift`, {
        choice: 'overwrite',
      });
      expect(repaired.status).toBe(200);
      await panel.waitForText(machine, 'other.test', 'other content');
    });

    step('a site broken by hand does not keep nginx from starting at boot', async () => {
      const { slug } = await panel.getSite(owner, ids['other'] ?? '');
      await script(machine, `echo 'neither is this;' >> /etc/nginx/aapanel/sites/${slug}.conf`);
      await reboot(machine);
      await panel.waitForText(machine, 'static.test', 'static content');
      await waitReady(machine);
      const repaired = await panel.request(owner, 'POST', `/api/v1/sites/${ids['other']}/drift`, {
        choice: 'overwrite',
      });
      expect(repaired.status).toBe(200);
      await panel.waitForText(machine, 'other.test', 'other content');
    });

    step('kill -9 of agent and web process in the middle of changes leaves no half site', async () => {
      for (let round = 0; round < 8; round++) {
        const host = `kill${round}.test`;
        const pending = panel.request(owner, 'POST', '/api/v1/sites', { kind: 'static', domains: [host] });
        await new Promise((resolve) => setTimeout(resolve, 15 + round * 12));
        const unit = round % 2 === 0 ? 'aapanel-agent.service' : 'aapanel.service';
        await exec(machine, ['systemctl', 'kill', '-s', 'KILL', unit]);
        await pending;
        await waitReady(machine);
        await until(`${host} to be whole or absent`, async () => await isWholeOrAbsent(machine, owner, host), 20_000);
        await panel.waitForText(machine, 'static.test', 'static content');
      }
      await mustExec(machine, ['nginx', '-t']);
    });

    step('the agent ends itself when it has nothing to do, and the next request starts it', async () => {
      await script(
        machine,
        'mkdir -p /etc/systemd/system/aapanel-agent.service.d; printf "[Service]\\nEnvironment=AAPANEL_AGENT_IDLE_MS=2000\\n" > /etc/systemd/system/aapanel-agent.service.d/test.conf; systemctl daemon-reload; systemctl stop aapanel-agent.service; systemctl start aapanel-agent.socket',
      );
      await panel.call(owner, 'GET', `/api/v1/sites/${ids['fixed']}/inspection`);
      expect(await isActive(machine, 'aapanel-agent.service')).toBe(true);
      await until(
        'the agent to end',
        async () => ((await isActive(machine, 'aapanel-agent.service')) ? undefined : true),
        30_000,
      );
      const processes = await ourProcesses(machine);
      expect(processes.map(({ user }) => user)).not.toContain('root');
      expect(processes.reduce((sum, { pssKiB }) => sum + pssKiB, 0) / 1024).toBeLessThanOrEqual(100);
      await panel.call(owner, 'GET', `/api/v1/sites/${ids['fixed']}/inspection`);
    });

    step('running the installer again repairs and keeps secret, data and sites', async () => {
      const kept = ['/etc/aapanel', '/www/wwwroot', '/etc/nginx/aapanel'];
      const before = await treeState(machine, kept);
      await script(
        machine,
        'rm -rf /www/server/panel/current/cli; rm -f /usr/local/bin/aapanel; chmod 777 /var/lib/aapanel',
      );
      const again = await mustExec(machine, ['bash', '/mnt/release/deploy/install.sh'], { timeoutMs: 240_000 });
      expect(again).toMatch(/aaPanel is running/);
      expect(await treeState(machine, kept)).toBe(before);
      expect(await mustExec(machine, ['stat', '-c', '%a', '/var/lib/aapanel'])).toBe('750\n');
      expect((await panel.request(owner, 'GET', '/api/v1/me')).status).toBe(200);
    });

    step('after uninstall the sites still answer, and exactly the listed files are left', async () => {
      await mustExec(machine, ['aapanel', 'uninstall', '--purge']);
      await panel.waitForText(machine, 'static.test', 'static content');
      expect((await panel.request(owner, 'GET', '/health/live')).status).toBe(0);
      await reboot(machine);
      await panel.waitForText(machine, 'static.test', 'static content');
      await panel.waitForText(machine, 'other.test', 'other content');
      expect(await ourProcesses(machine)).toEqual([]);
      expect((await exec(machine, ['getent', 'passwd', 'aapanel'])).code).toBe(2);
      await script(
        machine,
        'rm -rf /etc/systemd/system/upstream.service /etc/systemd/system/multi-user.target.wants/upstream.service',
      );
      await checkLeftBehind(machine);
    });
  });
}

/** An application of the server's owner that a proxied site passes requests to; starts at boot. */
async function startUpstream(machine: Machine): Promise<void> {
  const code =
    'require("node:http").createServer((q,s)=>s.end("upstream saw "+q.headers.host)).listen(9090,"127.0.0.1")';
  const unit = `[Service]\nExecStart=/www/server/panel/runtime/current/bin/node -e '${code}'\n[Install]\nWantedBy=multi-user.target\n`;
  await mustExec(machine, ['tee', '/etc/systemd/system/upstream.service'], { input: unit });
  await mustExec(machine, ['systemctl', 'enable', '--now', '--quiet', 'upstream.service']);
}

/** True when the site is served and known, or known nowhere; undefined while neither holds yet. */
async function isWholeOrAbsent(machine: Machine, owner: panel.Visitor, host: string): Promise<true | undefined> {
  type Listed = { items: { id: string; state: string; domains: { host: string }[] }[] };
  const list = await panel.call<Listed>(owner, 'GET', `/api/v1/sites?search=${host}`);
  const site = list.items.find(({ domains }) => domains.some((domain) => domain.host === host));
  const files = await script(
    machine,
    `ls -d /etc/nginx/aapanel/*/${host}.conf /www/wwwroot/${host} 2>/dev/null || true`,
  );
  if (site?.state === 'applying') return undefined;
  if (site?.state === 'active') return (await panel.visit(machine, host)).status === 200 ? true : undefined;
  return files === '' ? true : undefined;
}
