// Abstract sockets of a site's programs: kept from whatever runs for another site, where the kernel can do that.
import { expect } from 'vitest';
import { until } from './host.ts';
import type { Server } from './installed.ts';
import { exec, mustExec, script, type Machine } from './machine.ts';
import * as panel from './panel.ts';
import type { PortSite } from './port-steps.ts';
import type { Step } from './steps.ts';
import { terminalsOf } from './terminal-steps.ts';

type Given = {
  /** Its application listens on the abstract socket that is named as its folder (app-steps.ts). */
  readonly own: PortSite;
  readonly other: PortSite;
  readonly php: PortSite;
};

/** Says whether the kernel lets it connect. */
const perlTry = ({ root }: PortSite): string =>
  `use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0); print connect(S, pack_sockaddr_un("\\0${root}")) ? "connected" : "refused " . ($! + 0)`;

const phpTry = ({ root }: PortSite): string =>
  `<?php echo @stream_socket_client("unix://\\0${root}", $code, $text, 3) === false ? "refused $code" : 'connected';`;

/** Before a command: as this user of the machine, with its own group alone. */
export const as = (user: string): string[] => [
  'setpriv',
  `--reuid=${user}`,
  `--regid=${user === 'nobody' ? 'nogroup' : user}`,
  '--clear-groups',
];

/** What whoever is kept from the socket is told: by the kernel, since Linux 6.12. */
async function wanted(machine: Machine): Promise<string> {
  // In a unit: what was brought into the machine from outside is not behind its filter of system calls.
  const unit = ['systemd-run', '--quiet', '--pipe', '--wait'];
  const abi = Number(await mustExec(machine, [...unit, '/usr/bin/perl', '-e', 'print syscall 444, 0, 0, 1']));
  if (abi >= 6) return 'refused 1';
  console.warn('not run: the kernel of this host keeps no abstract sockets apart (Linux 6.12)');
  return 'connected';
}

export function apartSteps(
  step: Step,
  server: () => Server,
  given: () => Given,
): { readonly afterReboot: () => Promise<void> } {
  const machine = () => server().machine;
  const owner = () => server().owner;
  const { open, visit } = terminalsOf(server);
  const write = (site: PortSite, name: string, input: string) =>
    mustExec(machine(), [...as(site.linuxUser), 'tee', `${site.root}/${name}`], { input });

  async function couldFrom(site: PortSite): Promise<string[]> {
    const targets = { read: [], list: [], write: [], signal: [], link: [], connect: [`\0${given().own.root}`] };
    await write(site, 'targets.json', JSON.stringify(targets));
    const attack = await panel.visit(machine(), site.domains[0]?.host ?? '', '/attack');
    return (JSON.parse(attack.text) as { could: string[] }).could;
  }

  async function expectApart(): Promise<void> {
    const { own, other, php } = given();
    const said = await wanted(machine());
    const reached = [`connect \0${own.root}`];
    // One of several instances has it, and that one reaches it.
    await until('it to listen', async () => ((await couldFrom(own)).join() === reached.join() ? true : undefined));
    // Who is no site's gets through.
    const outside = await exec(machine(), [...as('nobody'), '/usr/bin/perl', '-e', perlTry(own)]);
    expect(outside.stdout).toBe('connected');
    expect(await couldFrom(other)).toEqual(said === 'connected' ? reached : []);
    await write(php, 'abstract.php', phpTry(own));
    expect((await panel.visit(machine(), php.domains[0]?.host ?? '', '/abstract.php')).text).toBe(said);
  }

  step(
    'SITE-2 an abstract socket of an application is reached by its own processes, and by no PHP, application, job and terminal of another site where the kernel can keep it',
    async () => {
      const { own, other, php } = given();
      await expectApart();
      const said = await wanted(machine());
      // The same PHP code gets through where nothing stands before it.
      expect((await exec(machine(), [...as(php.linuxUser), 'php', `${php.root}/abstract.php`])).stdout).toBe(
        'connected',
      );
      const opened = await open({ kind: 'site', siteId: other.id });
      const typed = `stty -echo\r/usr/bin/perl -e '${perlTry(own)}'; echo " do""ne"\r`;
      expect((await visit(opened, typed, ' done')).text).toContain(`${said} done`);
      panel.mustBe(await panel.request(owner(), 'DELETE', `/api/v1/terminals/${opened.terminal.id}`), 204);
      const job = await panel.call<{ id: string }>(
        owner(),
        'POST',
        '/api/v1/cron/jobs',
        {
          name: 'abstract socket',
          siteId: other.id,
          work: { kind: 'script', language: 'bash', script: `/usr/bin/perl -e '${perlTry(own)}'`, linuxUser: null },
          schedule: { every: 'minutes', minutes: 1, timeZone: 'UTC' },
          timeoutSeconds: 30,
          retries: 0,
          retryPauseSeconds: 1,
          mayOverlap: false,
          catchesUp: false,
          keepRuns: 5,
          notify: 'never',
          isEnabled: false,
        },
        { status: 201 },
      );
      const path = `/api/v1/cron/jobs/${job.id}`;
      const { id } = await panel.call<{ id: string }>(owner(), 'POST', `${path}/runs`, undefined, { status: 201 });
      const end = await until('the job to end', async () => {
        const seen = await panel.call<{ run: { state: string }; text: string }>(
          owner(),
          'GET',
          `${path}/runs/${id}/output`,
        );
        return seen.run.state === 'running' ? undefined : seen;
      });
      expect(end).toMatchObject({ run: { state: 'succeeded' }, text: said });
      await panel.call(owner(), 'DELETE', path, undefined, { status: 204 });
    },
  );

  return { afterReboot: expectApart };
}

