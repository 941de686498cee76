// PHP sites and applications on an installed server: they run, they switch, they are apart.
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { aapanelStep } from './aapanel-steps.ts';
import { ownPhpSteps } from './apart-steps.ts';
import { appSteps } from './app-steps.ts';
import { databaseSteps } from './database-steps.ts';
import { browserSteps } from './browser-steps.ts';
import { beginBeforeReboot, deploySteps, endAfterReboot } from './deploy-steps.ts';
import { exposure, isActive, waitReady } from './facts.ts';
import { until } from './host.ts';
import { bareServer, install, type Server } from './installed.ts';
import { down, exec, mustExec, reboot, script } from './machine.ts';
import * as panel from './panel.ts';
import { sshHostSteps } from './ssh-host-steps.ts';
import { sftpSteps } from './sftp-steps.ts';
import { steps } from './steps.ts';

type PhpSite = panel.Site & {
  linuxUser: string;
  php: { version: string; isApart: boolean; disabledFunctions: string[] };
};

/*
 * What a script of site A tries against site B and the panel. It is run with every function allowed and without
 * open_basedir, so that only users and rights of files stand between them. Answers what it could do.
 */
const attack = `<?php
$b = json_decode(file_get_contents(__DIR__ . '/targets.json'), true);
$could = [];
$try = function (string $what, callable $do) use (&$could) { try { if (@$do()) $could[] = $what; } catch (Throwable $e) {} };
foreach ($b['read'] as $path) $try("read $path", fn () => file_get_contents($path) !== false);
foreach ($b['list'] as $path) $try("list $path", fn () => scandir($path) !== false);
foreach ($b['write'] as $path) $try("write $path", fn () => file_put_contents($path, 'A was here') !== false);
foreach ($b['connect'] as $path) $try("connect $path", fn () => stream_socket_client("unix://$path", $n, $s, 1) !== false);
foreach ($b['signal'] as $pid) $try("signal $pid", fn () => shell_exec("/bin/kill -0 $pid && echo yes") !== null);
foreach ($b['link'] as $path) $try("link $path", function () use ($path) {
  $link = __DIR__ . '/link-' . md5($path); @unlink($link);
  return symlink($path, $link) && file_get_contents($link) !== false;
});
$try('its own user', fn () => trim(shell_exec('id -un')) !== $b['user']);
echo json_encode(['could' => $could, 'user' => trim((string) shell_exec('id -un')), 'groups' => trim((string) shell_exec('id -Gn'))]);
`;

