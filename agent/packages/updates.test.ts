import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UpgradeScope } from '#shared/software.ts';
import type { Run } from './runner.ts';
import { readUpdates, updatesOf } from './updates.ts';
import { upgrade, writeScope } from './upgrade-steps.ts';

const plan = `NOTE: This is only a simulation!
Inst bash [5.2.15-2+b8] (5.2.15-2+b13 Debian:12.15/oldstable [amd64])
Inst libgcrypt20 [1.10.1-3] (1.10.1-3+deb12u1 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64]) []
Inst linux-image-6.1.0-40-amd64 (6.1.153-1 Debian-Security:12/oldstable-security [amd64])
Inst libc6:i386 [2.35-0ubuntu3] (2.35-0ubuntu3.8 Ubuntu:22.04/jammy-updates, Ubuntu:22.04/jammy-security [i386])
Inst acme [1:1.0~rc1] (1:1.0 debian-security-fans:1/stable-security-not [all])
Inst evil\u001b[31m [1] (2 Debian-Security:12/stable-security [all])
Inst $(id) [1] (2 x [all])
Conf bash (5.2.15-2+b13 Debian:12.15/oldstable [amd64])
Remv old [1]
`;

it('updates are read from the plan of APT: security first, what comes new as such, and nothing that is no package', () => {
  expect(updatesOf(plan)).toEqual([
    { name: 'libc6:i386', from: '2.35-0ubuntu3', to: '2.35-0ubuntu3.8', isSecurity: true },
    { name: 'libgcrypt20', from: '1.10.1-3', to: '1.10.1-3+deb12u1', isSecurity: true },
    { name: 'linux-image-6.1.0-40-amd64', from: null, to: '6.1.153-1', isSecurity: true },
    { name: 'acme', from: '1:1.0~rc1', to: '1:1.0', isSecurity: false },
    { name: 'bash', from: '5.2.15-2+b8', to: '5.2.15-2+b13', isSecurity: false },
  ]);
});

