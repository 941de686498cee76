// What changes the machine itself: updates, name, time zone, tools. On a machine whose files nobody counts afterwards.
import { expect } from 'vitest';
import type { Server } from './installed.ts';
import { exec, mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import type { Step } from './steps.ts';

export function machineSteps(step: Step, server: () => Server): void {
  const owner = () => server().owner;
  const call = <T>(method: string, path: string, body?: unknown) =>
    panel.call<T>(owner(), method, `/api/v1${path}`, body);

  step('updates that wait are installed as a job, and none is left', async () => {
    const { id } = await panel.call<panel.Job>(
      owner(),
      'POST',
      '/api/v1/updates/install',
      { scope: 'all' },
      { status: 202 },
    );
    const ended = await panel.endOfJob(owner(), id);
    const log = await panel.jobLog(owner(), id);
    if (ended.state !== 'succeeded') throw new Error(log);
    expect(log).toMatch(/up to date/);
    expect((await call<{ items: unknown[] }>('GET', '/updates')).items).toEqual([]);
  });

  step('the machine gets another name and time zone at once, and both are in its own files', async () => {
    const { machine } = server();
    type Settings = { hostname: string; clock: { zone: string }; automaticUpdates: string };
    const said = async (...command: string[]) => (await mustExec(machine, command)).trim();
    const before = await call<Settings>('GET', '/machine');
    expect(before.hostname).toBe(await said('hostname'));
    await call('PUT', '/machine/hostname', { hostname: 'web-1.example.com' });
    expect([await said('hostname'), await said('cat', '/etc/hostname')]).toEqual([
      'web-1.example.com',
      'web-1.example.com',
    ]);
    expect(await said('getent', 'hosts', 'web-1')).toContain('127.0.1.1');
    await call('PUT', '/machine/time-zone', { zone: 'Asia/Riyadh' });
    expect(await said('date', '+%Z %z')).toBe('+03 +0300');
    expect((await call<Settings>('GET', '/machine')).clock.zone).toBe('Asia/Riyadh');
    const refused = await panel.request(owner(), 'PUT', '/api/v1/machine/time-zone', { zone: 'Asia/Nowhere' });
    panel.mustBe(refused, 400);
    expect(refused.body).toMatchObject({ reason: 'zone_unknown' });
    await call('PUT', '/machine/hostname', { hostname: before.hostname });
    await call('PUT', '/machine/time-zone', { zone: 'Etc/UTC' });
    const { items } = await call<{ items: { name: string; kind: string }[] }>('GET', '/machine/accounts');
    expect(items.map(({ name, kind }) => `${name} ${kind}`)).toEqual(
      expect.arrayContaining(['root root', 'aapanel panel', 'www-data system']),
    );
  });

  step(
    'a user of the machine comes in by its key, is shut out when it is locked, and is removed with what it runs',
    async () => {
      const { machine } = server();
      await script(
        machine,
        `apt-get -qq -y --no-install-recommends install openssh-server openssh-client >/dev/null; systemctl start ssh
       ssh-keygen -q -t ed25519 -N '' -f /root/key-sara`,
        { timeoutMs: 180_000 },
      );
      const before = await script(machine, 'getent passwd; getent group; ls /home');
      const key = (await script(machine, "cut -d' ' -f1,2 /root/key-sara.pub")).trim();
      const ssh = async (command: string): Promise<string> => {
        const options =
          '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes -o LogLevel=ERROR';
        const said = await exec(
          machine,
          ['bash', '-c', `timeout 20 ssh ${options} -i /root/key-sara sara@127.0.0.1 '${command}' </dev/null 2>&1`],
          { timeoutMs: 30_000 },
        );
        return said.stdout.trim();
      };
      const account = {
        name: 'sara',
        fullName: 'سارة $HOME',
        loginShell: '/bin/bash',
        groups: ['sudo'],
        becomesRoot: true,
      };
      const made = await call<{ uid: number }>('POST', '/machine/accounts', {
        ...account,
        keys: [{ name: 'laptop', key }],
      });
      expect(await ssh('id -nG; getent passwd sara | cut -d: -f5; stat -c "%a %U" ~ ~/.ssh/authorized_keys')).toBe(
        'sara sudo\nسارة $HOME\n750 sara\n600 sara',
      );
      await call('PUT', '/machine/accounts/sara/password', { password: 'four words in a row' });
      expect((await script(machine, 'getent shadow sara')).split(':')[1]).toMatch(/^\$(6|y)\$/);
      // Stays after its session: what runs goes on while it is locked.
      await ssh('setsid sleep 600 >/dev/null 2>&1 & (echo "@daily true" | crontab -)');
      await call('PATCH', '/machine/accounts/sara', { isLocked: true });
      expect(await ssh('id')).not.toContain('uid=');
      await call('PATCH', '/machine/accounts/sara', { isLocked: false });
      expect(await ssh('id')).toContain(`uid=${made.uid}(sara)`);
      type Facts = { processes: { name: string }[]; crontabLines: number; home: { state: string; sizeBytes: number } };
      const facts = await call<Facts>('GET', '/machine/accounts/sara');
      expect(facts).toMatchObject({ crontabLines: 1, home: { state: 'folder' } });
      expect(facts.processes.map(({ name }) => name)).toContain('sleep');
      const refused = await panel.request(owner(), 'POST', '/api/v1/machine/accounts/sara/delete', {});
      expect(refused.body).toMatchObject({ reason: 'account_has_processes' });
      await panel.call(
        owner(),
        'POST',
        '/api/v1/machine/accounts/sara/delete',
        { endsProcesses: true },
        { status: 204 },
      );
      expect(await script(machine, `stat -c '%a %U' /home/sara; pgrep -U ${made.uid} || echo none`)).toBe(
        '700 root\nnone\n',
      );
      await script(machine, 'rm -r /home/sara /root/key-sara /root/key-sara.pub');
      expect(await script(machine, 'getent passwd; getent group; ls /home')).toBe(before);
      expect(await script(machine, 'ls /var/spool/cron/crontabs | grep -x sara || echo none')).toBe('none\n');
      // What comes next begins without a confirmation.
      panel.mustBe(await panel.request(owner(), 'DELETE', '/api/v1/me/elevation'), 204);
    },
  );

  step(
    'FTP-1 SVC-2 the FTP server is told before it comes, lets only the named in, over TLS, and nobody out of their home',
    async () => {
      const { machine } = server();
      const plan = await call<{ mark: string; packages: { name: string; downloadBytes: number | null }[] }>(
        'GET',
        '/software/vsftpd/plan',
      );
      expect(plan.packages.find(({ name }) => name === 'vsftpd')?.downloadBytes).toBeGreaterThan(10_000);
      const path = `/api/v1/software/vsftpd/install?plan=${plan.mark}`;
      const { id } = await panel.call<panel.Job>(owner(), 'POST', path, undefined, { status: 202 });
      const ended = await panel.endOfJob(owner(), id);
      if (ended.state !== 'succeeded') throw new Error(await panel.jobLog(owner(), id));
      await script(
        machine,
        `useradd --create-home --shell /bin/bash ftper; echo 'ftper:a long one for ftp' | chpasswd
echo own >/home/ftper/own.txt; ln -s /etc/passwd /home/ftper/out`,
      );
      const ftp = async (...args: string[]) =>
        await exec(machine, ['curl', '-sS', '-m', '20', '-k', '--config', '-', ...args], {
          input: 'user = "ftper:a long one for ftp"\n',
        });
      const own = 'ftp://127.0.0.1/own.txt';
      expect((await ftp('--ssl-reqd', own)).code, 'not named yet').not.toBe(0);
      await call('PUT', '/ftp/settings', { users: ['ftper'], requiresTls: true });
      expect(await ftp('--ssl-reqd', own)).toMatchObject({ code: 0, stdout: 'own\n' });
      expect((await ftp(own)).code, 'without TLS').not.toBe(0);
      expect((await ftp('--ssl-reqd', 'ftp://127.0.0.1/out')).code, 'through a link').not.toBe(0);
      expect((await ftp('--ssl-reqd', 'ftp://127.0.0.1//etc/passwd')).code, 'out of the home').not.toBe(0);
      await panel.endOfJob(
        owner(),
        (await panel.call<panel.Job>(owner(), 'POST', '/api/v1/software/vsftpd/remove', undefined, { status: 202 })).id,
      );
      await script(machine, 'userdel --remove ftper');
    },
  );

  step(
    'HOST-2 a tool is installed as a job, runs with the machine, and is removed again: Redis, with a look at its keys',
    async () => {
      const { machine } = server();
      type Listed = { tools: { name: string; isInstalled: boolean; isRunning: boolean | null; unit: string | null }[] };
      const look = async () => (await call<Listed>('GET', '/software')).tools.find(({ name }) => name === 'redis');
      const job = async (verb: 'install' | 'remove') => {
        const path = `/api/v1/software/redis/${verb}`;
        const { id } = await panel.call<panel.Job>(owner(), 'POST', path, undefined, { status: 202 });
        const ended = await panel.endOfJob(owner(), id);
        if (ended.state !== 'succeeded') throw new Error(await panel.jobLog(owner(), id));
      };
      expect(await look()).toMatchObject({ isInstalled: false, isRunning: null });
      await job('install');
      expect(await look()).toMatchObject({ isInstalled: true, isRunning: true, unit: 'redis-server.service' });
      expect((await mustExec(machine, ['systemctl', 'is-enabled', 'redis-server.service'])).trim()).toBe('enabled');
      const redis = async () => await call<{ state: string; isOpenToNetwork: boolean }>('GET', '/redis');
      expect(await redis()).toMatchObject({ state: 'running', isOpenToNetwork: false });
      expect((await mustExec(machine, ['ss', '-Hltn', 'sport = :6379'])).match(/\S+:6379/g)?.sort()).toEqual([
        '127.0.0.1:6379',
        '[::1]:6379',
      ]);
      // What an application of the machine itself has written, in a name that is no text.
      await mustExec(machine, [
        'bash',
        '-c',
        "printf '*3\\r\\n$3\\r\\nSET\\r\\n$3\\r\\na\\r\\n\\r\\n$2\\r\\nhi\\r\\n' >/dev/tcp/127.0.0.1/6379",
      ]);
      const keys = { pattern: '*', type: null, after: null };
      const found = await call<{ items: { id: string }[] }>('POST', '/redis/0/keys/find', keys);
      expect(found.items).toMatchObject([{ id: Buffer.from('a\r\n').toString('base64url'), type: 'string' }]);
      expect(await call('POST', '/redis/0/flush', {})).toEqual({ deleted: 1 });
      // What comes next begins without a confirmation.
      panel.mustBe(await panel.request(owner(), 'DELETE', '/api/v1/me/elevation'), 204);
      await mustExec(machine, ['systemctl', 'stop', 'redis-server.service']);
      expect(await look()).toMatchObject({ isInstalled: true, isRunning: false });
      expect(await redis()).toMatchObject({ state: 'stopped' });
      await job('remove');
      expect(await look()).toMatchObject({ isInstalled: false });
    },
  );
}
