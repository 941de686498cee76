// What goes wrong on real servers, on one Debian release: every fault ends in a clear message and with nothing lost.
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { waitReady } from './facts.ts';
import { GaveUp, until } from './host.ts';
import { bareServer, install, type Server } from './installed.ts';
import { down, exec, mustExec, powerCut, script } from './machine.ts';
import * as panel from './panel.ts';
import type { Suite } from './rootfs.ts';
import { steps } from './steps.ts';
import { inNamespace } from './world.ts';

export type FaultOptions = {
  siteCount: number;
  /** Times that agent or panel is killed in the middle of a creation. */
  kills: number;
  /** Milliseconds from the start of a creation to a power cut, one for each. */
  cutsAfterMs: readonly number[];
};

export function describeFaults(suite: Suite, { siteCount, kills, cutsAfterMs }: FaultOptions): void {
  describe(`a server in trouble with ${suite}`, () => {
    const step = steps();
    let server: Server;
    const sites: panel.Site[] = [];

    beforeAll(async () => {
      server = await bareServer(suite, `trouble${suite}`, true);
      await panel.createOwner(server.owner, await install(server.machine));
    });
    afterAll(async () => {
      if (server !== undefined) await down(server.machine);
    });

    step('FAULT-7 without nginx a site is made whole, and the answer says that nothing serves it yet', async () => {
      const { owner, machine } = server;
      type Created = { site: panel.Site; warnings: string[] };
      const body = { kind: 'static', domains: ['site0.test'] };
      const made = await panel.call<Created>(owner, 'POST', '/api/v1/sites', body, { status: 201 });
      expect(made.warnings).toContain('nginx_missing');
      sites.push(made.site);
      await fill(server, [made.site]);
      expect((await panel.visit(machine, 'site0.test')).status).toBe(0);
    });

    step(
      'FAULT-7 with port 80 taken the installation fails, names the holder and takes back what it brought',
      async () => {
        const { machine, owner } = server;
        await script(machine, 'systemd-run --quiet --unit=squatter systemd-socket-activate -l 80 /bin/true');
        const job = await panel.endOfJob(owner, (await panel.startNginxJob(owner)).id);
        const log = await panel.jobLog(owner, job.id);
        expect(job.state, log.slice(-2_000)).toBe('failed');
        expect(log).toMatch(/[Pp]ort 80 is held by systemd-socket/);
        expect(job.steps.find(({ name }) => name === 'install')?.state).toBe('compensated');
        expect((await exec(machine, ['test', '-e', '/usr/sbin/nginx'])).code).toBe(1);
        await mustExec(machine, ['systemctl', 'stop', 'squatter']);
      },
    );

    step(
      'JOB-1 JOB-3 SVC-4 the installation waits for a busy package manager, and outlives browser, panel and agent',
      async () => {
        const { machine, owner } = server;
        await keepDpkgBusy(server, 8);
        const { id } = await panel.startNginxJob(owner);
        const stream = ['-skN', '-m', '1', '-b', owner.cookieFile, `${owner.origin}/api/v1/jobs/${id}/stream`];
        expect((await inNamespace(machine.world, 'client', 'curl', stream)).stdout).toContain('data:');
        await until('the step that installs', async () => {
          const job = await panel.getJob(owner, id);
          const install = job.steps.find(({ name }) => name === 'install');
          if (install?.state === 'running') return true;
          if (!['queued', 'running'].includes(job.state))
            throw new GaveUp(`${JSON.stringify(job)}\n${await panel.jobLog(owner, id)}`);
          throw new Error(JSON.stringify(job));
        });
        await mustExec(machine, ['systemctl', 'kill', '-s', 'KILL', 'aapanel.service']);
        await exec(machine, ['systemctl', 'kill', '-s', 'KILL', 'aapanel-agent.service']);
        await waitReady(machine);
        const job = await panel.endOfJob(owner, id);
        expect(job.state, JSON.stringify(job)).toBe('succeeded');
        expect(job.attempts).toBeGreaterThan(1);
        await panel.waitForText(machine, 'site0.test', 'content of site0.test');
      },
    );

    step('a name that a file written by hand already serves is refused with the file', async () => {
      const { machine, owner } = server;
      const text = 'server { listen 80; server_name hand.test; return 200 "by hand"; }\n';
      await mustExec(machine, ['tee', '/etc/nginx/conf.d/hand.conf'], { input: text });
      await mustExec(machine, ['systemctl', 'reload', 'nginx']);
      const refused = await panel.request(owner, 'POST', '/api/v1/sites', { kind: 'static', domains: ['hand.test'] });
      panel.mustBe(refused, 409);
      expect(refused.text).toContain('/etc/nginx/conf.d/hand.conf');
      await panel.waitForText(machine, 'hand.test', 'by hand');
    });

    step('SITE-1 with many sites a refused directive leaves all answering with the old text in force', async () => {
      const { machine, owner } = server;
      while (sites.length < siteCount) {
        const hosts = Array.from({ length: 5 }, (_, index) => `site${sites.length + index}.test`);
        const made = await Promise.all(
          hosts.map(async (host) => await panel.createSite(owner, { kind: 'static', domains: [host] })),
        );
        sites.push(...made);
      }
      await fill(server, sites);
      const site = sites[15];
      const path = `/api/v1/sites/${site?.id}/custom-directives`;
      const ifMatch = { 'If-Match': `"${site?.revision}"` };
      panel.mustBe(await panel.request(owner, 'PUT', path, { text: 'expires maybe;' }, ifMatch), 422);
      expect(await silent(server, sites)).toEqual([]);
      await mustExec(machine, ['nginx', '-t']);
    });

    step('SITE-1 a file broken by hand is set aside and named at the next change, and all others answer', async () => {
      const { machine, owner } = server;
      const broken = sites[15];
      await script(machine, `echo 'no directive at all;' >> /etc/nginx/aapanel/sites/${broken?.slug}.conf`);
      expect(await silent(server, sites)).toEqual([]);
      const change = await panel.updateSite(owner, sites[16]?.id ?? '', { domains: ['site16.test', 'more16.test'] });
      panel.mustBe(change, 200);
      await panel.waitForNoText(machine, 'site15.test', 'content of site15.test');
      expect(await silent(server, sites)).toEqual(['site15.test']);
      const seen = await panel.inspect(owner, broken?.id ?? '');
      expect(seen).toMatchObject({ drift: 'isolated', isolatedReason: expect.stringMatching(/unknown directive/) });
      const path = `/api/v1/sites/${broken?.id}/drift`;
      panel.mustBe(await panel.request(owner, 'POST', path, { choice: 'overwrite' }), 200);
      await panel.waitForText(machine, 'site15.test', 'content of site15.test');
    });

    step('FAULT-7 nginx broken by hand elsewhere is named with its file, and the sites go on', async () => {
      const { machine, owner } = server;
      await script(machine, "echo 'garbage here;' >> /etc/nginx/conf.d/hand.conf");
      const refused = await panel.request(owner, 'POST', '/api/v1/sites', { kind: 'static', domains: ['late.test'] });
      panel.mustBe(refused, 422);
      expect(refused.body).toMatchObject({
        reason: 'nginx_broken_elsewhere',
        params: { file: '/etc/nginx/conf.d/hand.conf' },
      });
      await panel.waitForText(machine, 'site0.test', 'content of site0.test');
      await script(machine, "sed -i '/garbage/d' /etc/nginx/conf.d/hand.conf");
      await createAndVisit(server, 'late.test');
    });

    step('FAULT-2 with a read-only /etc a creation is refused, nothing is half made, and sites answer', async () => {
      const { machine, owner } = server;
      // The agent sees the mounts of the moment it started.
      const restart = 'systemctl stop aapanel-agent.service';
      await script(machine, `mount --bind /etc /etc; mount -o remount,bind,ro /etc; ${restart}`);
      const refused = await panel.request(owner, 'POST', '/api/v1/sites', { kind: 'static', domains: ['ro.test'] });
      expect(refused.body, refused.text).toMatchObject({ reason: 'read_only_file_system' });
      await panel.waitForText(machine, 'site0.test', 'content of site0.test');
      await script(machine, `umount /etc; ${restart}`);
      expect(await traces(server, 'ro.test')).toBe('');
      await createAndVisit(server, 'ro.test');
    });

    step(
      'FAULT-2 with a full disk a creation is refused, nothing is half made, and it works when there is room',
      async () => {
        const { machine, owner } = server;
        const state = '/var/lib/aapanel-agent';
        const stop = 'systemctl stop aapanel-agent.socket aapanel-agent.service';
        await script(
          machine,
          `${stop}; cp -a ${state} /root/state; mount -t tmpfs -o size=24M,mode=700 small ${state}; cp -a /root/state/. ${state}/; systemctl start aapanel-agent.socket; cat /dev/zero > ${state}/fill 2>/dev/null || true`,
        );
        const refused = await panel.request(owner, 'POST', '/api/v1/sites', { kind: 'static', domains: ['full.test'] });
        expect(refused.body, refused.text).toMatchObject({ reason: 'disk_full' });
        await panel.waitForText(machine, 'site0.test', 'content of site0.test');
        expect(await traces(server, 'full.test')).toBe('');
        await mustExec(machine, ['rm', `${state}/fill`]);
        await createAndVisit(server, 'full.test');
        await script(
          machine,
          `${stop}; rm -rf /root/state; cp -a ${state} /root/state; umount ${state}; cp -a /root/state/. ${state}/; rm -rf /root/state; systemctl start aapanel-agent.socket`,
        );
      },
    );

    step('FAULT-7 without the agent a change is refused with the reason, the rest of the panel works', async () => {
      const { machine, owner } = server;
      await mustExec(machine, ['systemctl', 'stop', 'aapanel-agent.socket', 'aapanel-agent.service']);
      const refused = await panel.request(owner, 'POST', '/api/v1/sites', { kind: 'static', domains: ['away.test'] });
      panel.mustBe(refused, 503);
      expect(refused.body).toMatchObject({ code: 'agent_unavailable' });
      panel.mustBe(await panel.request(owner, 'GET', '/api/v1/sites'), 200);
      await mustExec(machine, ['systemctl', 'start', 'aapanel-agent.socket']);
      await createAndVisit(server, 'away.test');
    });

    step(
      'FAULT-1 SITE-3 kill -9 of agent and panel in the middle of creations leaves whole sites or none',
      async () => {
        const { machine, owner } = server;
        for (let round = 0; round < kills; round++) {
          const host = `kill${round}.test`;
          const pending = panel.request(owner, 'POST', '/api/v1/sites', { kind: 'static', domains: [host] });
          await new Promise((resolve) => setTimeout(resolve, 15 + round * 10));
          const unit = round % 2 === 0 ? 'aapanel-agent.service' : 'aapanel.service';
          await exec(machine, ['systemctl', 'kill', '-s', 'KILL', unit]);
          // systemd gives up on a service that dies six times a minute.
          await mustExec(machine, ['systemctl', 'reset-failed', 'aapanel.service']);
          await pending;
          await waitReady(machine);
          await until(`${host} to be whole or absent`, async () => await isWholeOrAbsent(server, host), 20_000);
        }
        await mustExec(machine, ['nginx', '-t']);
        expect(await silent(server, sites)).toEqual([]);
      },
    );

    step('FAULT-1 a power cut in the middle of a change leaves the old or the new state', async () => {
      const { machine, owner } = server;
      for (const [round, delayMs] of cutsAfterMs.entries()) {
        const host = `cut${round}.test`;
        const pending = panel.request(owner, 'POST', '/api/v1/sites', { kind: 'static', domains: [host] });
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        await powerCut(machine);
        await pending;
        await waitReady(machine);
        await until(`${host} to be whole or absent`, async () => await isWholeOrAbsent(server, host), 20_000);
        expect(await silent(server, sites)).toEqual([]);
      }
    });
  });
}

