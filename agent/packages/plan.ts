import { createHash } from 'node:crypto';
import { statfsSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { ftpPassivePorts } from '#shared/ftp.ts';
import { AppError } from '#shared/errors.ts';
import { isPhpExtensionName } from '#shared/php-extensions.ts';
import type { SoftwarePlan } from '#shared/software-plan.ts';
import { isNode, isTool, phpVersionOf, type InstallableName } from '#shared/software.ts';
import { majorOf, storedNodes } from '../apps/node-store.ts';
import { look, readText } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import { findPortHolder } from '../nginx/nginx.process.ts';
import { findApt, installedOf, packagesOf, planUpgrade, programOf, simulateInstall, simulateUpdate } from './apt.ts';
import { releaseForSury } from './sury.ts';
import { hasProgram, suryList, tools } from './tools.ts';
import { updatesOf } from './updates.ts';

/*
 * What an installation or an update would change, before anything does: APT's own simulation by the package lists that are
 * there, their sizes, and what of the machine is touched.
 */

type Facts = Omit<SoftwarePlan, 'mark'>;
type Package = SoftwarePlan['packages'][number];
type Change = { readonly name: string; readonly from: string | null; readonly to: string };

const mostPackages = 500;

/** Throws `package_plan_failed` where the lists do not know it, for example since they were never fetched. */
export async function readPlanOf(machine: Pick<Machine, 'prefix'>, name: InstallableName): Promise<SoftwarePlan> {
  const facts = await factsOf(machine, name);
  const { kind, packages, services, ports } = facts;
  const named = packages.map(({ name: each, from, to }) => [each, from, to]);
  const told = JSON.stringify([name, kind, named, services, ports.map(({ first, last }) => [first, last])]);
  return { ...facts, mark: createHash('sha256').update(told).digest('hex').slice(0, 32) };
}

async function factsOf({ prefix }: Pick<Machine, 'prefix'>, name: InstallableName): Promise<Facts> {
  const common = {
    neighbours: neighboursOf(prefix, name),
    memory: memoryNow(),
    freeDiskBytes: freeDisk(prefix),
  };
  const nothing = { packages: [], downloadBytes: null, diskBytes: null, services: [], ports: [] };
  if (isNode(name)) {
    const isThere = storedNodes(prefix).some((version) => majorOf(version) === Number(name.slice('node'.length)));
    return { kind: isThere ? 'nothing' : 'install', source: 'node', ...nothing, ...common };
  }
  if (name === 'sury') {
    const kind = look(prefix + suryList).type === 'missing' ? 'install' : 'nothing';
    if (kind === 'install' && releaseForSury(prefix) === undefined)
      throw new AppError('not_allowed', 'This source serves Debian only.', { reason: 'sury_debian_only' });
    return { kind, source: 'sury', ...nothing, ...common };
  }
  const apt = findApt(prefix);
  if (apt === undefined) throw new Error('apt-get is missing: this distribution is not supported');
  const isThere = await isInstalled(name, prefix);
  const changes = isThere ? await updatesFor(apt, name, prefix) : updatesOf(await simulateInstall(apt, name));
  const kind = changes.length > 0 ? (isThere ? 'update' : 'install') : 'nothing';
  if (kind === 'nothing') return { kind, source: 'distribution', ...nothing, ...common };
  const packages = await sized(changes.slice(0, mostPackages), prefix);
  return {
    kind,
    source: 'distribution',
    packages,
    downloadBytes: sumOf(packages.map(({ downloadBytes }) => downloadBytes)),
    diskBytes: sumOf(packages.map(({ diskBytes }) => diskBytes)),
    services: servicesOf(name),
    // An update opens nothing that is not open.
    ports: isThere ? [] : portsOf(name, prefix),
    ...common,
  };
}

async function isInstalled(name: Exclude<InstallableName, `node${string}`>, prefix: string): Promise<boolean> {
  if (isPhpExtensionName(name)) return (await installedOf([name], prefix)).length > 0;
  return hasProgram(programOf(name), prefix);
}

async function updatesFor(apt: string, name: InstallableName, prefix: string): Promise<Change[]> {
  const [waiting, own] = await Promise.all([planUpgrade(apt), packagesFrom(name, prefix)]);
  const names = updatesOf(waiting).flatMap(({ name: each, from }) => (from !== null && own.has(each) ? [each] : []));
  return names.length === 0 ? [] : updatesOf(await simulateUpdate(apt, names));
}

/** Packages that are there and belong to it: its own, and what was built from the same source as them. */
export async function packagesFrom(name: InstallableName, prefix: string): Promise<ReadonlySet<string>> {
  const query = findProgram('dpkg-query', prefix);
  const own = new Set(packagesOf(name));
  if (query === undefined) return own;
  const asked = ['-W', '-f', '${Package} ${source:Package} ${db:Status-Status}\\n'];
  const { stdout } = await run(query, asked, { timeoutMs: 20_000, maxOutputBytes: 4 * 1024 * 1024 });
  const rows = [...stdout.matchAll(/^(\S+) (\S+) installed$/gm)].map(([, each = '', source = '']) => ({
    each,
    source,
  }));
  const main = isPhpExtensionName(name) ? new Set<string>() : new Set([...own].slice(0, 1));
  const sources = new Set(rows.flatMap(({ each, source }) => (main.has(each) ? [source] : [])));
  // Of these the packages of a version have a source of their own, and the name that is asked for only points to it.
  const isOfVersion = (each: string): boolean => name === 'postgresql' && each.startsWith('postgresql-');
  const ours = rows.filter(({ each, source }) => own.has(each) || sources.has(source) || isOfVersion(each));
  return new Set(ours.map(({ each }) => each));
}

/** Sizes by the lists; what an update replaces is taken off. */
async function sized(changes: readonly Change[], prefix: string): Promise<Package[]> {
  const cache = findProgram('apt-cache', prefix);
  const query = findProgram('dpkg-query', prefix);
  const limits = { timeoutMs: 20_000, maxOutputBytes: 8 * 1024 * 1024 };
  const replaced = changes.filter(({ from }) => from !== null).map(({ name }) => name);
  const [shown, present] = await Promise.all([
    cache === undefined
      ? ''
      : run(cache, ['show', '--', ...changes.map(({ name, to }) => `${name}=${to}`)], limits).then(
          (said) => said.stdout,
        ),
    query === undefined || replaced.length === 0
      ? ''
      : run(query, ['-W', '-f', '${Package} ${Installed-Size}\\n', '--', ...replaced], limits).then(
          (said) => said.stdout,
        ),
  ]);
  const before = new Map([...present.matchAll(/^(\S+) (\d+)$/gm)].map(([, name = '', kib]) => [name, Number(kib)]));
  const records = new Map(shown.split('\n\n').map((record) => [fieldOf(record, 'Package'), record]));
  return changes.map(({ name, from, to }) => {
    const bare = name.split(':')[0] ?? name;
    const record = records.get(bare) ?? '';
    const kib = numberOf(record, 'Installed-Size');
    return {
      name,
      from,
      to,
      downloadBytes: numberOf(record, 'Size'),
      diskBytes: kib === null ? null : (kib - (from === null ? 0 : (before.get(bare) ?? kib))) * 1_024,
    };
  });
}

const fieldOf = (record: string, field: string): string =>
  new RegExp(`^${field}: (\\S+)$`, 'm').exec(record)?.[1] ?? '';

function numberOf(record: string, field: string): number | null {
  const text = fieldOf(record, field);
  return /^\d{1,12}$/.test(text) ? Number(text) : null;
}

function sumOf(numbers: readonly (number | null)[]): number | null {
  const known = numbers.filter((each) => each !== null);
  return known.length === 0 ? null : known.reduce((sum, each) => sum + each, 0);
}

function servicesOf(name: InstallableName): string[] {
  if (isTool(name)) {
    const { unit } = tools[name];
    return unit === null ? [] : [`${unit}.service`];
  }
  if (isPhpExtensionName(name) || name.startsWith('php'))
    return [`php${phpVersionOf(name as `php8.${1 | 2 | 3 | 4 | 5}`)}-fpm.service`];
  return [`${name}.service`];
}

/** Of the distribution's own settings and ours: what is not public listens on this machine alone. */
const opened: Partial<Record<InstallableName, readonly (readonly [first: number, last: number, isPublic: boolean])[]>> =
  {
    nginx: [
      [80, 80, true],
      [443, 443, true],
    ],
    mariadb: [[3306, 3306, false]],
    postgresql: [[5432, 5432, false]],
    redis: [[6379, 6379, false]],
    memcached: [[11_211, 11_211, false]],
    vsftpd: [
      [21, 21, true],
      [ftpPassivePorts.least, ftpPassivePorts.most, true],
    ],
  };

function portsOf(name: InstallableName, prefix: string): Facts['ports'] {
  return (opened[name] ?? []).map(([first, last, isPublic]) => ({
    first,
    last,
    isPublic,
    heldBy: findPortHolder(first, prefix) ?? null,
  }));
}

const neighbourPrograms = [
  ['web_server', 'Apache', 'apache2'],
  ['web_server', 'Caddy', 'caddy'],
  ['web_server', 'lighttpd', 'lighttpd'],
  ['web_server', 'nginx', 'nginx'],
  ['database', 'MariaDB', 'mariadbd'],
  ['database', 'MySQL', 'mysqld'],
  ['database', 'PostgreSQL', 'pg_createcluster'],
  ['database', 'Redis', 'redis-server'],
  ['database', 'MongoDB', 'mongod'],
  ['firewall', 'ufw', 'ufw'],
  ['firewall', 'firewalld', 'firewall-cmd'],
  ['firewall', 'nftables', 'nft'],
  ['ftp_server', 'vsftpd', 'vsftpd'],
  ['ftp_server', 'ProFTPD', 'proftpd'],
  ['ftp_server', 'Pure-FTPd', 'pure-ftpd'],
] as const satisfies readonly (readonly [Facts['neighbours'][number]['kind'], string, string])[];

function neighboursOf(prefix: string, name: InstallableName): Facts['neighbours'] {
  const own = isPhpExtensionName(name) || isNode(name) ? undefined : programOf(name);
  const there = neighbourPrograms.filter(
    ([, , program]) => program !== own && findProgram(program, prefix) !== undefined,
  );
  // MariaDB calls itself MySQL too.
  const hasMariadb = there.some(([, , program]) => program === 'mariadbd');
  return there.flatMap(([kind, title, program]) =>
    program === 'mysqld' && (hasMariadb || own === 'mariadbd') ? [] : [{ kind, name: title }],
  );
}

function memoryNow(): Facts['memory'] {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(readText('/proc/meminfo') ?? '')?.[1];
  return { totalBytes: totalmem(), availableBytes: kib === undefined ? freemem() : Number(kib) * 1_024 };
}

function freeDisk(prefix: string): number {
  const { bavail, bsize } = statfsSync(`${prefix}/usr`);
  return bavail * bsize;
}
