// A machine with the panel installed and an owner: where the tests of sites and of faults begin.
import { join } from 'node:path';
import { inject } from 'vitest';
import { exec, mustExec, vpsUp, type Machine } from './machine.ts';
import * as panel from './panel.ts';
import type { Suite } from './rootfs.ts';

export type Server = { machine: Machine; owner: panel.Visitor };

/** Longest time an installation may take on a machine with one core (ALL-11). */
export const installLimitMs = 180_000;

/**
 * A bare machine with the release at /mnt/release. `hasRuntime`: the release carries Node, else npm brings it.
 * `binds`: folder of the host → place inside, writable. `hasLimits`: of memory, processor and processes.
 */
export async function bareServer(
  suite: Suite,
  name: string,
  hasRuntime: boolean,
  binds: Record<string, string> = {},
  hasLimits = false,
): Promise<Server> {
  const withRuntime = inject('releaseWithRuntime');
  const release = hasRuntime && withRuntime !== null ? withRuntime : inject('release');
  const machine = await vpsUp(inject('world'), name, suite, {
    readOnlyBinds: {
      [release]: '/mnt/release',
      [join(import.meta.dirname, 'inside')]: '/mnt/inside',
      // The tests' own Node inside: the panel's goes with the panel.
      [process.execPath]: '/mnt/node',
    },
    binds,
    hasDownloads: true,
    hasLimits,
  });
  return { machine, owner: panel.visitor(machine, `https://${machine.address}:5000`) };
}

export async function install(machine: Machine, folder = '/mnt/release'): Promise<string> {
  return await mustExec(machine, ['bash', `${folder}/deploy/install.sh`], { timeoutMs: 2 * installLimitMs });
}

/** Like `install`; `cpuSeconds`: processor time of the installer and all that it ran. */
export async function installMeasured(
  machine: Machine,
): Promise<{ text: string; seconds: number; cpuSeconds: number }> {
  const shell = 'TIMEFORMAT="time %0R %0U %0S"; time bash /mnt/release/deploy/install.sh 2>&1';
  const { code, stdout, stderr } = await exec(machine, ['bash', '-c', shell], { timeoutMs: 2 * installLimitMs });
  if (code !== 0) throw new Error(`the installer ended with ${code}:\n${stdout.slice(-3_000)}`);
  const [, seconds = '', user = '', system = ''] = /time (\d+) (\d+) (\d+)/.exec(stderr) ?? [];
  return { text: stdout, seconds: Number(seconds), cpuSeconds: Number(user) + Number(system) };
}

/** The application that proxied sites pass requests to, on port 9090; starts at boot. */
export async function startUpstream(machine: Machine): Promise<void> {
  const unit = '[Service]\nExecStart=/mnt/node /mnt/inside/upstream.mjs 9090\n[Install]\nWantedBy=multi-user.target\n';
  await mustExec(machine, ['tee', '/etc/systemd/system/upstream.service'], { input: unit });
  await mustExec(machine, ['systemctl', 'enable', '--now', '--quiet', 'upstream.service']);
}

export async function removeUpstream(machine: Machine): Promise<void> {
  await mustExec(machine, ['systemctl', 'disable', '--now', '--quiet', 'upstream.service']);
  await mustExec(machine, ['rm', '/etc/systemd/system/upstream.service']);
}
