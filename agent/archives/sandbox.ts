import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';

/*
 * The walls around the extractor. It gives up root by itself as its first act; these take away what it never needs, also
 * in the moments before: the network, further programs, writing anywhere but in its one folder, more memory than it needs.
 */

// Starts no program, no thread of script, no native code. Files are left to the kernel: it runs as nobody. A small young
// generation keeps 200,000 names at 150 MB.
const nodeFlags = [
  '--permission',
  '--allow-fs-read=*',
  '--allow-fs-write=*',
  '--max-old-space-size=512',
  '--max-semi-space-size=2',
];

// Until it has become nobody: to become it, and to open a folder that is no longer its own.
const capabilities = ['setuid', 'setgid', 'dac_read_search'];

const memoryMax = '768M';

type Wanted = { readonly folder: string; readonly args: readonly string[]; readonly unit: string };

/** Program and arguments that start the agent's own program behind walls: a unit of systemd, or what the kernel offers. */
export async function sandboxed(
  machine: Pick<Machine, 'settings' | 'isRoot' | 'hasSystemd'>,
  { folder, args, unit }: Wanted,
): Promise<readonly [string, ...string[]]> {
  const [node, ...script] = machine.settings.program;
  const program = [node, ...nodeFlags, ...script, ...args] as const;
  if (!machine.isRoot) return program;
  const systemdRun = machine.hasSystemd ? findProgram('systemd-run') : undefined;
  if (systemdRun !== undefined) {
    const properties = unitProperties(folder).map((each) => `--property=${each}`);
    return [systemdRun, '--quiet', '--pipe', '--wait', '--collect', `--unit=${unit}`, ...properties, '--', ...program];
  }
  const setpriv = findProgram('setpriv');
  const prlimit = findProgram('prlimit');
  const bounded =
    setpriv === undefined
      ? []
      : [setpriv, '--no-new-privs', `--bounding-set=-all,${capabilities.map((each) => `+${each}`).join(',')}`, '--'];
  const limited = prlimit === undefined ? [] : [prlimit, '--core=0:0', '--nofile=512:512', '--nproc=64:64', '--'];
  return [...(await withoutNetwork()), ...limited, ...bounded, ...program] as unknown as readonly [string, ...string[]];
}

function unitProperties(folder: string): readonly string[] {
  const bounding = capabilities.map((each) => `CAP_${each.toUpperCase()}`).join(' ');
  return [
    `CapabilityBoundingSet=${bounding}`,
    'NoNewPrivileges=yes',
    'PrivateNetwork=yes',
    'RestrictAddressFamilies=AF_UNIX',
    'ProtectSystem=strict',
    'ProtectHome=read-only',
    // A path with a percent sign would be read as a specifier.
    `ReadWritePaths=${folder.replaceAll('%', '%%')}`,
    'PrivateTmp=yes',
    'PrivateDevices=yes',
    'PrivateIPC=yes',
    'ProtectKernelTunables=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelLogs=yes',
    'ProtectControlGroups=yes',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'LockPersonality=yes',
    'SystemCallArchitectures=native',
    'SystemCallFilter=@system-service',
    'SystemCallErrorNumber=EPERM',
    'LimitCORE=0',
    'LimitNOFILE=512',
    'TasksMax=64',
    `MemoryMax=${memoryMax}`,
    'MemorySwapMax=0',
  ];
}

/** What was started as a unit does not end with the program that waits for it. Nothing when it has ended, or is no unit. */
export async function stopUnit(machine: Pick<Machine, 'isRoot' | 'hasSystemd'>, unit: string): Promise<void> {
  const systemctl = machine.isRoot && machine.hasSystemd ? findProgram('systemctl') : undefined;
  if (systemctl !== undefined) await run(systemctl, ['stop', unit], { timeoutMs: 30_000 });
}

let networkless: readonly string[] | undefined;

/** `unshare --net`, where this kernel lets us; nothing otherwise. */
export async function withoutNetwork(): Promise<readonly string[]> {
  if (networkless !== undefined) return networkless;
  const unshare = findProgram('unshare');
  const nothing = findProgram('true');
  if (unshare === undefined || nothing === undefined) return (networkless = []);
  const { code } = await run(unshare, ['--net', '--ipc', '--', nothing], { timeoutMs: 10_000 });
  networkless = code === 0 ? [unshare, '--net', '--ipc', '--'] : [];
  return networkless;
}
