import { AppError } from '#shared/errors.ts';
import { isPhpExtensionName } from '#shared/php-extensions.ts';
import { isTool, type InstallableName, type SoftwareName } from '#shared/software.ts';
import { findProgram, run } from '../core/run.ts';
import { tools } from './tools.ts';

/** Calls of APT and what it says. Packages come from a closed list, never from a request. */

const phpParts = [
  'fpm',
  'bcmath',
  'cli',
  'curl',
  'gd',
  'intl',
  'mbstring',
  'mysql',
  'opcache',
  'pgsql',
  'readline',
  'sqlite3',
];
const morePhpParts = ['xml', 'zip'];

/** `nginx`, a version of PHP with what most applications expect, or one extension of it. */
export function packagesOf(name: InstallableName): string[] {
  if (name === 'nginx') return ['nginx'];
  // The server brings its client along, which dumps and questions go through.
  if (name === 'mariadb') return ['mariadb-server'];
  // The default version of the distribution, with its client and a cluster `main`.
  if (name === 'postgresql') return ['postgresql', 'postgresql-client'];
  if (isTool(name)) return [...tools[name].packages];
  if (isPhpExtensionName(name)) return [name];
  // Since 8.5 the cache is part of PHP itself.
  const parts = [...phpParts, ...morePhpParts].filter((part) => part !== 'opcache' || name !== 'php8.5');
  return parts.map((part) => `${name}-${part}`);
}

/** Program by which it is seen that somebody has installed it. */
export function programOf(name: SoftwareName): string {
  if (isTool(name)) return tools[name].program;
  if (name === 'mariadb') return 'mariadbd';
  // Its programs of a version are in a folder of that version; this one of Debian's own is in /usr/bin.
  if (name === 'postgresql') return 'pg_createcluster';
  return name.replace(/^php/, 'php-fpm');
}

/** Versions of PHP-FPM that the package lists know. */
export async function availablePhp(prefix: string): Promise<string[]> {
  const cache = findProgram('apt-cache', prefix);
  if (cache === undefined) return [];
  const { stdout } = await run(cache, ['search', '--names-only', '^php[0-9.]+-fpm$'], { timeoutMs: 10_000 });
  return [...stdout.matchAll(/^php(\d+\.\d+)-fpm\b/gm)].flatMap(([, version]) => version ?? []);
}

/** Packages of a version of PHP that the lists know: `php8.2-redis` and the like. */
export async function availablePartsOfPhp(version: string, prefix: string): Promise<string[]> {
  const cache = findProgram('apt-cache', prefix);
  if (cache === undefined) return [];
  const pattern = `^php${version.replace('.', '[.]')}-[a-z0-9]+$`;
  const { stdout } = await run(cache, ['search', '--names-only', pattern], { timeoutMs: 10_000 });
  return [...stdout.matchAll(/^(\S+) - /gm)].flatMap(([, name]) => name ?? []);
}

/** Nobody answers questions; files that people changed stay; other users of the package database are waited for. */
const calm = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0', '-o', 'APT::Color=0'];
const keepFiles = ['-o', 'Dpkg::Options::=--force-confdef', '-o', 'Dpkg::Options::=--force-confold'];
const tellStatus = ['-o', 'APT::Status-Fd=3'];
/** What is there already is never upgraded on the way. */
const onlyMissing = ['--no-install-recommends', '--no-upgrade'];

/** A source that breaks off is asked again, with APT's own pauses. */
const patient = ['-o', 'Acquire::Retries=3'];

export const refreshArgs: readonly string[] = [...calm, ...tellStatus, ...patient, 'update'];

export function downloadArgs(name: InstallableName): string[] {
  return [...calm, ...tellStatus, ...patient, ...onlyMissing, '--download-only', 'install', ...packagesOf(name)];
}

export function installArgs(name: InstallableName): string[] {
  return [...calm, ...tellStatus, ...keepFiles, ...onlyMissing, 'install', ...packagesOf(name)];
}

