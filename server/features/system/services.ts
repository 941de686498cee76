import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { serviceStates } from '#shared/system.ts';

export type ServiceState = (typeof serviceStates)[number];

/** Without a child process and without the agent: systemd's control groups, else the names of the processes. */
type Service = {
  readonly name: string;
  /** Unit names without `.service`; `*` stands for a version. */
  readonly units: readonly RegExp[];
  readonly programs: readonly RegExp[];
  /** Names of the processes (15 characters at most). */
  readonly processes: readonly RegExp[];
};

const services: readonly Service[] = [
  { name: 'nginx', units: [/^nginx$/], programs: [/^nginx$/], processes: [/^nginx$/] },
  {
    name: 'mariadb',
    units: [/^(mariadb|mysql)$/],
    programs: [/^(mariadbd|mysqld)$/],
    processes: [/^(mariadbd|mysqld)$/],
  },
  { name: 'postgresql', units: [/^postgresql@/], programs: [/^pg_ctlcluster$/], processes: [/^postgres$/] },
  { name: 'redis', units: [/^redis(-server)?$/], programs: [/^redis-server$/], processes: [/^redis-server$/] },
  { name: 'docker', units: [/^docker$/], programs: [/^dockerd$/], processes: [/^dockerd$/] },
  { name: 'ssh', units: [/^sshd?$/], programs: [/^sshd$/], processes: [/^sshd$/] },
  { name: 'cron', units: [/^cron(ie)?$/], programs: [/^crond?$/], processes: [/^crond?$/] },
  {
    name: 'php-fpm',
    units: [/^php[\d.]*-fpm$/, /^aapanel-php\d/],
    programs: [/^php-fpm[\d.]*$/],
    processes: [/^php-fpm/],
  },
];

export type ServiceRoots = { readonly cgroup: string; readonly proc: string; readonly programs: readonly string[] };

export const machineRoots: ServiceRoots = {
  cgroup: '/sys/fs/cgroup',
  proc: '/proc',
  programs: ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin'],
};

const keptMs = 8_000;

/** Asks at most every eight seconds. */
export function createServiceReader(
  roots: ServiceRoots = machineRoots,
): () => Promise<{ name: string; state: ServiceState }[]> {
  let last: { readonly at: number; readonly states: Promise<{ name: string; state: ServiceState }[]> } | undefined;
  return () => {
    const now = performance.now();
    if (last === undefined || now - last.at > keptMs) last = { at: now, states: readServices(roots) };
    return last.states;
  };
}

export async function readServices(roots: ServiceRoots): Promise<{ name: string; state: ServiceState }[]> {
  const programs = new Set((await Promise.all(roots.programs.map(list))).flat());
  const units = await findUnits(roots.cgroup);
  const processes = units === undefined ? await findProcesses(roots.proc) : undefined;
  return Promise.all(
    services.map(async (service) => ({
      name: service.name,
      state: await stateOf(service, { programs, units, processes }),
    })),
  );
}

async function stateOf(
  service: Service,
  seen: {
    readonly programs: ReadonlySet<string>;
    /** Unit name to its folders; undefined without systemd. */
    readonly units: ReadonlyMap<string, string> | undefined;
    /** undefined: the processes of others cannot be seen. */
    readonly processes: readonly string[] | undefined;
  },
): Promise<ServiceState> {
  const isInstalled = [...seen.programs].some((name) => service.programs.some((pattern) => pattern.test(name)));
  if (seen.units !== undefined) {
    const own = [...seen.units].filter(([name]) => service.units.some((pattern) => pattern.test(name)));
    const alive = await Promise.all(own.map(([, folder]) => isPopulated(folder)));
    if (alive.includes(true)) return 'running';
    if (alive.includes(undefined)) return 'unknown';
    return isInstalled ? 'stopped' : 'not_installed';
  }
  if (seen.processes?.some((name) => service.processes.some((pattern) => pattern.test(name))) === true)
    return 'running';
  if (!isInstalled) return 'not_installed';
  return seen.processes === undefined ? 'unknown' : 'stopped';
}

/** Units of systemd that have a control group: version 2, or the named hierarchy of version 1. */
async function findUnits(cgroup: string): Promise<Map<string, string> | undefined> {
  for (const folder of [join(cgroup, 'system.slice'), join(cgroup, 'systemd', 'system.slice')]) {
    const entries = await list(folder);
    if (entries.length === 0) continue;
    const units = new Map<string, string>();
    const add = (parent: string, names: readonly string[]) => {
      for (const name of names) if (name.endsWith('.service')) units.set(name.slice(0, -8), join(parent, name));
    };
    add(folder, entries);
    // Template units (postgresql@17-main) lie in a slice of their own.
    for (const slice of entries.filter((name) => name.endsWith('.slice'))) {
      add(join(folder, slice), await list(join(folder, slice)));
    }
    return units;
  }
  return undefined;
}

/** Does any process live in this group? undefined when it cannot be known. */
async function isPopulated(folder: string): Promise<boolean | undefined> {
  try {
    const events = await readFile(join(folder, 'cgroup.events'), 'utf8');
    return /^populated 1$/m.test(events);
  } catch {
    // Version 1 has no such file.
  }
  try {
    return (await readFile(join(folder, 'cgroup.procs'), 'utf8')).trim() !== '';
  } catch {
    return (await isThere(folder)) ? undefined : false;
  }
}

/** Names of all processes; undefined when those of others are hidden (ProtectProc=invisible). */
async function findProcesses(proc: string): Promise<string[] | undefined> {
  if (!(await isThere(join(proc, '1', 'comm')))) return undefined;
  const ids = (await list(proc)).filter((name) => /^\d+$/.test(name));
  const names = await Promise.all(ids.map((id) => readFile(join(proc, id, 'comm'), 'utf8').catch(() => '')));
  return [...new Set(names.map((name) => name.trim()).filter((name) => name !== ''))];
}

async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
