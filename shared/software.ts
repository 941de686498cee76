import { z } from 'zod';
import { instant, type Operation } from './http.ts';
import { job } from './jobs.ts';
import { phpExtensionName, type PhpExtensionName } from './php-extensions.ts';

/** Software the panel can install, sorted: from the distribution, and lines of Node from their makers. */
export const softwareNames = [
  'clamav',
  'composer',
  'docker',
  'fail2ban',
  'git',
  'mariadb',
  'memcached',
  'nginx',
  'nginx-brotli',
  'node22',
  'node24',
  'node26',
  'php8.1',
  'php8.2',
  'php8.3',
  'php8.4',
  'php8.5',
  'postgresql',
  'redis',
  'ripgrep',
  'sury',
  'unattended-upgrades',
  'vsftpd',
] as const;
export type SoftwareName = (typeof softwareNames)[number];

/** Versions of PHP-FPM with the usual extensions; which of them there are is up to the distribution. */
export const phpSoftwareNames = ['php8.1', 'php8.2', 'php8.3', 'php8.4', 'php8.5'] as const satisfies SoftwareName[];
export type PhpSoftwareName = (typeof phpSoftwareNames)[number];

/** Lines of Node that applications can choose, oldest first; each brings its newest version. */
export const nodeSoftwareNames = ['node22', 'node24', 'node26'] as const satisfies SoftwareName[];
export type NodeSoftwareName = (typeof nodeSoftwareNames)[number];

/** Programs that need nothing of the panel besides their packages, sorted. */
export const toolNames = [
  'clamav',
  'composer',
  'docker',
  'fail2ban',
  'git',
  'memcached',
  'nginx-brotli',
  'redis',
  'ripgrep',
  'sury',
  'unattended-upgrades',
  'vsftpd',
] as const satisfies SoftwareName[];
export type ToolName = (typeof toolNames)[number];

export function isTool(name: InstallableName): name is ToolName {
  return toolNames.some((each) => each === name);
}

/** Everything that comes as packages: programs, and single extensions of PHP. */
export const installableName = z.union([z.enum(softwareNames), phpExtensionName]);
export type InstallableName = SoftwareName | PhpExtensionName;

/** What can be removed again: programs while no site needs them, extensions of PHP, and tools. */
export const removableName = z.union([
  z.enum([...nodeSoftwareNames, ...phpSoftwareNames, ...toolNames]),
  phpExtensionName,
]);
export type RemovableName = NodeSoftwareName | PhpSoftwareName | PhpExtensionName | ToolName;

/** Servers of databases, each called as its engine. */
export const databaseSoftwareNames = ['mariadb', 'postgresql'] as const satisfies SoftwareName[];
export type DatabaseSoftwareName = (typeof databaseSoftwareNames)[number];

export function isDatabaseServer(name: InstallableName): name is DatabaseSoftwareName {
  return databaseSoftwareNames.some((each) => each === name);
}

export function isNode(name: InstallableName): name is NodeSoftwareName {
  return name.startsWith('node');
}

/** `8.2` of `php8.2` and of `php8.2-redis`. */
export function phpVersionOf(name: PhpSoftwareName | PhpExtensionName): string {
  return name.slice('php'.length).split('-')[0] ?? '';
}

export const software = z.object({
  name: z.enum(softwareNames),
  isInstalled: z.boolean(),
  isRunning: z.boolean(),
  version: z.string().nullable(),
  /** Does the present configuration pass the program's own check? null when it could not be asked. */
  isConfigOk: z.boolean().nullable(),
  /** Plain words of the program when the check fails; at most 4 KiB. */
  configError: z.string().nullable(),
});

export const tool = z.object({
  name: z.enum(toolNames),
  isInstalled: z.boolean(),
  /** Of its package; null when it did not come as one. */
  version: z.string().nullable(),
  /** Of systemd, for those that are services. */
  unit: z.string().nullable(),
  /** Null for what is no service, and where nobody can say. */
  isRunning: z.boolean().nullable(),
});
export type Tool = z.infer<typeof tool>;

/** What the machine's own programs still have to be brought up to, by the package lists that are there. */
export const machineUpdates = z.object({
  /** False where there is no APT. */
  hasApt: z.boolean(),
  /** When the package lists were last fetched; null when they never were. */
  fetchedAt: instant.nullable(),
  /** Security updates first, then by name; at most 2,000. */
  items: z.array(
    z.object({
      name: z.string(),
      /** The version that is there; null for a package that would come new, such as the next kernel. */
      from: z.string().nullable(),
      to: z.string(),
      isSecurity: z.boolean(),
    }),
  ),
  /** dpkg was cut off in the middle: nothing can be installed until it is finished. */
  isInterrupted: z.boolean(),
  restart: z.object({
    isNeeded: z.boolean(),
    /** Packages that ask for it; at most 200. */
    packages: z.array(z.string()),
  }),
  /** Whether the distribution's unattended-upgrades installs by itself. */
  automatic: z.enum(['on', 'off', 'not_installed']),
});
export type MachineUpdates = z.infer<typeof machineUpdates>;

/** What comes as packages and can be brought up to date by itself; lines of Node are installed anew instead. */
export const updatableName = z.union([
  z.enum(['nginx', ...databaseSoftwareNames, ...phpSoftwareNames, ...toolNames]),
  phpExtensionName,
]);
export type UpdatableName = z.infer<typeof updatableName>;

/** Which updates are installed: those of security alone, or all. */
export const upgradeScopes = ['security', 'all'] as const;
export type UpgradeScope = (typeof upgradeScopes)[number];

export function isUpgradeScope(value: unknown): value is UpgradeScope {
  return upgradeScopes.some((each) => each === value);
}

/** `mark` of the plan that was shown: refused when it would be another one by now. */
export const planConfirmed = z.object({ plan: z.string().max(64).optional() });

export const softwareApi = {
  list: {
    id: 'listSoftware',
    method: 'GET',
    path: '/api/v1/software',
    access: 'system.read',
    summary: 'Managed software and its state',
    response: z.object({
      items: z.array(software),
      /** Sites set aside because their files broke nginx; `reason` in nginx's own words. */
      isolated: z.array(z.object({ slug: z.string(), reason: z.string() })),
      /** Who listens on port 80 when it is not nginx; null when free or nginx. */
      port80Owner: z.string().nullable(),
      tools: z.array(tool),
    }),
  },
  install: {
    id: 'installSoftware',
    method: 'POST',
    path: '/api/v1/software/{name}/install',
    access: 'software.install',
    summary: 'Install from the distribution, as a job',
    params: z.object({ name: installableName }),
    query: planConfirmed,
    response: job,
    status: 202,
  },
  remove: {
    id: 'removeSoftware',
    method: 'POST',
    path: '/api/v1/software/{name}/remove',
    access: 'software.install',
    summary: 'Remove software that no site uses, or an extension of PHP, as a job',
    params: z.object({ name: removableName }),
    response: job,
    status: 202,
  },
  updates: {
    id: 'getMachineUpdates',
    method: 'GET',
    path: '/api/v1/updates',
    access: 'services.read',
    summary: 'Updates of the machine that wait, and whether it wants a restart',
    response: machineUpdates,
  },
  upgrade: {
    id: 'installUpdates',
    method: 'POST',
    path: '/api/v1/updates/install',
    access: 'software.install',
    summary: 'Install updates of the machine that wait, as a job',
    body: z.strictObject({ scope: z.enum(upgradeScopes) }),
    response: job,
    status: 202,
  },
} as const satisfies Record<string, Operation>;
