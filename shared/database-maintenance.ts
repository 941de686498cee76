import { z } from 'zod';
import { tableName } from './database-browse.ts';
import { databaseCharset, databaseCollation, isCollationOf, type DatabaseEngine } from './databases.ts';
import { id, type Operation } from './http.ts';
import { job } from './jobs.ts';

/*
 * Upkeep of tables: one statement for each, as the database's own user, with a time limit. It goes on without the panel.
 */

export const maintenanceKinds = [
  'analyze',
  'check',
  'convert_charset',
  'convert_storage',
  'optimize',
  'reindex',
  'repair',
  'vacuum',
] as const;
export type MaintenanceKind = (typeof maintenanceKinds)[number];

/** What each server knows, the most usual first. */
export const maintenanceOf = {
  mariadb: ['analyze', 'check', 'optimize', 'repair', 'convert_storage', 'convert_charset'],
  postgresql: ['analyze', 'vacuum', 'reindex', 'optimize'],
} as const satisfies Record<DatabaseEngine, readonly MaintenanceKind[]>;

export const maintenanceMinutes = { usual: 30, most: 720 } as const;

const facts = z.strictObject({
  kind: z.enum(maintenanceKinds),
  /** None with `convert_charset`: only the database's own, which tables get that are made later. */
  tables: z
    .array(tableName)
    .max(500)
    .refine((tables) => new Set(tables).size === tables.length),
  /** For each table; then it is stopped and stays as it was. */
  minutes: z.int().min(1).max(maintenanceMinutes.most).default(maintenanceMinutes.usual),
  /** Of `convert_charset` only. */
  charset: databaseCharset.nullable().default(null),
  /** The same; null: the usual one of the character set. */
  collation: databaseCollation.nullable().default(null),
});
type Facts = z.output<typeof facts>;

const hasTables = ({ kind, tables }: Facts): boolean => tables.length > 0 || kind === 'convert_charset';
const isCollationGood = ({ charset, collation }: Facts): boolean =>
  collation === null || (charset !== null && isCollationOf(charset, collation));

/** Rules between the fields. */
export const checkMaintenance = <T extends z.ZodType<Facts, unknown>>(schema: T) =>
  schema
    .refine(hasTables, { path: ['tables'], error: 'required' })
    .refine(isCollationGood, { path: ['collation'], error: 'not_a_choice' });

export const maintenanceFacts = facts;
export const databaseMaintenance = checkMaintenance(facts);
export type DatabaseMaintenance = z.output<typeof databaseMaintenance>;

export const databaseMaintenanceApi = {
  /** 404 for a database of others. */
  start: {
    id: 'maintainDatabase',
    method: 'POST',
    path: '/api/v1/databases/{databaseId}/maintenance',
    access: 'databases.manage',
    summary: 'Analyse, check, optimise, repair or convert tables of a database, each with a time limit, as a job',
    params: z.object({ databaseId: id }),
    body: databaseMaintenance,
    response: job,
    status: 202,
  },
} as const satisfies Record<string, Operation>;
