import { readFileSync } from 'node:fs';
import type { CronCause } from '#shared/cron.ts';
import type { CronWork } from '#shared/cron-work.ts';
import { apart, withoutNewRights } from '../core/apart.ts';
import { listNames, look, makeFolders, putFile, readText, removeOwnFolder, Unsynced } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, startProgram } from '../core/run.ts';
import { findInFolders } from '../apps/apps.programs.ts';
import { endUnit } from '../deployments/run-as-site.ts';
import type { CronAccount } from './cron-account.ts';
import type { CronOutput } from './cron-output.ts';

/*
 * A script as its Linux user. It is data: put into a file as it was typed, and its program is given the name of that file.
 * Where systemd is, in a unit of its own, so that its end is the end of everything that it started.
 */

export type TaskEnd = {
  readonly code: number | null;
  readonly cause: CronCause | null;
  readonly isTimedOut: boolean;
  readonly cpuMs: number | null;
  readonly memoryBytes: number | null;
};

type Where = Pick<Machine, 'hasSystemd' | 'isRoot' | 'prefix'>;
export type ScriptTask = {
  readonly runId: string;
  readonly attempt: number;
  readonly work: Extract<CronWork, { kind: 'script' }>;
  readonly account: CronAccount;
  /** It is a site's: it reaches no abstract socket of others. */
  readonly isOfSite: boolean;
  /** First in PATH. */
  readonly folders: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly output: CronOutput;
};

export const notRun = { code: null, isTimedOut: false, cpuMs: null, memoryBytes: null } as const;

export async function runScript(where: Where, task: ScriptTask): Promise<TaskEnd> {
  const program = findInFolders(task.folders, task.work.language) ?? findProgram(task.work.language);
  if (program === undefined) {
    task.output.say(`${task.work.language} is not installed`);
    return { ...notRun, cause: 'cron_language_missing' };
  }
  const root = `${where.prefix}/run/aapanel-cron`;
  const folder = `${root}/${task.runId}`;
  // The user of the job comes through, and lists nothing.
  makeFolders(root, 0o711);
  makeFolders(folder, 0o711);
  try {
    return await runIn(where, task, program, folder);
  } finally {
    removeOwnFolder(folder);
  }
}

async function runIn(where: Where, task: ScriptTask, interpreter: string, folder: string): Promise<TaskEnd> {
  const { account, attempt, runId, timeoutMs, output } = task;
  const path = `${folder}/script`;
  const owner = where.isRoot ? { uid: account.uid, gid: account.gid } : {};
  const unsynced = new Unsynced();
  putFile(path, Buffer.from(task.work.script), { mode: 0o400, ...owner }, 'script', unsynced);
  unsynced.drop();
  const unit = `aapanel-cronjob-${runId}-${attempt}`;
  const systemdRun = where.hasSystemd && where.isRoot ? findProgram('systemd-run') : undefined;
  const environment = {
    HOME: account.home,
    USER: account.name,
    LOGNAME: account.name,
    SHELL: '/bin/sh',
    PATH: [...task.folders, '/usr/local/bin:/usr/bin:/bin'].join(':'),
  };
  const command = [...(task.isOfSite ? apart() : []), interpreter, path];
  const [first = '', ...args] =
    systemdRun === undefined
      ? limited(account, command)
      : [systemdRun, ...unitArgs(account, { unit, folder, environment, timeoutMs, runId }), '--', ...command];
  const timer = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([task.signal, timer]);
  const cpuBefore = childrenCpuMs();
  const child = startProgram(first, args, {
    cwd: systemdRun === undefined ? account.home : '/',
    ...(systemdRun === undefined ? { environment } : {}),
    ...(systemdRun === undefined ? { ...owner, signal } : {}),
    diesWithUs: true,
    onStderr: (chunk) => output.add(chunk),
  });
  child.stdout.on('data', (chunk: Buffer) => output.add(chunk));
  const watch = watchMemory(systemdRun === undefined ? () => pidsOfSession(child.pid) : () => pidsOfUnit(unit));
  let isOver = false;
  if (systemdRun !== undefined) signal.addEventListener('abort', () => void endUnit(where, unit, () => isOver));
  try {
    const { code, isKilled: isGroupKilled } = await child.ended;
    const isKilled = isGroupKilled || (systemdRun !== undefined && signal.aborted);
    const measured =
      systemdRun === undefined
        ? { cpuMs: childrenCpuMs() - cpuBefore, memoryBytes: watch.most() }
        : readMeasures(folder, watch.most());
    const isTimedOut = timer.aborted && isKilled;
    const isGood = !isKilled && code === 0;
    return { ...measured, code: isKilled ? null : code, isTimedOut, cause: isGood ? null : 'cron_exit_code' };
  } finally {
    isOver = true;
    watch.stop();
  }
}

