import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import type { App } from './core/route.ts';
import { createAppOf, type Feature } from './create-app.ts';
import { aapanelRoutes } from './features/aapanel/aapanel.routes.ts';
import { accountsRoutes } from './features/accounts/accounts.routes.ts';
import { appsRoutes } from './features/apps/apps.routes.ts';
import { archivesRoutes } from './features/archives/archives.routes.ts';
import { auditRoutes } from './features/audit/audit.routes.ts';
import { backupsRoutes } from './features/backups/backups.routes.ts';
import { bansRoutes } from './features/bans/bans.routes.ts';
import { certificateProofsRoutes } from './features/certificate-proofs/certificate-proofs.routes.ts';
import { certificatesRoutes } from './features/certificates/certificates.routes.ts';
import { cronRoutes } from './features/cron/cron.routes.ts';
import { databaseBrowseRoutes } from './features/database-browse/database-browse.routes.ts';
import { databaseConsoleRoutes } from './features/database-console/database-console.routes.ts';
import { databaseServersRoutes } from './features/database-servers/database-servers.routes.ts';
import { databaseExportsRoutes } from './features/databases/exports.routes.ts';
import { databaseImportsRoutes } from './features/databases/imports.routes.ts';
import { databasesRoutes } from './features/databases/databases.routes.ts';
import { dependenciesRoutes } from './features/dependencies/dependencies.routes.ts';
import { deploymentsRoutes } from './features/deployments/deployments.routes.ts';
import { dnsAccountsRoutes } from './features/dns-accounts/dns-accounts.routes.ts';
import { doorsRoutes } from './features/doors/doors.routes.ts';
import { eventsRoutes } from './features/events/events.routes.ts';
import { filesRoutes } from './features/files/files.routes.ts';
import { ftpRoutes } from './features/ftp/ftp.routes.ts';
import { healthRoutes } from './features/health/health.routes.ts';
import { jobsRoutes } from './features/jobs/jobs.routes.ts';
import { logsRoutes } from './features/logs/logs.routes.ts';
import { machineAccountsRoutes } from './features/machine-accounts/machine-accounts.routes.ts';
import { machineSettingsRoutes } from './features/machine-settings/machine-settings.routes.ts';
import { metricsRoutes } from './features/metrics/metrics.routes.ts';
import { nginxSettingsRoutes } from './features/nginx-settings/nginx-settings.routes.ts';
import { peopleRoutes } from './features/people/people.routes.ts';
import { processesRoutes } from './features/processes/processes.routes.ts';
import { recycledSitesRoutes } from './features/recycled-sites/recycled-sites.routes.ts';
import { redisRoutes } from './features/redis/redis.routes.ts';
import { referenceRoutes } from './features/reference/reference.routes.ts';
import { remoteDatabasesRoutes } from './features/remote-databases/remote-databases.routes.ts';
import { rewriteTemplatesRoutes } from './features/rewrite-templates/rewrite-templates.routes.ts';
import { savedCommandsRoutes } from './features/saved-commands/saved-commands.routes.ts';
import { servicesRoutes } from './features/services/services.routes.ts';
import { settingsRoutes } from './features/settings/settings.routes.ts';
import { phpRoutes } from './features/php/php.routes.ts';
import { siteFilesRoutes } from './features/site-files/site-files.routes.ts';
import { sitesRoutes } from './features/sites/sites.routes.ts';
import { softwareRoutes } from './features/software/software.routes.ts';
import { systemRoutes } from './features/system/system.routes.ts';
import { sshHostsRoutes } from './features/terminals/ssh-hosts.routes.ts';
import { terminalRecordingsRoutes } from './features/terminals/terminal-recordings.routes.ts';
import { terminalsRoutes } from './features/terminals/terminals.routes.ts';
import { tlsChecksRoutes } from './features/tls-checks/tls-checks.routes.ts';
import { tokensRoutes } from './features/tokens/tokens.routes.ts';
import { wordpressRoutes } from './features/wordpress/wordpress.routes.ts';

export type { Feature } from './create-app.ts';

/** Everything the web process serves, sorted. */
export const features: readonly Feature[] = [
  aapanelRoutes,
  accountsRoutes,
  appsRoutes,
  archivesRoutes,
  auditRoutes,
  backupsRoutes,
  bansRoutes,
  certificateProofsRoutes,
  certificatesRoutes,
  cronRoutes,
  databaseBrowseRoutes,
  databaseConsoleRoutes,
  databaseExportsRoutes,
  databaseImportsRoutes,
  databaseServersRoutes,
  databasesRoutes,
  dependenciesRoutes,
  deploymentsRoutes,
  dnsAccountsRoutes,
  doorsRoutes,
  eventsRoutes,
  filesRoutes,
  ftpRoutes,
  healthRoutes,
  jobsRoutes,
  logsRoutes,
  machineAccountsRoutes,
  machineSettingsRoutes,
  metricsRoutes,
  nginxSettingsRoutes,
  peopleRoutes,
  phpRoutes,
  processesRoutes,
  recycledSitesRoutes,
  redisRoutes,
  referenceRoutes,
  remoteDatabasesRoutes,
  rewriteTemplatesRoutes,
  savedCommandsRoutes,
  servicesRoutes,
  settingsRoutes,
  siteFilesRoutes,
  sitesRoutes,
  softwareRoutes,
  sshHostsRoutes,
  systemRoutes,
  terminalRecordingsRoutes,
  terminalsRoutes,
  tlsChecksRoutes,
  tokensRoutes,
  wordpressRoutes,
];

/** Builds the web application without listening. Throws when a route declares no access. */
export async function buildApp(ctx: Context, registered: readonly Feature[] = features): Promise<FastifyInstance> {
  const { server } = createApp(ctx, registered);
  await server.ready();
  return server;
}

/** `buildApp` with the list of operations, not yet ready. */
export function createApp(ctx: Context, registered: readonly Feature[] = features): App {
  return createAppOf(ctx, registered);
}