describe('a machine with APT', () => {
  let prefix: string;
  beforeEach(() => {
    prefix = mkdtempSync(`${tmpdir()}/updates-`);
    for (const folder of ['run', 'usr/bin', 'var/lib/apt/lists', 'var/lib/dpkg/updates'])
      mkdirSync(`${prefix}/${folder}`, { recursive: true });
    program('apt-get', `cat <<'END'\n${plan}END`);
  });
  afterEach(() => rmSync(prefix, { recursive: true }));

  function program(name: string, text: string): void {
    writeFileSync(`${prefix}/usr/bin/${name}`, `#!/bin/sh\n${text}\n`);
    chmodSync(`${prefix}/usr/bin/${name}`, 0o755);
  }
  const periodic = (...lines: readonly string[]): void =>
    program('apt-config', lines.map((line) => `echo 'APT::Periodic::${line};'`).join('\n'));

  it('says when its lists were fetched, what was cut off and who asks for a restart', async () => {
    utimesSync(`${prefix}/var/lib/apt/lists`, 1_764_297_600, 1_764_297_600);
    const calm = await readUpdates(prefix);
    expect(calm).toMatchObject({
      hasApt: true,
      fetchedAt: '2025-11-28T02:40:00.000Z',
      isInterrupted: false,
      restart: { isNeeded: false, packages: [] },
      automatic: 'not_installed',
    });
    expect(calm.items).toHaveLength(5);
    writeFileSync(`${prefix}/var/lib/dpkg/updates/tmp.i`, '');
    expect((await readUpdates(prefix)).isInterrupted).toBe(false);
    writeFileSync(`${prefix}/var/lib/dpkg/updates/0001`, '');
    writeFileSync(`${prefix}/run/reboot-required`, '*** System restart required ***\n');
    writeFileSync(`${prefix}/run/reboot-required.pkgs`, 'linux-base\nlibc6\nlinux-base\n<b>x</b>\n');
    expect(await readUpdates(prefix)).toMatchObject({
      isInterrupted: true,
      restart: { isNeeded: true, packages: ['libc6', 'linux-base'] },
    });
  });

  it('a link to a secret in place of the list of packages is not followed', async () => {
    writeFileSync(`${prefix}/secret`, 'hunter2\n');
    writeFileSync(`${prefix}/run/reboot-required`, '');
    symlinkSync(`${prefix}/secret`, `${prefix}/run/reboot-required.pkgs`);
    await expect(readUpdates(prefix)).rejects.toMatchObject({ code: 'not_allowed' });
  });

  it('unattended-upgrades counts as on only when the daily run starts it', async () => {
    program('unattended-upgrade', 'exit 0');
    const automatic = async (): Promise<string> => (await readUpdates(prefix)).automatic;
    periodic('Enable "1"', 'Unattended-Upgrade "1"');
    expect(await automatic()).toBe('on');
    periodic('Unattended-Upgrade "always"');
    expect(await automatic()).toBe('on');
    for (const lines of [[], ['Unattended-Upgrade "0"'], ['Enable "0"', 'Unattended-Upgrade "1"']]) {
      periodic(...lines);
      expect(await automatic(), lines.join()).toBe('off');
    }
  });

  it('a plan that APT refuses is an error with its words, never "nothing waits"', async () => {
    program('apt-get', 'echo "E: Unmet dependencies." >&2; exit 100');
    await expect(readUpdates(prefix)).rejects.toMatchObject({
      reason: 'package_plan_failed',
      params: { message: 'E: Unmet dependencies.' },
    });
  });

  it('without APT there is nothing to say', async () => {
    rmSync(`${prefix}/usr/bin/apt-get`);
    expect(await readUpdates(prefix)).toMatchObject({ hasApt: false, items: [] });
  });

  describe('brought up to date', () => {
    type Call = { readonly args: string; readonly isSafeToStop: boolean };
    async function runUpgrade(scope: UpgradeScope, onExec?: (call: Call) => number) {
      const calls: Call[] = [];
      const said: string[] = [];
      const run: Run = {
        prefix,
        stateFolder: prefix,
        folder: prefix,
        apt: `${prefix}/usr/bin/apt-get`,
        attempt: 1,
        logFd: -1,
        say: (text) => void said.push(text),
        exec(_program, args, isSafeToStop) {
          const call = { args: args.join(' '), isSafeToStop };
          calls.push(call);
          return Promise.resolve(onExec?.(call) ?? 0);
        },
      };
      await writeScope(prefix, scope);
      const code = await upgrade(run, () => Promise.resolve(void said.push('repaired')));
      return { code, calls, said: said.join('\n') };
    }

    it('only by security: those that are there already, downloaded first, nothing ever removed', async () => {
      const { code, calls, said } = await runUpgrade('security');
      expect(code).toBe(0);
      expect(calls.map(({ isSafeToStop }) => isSafeToStop)).toEqual([true, false]);
      expect(calls[0]?.args).toBe(`${calls[1]?.args} --download-only`);
      expect(calls[1]?.args).toMatch(/ --no-remove install --only-upgrade libc6:i386 libgcrypt20$/);
      expect(calls[1]?.args).toContain('--force-confold');
      expect(said).toMatch(/^repaired\nTo be brought up to date: libc6:i386 libgcrypt20\nStill waiting: /);
    });

    it('by everything that waits, new packages too', async () => {
      const { calls, said } = await runUpgrade('all');
      expect(calls[1]?.args).toMatch(/ --no-remove dist-upgrade$/);
      expect(said).toContain('linux-image-6.1.0-40-amd64');
    });

    it('not at all after it was cancelled in the download, when that fails, or when nothing waits', async () => {
      const failed = await runUpgrade('all', () => 100);
      expect([failed.code, failed.calls.length]).toEqual([100, 1]);
      const cancelled = await runUpgrade('all', () => (writeFileSync(`${prefix}/cancel`, 'true'), 0));
      expect(cancelled.calls).toHaveLength(1);
      program('apt-get', 'exit 0');
      expect(await runUpgrade('all')).toMatchObject({
        code: 0,
        calls: [],
        said: 'repaired\nEverything is up to date.',
      });
    });
  });
});
