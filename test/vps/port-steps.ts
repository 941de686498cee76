// The port of an application: closed to everybody on the machine but its own user, nginx and root, also after a boot and
// after others have flushed the rules of the kernel.
import { expect } from 'vitest';
import { apartSteps, as } from './apart-steps.ts';
import { until } from './host.ts';
import type { Server } from './installed.ts';
import { exec, mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import type { Step } from './steps.ts';

export type PortSite = panel.Site & { readonly linuxUser: string };
type Given = {
  /** Its application listens on a port that the panel chose; `node` lies in /usr/local/bin. */
  readonly own: PortSite;
  /** Another application, which answers `/attack` as app-steps.ts says. */
  readonly other: PortSite;
  readonly php: PortSite;
};
type Status = { listensOn: string; isPortClosed: boolean | null; state: string };

export function portSteps(
  step: Step,
  server: () => Server,
  given: () => Given,
): { readonly afterReboot: () => Promise<void> } {
  const machine = () => server().machine;
  const owner = () => server().owner;
  const status = () => panel.call<Status>(owner(), 'GET', `/api/v1/sites/${given().own.id}/app`);
  const portOf = async (): Promise<number> => Number((await status()).listensOn.split(':')[1]);
  const write = (site: PortSite, name: string, input: string) =>
    mustExec(machine(), [...as(site.linuxUser), 'tee', `${site.root}/${name}`], { input });
  const inFence = async (): Promise<string> => await script(machine(), 'nft list table inet aapanel_sites');
  /** Without what is seen anew each time. */
  const lasting = async (): Promise<string> => (await inFence()).replace(/\tset udp_\w+ \{\n(?:.*\n)*?\t\}\n/g, '');
  const closedPorts = async (): Promise<string> => await script(machine(), 'nft list set inet aapanel_sites ports');
  const isClosed = async (): Promise<true | undefined> => ((await status()).isPortClosed === true ? true : undefined);

  /** As the timer does every five minutes. */
  async function lookForDatagrams(port: number): Promise<void> {
    await until('somebody to wait for datagrams', async () =>
      (await script(machine(), `ss -Hlun 'sport = :${port}'`)).trim() === '' ? undefined : true,
    );
    await mustExec(machine(), ['systemctl', 'start', 'aapanel-logs.service']);
    await until('the table to know', async () => ((await inFence()).includes(String(port)) ? true : undefined));
  }

  /** Whom of them the kernel lets connect. */
  async function connecting(users: readonly string[], address: string, port: number): Promise<string[]> {
    const could = [];
    for (const user of users) {
      const line = ['timeout', '5', 'bash', '-c', `exec 3<>"/dev/tcp/$0/$1"`, address, String(port)];
      if ((await exec(machine(), [...as(user), ...line])).code === 0) could.push(user);
    }
    return could;
  }

  /** None of these lets the application of a site in. */
  async function tryFrom(site: PortSite, connect: readonly { host: string; port: number }[]): Promise<void> {
    const targets = { read: [], list: [], write: [], signal: [], link: [], connect };
    await write(site, 'targets.json', JSON.stringify(targets));
    const attack = await panel.visit(machine(), site.domains[0]?.host ?? '', '/attack');
    expect((JSON.parse(attack.text) as { could: string[] }).could).toEqual([]);
  }

  async function expectClosed(addresses: readonly string[]): Promise<void> {
    const { own, other, php } = given();
    const port = await portOf();
    const users = ['root', 'www-data', own.linuxUser, other.linuxUser, php.linuxUser, 'aapanel', 'nobody'];
    for (const address of addresses)
      expect(await connecting(users, address, port), address).toEqual(['root', 'www-data', own.linuxUser]);
    // By what the sites themselves run.
    await tryFrom(
      other,
      addresses.map((host) => ({ host, port })),
    );
    await write(php, 'port.php', phpTry(port));
    expect((await panel.visit(machine(), php.domains[0]?.host ?? '', '/port.php')).text).toBe('refused 111');
    expect((await panel.visit(machine(), own.domains[0]?.host ?? '')).status).toBe(200);
  }

  step(
    'SITE-2 the PHP, the application and the user of one site cannot connect to the port of another’s application; its own user, nginx and a visitor can',
    async () => {
      const { own, other } = given();
      expect(await isClosed()).toBe(true);
      const port = await portOf();
      // The same port on other addresses of the machine, by the same user.
      const addresses = [machine().address, '::1'];
      const listen = `require('node:net').createServer((s) => s.end()).listen(${port}, '`;
      for (const [index, address] of addresses.entries())
        await mustExec(machine(), [
          'systemd-run',
          '--quiet',
          `--unit=beside-${index}`,
          `--uid=${own.linuxUser}`,
          '/usr/local/bin/node',
          '-e',
          `${listen}${address}')`,
        ]);
      await until('both to listen', async () =>
        (await script(machine(), `ss -Hltn 'sport = :${port}' | wc -l`)).trim() === '3' ? true : undefined,
      );
      await expectClosed(['127.0.0.1', ...addresses]);
      // The same tries get through to a port of nobody's application.
      const free = 4_712;
      const plain = `require('node:net').createServer((s) => s.end()).listen(${free}, '127.0.0.1')`;
      await mustExec(machine(), ['systemd-run', '--quiet', '--unit=beside-free', '/usr/local/bin/node', '-e', plain]);
      await until(
        'it to listen',
        async () => (await connecting(['root'], '127.0.0.1', free)).length === 1 || undefined,
      );
      expect(await connecting([other.linuxUser, 'nobody'], '127.0.0.1', free)).toEqual([other.linuxUser, 'nobody']);
      await mustExec(machine(), ['systemctl', 'stop', 'beside-0', 'beside-1', 'beside-free']);
    },
  );

  step(
    'SITE-2 whatever else a site’s programs listen on, TCP or UDP, is kept from the programs of other sites; others of the machine, and the site itself, reach it',
    async () => {
      const { own, other, php } = given();
      // Nobody told the panel of these ports.
      const program = (port: number): string =>
        `require('node:net').createServer((s) => s.end()).listen(${port});` +
        `const u = require('node:dgram').createSocket('udp4'); u.on('message', (m, from) => u.send(m, from.port, from.address)); u.bind(${port})`;
      const ports = { site: 6_401, machine: 6_402, mptcp: 6_403 };
      for (const [name, user] of [
        ['site', own.linuxUser],
        ['machine', 'nobody'],
      ] as const)
        await mustExec(machine(), [
          'systemd-run',
          '--quiet',
          `--unit=further-${name}`,
          `--uid=${user}`,
          '/usr/local/bin/node',
          '-e',
          program(ports[name]),
        ]);
      // As programs of Go listen; Node cannot.
      const mptcp = `use Socket; socket(S, AF_INET, SOCK_STREAM, 262) or die $!; bind(S, pack_sockaddr_in(${ports.mptcp}, INADDR_ANY)) or die $!; listen(S, 9); close C while accept(C, S)`;
      const perl = ['systemd-run', '--quiet', '--unit=further-mptcp', `--uid=${own.linuxUser}`, '/usr/bin/perl', '-e'];
      await mustExec(machine(), [...perl, mptcp]);
      await until('all to listen', async () => {
        const open = Object.values(ports).map(
          async (port) => (await connecting(['root'], '127.0.0.1', port)).length === 1,
        );
        return (await Promise.all(open)).includes(false) ? undefined : true;
      });
      const users = ['root', 'nobody', own.linuxUser, other.linuxUser, php.linuxUser];
      const allowed = users.slice(0, 3);
      for (const address of ['127.0.0.1', machine().address, '::1'])
        expect(await connecting(users, address, ports.site), address).toEqual(allowed);
      expect(await connecting(users, '127.0.0.1', ports.machine)).toEqual(users);
      expect(await connecting(users, '127.0.0.1', ports.mptcp)).toEqual(allowed);
      const answering = async (port: number, asking = users): Promise<string[]> => {
        const could = [];
        for (const user of asking) {
          const ask = `const u = require('node:dgram').createSocket('udp4'); u.connect(${port}, '127.0.0.1', () => u.send('a')); u.on('message', () => process.exit()); u.on('error', () => process.exit(3)); setTimeout(() => process.exit(4), 1500)`;
          const { code } = await exec(machine(), [...as(user), '/usr/local/bin/node', '-e', ask]);
          if (code === 0) could.push(user);
        }
        return could;
      };
      // Whose it is nobody has seen yet.
      expect(await answering(ports.machine, ['nobody', other.linuxUser])).toEqual(['nobody']);
      await lookForDatagrams(ports.machine);
      expect(await answering(ports.site)).toEqual(allowed);
      expect(await answering(ports.machine)).toEqual(users);
      // By what the sites themselves run.
      await tryFrom(other, [{ host: '127.0.0.1', port: ports.site }]);
      for (const [name, said] of [
        ['site', 'refused 111'],
        ['machine', 'connected'],
      ] as const) {
        await write(php, `${name}-port.php`, phpTry(ports[name]));
        expect((await panel.visit(machine(), php.domains[0]?.host ?? '', `/${name}-port.php`)).text).toBe(said);
      }
      await mustExec(machine(), ['systemctl', 'stop', 'further-site', 'further-machine', 'further-mptcp']);
    },
  );

  step(
    'SITE-2 a datagram of another site does not arrive where nobody would answer it, to whichever address it goes; that of the site itself does',
    async () => {
      const { own, other, php } = given();
      const [port, group] = [6_404, '239.7.7.7'];
      const heard = `${own.root}/heard.txt`;
      const program =
        `const u = require('node:dgram').createSocket('udp4'); u.on('message', (m) => require('node:fs').appendFileSync('${heard}', m));` +
        `u.bind(${port}, () => u.addMembership('${group}', '${machine().address}'))`;
      const unit = ['systemd-run', '--quiet', '--unit=further-silent', `--uid=${own.linuxUser}`];
      await mustExec(machine(), [...unit, '/usr/local/bin/node', '-e', program]);
      await lookForDatagrams(port);
      const addresses = ['127.0.0.1', '127.0.0.9', machine().address, group];
      for (const user of [other.linuxUser, php.linuxUser, own.linuxUser, 'root'])
        for (const address of addresses) {
          const line = `echo "$0 $1" >"/dev/udp/$1/${port}"; true`;
          await exec(machine(), [...as(user), 'timeout', '5', 'bash', '-c', line, user, address]);
        }
      await write(
        php,
        'datagram.php',
        `<?php foreach (['127.0.0.1', '${machine().address}', '${group}'] as $to) { $s = @stream_socket_client("udp://$to:${port}"); @fwrite($s, "PHP $to\n"); }`,
      );
      await panel.visit(machine(), php.domains[0]?.host ?? '', '/datagram.php');
      const [last = ''] = addresses.slice(-1);
      await until('the last one', async () =>
        (await script(machine(), `cat ${heard} || true`)).includes(`root ${last}`) ? true : undefined,
      );
      // A site sends nothing to many, not even to itself.
      const single = addresses.filter((address) => address !== group);
      expect((await script(machine(), `cat ${heard}`)).trim().split('\n')).toEqual([
        ...single.map((address) => `${own.linuxUser} ${address}`),
        ...addresses.map((address) => `root ${address}`),
      ]);
      await mustExec(machine(), ['systemctl', 'stop', 'further-silent']);
      await mustExec(machine(), ['rm', heard]);
    },
  );

  step('the table is put up again when nftables is restarted or reloaded, by a repair and by the agent', async () => {
    const { own } = given();
    // Users of sites that are gone leave with the next table.
    await panel.call(owner(), 'POST', `/api/v1/sites/${own.id}/repair`, {});
    const whole = await lasting();
    for (const verb of ['start', 'reload', 'restart', 'stop']) {
      await script(machine(), `nft add table inet of_somebody; systemctl ${verb} nftables`);
      await until(`the table after ${verb}`, isClosed);
      expect(await lasting()).toBe(whole);
      expect(await script(machine(), 'nft list tables')).not.toContain('of_somebody');
    }
    await script(machine(), 'nft flush ruleset');
    expect((await status()).isPortClosed).toBe(false);
    await panel.call(owner(), 'POST', `/api/v1/sites/${own.id}/repair`, {});
    expect(await lasting()).toBe(whole);
    await script(machine(), 'nft delete table inet aapanel_sites; systemctl stop aapanel-agent.service');
    await until('the agent to close it again', isClosed);
    expect(await lasting()).toBe(whole);
    // The reboot meets a service that flushes all rules.
    await script(machine(), 'systemctl enable --quiet nftables');
  });

  step(
    'a port is closed before the application starts there, and opened when nothing of it runs any more',
    async () => {
      const { own } = given();
      const before = await portOf();
      const app = { program: 'node', arguments: ['server.js'] };
      const set = async (listen: object) =>
        panel.mustBe(await panel.updateSite(owner(), own.id, { app: { ...app, listen } }), 200);
      await set({ kind: 'port', port: 4_711 });
      expect(await isClosed()).toBe(true);
      await until('the old port to be opened', async () =>
        (await closedPorts()).includes(`${before}`) ? undefined : true,
      );
      expect(await closedPorts()).toContain('4711');
      // One of a service stays open to all, and the change is refused.
      const refused = await panel.updateSite(owner(), own.id, {
        app: { ...app, listen: { kind: 'port', port: 5_000 } },
      });
      panel.mustBe(refused, 422);
      expect(await closedPorts()).toMatch(/elements = \{ 4711 \}/);
      await panel.call(owner(), 'POST', `/api/v1/sites/${own.id}/app/stop`, {});
      await until('nothing to be closed', async () => ((await closedPorts()).includes('elements') ? undefined : true));
      await panel.call(owner(), 'POST', `/api/v1/sites/${own.id}/app/start`, {});
      expect(await closedPorts()).toMatch(/elements = \{ 4711 \}/);
      await set({ kind: 'port', port: null });
      await until('the given port to be opened', async () =>
        (await closedPorts()).includes('4711') ? undefined : true,
      );
      expect(await isClosed()).toBe(true);
    },
  );

  const abstractSockets = apartSteps(step, server, given);

  return {
    async afterReboot() {
      // Closed before it was started, and everything else that a site runs.
      const times = (property: string, units: string): Promise<string> =>
        script(machine(), `systemctl show --value -p ${property} ${units} | grep -v '^$' | sort -n | head -n 1`);
      const closedAt = Number(await times('ActiveEnterTimestampMonotonic', 'aapanel-ports.service'));
      const started = await times(
        'ExecMainStartTimestampMonotonic',
        "'aapanel-app-*' 'aapanel-php*' 'php*-fpm.service' 'nginx.service'",
      );
      expect(closedAt).toBeGreaterThan(0);
      expect(Number(started)).toBeGreaterThan(closedAt);
      expect(await isClosed()).toBe(true);
      await expectClosed(['127.0.0.1']);
      await abstractSockets.afterReboot();
    },
  };
}

const phpTry = (port: number): string =>
  `<?php echo @stream_socket_client('tcp://127.0.0.1:${port}', $code, $text, 3) === false ? "refused $code" : 'connected';`;
