import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostnameChange, swapChange, zoneChange, type MachineSettings } from '#shared/machine-settings.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { call, makeWorld, type World } from '../testing/world.ts';
import { withSwitch } from './automatic-updates.ts';
import { withHost } from './hostname.ts';
import { machineSettingsHandlers as handlers } from './machine-settings.actions.ts';
import { listAreas, mostMib, swapFile } from './swap-areas.ts';
import { withLine } from './swap.ts';

let world: World;
let machine: Machine;
beforeEach(async () => {
  world = await makeWorld();
  mkdirSync(world.path('/etc/apt/apt.conf.d'), { recursive: true });
  mkdirSync(world.path('/usr/bin'), { recursive: true });
  mkdirSync(world.path('/var/lib/apt'), { recursive: true });
  machine = await openMachine(world.settings);
});
afterEach(() => {
  machine.close();
  world.destroy();
});
const text = (path: string): string => readFileSync(world.path(path), 'utf8');

describe('hosts(5) under another name', () => {
  it('gets a line of 127.0.1.1 with the long and the short name, and everything else stays to the letter', () => {
    const others = '127.0.0.1\tlocalhost\n# a note\n::1 ip6-localhost\n10.0.0.9 old\n';
    expect(withHost(others, 'old', 'web.example.com')).toBe(`${others}127.0.1.1\tweb.example.com web\n`);
    expect(withHost('', 'old', 'web')).toBe('127.0.1.1\tweb\n');
  });

  it('loses the old name there and keeps what somebody added', () => {
    const before = '127.0.1.1 old.example.com old mail # mine\n127.0.1.1 twice\n127.0.0.1 localhost\n';
    expect(withHost(before, 'old.example.com', 'new')).toBe('127.0.1.1\tnew mail\n127.0.0.1 localhost\n');
  });
});

it('the name of the machine stands in both files, and what is no name of a machine is refused', async () => {
  writeFileSync(world.path('/etc/hostname'), 'old\n');
  writeFileSync(world.path('/etc/hosts'), '127.0.0.1 localhost\n127.0.1.1 old\n');
  const now = await handlers['machine.set_hostname'](machine, { hostname: 'web.example.com' }, call());
  expect(now.hostname).toBe('web.example.com');
  expect([text('/etc/hostname'), text('/etc/hosts')]).toEqual([
    'web.example.com\n',
    '127.0.0.1 localhost\n127.0.1.1\tweb.example.com web\n',
  ]);
  const wrong = ['', '-a', 'a-', 'a..b', 'A', 'a b', 'a\nb', 'a_b', '..', 'خادم', `${'a'.repeat(64)}`, 'a.'.repeat(40)];
  for (const hostname of wrong) expect(hostnameChange.safeParse({ hostname }).success, hostname).toBe(false);
});

describe('the time zone', () => {
  it('is a link into the database of zones, and Debian’s own file where it is', async () => {
    expect((await handlers['machine.read'](machine, {}, call())).clock.zone).toBe('UTC');
    await handlers['machine.set_time_zone'](machine, { zone: 'Asia/Riyadh' }, call());
    expect(readlinkSync(world.path('/etc/localtime'))).toBe('../usr/share/zoneinfo/Asia/Riyadh');
    expect(existsSync(world.path('/etc/timezone'))).toBe(false);
    writeFileSync(world.path('/etc/timezone'), 'Etc/UTC\n');
    const now = await handlers['machine.set_time_zone'](machine, { zone: 'Africa/Cairo' }, call());
    expect([now.clock.zone, text('/etc/timezone')]).toEqual(['Africa/Cairo', 'Africa/Cairo\n']);
  });

  it('that is none is refused and nothing changes, also when a file of that name lies there', async () => {
    for (const zone of ['Asia/Nowhere', 'tzdata', 'zone1970', 'Asia'])
      await expect(handlers['machine.set_time_zone'](machine, { zone }, call())).rejects.toMatchObject({
        reason: 'zone_unknown',
      });
    expect(existsSync(world.path('/etc/localtime'))).toBe(false);
    for (const zone of ['../../etc/shadow', 'Asia/../Asia/Riyadh', '/Asia/Riyadh', 'A\nB', '', 'a/b/c/d'])
      expect(zoneChange.safeParse({ zone }).success, zone).toBe(false);
  });
});

