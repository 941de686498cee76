import type { Kysely } from 'kysely';
import type { AccountTables } from './tables/accounts.ts';
import type { CoreTables } from './tables/core.ts';
import type { DeploymentTables } from './tables/deployments.ts';
import type { DoorTables } from './tables/doors.ts';
import type { FileLinkTables } from './tables/file-links.ts';
import type { FileFavouriteTables } from './tables/file-favourites.ts';
import type { FileRemarkTables } from './tables/file-remarks.ts';
import type { JobTables } from './tables/jobs.ts';
import type { SavedCommandTables } from './tables/saved-commands.ts';
import type { SiteFigureTables } from './tables/site-figures.ts';
import type { SiteTables } from './tables/sites.ts';

/** Every table of the panel; each file of `tables/` belongs to the migration of the same subject. */
export type Database = AccountTables &
  CoreTables &
  DeploymentTables &
  DoorTables &
  FileLinkTables &
  FileFavouriteTables &
  FileRemarkTables &
  JobTables &
  SavedCommandTables &
  SiteFigureTables &
  SiteTables;

/** The panel's database, or a transaction of it. */
export type Db = Kysely<Database>;