describe('PHP sites of a server', () => {
  const step = steps();
  let server: Server;
  let a: PhpSite;
  let b: PhpSite;
  let version = '';
  let printed = '';

  beforeAll(async () => {
    server = await bareServer('bookworm', 'php', true, {}, true);
    printed = await install(server.machine);
    await panel.createOwner(server.owner, printed);
    await panel.installNginx(server.owner);
  });
  afterAll(async () => {
    if (server !== undefined) await down(server.machine);
  });

  const versions = async () =>
    (
      await panel.call<{ items: { version: string; isInstalled: boolean; isRunning: boolean; sites: number }[] }>(
        server.owner,
        'GET',
        '/api/v1/php/versions',
      )
    ).items;
  const write = (site: PhpSite, name: string, text: string) =>
    mustExec(
      server.machine,
      [
        'setpriv',
        `--reuid=${site.linuxUser}`,
        `--regid=${site.linuxUser}`,
        '--clear-groups',
        'tee',
        `${site.root}/${name}`,
      ],
      { input: text },
    );
  const make = async (host: string): Promise<PhpSite> => {
    await panel.createSite(server.owner, { kind: 'php', domains: [host], php: { version } });
    const found = await panel.findSite(server.owner, host);
    return await panel.call<PhpSite>(server.owner, 'GET', `/api/v1/sites/${found?.id}`);
  };
  /** Asked again while there is none: it comes with a visit, and goes when a change of another site reloads all of PHP. */
  const workerOf = (site: PhpSite): Promise<string> =>
    until(`a worker of ${site.linuxUser}`, async () => {
      await panel.visit(server.machine, site.domains[0]?.host ?? '', '/index.php');
      const { stdout } = await exec(server.machine, ['pgrep', '-u', site.linuxUser, '-f', 'php-fpm: pool']);
      return stdout.trim().split('\n')[0] || undefined;
    });

  step('SVC-1 PHP of the distribution is installed by a durable job, and the version is known', async () => {
    const offered = await versions();
    expect(offered.map(({ isInstalled }) => isInstalled)).not.toContain(true);
    version = offered[0]?.version ?? '';
    expect(version).toBe('8.2');
    const started = await panel.call<panel.Job>(
      server.owner,
      'POST',
      `/api/v1/software/php${version}/install`,
      undefined,
      { status: 202 },
    );
    const job = await panel.endOfJob(server.owner, started.id);
    if (job.state !== 'succeeded')
      throw new Error(`job ${job.state}: ${JSON.stringify(job.failure)}\n${await panel.jobLog(server.owner, job.id)}`);
    expect(await versions()).toContainEqual({ version, isInstalled: true, isRunning: true, sites: 0 });
  });

  step('two sites answer as their own users with the usual extensions', async () => {
    a = await make('a.test');
    b = await make('b.test');
    expect(a.linuxUser).not.toBe(b.linuxUser);
    for (const site of [a, b]) {
      await write(
        site,
        'index.php',
        '<?php session_start(); $_SESSION["n"] = 1; echo PHP_VERSION, " ", posix_getpwuid(posix_geteuid())["name"];',
      );
      await write(site, 'parts.php', '<?php echo implode(" ", array_map("strtolower", get_loaded_extensions()));');
      await write(site, 'secret.php', '<?php $password = "secret of the site";');
      const host = site.domains[0]?.host ?? '';
      await panel.waitForText(server.machine, host, `${version}.`);
      expect((await panel.visit(server.machine, host)).text).toContain(site.linuxUser);
      const { text } = await panel.visit(server.machine, host, '/parts.php');
      for (const part of [
        'mysqli',
        'pgsql',
        'sqlite3',
        'curl',
        'mbstring',
        'dom',
        'zip',
        'gd',
        'intl',
        'bcmath',
        'zend opcache',
      ])
        expect(text).toContain(part);
    }
  });

  step('an extension comes and goes by jobs; sites answer again by themselves, with it and without it', async () => {
    const { machine, owner } = server;
    await write(a, 'redis.php', '<?php echo extension_loaded("redis") ? "with" : "without", " redis";');
    const change = async (what: 'install' | 'remove'): Promise<void> => {
      const path = `/api/v1/software/php${version}-redis/${what}`;
      const { id } = await panel.call<panel.Job>(owner, 'POST', path, undefined, { status: 202 });
      const job = await panel.endOfJob(owner, id);
      if (job.state !== 'succeeded')
        throw new Error(`${JSON.stringify(job.failure)}\n${await panel.jobLog(owner, id)}`);
    };
    const shows = (text: string) =>
      until(text, async () => ((await panel.visit(machine, 'a.test', '/redis.php')).text === text ? true : undefined));
    const { items } = await panel.call<{ items: { name: string; isInstalled: boolean }[] }>(
      owner,
      'GET',
      `/api/v1/php/versions/${version}/extensions`,
    );
    expect(items).toContainEqual({ name: 'redis', isInstalled: false });
    expect(items).toContainEqual({ name: 'mysql', isInstalled: true });
    await change('install');
    await shows('with redis');
    await change('remove');
    await shows('without redis');
  });

  step(
    'SITE-3 a copy of a site, whose process and agent are killed on the way, runs as its own user with files of its own',
    async () => {
      const { machine, owner } = server;
      await script(
        machine,
        `cd ${a.root}; head -c 250000000 /dev/urandom > big; ln -s ${b.root}/secret.php taken; ` +
          `echo root > of-root; chmod 600 of-root; chown ${a.linuxUser}: big; chmod 640 index.php`,
      );
      const start = async (host: string): Promise<string> => {
        const path = `/api/v1/sites/${a.id}/copies`;
        return (await panel.call<panel.Job>(owner, 'POST', path, { domains: [host] }, { status: 202 })).id;
      };
      const id = await start('c.test');
      await until('the copying to be under way', async () =>
        (await exec(machine, ['pgrep', '-u', a.linuxUser, '-x', 'tar'])).code === 0 ? true : undefined,
      );
      await script(machine, "systemctl kill -s KILL 'aapanel-site-copy-*' aapanel-agent.service || true");
      const job = await panel.endOfJob(owner, id);
      const log = await panel.jobLog(owner, id);
      if (job.state !== 'succeeded') throw new Error(`${JSON.stringify(job.failure)}\n${log}`);
      expect(log).toMatch(/left out: .*of-root: .*Permission denied/);
      const found = await panel.findSite(owner, 'c.test');
      const c = await panel.call<PhpSite>(owner, 'GET', `/api/v1/sites/${found?.id}`);
      expect([a.linuxUser, b.linuxUser]).not.toContain(c.linuxUser);
      await panel.waitForText(machine, 'c.test', `${version}.`);
      expect((await panel.visit(machine, 'c.test')).text).toContain(c.linuxUser);
      const seen = await script(
        machine,
        `cd ${c.root}; cmp big ${a.root}/big && echo same; readlink taken; ls; stat -c '%U %G %a' . index.php big; ls /www/wwwroot/.copies; ls ${'/var/lib/aapanel-agent/reserved-users'}`,
      );
      expect(seen).toContain(`same\n${b.root}/secret.php\n`);
      expect(seen).not.toContain('of-root');
      expect(seen.trim().split('\n').slice(-3)).toEqual([
        `${c.linuxUser} www-data 2750`,
        `${c.linuxUser} www-data 640`,
        `${c.linuxUser} www-data 644`,
      ]);
      // As c's user nothing of a can be read, and the other way round.
      const refused = await exec(machine, [
        'setpriv',
        `--reuid=${c.linuxUser}`,
        `--regid=${c.linuxUser}`,
        '--clear-groups',
        'cat',
        `${a.root}/big`,
      ]);
      expect(refused.code).not.toBe(0);
      const cancelled = await start('never.test');
      await panel.request(owner, 'POST', `/api/v1/jobs/${cancelled}/cancel`);
      expect((await panel.endOfJob(owner, cancelled)).state).toBe('cancelled');
      expect(await script(machine, 'ls /www/wwwroot/.copies; ls -d /www/wwwroot/never.test || true')).toBe('');
      const { confirm } = await panel.call<{ confirm: string }>(owner, 'GET', `/api/v1/sites/${c.id}/removal`);
      panel.mustBe(
        await panel.request(owner, 'POST', `/api/v1/sites/${c.id}/removal`, { confirm, files: 'recycle' }),
        200,
      );
      await script(machine, `rm -f ${a.root}/big ${a.root}/taken ${a.root}/of-root`);
    },
  );

  aapanelStep(step, () => ({ server, version }));

  step(
    'SITE-2 WEB-7 the PHP of one site, with all its own fences down, reaches nothing of the other and of the panel',
    async () => {
      const { machine, owner } = server;
      const bSession = (await script(machine, `ls /www/php/${b.linuxUser}/sessions | head -n 1`)).trim();
      expect(bSession).toMatch(/^sess_/);
      const bWorker = await workerOf(b);
      expect(bWorker).toMatch(/^\d+$/);
      const panelWorker = (await script(machine, 'pgrep -u aapanel | head -n 1')).trim();
      // Of a site that was removed just before, one may go away while they are looked for.
      const find = String.raw`find /run -name '*.sock' \( -path '*aapanel*' -o -path '/run/php/*' \) 2>/dev/null || true`;
      const sockets = (await script(machine, find)).trim().split('\n');
      const own = `/run/php/aapanel-${a.id}-${version}-own.sock`;
      expect(sockets).toContain(`/run/php/aapanel-${b.id}-${version}-own.sock`);
      const targets = {
        user: a.linuxUser,
        read: [
          `${b.root}/index.php`,
          `${b.root}/secret.php`,
          `/www/php/${b.linuxUser}/sessions/${bSession}`,
          '/www/wwwlogs/b.test.access.log',
          '/www/wwwlogs/b.test.php.log',
          '/var/lib/aapanel/panel.sqlite',
          '/etc/aapanel/panel.env',
          '/etc/shadow',
          `/proc/${bWorker}/environ`,
          `/proc/${panelWorker}/environ`,
        ],
        list: [
          b.root,
          `/www/php/${b.linuxUser}`,
          `/www/php/${b.linuxUser}/sessions`,
          '/www/php',
          '/www/wwwlogs',
          '/var/lib/aapanel',
          '/var/lib/aapanel-agent',
          '/etc/aapanel',
        ],
        write: [
          `${b.root}/planted.php`,
          `${b.root}/index.php`,
          '/www/wwwroot/planted.php',
          `/www/php/${b.linuxUser}/sessions/sess_planted`,
          `/etc/php/${version}/fpm/pool.d/planted.conf`,
          `/etc/php/${version}/fpm/aapanel/planted.conf`,
          '/etc/nginx/aapanel/enabled/planted.conf',
          '/www/wwwlogs/planted.log',
        ],
        // Its own too: only nginx asks a pool.
        connect: [...new Set([...sockets, own])],
        signal: [bWorker, panelWorker, '1'],
        link: [`${b.root}/secret.php`, `/www/php/${b.linuxUser}/sessions/${bSession}`],
      };
      // All of the site's own fences down, so that only the machine's are left.
      const pool = `/etc/php/${version}/fpm/aapanel/a.test.conf`;
      const unit = `aapanel-php${version}-a.test`;
      await script(
        machine,
        `cp ${pool} /root/pool; sed -i '/open_basedir\\|disable_functions/d' ${pool}; systemctl reload ${unit}`,
      );
      await write(a, 'targets.json', JSON.stringify(targets));
      await write(a, 'attack.php', attack);
      type Seen = { could: string[]; user: string; groups: string };
      const seen = await until('the attack to run', async () => {
        const { status, text } = await panel.visit(machine, 'a.test', '/attack.php');
        return status === 200 && text.startsWith('{') && text.includes(`"user":"${a.linuxUser}"`)
          ? (JSON.parse(text) as Seen)
          : undefined;
      });
      expect(seen).toEqual({ could: [], user: a.linuxUser, groups: a.linuxUser });
      // The attack works where nothing stands in its way: on the site itself.
      await write(
        a,
        'targets.json',
        JSON.stringify({
          ...targets,
          read: [`${a.root}/index.php`],
          list: [a.root],
          write: [`${a.root}/mine`],
          connect: [],
          signal: [],
          link: [`${a.root}/index.php`],
        }),
      );
      const control = JSON.parse((await panel.visit(machine, 'a.test', '/attack.php')).text) as Seen;
      expect(control.could).toHaveLength(4);
      await script(machine, `cp /root/pool ${pool}; systemctl reload ${unit}`);
      await until(
        'the fences to stand again',
        async () => (await panel.visit(machine, 'a.test', '/attack.php')).status !== 200 || undefined,
      );
      expect((await panel.inspect(owner, a.id)).drift).toBe('in_sync');
      // A link to another site's files is not served by nginx either.
      await script(
        machine,
        `ln -s ${b.root}/secret.php ${a.root}/stolen.txt; chown -h ${a.linuxUser} ${a.root}/stolen.txt`,
      );
      expect((await panel.visit(machine, 'a.test', '/stolen.txt')).text).not.toContain('secret of the site');
    },
  );

  step('logs are set aside and visitors counted by the timer, and nginx and PHP write on as before', async () => {
    const { machine, owner } = server;
    expect(await isActive(machine, 'aapanel-logs.timer')).toBe(true);
    expect(await exposure(machine, 'aapanel-logs.service')).toBeLessThanOrEqual(2);
    await write(a, 'told.php', '<?php error_log("told " . $_GET["n"]); echo "told";');
    const tell = async (n: number): Promise<void> =>
      expect((await panel.visit(machine, 'a.test', `/told.php?n=${n}`)).text).toBe('told');
    const lookAfter = () => mustExec(machine, ['systemctl', 'start', 'aapanel-logs.service'], { timeoutMs: 60_000 });
    const lines = async (path: string): Promise<string> => await script(machine, `cat /www/wwwlogs/${path}`);
    await lookAfter();
    for (const n of [1, 2, 3]) {
      await tell(n);
      // As if each of them had been begun long ago.
      await script(machine, `sed -i -E 's/":[0-9]+/":0/g' /var/lib/aapanel-agent/logs/begun.json`);
      await lookAfter();
      expect(await lines('a.test.php.log.1')).toContain(`told ${n}`);
      expect(await lines('a.test.access.log.1')).toContain(`/told.php?n=${n} `);
      expect(await lines('a.test.access.log')).toBe('');
    }
    await tell(4);
    expect(await lines('a.test.php.log')).toContain('told 4');
    expect(await lines('a.test.access.log')).toContain('/told.php?n=4 ');
    const owners = await script(
      machine,
      'cd /www/wwwlogs; stat -c "%U %a" a.test.access.log a.test.php.log kept kept/a.test',
    );
    expect(owners).toBe(`www-data 640\n${a.linuxUser} 640\nroot 700\nroot 700\n`);
    // The magic number of zstd.
    const kept = await script(
      machine,
      'cd /www/wwwlogs/kept/a.test; for f in access-*; do head -c 4 "$f" | od -An -tx1; done',
    );
    expect(kept).toBe(' 28 b5 2f fd\n 28 b5 2f fd\n');
    const { paths } = await panel.call<{ paths: { key: string; requests: number }[] }>(
      owner,
      'GET',
      `/api/v1/sites/${a.id}/traffic`,
    );
    expect(paths).toContainEqual({ key: '/told.php', requests: 4 });
  });

  sftpSteps(step, () => ({ server, a, b, version }));
  sshHostSteps(step, () => server);

  step('a change of the limits is served at once, and 200 requests meanwhile lose nothing', async () => {
    const { machine, owner } = server;
    await write(b, 'limit.php', '<?php usleep(20000); echo "limit ", ini_get("memory_limit");');
    const visits = panel.visits(machine, 'b.test', 200, '/limit.php');
    const php = { ...b.php, ini: { memoryLimitMb: 123 } };
    panel.mustBe(await panel.updateSite(owner, b.id, { php }), 200);
    expect((await panel.visit(machine, 'b.test', '/limit.php')).text).toBe('limit 123M');
    expect(new Set((await visits).map(({ status }) => status))).toEqual(new Set([200]));
  });

  step('a version that a site needs is not removed', async () => {
    const started = await panel.call<panel.Job>(
      server.owner,
      'POST',
      `/api/v1/software/php${version}/remove`,
      undefined,
      { status: 202 },
    );
    expect(await panel.endOfJob(server.owner, started.id)).toMatchObject({
      state: 'failed',
      failure: { reason: 'software_in_use' },
    });
    expect((await panel.visit(server.machine, 'b.test')).text).toContain(b.linuxUser);
  });

  const ownPhp = ownPhpSteps(
    step,
    () => server,
    () => ({ own: b, other: a }),
  );

  const databases = databaseSteps(
    step,
    () => server,
    () => version,
  );
  const applications = appSteps(
    step,
    () => server,
    () => a,
  );

  deploySteps(
    step,
    () => server,
    () => version,
  );
  browserSteps(step, () => ({ server, own: a, other: b, printed }));
  beginBeforeReboot(step, () => server);

  step('ALL-6 the sites answer again after a reboot, with their pools, applications and users', async () => {
    await reboot(server.machine);
    await waitReady(server.machine);
    for (const site of [a, b])
      await panel.waitForText(server.machine, site.domains[0]?.host ?? '', site.linuxUser, 60_000);
    await applications.afterReboot();
    await databases.afterReboot();
    await ownPhp.afterReboot();
  });

  endAfterReboot(step, () => server);
  databases.end();

  step('a deleted site leaves no pool, no socket, no process and no user', async () => {
    const { machine, owner } = server;
    const { confirm } = await panel.call<{ confirm: string }>(owner, 'GET', `/api/v1/sites/${a.id}/removal`);
    panel.mustBe(
      await panel.request(owner, 'POST', `/api/v1/sites/${a.id}/removal`, { confirm, files: 'recycle' }),
      200,
    );
    await until(
      'everything of the site to be gone',
      async () => {
        const left = await exec(machine, [
          'bash',
          '-c',
          `ls -d /run/php/aapanel-${a.id}-* /etc/php/*/fpm/*/*a.test.conf /etc/systemd/system/aapanel-php*-a.test.service /www/php/${a.linuxUser}; id ${a.linuxUser}; pgrep -u ${a.linuxUser}`,
        ]);
        return left.stdout.trim() === '' ? true : undefined;
      },
      60_000,
    );
    expect((await panel.visit(machine, 'b.test')).text).toContain(b.linuxUser);
  });

  step('without sites the version is removed, and the machine is as before but for its settings', async () => {
    const { machine, owner } = server;
    const { confirm } = await panel.call<{ confirm: string }>(owner, 'GET', `/api/v1/sites/${b.id}/removal`);
    panel.mustBe(await panel.request(owner, 'POST', `/api/v1/sites/${b.id}/removal`, { confirm, files: 'keep' }), 200);
    const started = await panel.call<panel.Job>(owner, 'POST', `/api/v1/software/php${version}/remove`, undefined, {
      status: 202,
    });
    const job = await panel.endOfJob(owner, started.id);
    if (job.state !== 'succeeded')
      throw new Error(`job ${job.state}: ${JSON.stringify(job.failure)}\n${await panel.jobLog(owner, job.id)}`);
    const own =
      '/etc/systemd/system{,/*.wants}/aapanel-php* /etc/php/*/fpm/aapanel/* /run/php/*own* /var/log/aapanel-php*';
    const left = await exec(machine, ['bash', '-c', `pgrep php-fpm; ls /usr/sbin/php-fpm* ${own}`]);
    expect(left.stdout).toBe('');
    expect((await versions()).some(({ isInstalled }) => isInstalled)).toBe(false);
  });
});
