import type { Migration } from 'kysely/migration';
import * as core from './0001_core.ts';
import * as sites from './0002_sites.ts';
import * as jobs from './0003_jobs.ts';
import * as accounts from './0004_accounts.ts';
import * as doors from './0005_doors.ts';

/** Every migration by name; names sort in the order of execution and never change once released. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001_core': core,
  '0002_sites': sites,
  '0003_jobs': jobs,
  '0004_accounts': accounts,
  '0005_doors': doors,
};
