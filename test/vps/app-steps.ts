// Applications on an installed server: they run under real systemd, apart from everything else, and come back at boot.
import { expect } from 'vitest';
import { exposure, property } from './facts.ts';
import { until } from './host.ts';
import type { Server } from './installed.ts';
import { exec, mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import { portSteps, type PortSite } from './port-steps.ts';
import type { Step } from './steps.ts';

type AppSite = panel.Site & { linuxUser: string; app: { environment: object[] } };
type AppStatus = {
  state: string;
  pid: number | null;
  restarts: number;
  listensOn: string;
  end: object | null;
  instances: { number: number; state: string; pid: number | null; restarts: number; listensOn: string }[];
  workers: { name: string; state: string; restarts: number }[];
  nextRestartAt: string | null;
};

/** Answers with what it was asked for; `/attack` tries everything that stands in targets.json and says what it could. */
const serverText = (version: string): string => `
const http = require('node:http'); const fs = require('node:fs'); const net = require('node:net');
const attack = async () => {
  const t = JSON.parse(fs.readFileSync('targets.json', 'utf8')); const could = [];
  const tries = async (what, run) => { try { await run(); could.push(what); } catch {} };
  for (const path of t.read) await tries('read ' + path, () => fs.readFileSync(path));
  for (const path of t.list) await tries('list ' + path, () => fs.readdirSync(path));
  for (const path of t.write) await tries('write ' + path, () => fs.writeFileSync(path, 'was here'));
  for (const pid of t.signal) await tries('signal ' + pid, () => process.kill(pid, 0));
  for (const path of t.link) await tries('link ' + path, () => { fs.rmSync('l', { force: true }); fs.symlinkSync(path, 'l'); fs.readFileSync('l'); });
  for (const path of t.connect) await tries('connect ' + path, () => new Promise((yes, no) => net.connect(path, yes).on('error', no)));
  return { could, uid: process.getuid(), groups: process.getgroups(), sites: fs.readdirSync('/www/wwwroot') };
};
http.createServer(async (request, response) => {
  const { pathname, search } = new URL(request.url, 'http://x');
  if (pathname === '/env') response.end(String(process.env[search.slice(1)]));
  else if (pathname === '/attack') response.end(JSON.stringify(await attack()));
  else if (pathname === '/pid') response.end(String(process.pid));
  else if (pathname === '/leak') { response.end('leaks'); const kept = []; setInterval(() => kept.push(Buffer.alloc(8e6, 1)), 5); }
  else response.end('version ${version}');
}).listen(process.env.SOCKET ?? process.env.PORT, process.env.HOST);
const abstract = net.createServer((s) => s.end()); const begin = () => abstract.listen('\\0' + process.cwd());
abstract.on('error', () => setTimeout(begin, 200)); begin();
`;

export function appSteps(
  step: Step,
  server: () => Server,
  php: () => PortSite,
): { readonly afterReboot: () => Promise<void> } {
  let c: AppSite;
  let d: AppSite;
  const secret = 'vps-secret-$"`\\';
  const owner = () => server().owner;
  const machine = () => server().machine;
  const hostOf = (site: AppSite): string => site.domains[0]?.host ?? '';
  const unitOf = async (site: AppSite): Promise<string> =>
    (
      await script(machine(), `systemctl list-units --plain --no-legend 'aapanel-app-${site.slug}-*' | cut -d' ' -f1`)
    ).trim();
  const status = (site: AppSite) => panel.call<AppStatus>(owner(), 'GET', `/api/v1/sites/${site.id}/app`);
  const write = (site: AppSite, name: string, text: string) =>
    mustExec(
      machine(),
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
  const make = async (host: string, app: object): Promise<AppSite> => {
    const { id } = await panel.createSite(owner(), { kind: 'app', domains: [host], app });
    return await panel.call<AppSite>(owner(), 'GET', `/api/v1/sites/${id}`);
  };

  step('applications are made, started and seen to answer through nginx, on a port and on a socket', async () => {
    await script(machine(), 'cp /mnt/node /usr/local/bin/node');
    const start = { program: 'node', arguments: ['server.js'] };
    c = await make('c.test', start);
    d = await make('d.test', { ...start, listen: { kind: 'socket' }, environment: [{ name: 'TOKEN', secret }] });
    await panel.waitForText(machine(), 'c.test', '503');
    for (const site of [c, d]) {
      await write(site, 'server.js', serverText('1'));
      expect(await panel.call(owner(), 'POST', `/api/v1/sites/${site.id}/app/start`, {})).toMatchObject({
        state: 'running',
      });
      await panel.waitForText(machine(), hostOf(site), 'version 1');
      const { pid } = await status(site);
      expect((await mustExec(machine(), ['stat', '-c', '%U', `/proc/${pid}`])).trim()).toBe(site.linuxUser);
    }
  });

  step(
    'packages of a project are installed in a unit that writes to the site only, and a cancel ends it and all it started',
    async () => {
      // Stands for any tool that a project brings: says what it can do, or never ends.
      const tool = `#!/bin/sh
[ "$1" = run ] && exec sleep 4321
id -un > said
for path in /etc/planted /usr/local/bin/planted ${d.root}/planted; do touch $path 2>/dev/null && echo "wrote $path" >> said; done
for path in /var/lib/aapanel-agent /run/aapanel ${d.root}; do ls $path >/dev/null 2>&1 && echo "saw $path" >> said; done
exit 0
`;
      await mustExec(machine(), ['tee', '/usr/local/bin/npm'], { input: tool });
      await script(machine(), 'chmod 755 /usr/local/bin/npm; apt-get -qq -y install python3-venv >/dev/null');
      await write(c, 'package.json', '{"scripts":{"wait":"sleep"}}');
      const path = `/api/v1/sites/${c.id}`;
      const run = async (work: object): Promise<panel.Job> =>
        await panel.call<panel.Job>(owner(), 'POST', `${path}/dependencies`, { work }, { status: 202 });
      const done = await panel.endOfJob(owner(), (await run({ kind: 'node', manager: 'npm', task: 'install' })).id);
      expect(done).toMatchObject({ state: 'succeeded' });
      expect(await mustExec(machine(), ['cat', `${c.root}/said`])).toBe(`${c.linuxUser}\n`);
      const made = await panel.endOfJob(owner(), (await run({ kind: 'python', requirements: null })).id);
      expect(made, await panel.jobLog(owner(), made.id)).toMatchObject({ state: 'succeeded' });
      expect(await panel.call(owner(), 'GET', `${path}/project`)).toMatchObject({ python: { hasEnvironment: true } });
      expect((await mustExec(machine(), ['stat', '-c', '%U', `${c.root}/venv/bin/pip`])).trim()).toBe(c.linuxUser);
      const { id } = await run({ kind: 'script', manager: 'npm', script: 'wait' });
      const sleeps = async (): Promise<boolean> => (await exec(machine(), ['pgrep', '-f', 'sleep 4321'])).code === 0;
      await until('the script to run', async () => (await sleeps()) || undefined);
      const from = Date.now();
      await panel.call(owner(), 'POST', `/api/v1/jobs/${id}/cancel`, {}, { status: 202 });
      expect(await panel.endOfJob(owner(), id)).toMatchObject({ state: 'cancelled' });
      expect(Date.now() - from).toBeLessThan(15_000);
      expect(await sleeps()).toBe(false);
      await script(machine(), 'rm /usr/local/bin/npm');
      const { openFiles, connections } = await panel.call<{ openFiles: number; connections: number }>(
        owner(),
        'GET',
        `${path}/app`,
      );
      expect(openFiles).toBeGreaterThan(5);
      expect(connections).toBeGreaterThanOrEqual(0);
    },
  );

  step(
    'RUN-4 a secret stands in root’s own files only: not in the unit, not in what systemd shows, not in the panel',
    async () => {
      expect((await panel.visit(machine(), 'd.test', '/env?TOKEN')).text).toBe(secret);
      const found = await exec(machine(), [
        'bash',
        '-c',
        'grep -rlF vps-secret /etc /var/lib /www /run --exclude-dir=proc 2>/dev/null | sort',
      ]);
      expect(found.stdout.trim().split('\n')).toEqual([
        `/var/lib/aapanel-agent/apps/${d.id}/a.env`,
        `/var/lib/aapanel-agent/apps/${d.id}/secrets.json`,
      ]);
      const unit = await unitOf(d);
      expect(await mustExec(machine(), ['systemctl', 'show', unit])).not.toContain('vps-secret');
      expect(await mustExec(machine(), ['journalctl', '--no-pager', '-o', 'export'])).not.toContain('vps-secret');
      expect((await panel.request(owner(), 'GET', `/api/v1/sites/${d.id}`)).text).not.toContain('vps-secret');
    },
  );

  step('SITE-2 WEB-7 an application reaches nothing of another one, of other sites and of the panel', async () => {
    const other = (await status(d)).pid;
    const panelPid = (await script(machine(), 'pgrep -u aapanel | head -n 1')).trim();
    const sockets = (await script(machine(), 'find /run -name "*.sock" \\( -path "*aapanel*" -o -path "*php*" \\)'))
      .trim()
      .split('\n');
    const socket = (await status(d)).listensOn;
    expect(sockets).toContain(socket);
    const targets = {
      read: [
        `${d.root}/server.js`,
        `/var/lib/aapanel-agent/apps/${d.id}/secrets.json`,
        `/var/lib/aapanel-agent/apps/${c.id}/a.env`,
        '/www/wwwlogs/d.test.app.log',
        '/www/wwwlogs/c.test.app.log',
        '/var/lib/aapanel/panel.sqlite',
        '/etc/aapanel/panel.env',
        '/etc/shadow',
        `/proc/${other}/environ`,
        `/proc/${other}/cmdline`,
        `/proc/${panelPid}/environ`,
      ],
      list: [
        d.root,
        '/www/php',
        '/www/wwwlogs',
        '/www/server',
        '/var/lib/aapanel',
        '/var/lib/aapanel-agent',
        '/etc/aapanel',
        `/run/aapanel-apps/${d.id}`,
      ],
      write: [
        `${d.root}/planted.js`,
        '/www/wwwroot/planted.js',
        '/etc/systemd/system/planted.service',
        '/usr/local/bin/planted',
        '/var/lib/planted',
        `/run/aapanel-apps/planted`,
      ],
      signal: [other, Number(panelPid), 1],
      link: [`${d.root}/server.js`, '/etc/shadow'],
      connect: [...new Set([...sockets, '/run/systemd/private'])],
    };
    await write(c, 'targets.json', JSON.stringify(targets));
    type Seen = { could: string[]; uid: number; groups: number[]; sites: string[] };
    const attack = async (): Promise<Seen> =>
      JSON.parse((await panel.visit(machine(), 'c.test', '/attack')).text) as Seen;
    const seen = await attack();
    expect(seen.could).toEqual([]);
    expect(seen.groups).toEqual([seen.uid]);
    expect(seen.sites).toEqual([c.slug]);
    // The attack works where nothing stands in its way: on the application itself.
    await write(
      c,
      'targets.json',
      JSON.stringify({
        ...targets,
        read: ['server.js'],
        list: ['.'],
        write: ['mine'],
        signal: [(await status(c)).pid],
        link: ['server.js'],
        connect: [],
      }),
    );
    expect((await attack()).could).toHaveLength(5);
    // nginx follows no link that somebody puts in the place of a socket: it could lead to another site's.
    const inside = [
      'nsenter',
      '-t',
      String(other),
      '-m',
      '--',
      'setpriv',
      `--reuid=${d.linuxUser}`,
      `--regid=${d.linuxUser}`,
      '--clear-groups',
    ];
    await mustExec(machine(), [...inside, 'ln', '-s', socket, socket.replace('a.sock', 'link.sock')]);
    const asNginx = [
      'setpriv',
      '--reuid=www-data',
      '--regid=www-data',
      '--clear-groups',
      'curl',
      '-s',
      '--unix-socket',
    ];
    expect((await exec(machine(), [...asNginx, socket, 'http://x/'])).stdout).toBe('version 1');
    // The kernel of this host may have it switched off, which Debian's own setting (99-protect-links.conf) does not.
    const isProtected = (await mustExec(machine(), ['cat', '/proc/sys/fs/protected_symlinks'])).trim() === '1';
    const followed = await exec(machine(), [...asNginx, socket.replace('a.sock', 'link.sock'), 'http://x/']);
    if (isProtected) expect(followed.code).not.toBe(0);
    else console.warn('not run: the kernel of this host follows links in sticky folders (fs.protected_symlinks = 0)');
    expect((await mustExec(machine(), ['stat', '-c', '%A %U %G', `/run/aapanel-apps/${d.id}`])).trim()).toBe(
      'drwxr-x--- root www-data',
    );
    expect((await mustExec(machine(), ['stat', '-c', '%A %U %G', `/run/aapanel-apps/${d.id}/s`])).trim()).toBe(
      'drwxrwsrwt root www-data',
    );
    // Nobody of another site gets to the socket either; nginx does.
    const as = ['setpriv', `--reuid=${c.linuxUser}`, `--regid=${c.linuxUser}`, '--clear-groups'];
    expect((await exec(machine(), [...as, 'ls', `/run/aapanel-apps/${d.id}`])).code).not.toBe(0);
    expect(await exposure(machine(), await unitOf(c))).toBeLessThan(2.5);
    expect(await property(machine(), await unitOf(c), 'MemoryMax')).toBe(String(1_024 * 1024 * 1024));
    expect(await property(machine(), await unitOf(c), 'TasksMax')).toBe('512');
  });

  const ports = portSteps(step, server, () => ({ own: c, other: d, php: php() }));

  step(
    'RUN-1 RUN-2 a broken version is taken back, a good one takes over, and 300 requests meanwhile lose nothing',
    async () => {
      await write(c, 'server.js', 'console.error("no such table"); process.exit(4);');
      const before = (await panel.visit(machine(), 'c.test', '/pid')).text;
      const refused = await panel.request(owner(), 'POST', `/api/v1/sites/${c.id}/app/restart`, {});
      panel.mustBe(refused, 422);
      expect(refused.body).toMatchObject({ reason: 'app_exited', params: { code: 4 } });
      expect(refused.text).toContain('no such table');
      expect((await panel.visit(machine(), 'c.test', '/pid')).text).toBe(before);
      await write(c, 'server.js', serverText('2'));
      const visits = panel.visits(machine(), 'c.test', 300);
      await panel.call(owner(), 'POST', `/api/v1/sites/${c.id}/app/restart`, {});
      await panel.waitForText(machine(), 'c.test', 'version 2');
      expect(new Set((await visits).map(({ status }) => status))).toEqual(new Set([200]));
      await until(
        'the old process to end',
        async () => {
          const left = await exec(machine(), ['test', '-e', `/proc/${before}`]);
          return left.code === 0 ? undefined : true;
        },
        30_000,
      );
      expect((await unitOf(c)).split('\n')).toHaveLength(1);
    },
  );

  step('an application runs with a version of the store, which it can read and not change', async () => {
    const folder = '/www/runtimes/node/26.10.0';
    await script(machine(), `mkdir -p ${folder}/bin; cp /mnt/node ${folder}/bin/node; rm /usr/local/bin/node`);
    const app = { program: 'node', arguments: ['server.js'], nodeVersion: '26.10.0' };
    panel.mustBe(await panel.updateSite(owner(), c.id, { app }), 200);
    await panel.waitForText(machine(), 'c.test', 'version 2');
    const { pid } = await status(c);
    expect((await mustExec(machine(), ['readlink', `/proc/${pid}/exe`])).trim()).toBe(`${folder}/bin/node`);
    const inside = ['nsenter', '-t', String(pid), '-m', '--', 'touch', `${folder}/planted`];
    expect((await exec(machine(), inside)).stderr).toContain('Read-only file system');
    const listen = { kind: 'socket' };
    panel.mustBe(
      await panel.updateSite(owner(), d.id, { app: { ...app, listen, environment: d.app.environment } }),
      200,
    );
    await panel.waitForText(machine(), 'd.test', 'version 1');
  });

  step(
    'RUN-6 a killed application is started again by itself, and one that is missing its file says which',
    async () => {
      const { pid } = await status(c);
      await mustExec(machine(), ['kill', '-9', String(pid)]);
      await panel.waitForText(machine(), 'c.test', 'version 2');
      expect(await status(c)).toMatchObject({ state: 'running', restarts: 1 });
      const missing = await panel.request(owner(), 'PATCH', `/api/v1/sites/${c.id}`, { app: { program: './gone' } });
      panel.mustBe(missing, 422);
      expect(missing.body).toMatchObject({ reason: 'app_file_missing' });
      await panel.waitForText(machine(), 'c.test', 'version 2');
    },
  );

  step(
    'RUN-6 one that leaks is stopped at its limit by systemd and started again, and its neighbour notices nothing',
    async () => {
      const gone = (pid: number | null): Promise<unknown> =>
        until(`process ${pid} to be gone`, async () =>
          (await exec(machine(), ['test', '-e', `/proc/${pid}`])).code === 0 ? undefined : true,
        );
      const before = (await status(c)).pid;
      const neighbour = (await status(d)).pid;
      const app = { program: 'node', arguments: ['server.js'], nodeVersion: '26.10.0', limits: { memoryMb: 150 } };
      panel.mustBe(await panel.updateSite(owner(), c.id, { app }), 200);
      await panel.waitForText(machine(), 'c.test', 'version 2');
      // The one before answers for as long as nginx's old workers do: it must not be the one that is made to leak.
      await gone(before);
      const { pid } = await status(c);
      await panel.visit(machine(), 'c.test', '/leak');
      await gone(pid);
      await panel.waitForText(machine(), 'c.test', 'version 2');
      expect(await status(c)).toMatchObject({ state: 'running', restarts: 1 });
      expect((await status(d)).pid).toBe(neighbour);
      // One that leaks from its start is refused, with the reason; the old one goes on.
      await write(c, 'server.js', `const kept = []; setInterval(() => kept.push(Buffer.alloc(8e6, 1)), 5);`);
      const refused = await panel.request(owner(), 'POST', `/api/v1/sites/${c.id}/app/restart`, {});
      panel.mustBe(refused, 422);
      expect((refused.body as { reason: string }).reason).toMatch(/^app_(killed|out_of_memory)$/);
      await panel.waitForText(machine(), 'c.test', 'version 2');
      await write(c, 'server.js', serverText('2'));
    },
  );

  step(
    'an application whose site has ended is stopped by the timer’s service, and more time brings it back',
    async () => {
      const unit = await unitOf(c);
      // Far enough ahead for the change to be done before.
      const end = Date.now() + 8_000;
      const reach = { endsAt: new Date(end).toISOString() };
      panel.mustBe(await panel.updateSite(owner(), c.id, { reach }), 200);
      expect((await exec(machine(), ['systemctl', 'is-active', unit])).stdout.trim()).toBe('active');
      await until('the end', () => Promise.resolve(Date.now() > end ? true : undefined));
      await mustExec(machine(), ['systemctl', 'start', 'aapanel-backup.service'], { timeoutMs: 120_000 });
      await until('the application to end', async () =>
        (await exec(machine(), ['systemctl', 'is-active', unit])).stdout.trim() === 'active' ? undefined : true,
      );
      const left = await exec(machine(), ['bash', '-c', 'find /etc/systemd/system -name "aapanel-app-c.test-*"']);
      expect(left.stdout).toBe('');
      await panel.waitForText(machine(), 'c.test', 'This site has ended');
      panel.mustBe(await panel.updateSite(owner(), c.id, { reach: { endsAt: null } }), 200);
      await panel.waitForText(machine(), 'c.test', 'version 2');
    },
  );

  const workerOf = (site: AppSite): string => `aapanel-app-${site.slug}:queue.service`;
  const runsAgain = async (before: string): Promise<string | undefined> => {
    const pid = await property(machine(), workerOf(c), 'MainPID');
    return pid !== '0' && pid !== before ? pid : undefined;
  };
  const hasTimer = async (): Promise<void> => {
    const timer = 'aapanel-restart-c.test.timer';
    expect(await mustExec(machine(), ['systemctl', 'list-timers', '--no-pager', timer])).toContain(
      `aapanel-app-restart@${c.id}.service`,
    );
    const { nextRestartAt } = await status(c);
    const next = await mustExec(machine(), ['systemctl', 'show', '-P', 'NextElapseUSecRealtime', timer]);
    expect(Date.parse(nextRestartAt ?? '')).toBe(Date.parse(next.trim().replace(/^[A-Z][a-z]+ /, '')));
    // 04:00 in Riyadh, which has no summer time.
    expect(nextRestartAt).toMatch(/T01:00:00\.000Z$/);
  };

  step(
    'two instances and a worker of an application run in units of their own and are started again; neither a kill nor the clock loses a request',
    async () => {
      await write(c, 'worker.js', `console.log('begins', process.env.PORT); setInterval(() => {}, 1000);`);
      const app = {
        program: 'node',
        arguments: ['server.js'],
        nodeVersion: '26.10.0',
        instances: 2,
        workers: [{ name: 'queue', program: 'node', arguments: ['worker.js'] }],
        timedRestart: { every: 'day', minute: 240, timeZone: 'Asia/Riyadh' },
      };
      for (const [worker, code] of [
        [{ name: '../x', program: 'node' }, 'app_worker_name_invalid'],
        [{ name: 'queue', program: 'node', arguments: ['a\nUser=root'] }, 'control_characters'],
      ] as const) {
        const refused = await panel.request(owner(), 'PATCH', `/api/v1/sites/${c.id}`, {
          app: { ...app, workers: [worker] },
        });
        panel.mustBe(refused, 400);
        expect(refused.body).toMatchObject({ fields: [{ code }] });
      }
      panel.mustBe(await panel.updateSite(owner(), c.id, { app }), 200);
      const first = (await until('the worker', () => runsAgain('0'))) as string;
      expect((await mustExec(machine(), ['stat', '-c', '%U', `/proc/${first}`])).trim()).toBe(c.linuxUser);
      expect(await exposure(machine(), workerOf(c))).toBeLessThan(2.5);
      expect(await property(machine(), workerOf(c), 'MemoryMax')).toBe(String(1_024 * 1024 * 1024));
      const log = (await panel.call<{ lines: string[] }>(owner(), 'GET', `/api/v1/sites/${c.id}/logs/app?worker=queue`))
        .lines;
      expect(log).toEqual(['begins undefined']);
      const both = (await status(c)).instances;
      expect(both.map(({ state }) => state)).toEqual(['running', 'running']);
      const [port, next] = both.map(({ listensOn }) => Number(listensOn.split(':')[1]));
      expect(next).toBe((port ?? 0) + 1);
      const units = (await until('the old place to end', async () => {
        const lines = (await unitOf(c)).split('\n');
        return lines.length === 2 ? lines : undefined;
      })) as string[];
      for (const unit of units) expect(await property(machine(), unit, 'MemoryMax')).toBe(String(1_024 * 1024 * 1024));
      const lossless = panel.visits(machine(), 'c.test', 150);
      await mustExec(machine(), ['kill', '-9', String(both[1]?.pid)]);
      expect(new Set((await lossless).map(({ status }) => status))).toEqual(new Set([200]));
      await until('the killed instance', async () =>
        (await status(c)).instances[1]?.state === 'running' ? true : undefined,
      );
      expect((await status(c)).instances.map(({ restarts }) => restarts)).toEqual([0, 1]);
      const main = (await status(c)).pid;
      await mustExec(machine(), ['kill', '-9', first]);
      const second = (await until('the worker to run again', () => runsAgain(first))) as string;
      expect(await status(c)).toMatchObject({ pid: main, workers: [{ name: 'queue', restarts: 1 }] });
      await hasTimer();
      expect(await exposure(machine(), `aapanel-app-restart@${c.id}.service`)).toBeLessThanOrEqual(2);
      const visits = panel.visits(machine(), 'c.test', 200);
      await mustExec(machine(), ['systemctl', 'start', `aapanel-app-restart@${c.id}.service`], { timeoutMs: 120_000 });
      expect(new Set((await visits).map(({ status }) => status))).toEqual(new Set([200]));
      expect((await status(c)).pid).not.toBe(main);
      await until('the next worker', () => runsAgain(second));
    },
  );

  return {
    /** Both answer again; then one is deleted, and nothing of it is left. */
    async afterReboot() {
      await panel.waitForText(machine(), 'c.test', 'version 2', 60_000);
      await panel.waitForText(machine(), 'd.test', 'version 1', 60_000);
      await until('the worker', () => runsAgain('0'));
      await hasTimer();
      await ports.afterReboot();
      expect((await panel.visit(machine(), 'd.test', '/env?TOKEN')).text).toBe(secret);
      const path = `/api/v1/sites/${d.id}/removal`;
      const { confirm } = await panel.call<{ confirm: string }>(owner(), 'GET', path);
      panel.mustBe(await panel.request(owner(), 'POST', path, { confirm, files: 'keep' }), 200);
      await until(
        'everything of the application to be gone',
        async () => {
          const left = await exec(machine(), [
            'bash',
            '-c',
            `ls -d /etc/systemd/system/aapanel-app-d.test-* /etc/tmpfiles.d/aapanel-app-d.test.conf /run/aapanel-apps/${d.id} /var/lib/aapanel-agent/apps/${d.id}; id ${d.linuxUser}; pgrep -u ${d.linuxUser}; systemctl list-units --all --plain --no-legend 'aapanel-app-d.test-*'`,
          ]);
          return left.stdout.trim() === '' ? true : undefined;
        },
        60_000,
      );
      await panel.waitForText(machine(), 'c.test', 'version 2');
    },
  };
}