type PhpSite = PortSite & { readonly php: { readonly version: string; readonly isApart: boolean } };

/** Makes an abstract socket and keeps it while its file is there. */
const holder = `<?php $s = stream_socket_server("unix://\\0" . __DIR__); if ($s === false) die('no socket');
$end = time() + 20; while (time() < $end) { clearstatcache(); if (!file_exists(__DIR__ . '/holds')) break; usleep(50000); } echo 'held';`;

/** Two sites with the same version of PHP, each in a process of its own as new sites are. */
export function ownPhpSteps(
  step: Step,
  server: () => Server,
  given: () => { readonly own: PhpSite; readonly other: PhpSite },
): { readonly afterReboot: () => Promise<void> } {
  const machine = () => server().machine;
  const host = ({ domains }: PortSite): string => domains[0]?.host ?? '';
  const write = (site: PortSite, name: string, input: string) =>
    mustExec(machine(), [...as(site.linuxUser), 'tee', `${site.root}/${name}`], { input });
  const unit = (): string => `aapanel-php${given().own.php.version}-${given().own.slug}.service`;
  const pid = async (name: string): Promise<string> =>
    (await script(machine(), `systemctl show --value -p MainPID ${name}`)).trim();

  /** What PHP of both is told at a socket that PHP of the one holds. */
  async function tried(): Promise<{ own: string; other: string }> {
    const { own, other } = given();
    await write(own, 'holder.php', holder);
    await write(own, 'holds', '');
    for (const site of [own, other]) await write(site, 'reach.php', phpTry(own));
    const reach = async (site: PortSite) => (await panel.visit(machine(), host(site), '/reach.php')).text;
    // A visit of this test ends after five seconds; the script goes on.
    const holding = panel.visit(machine(), host(own), '/holder.php');
    try {
      await until('the socket', async () => ((await reach(own)) === 'connected' ? true : undefined));
      return { own: await reach(own), other: await reach(other) };
    } finally {
      await mustExec(machine(), ['rm', `${own.root}/holds`]);
      await holding;
    }
  }

  async function expectApart(): Promise<void> {
    const { own, other } = given();
    for (const site of [own, other]) await panel.waitForText(machine(), host(site), site.linuxUser, 60_000);
    expect(await tried()).toEqual({ own: 'connected', other: await wanted(machine()) });
  }

  const setApart = async (site: PhpSite, isApart: boolean): Promise<void> =>
    panel.mustBe(await panel.updateSite(server().owner, site.id, { php: { ...site.php, isApart } }), 200);

  step(
    'SITE-2 an abstract socket that PHP of a site makes is not reached by PHP of another site of the same version, where the kernel can keep it and nobody said that they share a process',
    async () => {
      const { own, other } = given();
      expect([own, other].map(({ php }) => php.isApart)).toEqual([true, true]);
      await expectApart();
      // One master, one domain.
      for (const site of [own, other]) await setApart(site, false);
      expect(await tried()).toEqual({ own: 'connected', other: 'connected' });
      await script(machine(), 'test -e /usr/bin/at || install -m 755 /bin/true /usr/bin/at');
      /** What calls `at` in the place of PHP; it would run what it is given outside of the domain. */
      const canCall = async (before: readonly string[] = []): Promise<boolean> =>
        (await exec(machine(), [...before, ...as(own.linuxUser), 'test', '-x', '/usr/bin/at'])).code === 0;
      expect(await canCall()).toBe(true);
      for (const site of [own, other]) await setApart(site, true);
      await expectApart();
      expect(await canCall(['nsenter', '-m', '-t', await pid(unit())])).toBe(false);
      expect((await exec(machine(), ['systemctl', 'is-enabled', unit()])).stdout.trim()).toBe('enabled');
      // Begins anew with the package's own, and by itself after a crash.
      const shared = `php${own.php.version}-fpm.service`;
      const [first, others] = [await pid(unit()), await pid(shared)];
      await mustExec(machine(), ['systemctl', 'restart', shared]);
      const second = await until('the unit to begin anew', async () => {
        const [now, theirs] = [await pid(unit()), await pid(shared)];
        return [first, '0'].includes(now) || [others, '0'].includes(theirs) ? undefined : now;
      });
      await mustExec(machine(), ['kill', '-9', second]);
      await panel.waitForText(machine(), host(own), own.linuxUser, 30_000);
      expect([first, second, '0']).not.toContain(await pid(unit()));
      // Who stops PHP of the version means that of every site.
      const answers = async (): Promise<number[]> =>
        await Promise.all([own, other].map(async (site) => (await panel.visit(machine(), host(site))).status));
      await mustExec(machine(), ['systemctl', 'stop', shared]);
      expect(await answers()).toEqual([502, 502]);
      await mustExec(machine(), ['systemctl', 'start', shared]);
      await until('both to answer', async () => ((await answers()).join() === '200,200' ? true : undefined));
    },
  );

  step(
    'PHP in a process of its own keeps to its limit of memory from the change on, and one request too large ends alone',
    async () => {
      const { own } = given();
      const before = await pid(unit());
      await write(own, 'large.php', '<?php echo strlen(str_repeat("x", 400 << 20));');
      const large = () => panel.visit(machine(), host(own), '/large.php');
      const php = { ...own.php, ini: { memoryLimitMb: 1_024 } };
      panel.mustBe(await panel.updateSite(server().owner, own.id, { php }), 200);
      expect((await large()).text).toBe(String(400 * 2 ** 20));
      const limits = { memoryMb: 250, cpuPercent: 150 };
      panel.mustBe(await panel.updateSite(server().owner, own.id, { php: { ...php, limits } }), 200);
      expect((await large()).status).toBe(502);
      expect((await panel.visit(machine(), host(own))).text).toContain(own.linuxUser);
      expect(await pid(unit())).toBe(before);
    },
  );

  return { afterReboot: expectApart };
}
