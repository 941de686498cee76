import { readFileSync } from 'node:fs';
import { closeFile, look, openFile, readAt } from '../core/files.ts';
import { apart } from '../core/apart.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import { poll } from '../nginx/nginx.process.ts';
import { checkLive, mainSetting } from './php.check.ts';
import { phpPaths } from './php.paths.ts';
import { findFpm, installedVersions } from './php.versions.ts';

/** The running FPM of a version: its master, how it takes up files, what it says in its log. */

const startPatienceMs = 10_000;
const dropPatienceMs = 12_000;

/** Process id of the master, checked: a stale file must never make us signal somebody else. */
export function findFpmMaster(prefix: string, version: string): number | undefined {
  const { main } = phpPaths(prefix, version);
  const pid = Number(readOr(mainSetting(prefix, version, 'pid') ?? `/run/php/php${version}-fpm.pid`).trim());
  if (!Number.isInteger(pid) || pid < 2) return undefined;
  return readOr(`/proc/${pid}/cmdline`).startsWith(`php-fpm: master process (${main})`) ? pid : undefined;
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Processes of one pool, by the title that FPM gives its own children. */
export function workersOf(prefix: string, version: string, slug: string): number[] {
  const master = findFpmMaster(prefix, version);
  if (master === undefined) return [];
  return readOr(`/proc/${master}/task/${master}/children`)
    .split(' ')
    .filter((pid) => readOr(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() === `php-fpm: pool aapanel-${slug}`)
    .map(Number);
}

/** FPM that daemonized itself has another process after a reload: for so long none may be seen. */
const betweenMs = 1_500;

export type TakenUp = { readonly isTaken: boolean; readonly complaint: string | undefined };

/**
 * Makes FPM take up its files (a running one loads them again, a stopped one is started) and waits until `isTaken` says
 * so. One that cannot take them up ends: then the answer comes at once, in its own words.
 */
export async function takeUpPools(
  machine: Machine,
  version: string,
  isTaken: () => Promise<boolean> | boolean,
  endsAt: number,
): Promise<TakenUp> {
  const { prefix } = machine;
  const log = mainSetting(prefix, version, 'error_log') ?? `/var/log/php${version}-fpm.log`;
  const from = sizeOf(log);
  const master = findFpmMaster(prefix, version);
  let complaint = master === undefined ? await startFpm(machine, version) : undefined;
  if (master !== undefined) process.kill(master, 'SIGUSR2');
  let seenAt = Date.now();
  let isDone = false;
  await poll(async () => {
    if (findFpmMaster(prefix, version) !== undefined) {
      isDone = await isTaken();
      seenAt = Date.now();
    }
    complaint ??= complaintIn(log, from);
    return isDone || complaint !== undefined || Date.now() - seenAt > betweenMs;
  }, endsAt);
  return { isTaken: isDone, complaint };
}

/**
 * Starts FPM, by the system's own service manager where there is one, which alone can start it anew. Answers what it
 * complained of.
 */
export async function startFpm(
  machine: Machine,
  version: string,
  verb: 'start' | 'restart' = 'start',
): Promise<string | undefined> {
  const { prefix } = machine;
  const fpm = findFpm(prefix, version);
  if (fpm === undefined) return `php-fpm${version} is not installed`;
  const { main, ini, service } = phpPaths(prefix, version);
  const systemctl = machine.hasSystemd ? findProgram('systemctl') : undefined;
  if (systemctl !== undefined) await run(systemctl, ['enable', '--quiet', service], { timeoutMs: 30_000 });
  const [program, ...args] = [...apart(), fpm, '--daemonize', '--fpm-config', main, '-c', ini];
  const { stderr } =
    systemctl === undefined
      ? await run(program, args, { timeoutMs: 30_000 })
      : await run(systemctl, [verb, service], { timeoutMs: 60_000 });
  const isUp = await poll(() => findFpmMaster(prefix, version) !== undefined, Date.now() + startPatienceMs);
  return isUp ? undefined : stderr.trim().slice(0, 2_000) || `php-fpm${version} did not start`;
}

/** After pools have gone: the running FPM forgets them. One whose files are broken by hand is left as it runs. */
export async function dropOldPools(machine: Machine, version: string, sockets: readonly string[]): Promise<void> {
  const master = findFpmMaster(machine.prefix, version);
  if (master === undefined) return;
  const complaint = await checkLive(machine.prefix, version);
  // Without a single pool FPM does not run.
  if (complaint !== undefined && /no pool defined/i.test(complaint)) return stopFpm(machine, version, master);
  if (complaint !== undefined) throw new Error(complaint);
  // FPM takes away the sockets that nobody wants any more when it begins anew.
  await takeUpPools(machine, version, () => areGone(sockets), Date.now() + dropPatienceMs);
}

/** What a crash left half done was put back: FPM reads it. For the start of the agent. */
export async function takeUpPoolsNow(prefix: string): Promise<void> {
  for (const version of installedVersions(prefix)) {
    const master = findFpmMaster(prefix, version);
    if (master === undefined || (await checkLive(prefix, version)) !== undefined) continue;
    process.kill(master, 'SIGUSR2');
    const isBack = (): boolean => findFpmMaster(prefix, version) !== undefined;
    await poll(isBack, Date.now() + betweenMs);
  }
}

async function stopFpm(machine: Machine, version: string, master: number): Promise<void> {
  const systemctl = machine.hasSystemd ? findProgram('systemctl') : undefined;
  if (systemctl !== undefined) await run(systemctl, ['stop', phpPaths('', version).service], { timeoutMs: 60_000 });
  else process.kill(master, 'SIGQUIT');
}

/** Whether none of these is a socket any more. */
export function areGone(paths: readonly string[]): boolean {
  return paths.every((path) => look(path).type !== 'other');
}

function sizeOf(path: string): number {
  const file = openFile(path);
  if (file === undefined) return 0;
  closeFile(file.fd);
  return file.stats.size;
}

function complaintIn(path: string, from: number): string | undefined {
  const file = openFile(path);
  if (file === undefined) return undefined;
  const text = readAt(file.fd, Math.min(from, file.stats.size), 64 * 1024).toString('utf8');
  closeFile(file.fd);
  return /^\[[^\]]*\] (?:ERROR|ALERT): (.*)$/m.exec(text)?.[1];
}
