import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { call, freePort, makeWorld, newChangeId, snapshot, specOf, type World } from '../testing/world.ts';
import { renderCommonAccess, renderKeys, renderSiteAccess } from './sftp.render.ts';

/*
 * With the real sshd of this machine, its files below a folder of ours. The users of such a world have no account, so
 * nobody signs in here: that is what the booted machine is for.
 */

const program = '/usr/sbin/sshd';
const isRoot = process.getuid?.() === 0;
const keys = [
  { name: 'laptop', key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPw5ClYKZTJVZgOOYyErcpDiglmQuJb5ElALH7ZVXVxN' },
  { name: 'phone', key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGd1mmUzSNpH5Vld1WUUlx9ZgPZxeEgQ0P1UQUyAEbPQ' },
];

it('the texts for sshd are these, byte by byte', async () => {
  await expect(renderSiteAccess({ user: 'site-abcdefgh', root: '/www/wwwroot/example.com' })).toMatchFileSnapshot(
    'testdata/site.golden.conf',
  );
  await expect(renderCommonAccess()).toMatchFileSnapshot('testdata/common.golden.conf');
  await expect(renderKeys(keys)).toMatchFileSnapshot('testdata/keys.golden');
});

describe.runIf(existsSync(program) && isRoot)('with an SSH server', () => {
  let world: World;
  let machine: Machine;
  let port = 0;
  let hadFolder = true;
  let server: ChildProcess;
  const drops = '/etc/ssh/sshd_config.d';
  const main = () => world.path('/etc/ssh/sshd_config');
  const put = (spec: SiteSpec, given = call()) =>
    sitesHandlers['sites.apply'](machine, { spec, changeId: newChangeId(), isNew: false, onDrift: 'refuse' }, given);
  const see = () => snapshot(world.prefix, ['/etc/ssh']);
  const isAnswering = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('data', (text) => {
        socket.destroy();
        resolve(String(text).startsWith('SSH-2.0-'));
      });
      socket.on('error', () => resolve(false));
    });
  // A server that was told to read its settings anew closes its port in between, at a moment of its own.
  const untilAnswering = () => vi.waitUntil(isAnswering, { interval: 20, timeout: 20_000 });

  beforeAll(async () => {
    world = await makeWorld({});
    port = await freePort();
    symlinkSync(program, world.path('/usr/sbin/sshd'));
    mkdirSync(world.path(drops), { recursive: true });
    hadFolder = existsSync('/run/sshd');
    mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    const hostKey = world.path('/etc/ssh/host_key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey]);
    writeFileSync(
      main(),
      [
        `Include ${world.path(drops)}/*.conf`,
        `Port ${port}`,
        'ListenAddress 127.0.0.1',
        `HostKey ${hostKey}`,
        `PidFile ${world.path('/run/sshd.pid')}`,
        'PermitRootLogin no',
        '',
      ].join('\n'),
    );
    server = spawn(program, ['-D', '-f', main()], { stdio: 'ignore' });
    await untilAnswering();
    machine = await openMachine(world.settings);
  });
  afterAll(async () => {
    await machine.settled();
    machine.close();
    server.kill('SIGTERM');
    if (!hadFolder) rmdirSync('/run/sshd');
    world.destroy();
  });

  it('a key gives access, in files that only root can change; without keys they are gone', async () => {
    const spec = specOf(world, 'access.test');
    const { linuxUser } = await put(spec);
    const before = see();
    await put({ ...spec, sftp: { keys } });
    const keyFile = world.path(`/etc/ssh/aapanel/${linuxUser}`);
    expect(readFileSync(keyFile, 'utf8')).toContain(`restrict ${keys[0]?.key}\n`);
    expect(statSync(keyFile)).toMatchObject({ uid: 0 });
    expect(statSync(keyFile).mode & 0o027).toBe(0);
    const shown = execFileSync(program, ['-T', '-f', main(), '-C', `user=${linuxUser},host=a,addr=10.0.0.1`], {
      encoding: 'utf8',
    });
    expect(shown).toContain(`\nforcecommand internal-sftp -d /www/wwwroot/access.test -u 0027\n`);
    expect(shown).toContain(`\nauthorizedkeysfile /etc/ssh/aapanel/${linuxUser}\n`);
    expect(shown).toMatch(/\ndisableforwarding yes\n/);
    // A user of a site without keys has no way in, and nobody else is touched.
    const other = execFileSync(program, ['-T', '-f', main(), '-C', 'user=site-zzzzzzzz,host=a,addr=10.0.0.1'], {
      encoding: 'utf8',
    });
    expect(other).toMatch(/\nauthorizedkeysfile none\n/);
    const root = execFileSync(program, ['-T', '-f', main(), '-C', 'user=root,host=a,addr=10.0.0.1'], {
      encoding: 'utf8',
    });
    expect(root).toMatch(/\npermitrootlogin no\n/);
    expect(root).toMatch(/\npermittty yes\n/);
    expect(root).toMatch(/\nforcecommand none\n/);
    await untilAnswering();
    await put({ ...spec, sftp: { keys: [] } });
    rmSync(world.path(`${drops}/60-aapanel-sites.conf`));
    rmSync(world.path('/etc/ssh/aapanel'), { recursive: true });
    expect(see()).toBe(before);
  });

  it('S-5 nobody gets a key without a fresh factor; taking one away needs none', async () => {
    const spec = specOf(world, 'ticket.test');
    await put(spec);
    const before = see();
    const plain = { ...call(), isElevated: false };
    await expect(put({ ...spec, sftp: { keys: keys.slice(0, 1) } }, plain)).rejects.toMatchObject({
      code: 'elevation_required',
    });
    expect(see()).toBe(before);
    await put({ ...spec, sftp: { keys } });
    await put({ ...spec, sftp: { keys: keys.slice(0, 1) } }, plain);
    // Another one under the same name is another one.
    const swapped = [{ name: 'laptop', key: keys[1]?.key ?? '' }];
    await expect(put({ ...spec, sftp: { keys: swapped } }, plain)).rejects.toMatchObject({
      code: 'elevation_required',
    });
  });

  it("other people's settings that would win, or are broken, leave everything as it was, and the server running", async () => {
    const spec = specOf(world, 'overruled.test');
    await put(spec);
    const wanted = { ...spec, sftp: { keys } };
    const refused = async (name: string, text: string, reason: string): Promise<void> => {
      writeFileSync(world.path(`${drops}/${name}`), text);
      const before = see();
      await expect(put(wanted)).rejects.toMatchObject({ reason });
      expect(see()).toBe(before);
      rmSync(world.path(`${drops}/${name}`));
      await untilAnswering();
    };
    await refused('10-own.conf', 'Match User site-*\n    PermitTTY yes\nMatch all\n', 'sftp_overruled');
    await refused('10-own.conf', 'Match User *\n    ForceCommand /bin/sh\nMatch all\n', 'sftp_overruled');
    await refused('99-own.conf', 'NoSuchWord yes\n', 'sftp_sshd_broken');
    const whole = readFileSync(main(), 'utf8');
    writeFileSync(main(), whole.replace(/^Include.*\n/, ''));
    await expect(put(wanted)).rejects.toMatchObject({ reason: 'sftp_overruled' });
    writeFileSync(main(), whole);
    expect(readdirSync(world.path(drops)).filter((name) => name.includes('50-'))).not.toContain('overruled');
    await put(wanted);
  });

  it('SITE-4 keys that somebody changed by hand are shown, and not overwritten silently', async () => {
    const spec = { ...specOf(world, 'hand.test'), sftp: { keys } };
    const { linuxUser } = await put(spec);
    const path = `/etc/ssh/aapanel/${linuxUser}`;
    writeFileSync(world.path(path), '# nobody\n');
    const seen = await sitesHandlers['sites.inspect'](machine, { spec }, call());
    expect(seen).toMatchObject({ drift: 'changed', configPath: path, currentText: '# nobody\n' });
    expect(seen.diff).toContain(`-restrict ${keys[0]?.key}`);
    await expect(put({ ...spec, isEnabled: false })).rejects.toMatchObject({ reason: 'site_drift' });
  });

  it('with the site goes the access', async () => {
    const spec = { ...specOf(world, 'leaving.test'), sftp: { keys } };
    const { linuxUser } = await put(spec);
    const site = { siteId: spec.siteId, slug: spec.slug };
    const { items, confirm } = await sitesHandlers['sites.preview_removal'](machine, { site, root: spec.root }, call());
    expect(items.map(({ path }) => path)).toContain(`/etc/ssh/aapanel/${linuxUser}`);
    const removal = { site, root: spec.root, changeId: newChangeId(), files: 'keep' as const, confirm };
    await sitesHandlers['sites.remove'](machine, removal, call());
    await machine.settled();
    expect(see()).not.toContain(linuxUser);
  });
});