describe('automatic updates', () => {
  const path = '/etc/apt/apt.conf.d/20auto-upgrades';
  beforeEach(() => {
    // APT's own reading, of the files below the prefix.
    const program = (name: string, body: string): void => {
      writeFileSync(world.path(`/usr/bin/${name}`), `#!/bin/sh\n${body}\n`);
      chmodSync(world.path(`/usr/bin/${name}`), 0o755);
    };
    writeFileSync(world.path('/apt.conf'), `Dir "${world.prefix}";\n`);
    program('apt-config', `APT_CONFIG=${world.path('/apt.conf')} exec /usr/bin/apt-config "$@"`);
    program('unattended-upgrade', 'exit 0');
  });

  it('are switched where APT reads it, and lines of others stay', async () => {
    writeFileSync(world.path(path), 'APT::Periodic::AutocleanInterval "7";\nAPT::Periodic::Unattended-Upgrade "0";\n');
    expect((await handlers['machine.read'](machine, {}, call())).automaticUpdates).toBe('off');
    const change = (isOn: boolean): Promise<MachineSettings> =>
      handlers['machine.set_automatic_updates'](machine, { isOn }, call());
    expect((await change(true)).automaticUpdates).toBe('on');
    expect(text(path)).toBe(
      'APT::Periodic::AutocleanInterval "7";\nAPT::Periodic::Enable "1";\n' +
        'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n',
    );
    expect((await change(false)).automaticUpdates).toBe('off');
    expect(withSwitch(text(path), true)).toContain('AutocleanInterval "7"');
  });

  it('need a fresh factor to be switched off, the package to be switched on, and nobody who says otherwise', async () => {
    const change = (isOn: boolean, isElevated = true): Promise<MachineSettings> =>
      handlers['machine.set_automatic_updates'](machine, { isOn }, { ...call(), isElevated });
    await expect(change(false, false)).rejects.toMatchObject({ code: 'elevation_required' });
    writeFileSync(world.path('/etc/apt/apt.conf.d/99other'), 'APT::Periodic::Unattended-Upgrade "0";\n');
    await expect(change(true)).rejects.toMatchObject({ reason: 'updates_overruled' });
    expect(existsSync(world.path(path))).toBe(false);
    rmSync(world.path('/usr/bin/unattended-upgrade'));
    await expect(change(true)).rejects.toMatchObject({ reason: 'updates_not_installed' });
  });
});

describe('swap', () => {
  it('has one line of ours in fstab(5), and those of others stay to the letter', () => {
    const others =
      'UUID=1 / ext4 errors=remount-ro 0 1\n# swap\n/swapfile none swap sw 0 0\n/var/swap/aapanel_x.img a b\n';
    const one = withLine(others, 512);
    expect(one).toBe(`${others}/var/swap/aapanel_512.img none swap sw,nofail 0 0\n`);
    expect(withLine(one, 1_024)).toBe(one.replace('512', '1024'));
    expect(withLine(one, 0)).toBe(others);
    expect([withLine('', 0), swapChange.safeParse({ mib: 1 }).success]).toEqual(['', false]);
  });

  const canSwap = process.getuid?.() === 0 && existsSync('/usr/sbin/swapon');
  // The kernel of this very machine swaps to files of the test.
  describe.runIf(canSwap)('of a real kernel', () => {
    const fstab = '# of the distribution\n';
    const ours = (): string[] => listAreas(world.prefix).flatMap(({ path, isOurs }) => (isOurs ? [path] : []));
    const files = (): string[] => readdirSync(world.path('/var/swap'));
    const set = (mib: number): Promise<MachineSettings> => handlers['machine.set_swap'](machine, { mib }, call(60));
    // A disk of its own below the prefix, a little larger than what has to stay free.
    beforeEach(({ skip }) => {
      const image = join(world.folder, 'disk.img');
      execFileSync('truncate', ['-s', '1400M', image]);
      execFileSync('mkfs.ext4', ['-q', '-m', '0', image]);
      const { status } = spawnSync('mount', ['-o', 'loop', image, world.path('/var')]);
      if (status !== 0) skip('loop devices cannot be mounted here');
      const trial = world.path('/var/trial');
      execFileSync('fallocate', ['-l', '1M', trial]);
      execFileSync('mkswap', ['-q', trial]);
      if (spawnSync('swapon', [trial]).status !== 0) skip('this kernel lets nobody swap');
      execFileSync('swapoff', [trial]);
      writeFileSync(world.path('/etc/fstab'), fstab);
    });
    afterEach(() => {
      for (const path of ours()) execFileSync('swapoff', [world.path(path)]);
      spawnSync('umount', [world.path('/var')]);
    });

    it('is made, in use, grown and taken away, and only the file in use is left each time', async () => {
      const first = await set(64);
      expect(first.swap).toMatchObject({ ownMib: 64 });
      expect([ours(), files()]).toEqual([[swapFile(64)], ['aapanel_64.img']]);
      expect(statSync(world.path(swapFile(64))).mode & 0o777).toBe(0o600);
      expect(text('/etc/fstab')).toBe(`${fstab}${swapFile(64)} none swap sw,nofail 0 0\n`);
      const second = await set(128);
      expect(second.swap).toMatchObject({ ownMib: 128 });
      expect([ours(), files()]).toEqual([[swapFile(128)], ['aapanel_128.img']]);
      const none = await set(0);
      expect(none.swap.ownMib).toBe(0);
      expect([ours(), files(), text('/etc/fstab')]).toEqual([[], [], fstab]);
    });

    it('for which there is no room, or whose file cannot be made, leaves the old one in use and the table as it was', async () => {
      await set(64);
      const before = text('/etc/fstab');
      await expect(set(1_024)).rejects.toMatchObject({
        reason: 'swap_no_room',
        params: { mib: mostMib(world.prefix) },
      });
      // A folder where the file has to be.
      mkdirSync(world.path(`${swapFile(128)}/x`), { recursive: true });
      await expect(set(128)).rejects.toThrow();
      rmSync(world.path(swapFile(128)), { recursive: true });
      expect([ours(), files(), text('/etc/fstab')]).toEqual([[swapFile(64)], ['aapanel_64.img'], before]);
    });

    it('in a file system that holds none is refused before anything is made', async () => {
      execFileSync('umount', [world.path('/var')]);
      execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', world.path('/var')]);
      await expect(set(64)).rejects.toMatchObject({ reason: 'swap_unfit' });
      expect([existsSync(world.path('/var/swap')), text('/etc/fstab')]).toEqual([false, fstab]);
    });
  });
});
