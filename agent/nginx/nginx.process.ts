import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { closeFile, openFile, readAt } from '../core/files.ts';
import { mainFacts } from './nginx.files.ts';

/** The running nginx: its master, its workers, what it says in its log, and whether it serves. */

/** Changes go one after another: they all end in the same nginx. */
export const nginxLock = 'nginx';

/** Process id of nginx's master, checked: a stale file must never make us signal somebody else. */
export function findMaster(prefix: string): number | undefined {
  const pid = Number(readOr(mainFacts(prefix).pidFile).trim());
  if (!Number.isInteger(pid) || pid < 2) return undefined;
  const isMaster = readOr(`/proc/${pid}/cmdline`).startsWith('nginx: master process');
  return isMaster && readOr(`/proc/${pid}/comm`).trim() === 'nginx' ? pid : undefined;
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function workersOf(master: number): Set<string> {
  return new Set(
    readOr(`/proc/${master}/task/${master}/children`)
      .split(' ')
      .filter((pid) => pid !== ''),
  );
}

export type Reload = {
  /** Ends when workers of the new configuration run; throws ReloadRefused with nginx's words when it kept the old. */
  isTaken(): boolean;
  /**
   * Whether none of the processes that ran before is left. nginx tells them a tenth of a second late, so until then how
   * they call themselves proves nothing.
   */
  readonly hasLetGo: () => boolean;
  /** What nginx complained of since the reload began, or undefined. */
  complaint(): string | undefined;
};

/** Tells the master to load its files again. undefined when none is running. */
export function reload(prefix: string): Reload | undefined {
  const master = findMaster(prefix);
  if (master === undefined) return undefined;
  const { errorLog } = mainFacts(prefix);
  const before = workersOf(master);
  const logFrom = sizeOf(errorLog);
  try {
    process.kill(master, 'SIGHUP');
  } catch {
    // It has ended between the two looks.
    return undefined;
  }
  return {
    isTaken: () => [...workersOf(master)].some((pid) => !before.has(pid) && isWorker(pid)),
    hasLetGo: () => workersOf(master).isDisjointFrom(before),
    complaint: () => emergencies(errorLog, logFrom),
  };
}

/** Makes a running nginx load its files and waits a moment for it; for the start of the agent. */
export async function takeUpNow(prefix: string): Promise<void> {
  const told = reload(prefix);
  if (told !== undefined) await poll(() => told.isTaken() || told.complaint() !== undefined, Date.now() + 1_000);
}

/** A child that was just forked still carries the master's title. */
function isWorker(pid: string): boolean {
  return readOr(`/proc/${pid}/cmdline`).startsWith('nginx: worker process');
}

function sizeOf(path: string): number {
  try {
    const file = openFile(path);
    if (file === undefined) return 0;
    closeFile(file.fd);
    return file.stats.size;
  } catch {
    return 0;
  }
}

/** nginx's last complaint in the end of its log, for a start that failed. */
export function lastComplaint(prefix: string): string | undefined {
  const { errorLog } = mainFacts(prefix);
  return emergencies(errorLog, Math.max(0, sizeOf(errorLog) - 4_096));
}

function emergencies(path: string, from: number): string | undefined {
  try {
    const file = openFile(path);
    if (file === undefined) return undefined;
    const text = readAt(file.fd, from, 64 * 1024).toString('utf8');
    closeFile(file.fd);
    return /\[emerg\] \d+#\d+: (.*)/.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

/** This machine's addresses: a server that listens on one address only hides ours from the loopback. */
export function ownAddresses(): string[] {
  const others = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).filter(({ family, internal }) => family === 'IPv4' && !internal),
  );
  return ['127.0.0.1', ...others.map(({ address }) => address)];
}

/** Calls `isDone` every 1 to 4 ms until it is true or time is over. */
export async function poll(isDone: () => Promise<boolean> | boolean, endsAt: number): Promise<boolean> {
  for (let round = 0; ; round++) {
    if (await isDone()) return true;
    if (Date.now() >= endsAt) return false;
    await wait(round < 20 ? 1 : 4);
  }
}

/** Inodes of the sockets that listen on a TCP port, on any address. */
function listenersOf(port: number): Set<string> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = new Set<string>();
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6'])
    for (const line of readOr(file).split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === '0A' && local?.endsWith(`:${hex}`) === true && inode !== undefined) inodes.add(inode);
    }
  return inodes;
}

/** Sockets of a process; undefined when we may not look. */
function socketsOf(pid: number | string): Set<string> | undefined {
  try {
    const sockets = new Set<string>();
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOr(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode !== undefined) sockets.add(inode);
    }
    return sockets;
  } catch {
    return undefined;
  }
}

function linkOr(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/**
 * Name of the program that holds a port, when it is not the nginx of this machine; undefined when the port is free or
 * nginx's. When nginx runs and its descriptors may not be read, the answer is left to nginx's own bind at the reload.
 */
export function findPortHolder(port: number, prefix: string): string | undefined {
  const listeners = listenersOf(port);
  if (listeners.size === 0) return undefined;
  const master = findMaster(prefix);
  if (master !== undefined) {
    const own = socketsOf(master);
    if (own === undefined || [...listeners].every((inode) => own.has(inode))) return undefined;
    for (const inode of own) listeners.delete(inode);
    // A worker that leaves after a reload may hold what the master has closed already, for a moment.
    for (const worker of workersOf(master)) for (const inode of socketsOf(worker) ?? []) listeners.delete(inode);
    if (listeners.size === 0) return undefined;
  }
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const sockets = socketsOf(pid);
    if (sockets !== undefined && [...listeners].some((inode) => sockets.has(inode)))
      return readOr(`/proc/${pid}/comm`).trim() || '?';
  }
  // Closed while it was looked for.
  return listenersOf(port).size === 0 ? undefined : '?';
}
