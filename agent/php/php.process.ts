import { readFileSync } from 'node:fs';
import { closeFile, look, openFile, readAt } from '../core/files.ts';
import { apart } from '../core/apart.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import { poll } from '../nginx/nginx.process.ts';
import { pidsOf, statOf } from '../processes/proc-files.ts';
import { checkLive, mainSetting } from './php.check.ts';
import { phpPaths, sharedFpm, type Fpm } from './php.paths.ts';
import { ownFpms, unitPathOf } from './php.pools.ts';
import { findFpm, installedVersions } from './php.versions.ts';

/** A running FPM, of a version or of one site: its master, how it takes up files, what it says in its log. */

const startPatienceMs = 10_000;
const dropPatienceMs = 12_000;
/** Longer than requests under way are given (process_control_timeout). */
const stopPatienceMs = 8_000;

type Where = Pick<Machine, 'prefix' | 'hasSystemd'>;

/** Process id of the master, checked: a stale file must never make us signal somebody else. */
export function findFpmMaster(fpm: Fpm): number | undefined {
  const pid = Number(readOr(mainSetting(fpm, 'pid')).trim());
  if (!Number.isInteger(pid) || pid < 2) return undefined;
  return readOr(`/proc/${pid}/cmdline`).startsWith(`php-fpm: master process (${fpm.main})`) ? pid : undefined;
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Processes of one pool, by the title that FPM gives its own children. */
export function workersOf(fpm: Fpm, slug: string): number[] {
  const master = findFpmMaster(fpm);
  if (master === undefined) return [];
  return readOr(`/proc/${master}/task/${master}/children`)
    .split(' ')
    .map(Number)
    .filter((pid) => isWorkerOf(pid, slug));
}

function isWorkerOf(pid: number, slug: string): boolean {
  return readOr(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() === `php-fpm: pool aapanel-${slug}`;
}

/** Processes whose master was killed go on for ever and hold the socket, so that no master can begin. systemd ends them itself. */
async function endOrphans(slug: string): Promise<void> {
  const isOrphan = (pid: number): boolean => {
    const parent = statOf('/proc', pid)?.parentPid ?? 0;
    return isWorkerOf(pid, slug) && !readOr(`/proc/${parent}/cmdline`).startsWith('php-fpm: master process');
  };
  const orphans = pidsOf('/proc').filter(isOrphan);
  for (const pid of orphans) process.kill(pid, 'SIGKILL');
  await poll(() => !orphans.some((pid) => isWorkerOf(pid, slug)), Date.now() + betweenMs);
}

/** FPM that daemonized itself has another process after a reload: for so long none may be seen. */
const betweenMs = 1_500;

export type TakenUp = { readonly isTaken: boolean; readonly complaint: string | undefined };

/**
 * Makes FPM take up its files (a running one loads them again, a stopped one is started) and waits until `isTaken` says
 * so. One that cannot take them up ends: then the answer comes at once, in its own words.
 */
export async function takeUpPools(
  machine: Where,
  fpm: Fpm,
  isTaken: () => Promise<boolean> | boolean,
  endsAt: number,
): Promise<TakenUp> {
  const log = mainSetting(fpm, 'error_log');
  const from = sizeOf(log);
  const master = findFpmMaster(fpm);
  let complaint = master === undefined ? await startFpm(machine, fpm) : undefined;
  if (master !== undefined) process.kill(master, 'SIGUSR2');
  let seenAt = Date.now();
  let isDone = false;
  await poll(async () => {
    if (findFpmMaster(fpm) !== undefined) {
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
  machine: Where,
  fpm: Fpm,
  verb: 'start' | 'restart' = 'start',
): Promise<string | undefined> {
  const { prefix, version, main, service, slug } = fpm;
  const program = findFpm(prefix, version);
  if (program === undefined) return `php-fpm${version} is not installed`;
  const { ini } = phpPaths(prefix, version);
  const systemctl = machine.hasSystemd ? findProgram('systemctl') : undefined;
  if (systemctl !== undefined) {
    // One of a site is switched on by its files, and counts its tries anew.
    const first = slug === null ? ['enable', '--quiet', service] : ['reset-failed', service];
    await run(systemctl, first, { timeoutMs: 30_000 });
  }
  if (systemctl === undefined && slug !== null && findFpmMaster(fpm) === undefined) await endOrphans(slug);
  const [first, ...args] = [...apart(), program, '--daemonize', '--fpm-config', main, '-c', ini];
  const { code, stderr } =
    systemctl === undefined
      ? await run(first, args, { timeoutMs: 30_000 })
      : await run(systemctl, [verb, service], { timeoutMs: 60_000 });
  const isUp = (): boolean => findFpmMaster(fpm) !== undefined;
  if (isUp() || (code === 0 && (await poll(isUp, Date.now() + startPatienceMs)))) return undefined;
  return stderr.trim().slice(0, 2_000) || `php-fpm${version} did not start`;
}

/** After pools have gone: the running FPM forgets them. One whose files are broken by hand is left as it runs. */
export async function dropOldPools(machine: Where, fpm: Fpm, sockets: readonly string[]): Promise<void> {
  if (findFpmMaster(fpm) === undefined) return;
  const complaint = await checkLive(fpm);
  // Without a single pool FPM does not run.
  if (complaint !== undefined && /no pool defined/i.test(complaint)) return stopFpm(machine, fpm);
  if (complaint !== undefined) throw new Error(complaint);
  // FPM takes away the sockets that nobody wants any more when it begins anew.
  await takeUpPools(machine, fpm, () => areGone(sockets), Date.now() + dropPatienceMs);
}

/** What a crash left half done was put back: FPM reads it. For the start of the agent. */
export async function takeUpPoolsNow(host: Where & Pick<Machine, 'stateFolder'>): Promise<void> {
  const { prefix } = host;
  const shared = installedVersions(prefix).map((version) => sharedFpm(prefix, version));
  for (const fpm of [...shared, ...ownFpms(host)]) {
    const master = findFpmMaster(fpm);
    // One of a site may have ended because it could not take up what was to come.
    if (master === undefined && fpm.slug !== null) await startFpm(host, fpm);
    if (master === undefined || (await checkLive(fpm)) !== undefined) continue;
    process.kill(master, 'SIGUSR2');
    await poll(() => findFpmMaster(fpm) !== undefined, Date.now() + betweenMs);
  }
}

/** In peace first. systemd forgets a unit whose file has gone. */
export async function stopFpm({ prefix, hasSystemd }: Where, fpm: Fpm): Promise<void> {
  const isGone = (): boolean => findFpmMaster(fpm) === undefined;
  for (const signal of ['SIGQUIT', 'SIGTERM'] as const) {
    const master = findFpmMaster(fpm);
    if (master === undefined) break;
    process.kill(master, signal);
    await poll(isGone, Date.now() + stopPatienceMs);
  }
  // A stop of the service of a version is one of every site's own.
  if (fpm.slug === null) return;
  const systemctl = hasSystemd ? findProgram('systemctl') : undefined;
  if (systemctl === undefined) return await endOrphans(fpm.slug);
  for (const verb of ['stop', 'reset-failed']) await run(systemctl, [verb, fpm.service], { timeoutMs: 60_000 });
  if (look(prefix + unitPathOf(fpm)).type === 'missing') await run(systemctl, ['daemon-reload'], { timeoutMs: 30_000 });
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
