import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import { apart } from '../core/apart.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run, startProgram } from '../core/run.ts';

/*
 * Programs that somebody else's repository decides about: as the site's own user, with nothing of ours in their
 * environment, with an end, and with limits. Where systemd is, in a unit that sees the machine read-only; elsewhere with
 * the limits that the kernel keeps for a process.
 */

export type SiteIdentity = { readonly uid: number; readonly gid: number };

export type SiteTask = {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Folders that may be written to, besides a `/tmp` of its own. */
  readonly writable: readonly string[];
  /** Tells the units of one deployment apart. */
  readonly unit: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** No single file may grow beyond it. */
  readonly maxFileBytes: number;
  readonly signal?: AbortSignal;
  readonly onOutput: (chunk: Buffer, stream: 'out' | 'err') => void;
};

export type TaskEnd = {
  readonly code: number | null;
  /** The end of what it complained of. */
  readonly stderr: string;
  readonly isTimedOut: boolean;
};

type Where = Pick<Machine, 'hasSystemd' | 'isRoot'>;

const mostProcesses = 1_024;
/** PATH of what says nothing of its own. */
export const sitePath = '/usr/local/bin:/usr/bin:/bin';

/** Runs it to its end; throws only when it cannot be started. An aborted task ends with everything it started. */
export async function runAsSite(where: Where, identity: SiteIdentity, task: SiteTask): Promise<TaskEnd> {
  task.signal?.throwIfAborted();
  const environment = { PATH: sitePath, SHELL: '/usr/sbin/nologin', ...task.environment };
  const systemdRun = where.hasSystemd && where.isRoot ? findProgram('systemd-run') : undefined;
  let isTimedOut = false;
  const timer = AbortSignal.timeout(task.timeoutMs);
  const signal = task.signal === undefined ? timer : AbortSignal.any([task.signal, timer]);
  timer.addEventListener('abort', () => (isTimedOut = true), { once: true });
  const [first = '', ...args] =
    systemdRun === undefined ? limited(task) : [systemdRun, ...unitArgs(identity, task, environment)];
  const program = startProgram(first, args, {
    cwd: systemdRun === undefined ? task.cwd : '/',
    ...(systemdRun === undefined ? { environment } : {}),
    ...(systemdRun === undefined && where.isRoot ? identity : {}),
    // Killing the one who waits for a unit does not end the unit, which would go on holding the output.
    ...(systemdRun === undefined ? { signal } : {}),
    diesWithUs: true,
    onStderr: (chunk) => task.onOutput(chunk, 'err'),
  });
  program.stdout.on('data', (chunk: Buffer) => task.onOutput(chunk, 'out'));
  let isOver = false;
  const onAbort = (): void => void endUnit(where, task.unit, () => isOver);
  if (systemdRun !== undefined) signal.addEventListener('abort', onAbort, { once: true });
  try {
    const end = await program.ended;
    const isKilled = end.isKilled || (systemdRun !== undefined && signal.aborted);
    return { code: isKilled ? null : end.code, stderr: end.stderr, isTimedOut: isTimedOut && isKilled };
  } finally {
    isOver = true;
    signal.removeEventListener('abort', onAbort);
  }
}

const stopAgainMs = 500;

/** Until who waits for the unit has gone: it holds the output as long as any of it runs, and may only just be starting it. */
export async function endUnit(where: Where, unit: string, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await stopUnits(where, unit);
    if (!isOver()) await wait(stopAgainMs);
  }
}

function limited({ program, args, maxFileBytes, memoryMb }: SiteTask): string[] {
  const setpriv = must('setpriv');
  const prlimit = must('prlimit');
  const limits = [
    '--core=0',
    `--fsize=${maxFileBytes}`,
    `--nproc=${mostProcesses}`,
    // Of each process: the sum of all is only limited where systemd is.
    `--data=${memoryMb * 1024 * 1024}`,
  ];
  return [setpriv, '--no-new-privs', prlimit, ...limits, ...apart(), program, ...args];
}

function must(name: string): string {
  const found = findProgram(name);
  if (found === undefined)
    throw new AppError('internal', `${name} is missing.`, { reason: 'deploy_tool_missing', params: { tool: name } });
  return found;
}

function unitArgs(identity: SiteIdentity, task: SiteTask, environment: Readonly<Record<string, string>>): string[] {
  const properties = [
    `MemoryMax=${task.memoryMb}M`,
    'MemorySwapMax=0',
    `TasksMax=${mostProcesses}`,
    'CPUWeight=50',
    'IOWeight=50',
    'Nice=10',
    `LimitFSIZE=${task.maxFileBytes}`,
    'LimitCORE=0',
    `RuntimeMaxSec=${Math.ceil(task.timeoutMs / 1_000) + 5}`,
    'KillMode=control-group',
    'TimeoutStopSec=5',
    'UMask=0027',
    'NoNewPrivileges=yes',
    'CapabilityBoundingSet=',
    'PrivateTmp=yes',
    'PrivateDevices=yes',
    'ProtectSystem=strict',
    'ProtectHome=yes',
    'ProtectKernelTunables=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelLogs=yes',
    'ProtectControlGroups=yes',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    'ProtectProc=invisible',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'LockPersonality=yes',
    'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
    // The panel's own doors are nobody's business in there.
    'InaccessiblePaths=-/run/aapanel -/var/lib/aapanel -/var/lib/aapanel-agent',
    ...task.writable.map((each) => `ReadWritePaths=${each}`),
  ];
  return [
    '--quiet',
    '--collect',
    '--wait',
    '--pipe',
    '--service-type=exec',
    `--unit=${task.unit}`,
    `--uid=${identity.uid}`,
    `--gid=${identity.gid}`,
    `--working-directory=${task.cwd}`,
    ...properties.map((each) => `--property=${each}`),
    ...Object.entries(environment).map(([name, value]) => `--setenv=${name}=${value}`),
    '--',
    ...apart(),
    task.program,
    ...task.args,
  ];
}

/** Ends what is left of the units whose names begin so. */
export async function stopUnits(where: Where, beginning: string): Promise<void> {
  if (where.hasSystemd && where.isRoot) await stopUnit(`${beginning}*`);
}

async function stopUnit(unit: string): Promise<void> {
  const systemctl = findProgram('systemctl');
  if (systemctl === undefined) return;
  await run(systemctl, ['kill', '--kill-whom=all', '--signal=KILL', `${unit}.service`], { timeoutMs: 10_000 });
  await run(systemctl, ['stop', `${unit}.service`], { timeoutMs: 15_000 });
}
