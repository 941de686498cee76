// Access to the files of a site by SFTP, on an installed server with its own SSH server: what a key opens, and what not.
import { expect } from 'vitest';
import { until } from './host.ts';
import type { Server } from './installed.ts';
import { exec, mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import type { Step } from './steps.ts';

type KeySite = panel.Site & { linuxUser: string };
const limit = { timeoutMs: 180_000 };

/** `a`, `b`: two sites of PHP that answer; `b` has a session and a running pool. */
export function sftpSteps(step: Step, given: () => { server: Server; a: KeySite; b: KeySite; version: string }): void {
  const machine = () => given().server.machine;
  const options = '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes';
  const key = async (name: string): Promise<string> =>
    (
      await script(
        machine(),
        `[ -e /root/${name} ] || ssh-keygen -q -t ed25519 -N '' -f /root/${name}; cut -d' ' -f1,2 /root/${name}.pub`,
      )
    ).trim();
  const allow = async (site: KeySite, names: readonly string[]): Promise<void> => {
    const keys = await Promise.all(names.map(async (name) => ({ name, key: await key(name) })));
    panel.mustBe(await panel.updateSite(given().server.owner, site.id, { sftp: { keys } }), 200);
  };
  /** Commands of sftp, each allowed to fail; answers what it said. */
  const sftp = async (name: string, user: string, commands: readonly string[]): Promise<string> => {
    const batch = commands.map((command) => `-${command}\n`).join('');
    const { stdout, stderr } = await exec(
      machine(),
      ['bash', '-c', `cd /root/got && sftp ${options} -o LogLevel=ERROR -i /root/${name} -b - ${user}@127.0.0.1 2>&1`],
      { input: batch, ...limit },
    );
    return stdout + stderr;
  };

  step('the owner of a key puts files into the site, and nginx serves them', async () => {
    await script(
      machine(),
      `apt-get -qq -y --no-install-recommends install openssh-server openssh-client >/dev/null; systemctl start ssh
       mkdir -p /root/got; echo 'by sftp' >/root/got/hello.txt`,
      limit,
    );
    const { a, b } = given();
    await allow(a, ['key-a']);
    await allow(b, ['key-b']);
    const said = await until('a key to open', async () => {
      const text = await sftp('key-a', a.linuxUser, ['pwd', 'put hello.txt', 'ls -l hello.txt']);
      return text.includes('Permission denied') ? undefined : text;
    });
    expect(said).toContain(`Remote working directory: ${a.root}`);
    expect((await panel.visit(machine(), 'a.test', '/hello.txt')).text).toBe('by sftp\n');
    // nginx by the group, nobody else.
    expect(await script(machine(), `stat -c '%U %G %a' ${a.root}/hello.txt`)).toBe(`${a.linuxUser} www-data 640\n`);
  });

  step('SITE-2 FTP-1 WEB-7 who holds a key of one site reaches nothing of the other and of the panel', async () => {
    const { a, b, version } = given();
    const session = (await script(machine(), `ls /www/php/${b.linuxUser}/sessions | head -n 1`)).trim();
    const read = [
      `${b.root}/index.php`,
      `${b.root}/secret.php`,
      `/www/php/${b.linuxUser}/sessions/${session}`,
      '/www/wwwlogs/b.test.access.log',
      '/www/wwwlogs/b.test.php.log',
      `/etc/ssh/aapanel/${b.linuxUser}`,
      '/var/lib/aapanel/panel.sqlite',
      '/etc/aapanel/panel.env',
      '/etc/shadow',
    ];
    const list = [
      b.root,
      `/www/php/${b.linuxUser}`,
      '/www/php',
      '/www/wwwlogs',
      '/var/lib/aapanel',
      '/var/lib/aapanel-agent',
    ];
    const write = [
      `${b.root}/planted.php`,
      `${b.root}/index.php`,
      '/www/wwwroot/planted.php',
      `/www/php/${b.linuxUser}/sessions/sess_planted`,
      '/www/wwwlogs/planted.log',
      `/etc/ssh/aapanel/${a.linuxUser}`,
      `/etc/ssh/aapanel/${b.linuxUser}`,
      '/etc/ssh/sshd_config.d/planted.conf',
      `/run/php/aapanel-${b.id}-${version}-own.sock`,
    ];
    await script(machine(), 'rm -rf /root/got; mkdir /root/got; echo planted >/root/got/planted');
    const before = await script(machine(), `cat ${b.root}/index.php /etc/ssh/aapanel/*`);
    const said = await sftp('key-a', a.linuxUser, [
      ...read.map((path, at) => `get ${path} read-${at}`),
      ...list.map((path) => `ls ${path}/`),
      ...write.map((path) => `put planted ${path}`),
      `rename ${b.root}/index.php ${b.root}/gone.php`,
      `rm ${b.root}/index.php`,
      `chmod 777 ${b.root}`,
      `ln -s ${b.root}/secret.php ${a.root}/linked.txt`,
      `get ${a.root}/linked.txt linked`,
      // The same works where nothing stands in its way.
      `get ${a.root}/index.php control`,
      `put planted ${a.root}/control`,
      `ls ${a.root}/`,
    ]);
    expect(said).toContain(`${a.root}/control`);
    expect(await script(machine(), 'cd /root/got; ls')).toBe('control\nplanted\n');
    expect(await script(machine(), `cat ${b.root}/index.php /etc/ssh/aapanel/*`)).toBe(before);
    expect(
      await script(machine(), `find / -xdev -name '*planted*' -not -path '/root/*' -not -path '/proc/*' | wc -l`),
    ).toBe('0\n');
    for (const path of list) expect(said).toMatch(new RegExp(`(remote readdir|Can't ls|Couldn't.*)[^\\n]*${path}`));
    expect((await panel.visit(machine(), 'a.test', '/linked.txt')).text).not.toContain('secret of the site');
  });

  step(
    'SITE-2 FTP-1 WEB-7 a key opens no command line, no socket and no other site; a password opens nothing',
    async () => {
      const { a, b, version } = given();
      const ssh = async (more: string): Promise<string> => {
        const { stdout, stderr } = await exec(
          machine(),
          ['bash', '-c', `timeout 20 ssh ${options} -o LogLevel=INFO ${more} </dev/null 2>&1; true`],
          limit,
        );
        return stdout + stderr;
      };
      const me = `-i /root/key-a ${a.linuxUser}@127.0.0.1`;
      expect(await ssh(`${me} id`)).not.toContain('uid=');
      expect(await ssh(`-tt ${me}`)).toContain('PTY allocation request failed');
      expect(await ssh(`-W 127.0.0.1:80 ${me}`)).toContain('prohibited');
      expect(await ssh(`-o ExitOnForwardFailure=yes -N -R 127.0.0.1:4444:127.0.0.1:80 ${me}`)).toContain(
        'forwarding failed',
      );
      // The socket of the other site's PHP through the SSH server.
      const socket = `/run/php/aapanel-${b.id}-${version}-own.sock`;
      const through = await script(
        machine(),
        `rm -f /root/s; timeout 15 ssh ${options} -o LogLevel=INFO -N -L /root/s:${socket} ${me} </dev/null 2>/root/said & sleep 2
       timeout 5 curl -s --unix-socket /root/s http://x/ -o /root/answer || true; wait || true; cat /root/said`,
        limit,
      );
      expect(through).toContain('open failed');
      expect(await ssh(`-i /root/key-a ${b.linuxUser}@127.0.0.1`)).toContain('Permission denied (publickey)');
      expect(await ssh(`-o PubkeyAuthentication=no ${a.linuxUser}@127.0.0.1`)).toContain(
        'Permission denied (publickey)',
      );
      // The site itself cannot let somebody in: neither by the panel's file nor by one of its own.
      const asUser = ['setpriv', `--reuid=${a.linuxUser}`, `--regid=${a.linuxUser}`, '--clear-groups'];
      for (const command of [
        ['tee', '-a', `/etc/ssh/aapanel/${a.linuxUser}`],
        ['rm', '-f', `/etc/ssh/aapanel/${a.linuxUser}`],
        ['tee', '/etc/ssh/sshd_config.d/49-own.conf'],
        ['mkdir', '-p', '/nonexistent/.ssh'],
      ])
        expect((await exec(machine(), [...asUser, ...command], { input: 'x' })).code, command.join(' ')).not.toBe(0);
      // It can signal no process of the other; one waits a while after a visit.
      await panel.visit(machine(), 'b.test', '/index.php');
      const worker = (await script(machine(), `pgrep -u ${b.linuxUser} | head -n 1`)).trim();
      expect((await exec(machine(), [...asUser, 'kill', '-0', worker])).code).not.toBe(0);
    },
  );

  step('a key that is taken away opens nothing any more, and its open session ends', async () => {
    const { a, b } = given();
    await script(
      machine(),
      `(sleep 100 | sftp ${options} -i /root/key-a ${a.linuxUser}@127.0.0.1 >/dev/null 2>&1; echo over >/root/over) >/dev/null 2>&1 &
       for i in $(seq 50); do pgrep -u ${a.linuxUser} sshd && break; sleep 0.1; done`,
    );
    await allow(a, []);
    await until('the session to end', async () =>
      (await exec(machine(), ['pgrep', '-u', a.linuxUser, 'sshd'])).code === 0 ? undefined : true,
    );
    expect(await sftp('key-a', a.linuxUser, ['pwd'])).toContain('Permission denied (publickey)');
    expect(await sftp('key-b', b.linuxUser, ['pwd'])).toContain(b.root);
    await script(machine(), `pkill -x sleep || true; rm -rf /root/got /root/over /root/s /root/said /root/answer`);
    await mustExec(machine(), ['sshd', '-t']);
  });
}
