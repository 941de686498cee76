// Throw-away Debian machines with real systemd: systemd-nspawn --boot on an overlay in memory above a cached root file
// system, in a network namespace of its own. Boots in under a second; the upper layer shows exactly what was written.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keepPackages, lendPackages, npmCache } from './downloads.ts';
import { must, run, until, type RunOptions, type RunResult } from './host.ts';
import { rootfs, type Suite } from './rootfs.ts';
import { addNamespace, namespacePath, removeMachineTraces, takeAddress, type World } from './world.ts';

export type Machine = {
  readonly name: string;
  readonly suite: Suite;
  readonly world: World;
  /** On the bridge of the world. */
  readonly address: string;
  readonly folder: string;
  /** The root file system it was made from. */
  readonly lower: string;
  /** What was written since the machine was made, as overlay layer. */
  readonly upper: string;
  readonly options: MachineOptions;
};

export type MachineOptions = {
  /** Limits of memory, processor and processes work inside as on a rented server. */
  hasLimits?: boolean;
  /** Brings what is installed from the caches of earlier machines where it is the same. */
  hasDownloads?: boolean;
  /** Host path → path inside, read-only. */
  readOnlyBinds?: Record<string, string>;
  /** Host path → path inside. */
  binds?: Record<string, string>;
};

/**
 * No capability beyond what a rented server's services use. Never CAP_SYS_TIME or CAP_SYS_MODULE: the first would set
 * the clock of the host.
 */
const capabilities = 'CAP_NET_ADMIN,CAP_BPF,CAP_PERFMON,CAP_SYSLOG,CAP_IPC_LOCK';

const nspawnEnv = {
  SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network',
  SYSTEMD_NSPAWN_LOCK: '0',
};

/** Where the host's limits lie beside the unified tree, a machine that has them gets these too. */
const limitTrees = ['cpu', 'cpuacct', 'memory', 'pids', 'blkio', 'devices', 'freezer', 'cpuset'] as const;
const isHybrid = !existsSync('/sys/fs/cgroup/cgroup.controllers');
const needsLimitTrees = ({ hasLimits }: MachineOptions): boolean => hasLimits === true && isHybrid;

/** Boots a machine that never saw the project. `name`: letters and digits, at most 12, unique in the world. */
export async function vpsUp(world: World, name: string, suite: Suite, options: MachineOptions = {}): Promise<Machine> {
  const lower = world.roots[suite] ?? (await rootfs(suite));
  const address = await takeAddress(world);
  await addNamespace(world, name, address);
  const folder = join(world.folder, `machine-${name}`);
  const overlay = join(folder, 'overlay');
  await mkdir(overlay, { recursive: true });
  await must('mount', ['-t', 'tmpfs', '-o', 'size=8G,mode=755', `aat-${name}`, overlay]);
  for (const part of ['up', 'work', 'root']) await mkdir(join(overlay, part));
  const layers = `lowerdir=${lower},upperdir=${join(overlay, 'up')},workdir=${join(overlay, 'work')}`;
  const root = join(overlay, 'root');
  await must('mount', ['-t', 'overlay', `aat-${name}`, '-o', layers, root]);
  const machineId = readFileSync('/proc/sys/kernel/random/uuid', 'utf8').trim().replaceAll('-', '');
  await writeFile(join(root, 'etc/machine-id'), `${machineId}\n`);
  await writeFile(join(root, 'etc/hostname'), `${name}\n`);
  const binds = { ...options.binds };
  if (options.hasDownloads === true) {
    await lendPackages(suite, join(overlay, 'apt'));
    await mkdir(npmCache, { recursive: true });
    Object.assign(binds, { [join(overlay, 'apt')]: '/var/cache/apt/archives', [npmCache]: '/root/.npm' });
  }
  const upper = join(overlay, 'up');
  const machine: Machine = { name, suite, world, address, folder, lower, upper, options: { ...options, binds } };
  await boot(machine, undefined);
  return machine;
}

/** The cgroup folders that the machine's systemd gets: hybrid hosts keep v2 below `unified`. */
function cgroupFolders(group: string, options: MachineOptions): string[] {
  if (!isHybrid) return [`/sys/fs/cgroup/${group}`];
  return ['systemd', 'unified', ...(needsLimitTrees(options) ? limitTrees : [])]
    .filter((tree) => existsSync(`/sys/fs/cgroup/${tree}`))
    .map((tree) => `/sys/fs/cgroup/${tree}/${group}`);
}

