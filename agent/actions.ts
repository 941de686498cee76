import type { AgentActionName } from '#shared/agent/index.ts';
import type { AgentArea } from '#shared/agent/lookup.ts';
import type { Handlers } from './core/handlers.ts';

/** The handlers of one area of the list of actions. */
type OfArea<A extends AgentArea> = Pick<Handlers, Extract<AgentActionName, `${A}.${string}`>>;

/**
 * Everything root does on request, by area and sorted: what is not here cannot be asked. Each area is loaded with its first
 * action: all of them take half a second and 20 MB, and most agents are started for one or two.
 */
export const areas: { readonly [A in AgentArea]: () => Promise<OfArea<A>> } = {
  aapanel: async () => (await import('./aapanel/aapanel.actions.ts')).aapanelHandlers,
  agent: async () => (await import('./core/info.actions.ts')).infoHandlers,
  apps: async () => (await import('./apps/apps.actions.ts')).appsHandlers,
  archives: async () => (await import('./site-archives/archives.actions.ts')).archivesHandlers,
  audit: async () => (await import('./audit/audit.actions.ts')).auditHandlers,
  backups: async () => (await import('./backups/backups.actions.ts')).backupsHandlers,
  certificates: async () => (await import('./certificates/certificates.actions.ts')).certificatesHandlers,
  changes: async () => (await import('./sites/sites.actions.ts')).sitesHandlers,
  copies: async () => (await import('./copies/copies.actions.ts')).copiesHandlers,
  cron: async () => (await import('./cron/cron.actions.ts')).cronHandlers,
  database_servers: async () =>
    (await import('./database-servers/database-servers.actions.ts')).databaseServersHandlers,
  databases: async () => (await import('./databases/databases.actions.ts')).databasesHandlers,
  dependencies: async () => (await import('./dependencies/dependencies.actions.ts')).dependenciesHandlers,
  deployments: async () => (await import('./deployments/deployments.actions.ts')).deploymentsHandlers,
  elevation: async () => (await import('./elevation/elevation.actions.ts')).elevationHandlers,
  factors: async () => (await import('./factors/factors.actions.ts')).factorsHandlers,
  files: async () => (await import('./files/files.actions.ts')).filesHandlers,
  ftp: async () => (await import('./ftp/ftp.actions.ts')).ftpHandlers,
  logs: async () => (await import('./logs/logs.actions.ts')).logsHandlers,
  machine: async () => (await import('./machine-settings/machine-settings.actions.ts')).machineSettingsHandlers,
  machine_accounts: async () =>
    (await import('./machine-accounts/machine-accounts.actions.ts')).machineAccountsHandlers,
  nginx: async () => (await import('./nginx/nginx.actions.ts')).nginxHandlers,
  people: async () => (await import('./people/people.actions.ts')).peopleHandlers,
  php: async () => (await import('./php/php.actions.ts')).phpHandlers,
  processes: async () => (await import('./processes/processes.actions.ts')).processesHandlers,
  recycled_sites: async () => (await import('./recycled-sites/recycled-sites.actions.ts')).recycledSitesHandlers,
  redis: async () => (await import('./redis/redis.actions.ts')).redisHandlers,
  remote_databases: async () =>
    (await import('./remote-databases/remote-databases.actions.ts')).remoteDatabasesHandlers,
  services: async () => (await import('./services/services.actions.ts')).servicesHandlers,
  site_files: async () => (await import('./site-files/site-files.actions.ts')).siteFilesHandlers,
  sites: async () => (await import('./sites/sites.actions.ts')).sitesHandlers,
  software: async () => (await import('./packages/packages.actions.ts')).softwareHandlers,
  terminals: async () => (await import('./terminals/terminals.actions.ts')).terminalsHandlers,
};

/** Answers the function that does an action. */
export type FindHandler = <N extends AgentActionName>(name: N) => Promise<Handlers[N]>;

export const findHandler: FindHandler = async (name) => {
  const area = name.slice(0, name.indexOf('.')) as AgentArea;
  // Each area has a handler for each of its names: the type says so.
  return ((await areas[area]()) as unknown as Pick<Handlers, typeof name>)[name];
};