async function fill({ machine }: Server, sites: readonly panel.Site[]): Promise<void> {
  const write = ({ root, domains }: panel.Site): string =>
    `printf %s 'content of ${domains[0]?.host}' > ${root}/index.html`;
  await script(machine, sites.map(write).join('\n'));
}

async function createAndVisit({ machine, owner }: Server, host: string): Promise<void> {
  const site = await panel.createSite(owner, { kind: 'static', domains: [host] });
  await fill({ machine, owner }, [site]);
  await panel.waitForText(machine, host, `content of ${host}`);
}

/** Names of the sites that do not answer with their own content. */
async function silent({ machine }: Server, sites: readonly panel.Site[]): Promise<string[]> {
  const found: string[] = [];
  for (const { domains } of sites) {
    const host = domains[0]?.host ?? '';
    if ((await panel.visit(machine, host)).text !== `content of ${host}`) found.push(host);
  }
  return found;
}

/** Every file or folder of a site that stands on the machine. */
async function traces({ machine }: Server, host: string): Promise<string> {
  return await script(machine, `ls -d /etc/nginx/aapanel/*/${host}.conf /www/wwwroot/${host} 2>/dev/null || true`);
}

/** True when the site is served and known, or known nowhere; undefined while neither holds yet. */
async function isWholeOrAbsent(server: Server, host: string): Promise<true | undefined> {
  const site = await panel.findSite(server.owner, host);
  if (site?.state === 'active') return (await panel.visit(server.machine, host)).status === 200 ? true : undefined;
  if (site !== undefined && site.state !== 'failed') return undefined;
  return (await traces(server, host)) === '' ? true : undefined;
}

/** Something else of the administrator is being installed for so many seconds. */
async function keepDpkgBusy({ machine }: Server, seconds: number): Promise<void> {
  const control =
    'Package: slow\\nVersion: 1\\nArchitecture: all\\nMaintainer: nobody <n@n.test>\\nDescription: slow\\n';
  await script(
    machine,
    `mkdir -p /root/slow/DEBIAN; printf '${control}' > /root/slow/DEBIAN/control
     printf '#!/bin/sh\\nsleep ${seconds}\\n' > /root/slow/DEBIAN/preinst; chmod 755 /root/slow/DEBIAN/preinst
     dpkg-deb --build /root/slow /root/slow.deb >/dev/null
     systemd-run --quiet --unit=slow dpkg -i /root/slow.deb; sleep 0.5`,
  );
}
