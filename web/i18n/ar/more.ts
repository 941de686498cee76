import { aapanel } from './aapanel.ts';
import { account } from './account.ts';
import { apps } from './apps.ts';
import { archives } from './archives.ts';
import { audit } from './audit.ts';
import { backups } from './backups.ts';
import { bans } from './bans.ts';
import { batches } from './batches.ts';
import { behaviour } from './behaviour.ts';
import { certificates } from './certificates.ts';
import { copies } from './copies.ts';
import { cron } from './cron.ts';
import { databaseBrowse } from './database-browse.ts';
import { databaseChanges } from './database-changes.ts';
import { databaseConsole } from './database-console.ts';
import { databaseExports } from './database-exports.ts';
import { databaseImports } from './database-imports.ts';
import { databaseMaintenance } from './database-maintenance.ts';
import { databaseServers } from './database-servers.ts';
import { databases } from './databases.ts';
import { dependencies } from './dependencies.ts';
import { deployments } from './deployments.ts';
import { domainCheck } from './domain-check.ts';
import { doors } from './doors.ts';
import { fileEditor } from './file-editor.ts';
import { fileFavourites } from './file-favourites.ts';
import { fileFetch } from './file-fetch.ts';
import { fileFind } from './file-find.ts';
import { fileLinks } from './file-links.ts';
import { fileReplace } from './file-replace.ts';
import { fileRights } from './file-rights.ts';
import { fileSearch } from './file-search.ts';
import { fileUsage } from './file-usage.ts';
import { files } from './files.ts';
import { machineAccounts } from './machine-accounts.ts';
import { people } from './people.ts';
import { php } from './php.ts';
import { services } from './services.ts';
import { reach } from './reach.ts';
import { recycledSites } from './recycled-sites.ts';
import { redis } from './redis.ts';
import { remoteDatabases } from './remote-databases.ts';
import { sftp } from './sftp.ts';
import { settings } from './settings.ts';
import { siteColumns } from './site-columns.ts';
import { siteFiles } from './site-files.ts';
import { sites } from './sites.ts';
import { terminals } from './terminals.ts';
import { traffic } from './traffic.ts';
import { wordpress } from './wordpress.ts';

/** Texts of screens that are loaded when they are first wanted; loaded with the first of them. */
export const more = {
  aapanel,
  account,
  apps,
  archives,
  audit,
  backups,
  bans,
  batches,
  behaviour,
  certificates,
  copies,
  cron,
  databaseBrowse,
  databaseChanges,
  databaseConsole,
  databaseExports,
  databaseImports,
  databaseMaintenance,
  databaseServers,
  databases,
  dependencies,
  deployments,
  domainCheck,
  doors,
  fileEditor,
  fileFavourites,
  fileFetch,
  fileFind,
  fileLinks,
  fileReplace,
  fileRights,
  fileSearch,
  fileUsage,
  files,
  machineAccounts,
  people,
  php,
  services,
  reach,
  recycledSites,
  redis,
  remoteDatabases,
  settings,
  sftp,
  siteColumns,
  siteFiles,
  sites,
  terminals,
  traffic,
  wordpress,
} as const;