/** Without systemd: no new rights for who is not root. */
function limited({ uid }: CronAccount, command: readonly string[]): readonly string[] {
  return uid === 0 ? command : [...withoutNewRights(), ...command];
}

type Unit = {
  readonly unit: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly runId: string;
};

function unitArgs(account: CronAccount, { unit, folder, environment, timeoutMs, runId }: Unit): string[] {
  const slice = '/sys/fs/cgroup/system.slice';
  // What the kernel does not keep cannot be copied, and the complaint would stand in what the script says.
  const measures = ['memory.peak', 'cpu.stat'].filter((name) => look(`${slice}/${name}`).type === 'file');
  const copied = measures.map((name) => `${slice}/${unit}.service/${name}`).join(' ');
  const properties = [
    // Whatever becomes of the process that waits for it, it does not outlive that.
    `BindsTo=aapanel-cron-${runId}.service`,
    `After=aapanel-cron-${runId}.service`,
    `RuntimeMaxSec=${Math.ceil(timeoutMs / 1_000) + 10}`,
    'KillMode=control-group',
    'TimeoutStopSec=5',
    'UMask=0022',
    'CPUAccounting=yes',
    'MemoryAccounting=yes',
    // Of the whole group, while it is still there.
    ...(copied === '' ? [] : [`ExecStopPost=-+${findProgram('cp') ?? '/bin/cp'} ${copied} ${folder}`]),
    ...(account.uid === 0
      ? []
      : ['NoNewPrivileges=yes', 'InaccessiblePaths=-/run/aapanel -/var/lib/aapanel -/var/lib/aapanel-agent']),
  ];
  return [
    '--quiet',
    '--collect',
    '--wait',
    '--pipe',
    '--service-type=exec',
    `--unit=${unit}`,
    `--uid=${account.name}`,
    `--gid=${account.gid}`,
    `--working-directory=${account.home}`,
    ...properties.map((each) => `--property=${each}`),
    ...Object.entries(environment).map(([name, value]) => `--setenv=${name}=${value}`),
  ];
}

/** `seen`: where the kernel keeps no peak. */
function readMeasures(folder: string, seen: number | null): Pick<TaskEnd, 'cpuMs' | 'memoryBytes'> {
  const peak = Number(readText(`${folder}/memory.peak`)?.trim() ?? Number.NaN);
  const used = Number(/^usage_usec (\d+)$/m.exec(readText(`${folder}/cpu.stat`) ?? '')?.[1] ?? Number.NaN);
  return {
    memoryBytes: Number.isFinite(peak) ? peak : seen,
    cpuMs: Number.isFinite(used) ? Math.round(used / 1_000) : null,
  };
}

const msPerTick = 10;

/** Processor time of all children that have ended, and of theirs. */
function childrenCpuMs(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * msPerTick;
}

const firstLooksMs = [20, 40, 80, 80, 160, 320];
const laterLookMs = 1_000;

/** The most memory that processes were seen to use together. */
function watchMemory(listPids: () => readonly string[]): { most: () => number | null; stop: () => void } {
  let most = 0;
  let count = 0;
  let timer: NodeJS.Timeout;
  const look = (): void => {
    most = Math.max(most, memoryOf(listPids()));
    timer = setTimeout(look, firstLooksMs[count++] ?? laterLookMs);
    timer.unref();
  };
  look();
  return { most: () => (most === 0 ? null : most), stop: () => clearTimeout(timer) };
}

function pidsOfSession(session: number): string[] {
  return listNames('/proc').filter((name) => /^\d+$/.test(name) && sessionOf(name) === String(session));
}

function sessionOf(pid: string): string | undefined {
  const stat = readOr(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3];
}

function pidsOfUnit(unit: string): string[] {
  const text = readOr(`/sys/fs/cgroup/system.slice/${unit}.service/cgroup.procs`);
  return text.split('\n').filter((pid) => /^\d+$/.test(pid));
}

function memoryOf(pids: readonly string[]): number {
  const kib = pids.map((pid) => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readOr(`/proc/${pid}/status`))?.[1] ?? 0));
  return kib.reduce((sum, each) => sum + each, 0) * 1024;
}

/** Empty for a process that has just ended. */
function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