/** Starts nspawn and starts it again when the machine reboots (exit code 133). */
async function boot(machine: Machine, earlierLeader: number | undefined): Promise<void> {
  const { world, name, folder, options } = machine;
  const groups = cgroupFolders(`aat-${world.id}-${name}`, options);
  for (const group of groups) await mkdir(group, { recursive: true });
  // An empty set of processors takes no process in.
  for (const group of groups.filter((each) => each.includes('/cpuset/')))
    for (const file of ['cpuset.cpus', 'cpuset.mems'])
      await writeFile(join(group, file), readFileSync(join(group, '..', file), 'utf8'));
  const args = [
    '--quiet',
    '--boot',
    `--directory=${join(folder, 'overlay', 'root')}`,
    `--machine=${name}`,
    '--register=no',
    '--keep-unit',
    '--console=pipe',
    `--network-namespace-path=${namespacePath(world, name)}`,
    '--resolv-conf=copy-host',
    '--link-journal=no',
    `--capability=${capabilities}`,
    '--system-call-filter=bpf @keyring perf_event_open landlock_create_ruleset landlock_restrict_self',
    ...Object.entries(options.readOnlyBinds ?? {}).map(([from, to]) => `--bind-ro=${from}:${to}`),
    ...Object.entries(options.binds ?? {}).map(([from, to]) => `--bind=${from}:${to}`),
  ];
  const enter = `for g in ${groups.join(' ')}; do echo $$ > $g/cgroup.procs; done; exec systemd-nspawn "$@"`;
  const start = (): void => {
    const console = openSync(join(folder, 'console.log'), 'a');
    // Dies with us, so that a killed test leaves no machine running.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'sh', '-c', enter, 'nspawn', ...args], {
      stdio: ['ignore', console, console],
      env: {
        ...process.env,
        ...nspawnEnv,
        ...(needsLimitTrees(options) ? {} : { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' }),
      },
    });
    closeSync(console);
    void writeFile(join(folder, 'nspawn.pid'), String(child.pid));
    child.on('exit', (code) => {
      if (code === 133 && existsSync(folder)) start();
    });
  };
  start();
  await waitUntilUp(machine, earlierLeader);
}

async function leaderOf(machine: Machine): Promise<number> {
  return Number(await readFile(join(machine.folder, 'leader.pid'), 'utf8'));
}

async function waitUntilUp(machine: Machine, earlierLeader: number | undefined): Promise<void> {
  const leader = await until(
    `machine ${machine.name} to boot (see ${machine.folder}/console.log)`,
    async () => {
      const nspawn = (await readFile(join(machine.folder, 'nspawn.pid'), 'utf8')).trim();
      const pid = Number((await readFile(`/proc/${nspawn}/task/${nspawn}/children`, 'utf8')).split(' ')[0]);
      if (!pid || pid === earlierLeader) return undefined;
      return existsSync(`/proc/${pid}/root/run/systemd/private`) ? pid : undefined;
    },
    40_000,
    50,
  );
  await writeFile(join(machine.folder, 'leader.pid'), String(leader));
  if (needsLimitTrees(machine.options)) {
    for (const tree of limitTrees) await exec(machine, ['mount', '-o', 'remount,rw,bind', `/sys/fs/cgroup/${tree}`]);
    await exec(machine, ['systemctl', 'daemon-reexec']);
  }
  const state = (await exec(machine, ['systemctl', 'is-system-running', '--wait'])).stdout.trim();
  if (state !== 'running' && state !== 'degraded') throw new Error(`machine ${machine.name} is ${state}`);
}

/** Runs a program inside as root with a clean environment. */
export async function exec(machine: Machine, command: string[], options: RunOptions = {}): Promise<RunResult> {
  const { env = {}, ...rest } = options;
  const leader = await leaderOf(machine);
  const inside = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    ...machine.world.environment,
    ...env,
  };
  const assignments = Object.entries(inside).map(([key, value]) => `${key}=${value}`);
  const enter = ['-t', String(leader), '-m', '-u', '-i', '-n', '-p', '-r', '-w', '--', 'env', '-i', ...assignments];
  return await run('nsenter', [...enter, ...command], rest);
}

/** Runs inside and demands exit code 0; answers its standard output. */
export async function mustExec(machine: Machine, command: string[], options: RunOptions = {}): Promise<string> {
  const result = await exec(machine, command, options);
  if (result.code !== 0) {
    const output = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-60).join('\n');
    throw new Error(`in ${machine.name}: ${command.join(' ').slice(0, 300)} ended with ${result.code}:\n${output}`);
  }
  return result.stdout;
}

/** A script run by bash inside; for lines with pipes and redirections that the test itself wrote. */
export async function script(machine: Machine, text: string, options: RunOptions = {}): Promise<string> {
  return await mustExec(machine, ['bash', '-euo', 'pipefail', '-c', text], options);
}

/** Restarts the machine; its files stay. */
export async function reboot(machine: Machine): Promise<void> {
  const leader = await leaderOf(machine);
  await exec(machine, ['systemctl', 'reboot']);
  await waitUntilUp(machine, leader);
}

/** Pulls the plug: everything in the machine dies at this instant; then boots it again. */
export async function powerCut(machine: Machine): Promise<void> {
  const leader = await leaderOf(machine);
  const nspawn = Number(await readFile(join(machine.folder, 'nspawn.pid'), 'utf8'));
  process.kill(leader, 'SIGKILL');
  await until('nspawn to end', async () => (existsSync(`/proc/${nspawn}`) ? undefined : true), 10_000, 20);
  await boot(machine, leader);
}

export async function down(machine: Machine): Promise<void> {
  await keepPackages(machine.suite, join(machine.folder, 'overlay', 'apt'));
  await removeMachineTraces(machine.world, machine.name);
}
