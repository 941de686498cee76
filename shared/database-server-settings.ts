import { z } from 'zod';
import type { Operation } from './http.ts';
import { id } from './http.ts';

/*
 * Settings of MariaDB that the panel keeps in a file of its own beside those of the distribution: how much of the memory
 * it takes, and whether it writes slow statements down.
 */

/** How much of the machine is the server's: beside sites, half and half, for the most part. */
export const tuningPresets = ['small', 'medium', 'large'] as const;
export type TuningPreset = (typeof tuningPresets)[number];

export const slowThresholds = { leastMs: 50, mostMs: 600_000 } as const;

export const serverSettings = z.strictObject({
  /** null: as the distribution and other files say. */
  preset: z.enum(tuningPresets).nullable(),
  slowLog: z.strictObject({
    isOn: z.boolean(),
    thresholdMs: z.int().min(slowThresholds.leastMs).max(slowThresholds.mostMs),
  }),
});
export type ServerSettings = z.infer<typeof serverSettings>;

export const settingValue = z.object({ name: z.string(), now: z.number(), next: z.number() });
export type SettingValue = z.infer<typeof settingValue>;

export const serverSettingsView = z.object({
  path: z.string(),
  /** Of the file as it is: what is changed in the meantime is not overwritten. */
  revision: z.string(),
  settings: serverSettings,
  /** What was there before the last change; null: nothing was changed yet. */
  previous: serverSettings.nullable(),
  /** The file is another than the panel wrote: somebody has changed it by hand. */
  isChangedByHand: z.boolean(),
  memoryBytes: z.number(),
  /** What each choice would change, and the most that the server could then take of the memory. */
  choices: z.array(
    z.object({
      preset: z.enum(tuningPresets).nullable(),
      values: z.array(settingValue),
      peakBytes: z.number(),
    }),
  ),
  /** Written in the file, and taken up by the running server only when it starts again. */
  waiting: z.array(z.string()),
});
export type ServerSettingsView = z.infer<typeof serverSettingsView>;

export const slowStatement = z.object({
  /** The statement without its values. */
  digest: z.string(),
  database: z.string(),
  user: z.string(),
  count: z.int(),
  totalMs: z.number(),
  mostMs: z.number(),
  rowsExamined: z.number(),
  rowsSent: z.number(),
  /** ISO 8601; null: the log does not say it. */
  lastAt: z.string().nullable(),
});
export type SlowStatement = z.infer<typeof slowStatement>;

export const slowStatements = z.object({
  isOn: z.boolean(),
  /** Those that took most of the time first. */
  items: z.array(slowStatement),
  /** The log is longer: this is what its end says. */
  isCut: z.boolean(),
});

export const settingsChange = z.strictObject({
  settings: serverSettings,
  revision: z.string().regex(/^[0-9a-f]{64}$/),
});
export const settingsChangeOfAgent = settingsChange.extend({ changeId: id });

const base = '/api/v1/database-servers/mariadb';
const params = z.object({});

export const databaseServerSettingsApi = {
  readSettings: {
    id: 'readDatabaseServerSettings',
    method: 'GET',
    path: `${base}/settings`,
    access: 'databases.manage',
    summary: 'Settings of MariaDB that the panel keeps, and what each choice would change',
    params,
    response: serverSettingsView,
  },
  putSettings: {
    id: 'putDatabaseServerSettings',
    method: 'PUT',
    path: `${base}/settings`,
    access: 'databases.manage',
    summary: 'Change settings of MariaDB, checked by the server itself, after a fresh factor',
    params,
    body: settingsChange,
    response: serverSettingsView,
  },
  listSlowStatements: {
    id: 'listSlowDatabaseStatements',
    method: 'GET',
    path: `${base}/slow-statements`,
    access: 'databases.manage',
    summary: 'What took MariaDB long, statement by statement, without the values in it',
    params,
    response: slowStatements,
  },
} as const satisfies Record<string, Operation>;
