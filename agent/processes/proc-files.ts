import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import type { processStates } from '#shared/processes.ts';

/** What the kernel says of processes; proc(5). Everything may be gone between two looks. */

export function readOr(path: string, otherwise = ''): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

export function pidsOf(proc: string): number[] {
  return readdirSync(proc)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

export type Stat = {
  readonly name: string;
  readonly state: (typeof processStates)[number];
  readonly parentPid: number;
  readonly cpuMs: number;
  readonly threads: number;
  readonly startTicks: number;
};

/** Ticks of the kernel in a second: 100 on every Linux that Node runs on (sysconf(3), _SC_CLK_TCK). */
export const ticksPerSecond = 100;

const states: Readonly<Record<string, Stat['state']>> = {
  R: 'running',
  S: 'sleeping',
  D: 'waiting',
  T: 'stopped',
  t: 'stopped',
  Z: 'zombie',
  I: 'idle',
};

/** The name stands in brackets and may hold brackets and spaces itself. undefined: it is gone. */
export function statOf(proc: string, pid: number): Stat | undefined {
  const text = readOr(`${proc}/${pid}/stat`);
  const from = text.indexOf('(');
  const to = text.lastIndexOf(')');
  if (from < 0 || to < from) return undefined;
  const rest = text.slice(to + 2).split(' ');
  const at = (field: number): number => Number(rest[field - 3] ?? '0');
  return {
    name: text.slice(from + 1, to),
    state: states[rest[0] ?? ''] ?? 'other',
    parentPid: at(4),
    cpuMs: ((at(14) + at(15)) * 1_000) / ticksPerSecond,
    threads: at(20),
    startTicks: at(22),
  };
}

export function uidOf(proc: string, pid: number): number | undefined {
  try {
    return statSync(`${proc}/${pid}`).uid;
  } catch {
    return undefined;
  }
}

/** Names of users by their numbers, from /etc/passwd. */
export function userNames(prefix: string): Map<number, string> {
  const rows = readOr(`${prefix}/etc/passwd`)
    .split('\n')
    .map((row) => row.split(':'));
  return new Map(rows.flatMap(([name = '', , uid = '']) => (uid === '' ? [] : [[Number(uid), name] as const])));
}

/** The service that a process belongs to, by its control group (cgroups(7)). */
export function unitOf(proc: string, pid: number): string | null {
  const found = /\/([A-Za-z0-9:_.@\\-]+\.service)(?:\/|$)/m.exec(readOr(`${proc}/${pid}/cgroup`))?.[1];
  return found === undefined || found.length > 250 ? null : found;
}

/** Epoch ms of the boot. */
export function bootAt(proc: string): number {
  return Number(/^btime (\d+)$/m.exec(readOr(`${proc}/stat`))?.[1] ?? '0') * 1_000;
}

/** Inodes of the sockets that a process holds. */
export function socketsOf(proc: string, pid: number): string[] {
  const folder = `${proc}/${pid}/fd`;
  try {
    return readdirSync(folder).flatMap((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOr(`${folder}/${fd}`))?.[1];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    return [];
  }
}

function linkOr(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
