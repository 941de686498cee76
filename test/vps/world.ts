// A small internet of network namespaces for one test run: a bridge with a way out, a visitor, and one namespace per
// machine. Nothing is changed in the host's own namespace.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must, run, type RunOptions, type RunResult } from './host.ts';
import type { Suite } from './rootfs.ts';

export const runFolder = '/run/aat';

/** One run. `id` is part of every namespace, mount and cgroup name, so that two runs never meet. */
export type World = {
  readonly id: string;
  readonly folder: string;
  /** Variables of every program inside: the npm registry that this host is set up for. */
  readonly environment: Readonly<Record<string, string>>;
  /** Root file systems that were found or made before. */
  readonly roots: Readonly<Partial<Record<Suite, string>>>;
};

const gateway = '10.77.0.1';
const clientAddress = '10.77.0.250';

const namespaceOf = (world: World, name: string): string => `aat-${world.id}-${name}`;

export function namespacePath(world: World, name: string): string {
  return `/run/netns/${namespaceOf(world, name)}`;
}

/** Joins a namespace to the bridge. Made anew each time: rules of an earlier machine would stay in an old one. */
export async function addNamespace(world: World, name: string, address: string): Promise<void> {
  const namespace = namespaceOf(world, name);
  const inet = namespaceOf(world, 'inet');
  const port = `v-${name}`.slice(0, 15);
  await run('ip', ['netns', 'del', namespace]);
  await run('ip', ['-n', inet, 'link', 'del', port]);
  await must('ip', ['netns', 'add', namespace]);
  await must('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
  await must('ip', ['-n', inet, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'host0', 'netns', namespace]);
  await must('ip', ['-n', inet, 'link', 'set', port, 'master', 'br0', 'up']);
  await must('ip', ['-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'host0']);
  await must('ip', ['-n', namespace, 'link', 'set', 'host0', 'up']);
  await must('ip', ['-n', namespace, 'route', 'add', 'default', 'via', gateway]);
}

export async function removeNamespace(world: World, name: string): Promise<void> {
  await run('ip', ['netns', 'del', namespaceOf(world, name)]);
}

/** An address nobody else of this run has; free again with the world. */
export async function takeAddress(world: World): Promise<string> {
  for (let host = 10; host < 240; host++) {
    const isOurs = await mkdir(join(world.folder, `address-${host}`)).then(
      () => true,
      () => false,
    );
    if (isOurs) return `10.77.0.${host}`;
  }
  throw new Error('no free address in this world');
}

/** Runs a program as a visitor with an address of its own (not the machine, not the host). */
export async function inNamespace(
  world: World,
  name: string,
  program: string,
  args: string[],
  options: RunOptions = {},
): Promise<RunResult> {
  return await run('nsenter', [`--net=${namespacePath(world, name)}`, '--', program, ...args], options);
}

/** Makes the world. Worlds of dead runs are swept away first. Needs root. */
export async function worldUp(roots: World['roots']): Promise<World> {
  await sweep();
  const id = process.pid.toString(36);
  const world: World = { id, folder: join(runFolder, id), environment: await npmSettings(), roots };
  await mkdir(world.folder, { recursive: true, mode: 0o700 });
  await writeFile(join(world.folder, 'owner'), `${process.pid} ${startTime(process.pid) ?? ''}`);
  watchOver();
  const inet = namespaceOf(world, 'inet');
  await must('ip', ['netns', 'add', inet]);
  await must('ip', ['-n', inet, 'link', 'set', 'lo', 'up']);
  await must('ip', ['-n', inet, 'link', 'add', 'br0', 'type', 'bridge']);
  await must('ip', ['-n', inet, 'addr', 'add', `${gateway}/24`, 'dev', 'br0']);
  await must('ip', ['-n', inet, 'link', 'set', 'br0', 'up']);
  await must('ip', ['netns', 'exec', inet, 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  const rules =
    'table ip nat {\n chain post { type nat hook postrouting priority srcnat\n oifname "tap0" masquerade\n }\n}\n';
  await must('ip', ['netns', 'exec', inet, 'nft', '-f', '-'], { input: rules });
  const log = openSync(join(world.folder, 'slirp.log'), 'w');
  const slirp = spawn(
    'setpriv',
    // Ends with us even when we are killed; the option keeps the host's loopback out of reach of the machines.
    ['--pdeathsig', 'KILL', '--', 'slirp4netns', '--configure', '--disable-host-loopback', '--mtu=65520'].concat([
      '--netns-type=path',
      `/run/netns/${inet}`,
      'tap0',
    ]),
    { stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  slirp.unref();
  await writeFile(join(world.folder, 'slirp.pid'), String(slirp.pid));
  await addNamespace(world, 'client', clientAddress);
  return world;
}

async function npmSettings(): Promise<Record<string, string>> {
  const registry = (await run('npm', ['config', 'get', 'registry']).catch(() => undefined))?.stdout.trim() ?? '';
  // One with a password in it stays here.
  const isPlain = /^https?:\/\/[^@\s]+$/.test(registry);
  return isPlain ? { npm_config_registry: registry } : {};
}

/** A process that outlives this one, however it ends, and takes its world away then. */
function watchOver(): void {
  const args = [join(import.meta.dirname, 'sweep.ts'), String(process.pid)];
  spawn(process.execPath, args, { stdio: 'ignore', detached: true, cwd: '/' }).unref();
}

/** Ends everything of the world: machines, mounts, namespaces, cgroups. Safe to call twice. */
export async function worldDown(world: World): Promise<void> {
  for (const name of await readdir(world.folder).catch(() => []))
    if (name.startsWith('machine-')) await removeMachineTraces(world, name.slice('machine-'.length));
  const slirp = Number(await readFile(join(world.folder, 'slirp.pid'), 'utf8').catch(() => '0'));
  if (slirp > 1 && isProgram(slirp, 'slirp4netns')) process.kill(slirp, 'SIGKILL');
  const { stdout } = await run('ip', ['netns', 'list']);
  for (const line of stdout.split('\n')) {
    const namespace = line.split(' ')[0] ?? '';
    if (namespace.startsWith(`aat-${world.id}-`)) await run('ip', ['netns', 'del', namespace]);
  }
  await rm(world.folder, { recursive: true, force: true });
}

/** Removes the worlds of runs whose process is gone. */
export async function sweep(): Promise<void> {
  for (const id of await readdir(runFolder).catch(() => [])) {
    const world: World = { id, folder: join(runFolder, id), environment: {}, roots: {} };
    const [pid = '0', started = ''] = (await readFile(join(world.folder, 'owner'), 'utf8').catch(() => '')).split(' ');
    if (started === '' || startTime(Number(pid)) !== started) await worldDown(world);
  }
}

/** Kills what is left of a machine, then takes away its mounts, namespace and cgroups. */
export async function removeMachineTraces(world: World, name: string): Promise<void> {
  const folder = join(world.folder, `machine-${name}`);
  for (const file of ['nspawn.pid', 'leader.pid']) {
    const pid = Number(await readFile(join(folder, file), 'utf8').catch(() => '0'));
    if (pid > 1 && (isProgram(pid, 'systemd-nspawn') || isProgram(pid, 'systemd'))) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Already gone.
      }
    }
  }
  const root = join(folder, 'overlay', 'root');
  await run('umount', ['-l', root]);
  await run('umount', ['-l', join(folder, 'overlay')]);
  await removeNamespace(world, name);
  for (let attempt = 0; attempt < 30; attempt++) {
    if (!(await removeCgroups(`aat-${world.id}-${name}`))) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await rm(folder, { recursive: true, force: true });
}

/** True while something is left. */
async function removeCgroups(group: string): Promise<boolean> {
  const { stdout } = await run('find', ['/sys/fs/cgroup', '-maxdepth', '2', '-type', 'd', '-name', group]);
  const folders = stdout.split('\n').filter((line) => line !== '');
  for (const folder of folders) await run('find', [folder, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', '+']);
  return folders.length > 0;
}

/** Start time in clock ticks since boot: tells a process from a later one with the same number. */
export function startTime(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19];
  } catch {
    return undefined;
  }
}

function isProgram(pid: number, name: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name.slice(0, 15);
  } catch {
    return false;
  }
}