/** What would take packages away is refused: a person has to look at that. `names` null: everything that waits. */
export function upgradeArgs(names: readonly string[] | null): string[] {
  const what = names === null ? ['dist-upgrade'] : ['install', '--only-upgrade', ...names];
  return [...calm, ...tellStatus, ...patient, ...keepFiles, '--no-remove', ...what];
}

/** Removed, never purged: purging nginx deletes all of /etc/nginx with everybody's sites. */
export function removeArgs(packages: readonly string[]): string[] {
  return [...calm, ...tellStatus, ...keepFiles, 'remove', ...packages];
}

export function findApt(prefix: string): string | undefined {
  return findProgram('apt-get', prefix);
}

/** What installing would do, in APT's own lines. */
export async function simulateInstall(apt: string, name: InstallableName): Promise<string> {
  return await simulate(apt, [...onlyMissing, 'install', ...packagesOf(name)]);
}

/** What bringing these packages up to date would do, what comes with them included. */
export async function simulateUpdate(apt: string, packages: readonly string[]): Promise<string> {
  return await simulate(apt, ['install', '--only-upgrade', ...packages]);
}

/** Packages that installing would add; those that are there are not among them. */
export async function planInstall(apt: string, name: InstallableName): Promise<string[]> {
  const stdout = await simulateInstall(apt, name);
  // `Inst name [old version] (new …)`: with an old version it is an upgrade, and not ours to take back.
  return [...stdout.matchAll(/^Inst (\S+) \(/gm)].flatMap(([, found]) => found ?? []);
}

/** Everything that would go when these packages went. */
export async function planRemoval(apt: string, packages: readonly string[]): Promise<string[]> {
  const stdout = await simulate(apt, ['remove', ...packages]);
  return [...stdout.matchAll(/^Remv (\S+)/gm)].flatMap(([, name]) => name ?? []);
}

/** What bringing everything up to date would do, in APT's own lines. */
export async function planUpgrade(apt: string): Promise<string> {
  return await simulate(apt, ['dist-upgrade'], 25_000);
}

/** What APT would do. A failure is never taken for "nothing". */
async function simulate(apt: string, args: readonly string[], timeoutMs = 60_000): Promise<string> {
  const limits = { timeoutMs, maxOutputBytes: 4 * 1024 * 1024 };
  const said = await run(apt, ['-q', '-y', '-o', 'APT::Color=0', '--simulate', ...args], limits);
  const { code, stdout, stderr, isTimedOut } = said;
  if (code === 0) return stdout;
  if (isTimedOut) throw new AppError('timeout', 'The package manager takes too long to answer.');
  throw new AppError('internal', 'The package manager refuses.', {
    reason: 'package_plan_failed',
    params: { message: stderr.trim().slice(-1_000) },
  });
}

/** Those of the packages that dpkg has installed whole. */
export async function installedOf(packages: readonly string[], prefix: string): Promise<string[]> {
  const query = findProgram('dpkg-query', prefix);
  if (query === undefined || packages.length === 0) return [];
  const { stdout } = await run(query, ['-W', '-f', '${db:Status-Status} ${binary:Package}\\n', ...packages], {
    timeoutMs: 30_000,
  });
  const installed = new Set(stdout.split('\n').flatMap((line) => /^installed ([^:\s]+)/.exec(line)?.[1] ?? []));
  return packages.filter((name) => installed.has(name.split(':')[0] ?? ''));
}

export type AptStatus = { readonly phase: 'download' | 'packages'; readonly percent: number };

/** One line of APT's status: `dlstatus:1:20.5:…`, `pmstatus:nginx:40:…`. */
export function parseStatus(line: string): AptStatus | undefined {
  const found = /^(dl|pm)status:.*?:(\d{1,3}(?:\.\d+)?):/.exec(line);
  if (found === null) return undefined;
  return { phase: found[1] === 'dl' ? 'download' : 'packages', percent: Math.min(100, Number(found[2])) };
}
