import { aapanelApi } from './aapanel.ts';
import { accountsApi } from './accounts.ts';
import { appsApi } from './apps.ts';
import { archivesApi } from './archives.ts';
import { auditApi } from './audit.ts';
import { backupsApi } from './backups-api.ts';
import { bansApi, doorsApi } from './doors.ts';
import { certificateProofsApi } from './certificate-proofs.ts';
import { certificatesApi } from './certificates.ts';
import { databaseBrowseApi } from './database-browse.ts';
import { databaseChangesApi } from './database-changes.ts';
import { databaseConsoleApi } from './database-console.ts';
import { cronApi } from './cron.ts';
import { databaseExportsApi } from './database-exports.ts';
import { databaseMaintenanceApi } from './database-maintenance.ts';
import { databaseRowsApi } from './database-rows.ts';
import { databaseServersApi } from './database-servers.ts';
import { databaseImportsApi } from './database-imports.ts';
import { databasesApi } from './databases.ts';
import { dependenciesApi } from './dependencies.ts';
import { deploymentsApi } from './deployments.ts';
import { batchesApi } from './site-batches.ts';
import { copiesApi } from './site-copies.ts';
import { dnsAccountsApi } from './dns-accounts.ts';
import { domainChecksApi } from './domain-check.ts';
import { eventsApi } from './events.ts';
import { filesApi } from './files.ts';
import type { Operation } from './http.ts';
import { ftpApi } from './ftp.ts';
import { jobsApi } from './jobs.ts';
import { logsApi } from './logs.ts';
import { machineAccountsApi } from './machine-accounts.ts';
import { machineSettingsApi } from './machine-settings.ts';
import { nginxSettingsApi } from './nginx-settings.ts';
import { metricsApi } from './metrics.ts';
import { peopleApi } from './people.ts';
import { phpApi } from './php.ts';
import { processesApi } from './processes.ts';
import { recycledSitesApi } from './recycled-sites.ts';
import { redisApi } from './redis.ts';
import { remoteDatabasesApi } from './remote-databases.ts';
import { rewriteTemplatesApi } from './rewrite-templates.ts';
import { savedCommandsApi } from './saved-commands.ts';
import { servicesApi } from './services.ts';
import { settingsApi } from './settings.ts';
import { siteFilesApi } from './site-files.ts';
import { sitesApi } from './sites.ts';
import { softwareApi } from './software.ts';
import { softwarePlansApi } from './software-plan.ts';
import { sshHostsApi } from './ssh-hosts.ts';
import { systemApi } from './system.ts';
import { terminalRecordingsApi } from './terminal-recordings.ts';
import { terminalsApi } from './terminals.ts';
import { tlsChecksApi } from './tls-check.ts';
import { tokensApi } from './tokens.ts';
import { wordpressApi } from './wordpress.ts';

/** Every operation by feature: OpenAPI, the reference page and the architecture test read this list. */
export const api = {
  aapanel: aapanelApi,
  accounts: accountsApi,
  apps: appsApi,
  archives: archivesApi,
  audit: auditApi,
  backups: backupsApi,
  bans: bansApi,
  batches: batchesApi,
  certificateProofs: certificateProofsApi,
  certificates: certificatesApi,
  copies: copiesApi,
  cron: cronApi,
  databaseBrowse: databaseBrowseApi,
  databaseChanges: databaseChangesApi,
  databaseConsole: databaseConsoleApi,
  databaseExports: databaseExportsApi,
  databaseImports: databaseImportsApi,
  databaseMaintenance: databaseMaintenanceApi,
  databaseRows: databaseRowsApi,
  databaseServers: databaseServersApi,
  databases: databasesApi,
  dependencies: dependenciesApi,
  deployments: deploymentsApi,
  dnsAccounts: dnsAccountsApi,
  domainChecks: domainChecksApi,
  doors: doorsApi,
  events: eventsApi,
  files: filesApi,
  ftp: ftpApi,
  jobs: jobsApi,
  logs: logsApi,
  machineAccounts: machineAccountsApi,
  machineSettings: machineSettingsApi,
  metrics: metricsApi,
  nginxSettings: nginxSettingsApi,
  people: peopleApi,
  php: phpApi,
  processes: processesApi,
  recycledSites: recycledSitesApi,
  redis: redisApi,
  remoteDatabases: remoteDatabasesApi,
  rewriteTemplates: rewriteTemplatesApi,
  savedCommands: savedCommandsApi,
  services: servicesApi,
  settings: settingsApi,
  siteFiles: siteFilesApi,
  sites: sitesApi,
  software: softwareApi,
  softwarePlans: softwarePlansApi,
  sshHosts: sshHostsApi,
  system: systemApi,
  terminalRecordings: terminalRecordingsApi,
  terminals: terminalsApi,
  tlsChecks: tlsChecksApi,
  tokens: tokensApi,
  wordpress: wordpressApi,
} as const satisfies Record<string, Record<string, Operation>>;
