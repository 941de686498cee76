import { z } from 'zod';
import { id, instant, type Operation } from './http.ts';
import { job } from './jobs.ts';

/*
 * Databases of sites on the servers of this machine. The databases of the panel itself are something else.
 */

export const databaseEngines = ['mariadb', 'postgresql'] as const;
export type DatabaseEngine = (typeof databaseEngines)[number];

/** What the servers keep for themselves, and what restores of this panel are called while they are under way. */
const reservedNames = /^(mysql|information_schema|performance_schema|sys|postgres|template[01]|aapanel_(new|old)_.*)$/i;
const reservedUsers =
  /^(root|mysql|mariadb|debian-sys-maint|public|postgres|replication|aapanel(_.*)?|www-data|none|pg_.*)$/i;

/**
 * Plain names only, for what the panel makes: they work unquoted in every tool, in file names and in addresses. What was
 * made elsewhere may be called otherwise; it is shown as it is.
 */
const plainName = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;
const plainUser = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;
/** Every printable character of ASCII. Others are sent by clients in whatever encoding they are set to. */
const printable = /^[\x20-\x7e]{8,128}$/;

export const databaseName = z
  .string()
  .regex(plainName, { error: 'database_name_plain' })
  .refine((name) => !reservedNames.test(name), { error: 'database_name_reserved' });

export const databaseUser = z
  .string()
  .regex(plainUser, { error: 'database_user_invalid' })
  .refine((name) => !reservedUsers.test(name), { error: 'database_user_reserved' });

export const databasePassword = z.string().regex(printable, { error: 'database_password_invalid' });

/** The same rules for forms, where schemas are not at hand: keys of `errors.fields`. */
export const databaseProblems = {
  name: (text: string): string | undefined =>
    !plainName.test(text) ? 'database_name_plain' : reservedNames.test(text) ? 'database_name_reserved' : undefined,
  user: (text: string): string | undefined =>
    !plainUser.test(text) ? 'database_user_invalid' : reservedUsers.test(text) ? 'database_user_reserved' : undefined,
  password: (text: string): string | undefined => (printable.test(text) ? undefined : 'database_password_invalid'),
} as const;

/** Character sets for new databases, each with the collation that comes with it. */
export const databaseCharsets = {
  utf8mb4: 'utf8mb4_unicode_ci',
  utf8mb3: 'utf8mb3_general_ci',
  latin1: 'latin1_swedish_ci',
  cp1256: 'cp1256_general_ci',
} as const;
export type DatabaseCharset = keyof typeof databaseCharsets;
export const charsetNames = ['utf8mb4', 'utf8mb3', 'latin1', 'cp1256'] as const satisfies DatabaseCharset[];
export const databaseCharset = z.enum(charsetNames);

/** How text is compared and sorted, by character set: what every MariaDB that the panel works with knows. */
export const databaseCollations = {
  utf8mb4: [
    'utf8mb4_unicode_ci',
    'utf8mb4_unicode_520_ci',
    'utf8mb4_general_ci',
    'utf8mb4_persian_ci',
    'utf8mb4_turkish_ci',
    'utf8mb4_bin',
  ],
  utf8mb3: ['utf8mb3_general_ci', 'utf8mb3_unicode_ci', 'utf8mb3_bin'],
  latin1: ['latin1_swedish_ci', 'latin1_general_ci', 'latin1_general_cs', 'latin1_bin'],
  cp1256: ['cp1256_general_ci', 'cp1256_bin'],
} as const satisfies Record<DatabaseCharset, readonly string[]>;
export const databaseCollation = z.enum(Object.values(databaseCollations).flat());
export type DatabaseCollation = z.infer<typeof databaseCollation>;

export const isCollationOf = (charset: DatabaseCharset, collation: string): boolean =>
  (databaseCollations[charset] as readonly string[]).includes(collation);

/** Encodings of new PostgreSQL databases. */
export const encodingNames = ['UTF8', 'LATIN1', 'WIN1256'] as const;
export type DatabaseEncoding = (typeof encodingNames)[number];
export const charsetOrEncoding = z.enum([...charsetNames, ...encodingNames]);

/** Character sets by engine, the usual one first. */
export const charsetsOf = {
  mariadb: charsetNames,
  postgresql: encodingNames,
} as const satisfies Record<DatabaseEngine, readonly string[]>;

/** Name of a locale of the machine; which there are, the server says. */
export const databaseLocale = z.string().regex(/^[A-Za-z][A-Za-z0-9_.@-]{0,62}$/, { error: 'database_locale_unknown' });

function isCharsetOf({ engine, charset }: { engine: DatabaseEngine; charset?: string | undefined }): boolean {
  const known: readonly string[] = charsetsOf[engine];
  return charset === undefined || known.includes(charset);
}

/** `missing`: not installed; `stopped`: it does not answer; `other`: it is one that the panel does not work with. */
export const databaseServerStates = ['missing', 'stopped', 'other', 'running'] as const;

export const databaseServer = z.object({
  engine: z.enum(databaseEngines),
  state: z.enum(databaseServerStates),
  version: z.string().nullable(),
  /** Where programs of this machine reach it; null when it does not run. */
  socketPath: z.string().nullable(),
  port: z.int().nullable(),
  /** Whether it also listens on addresses that other machines reach. */
  isOpenToNetwork: z.boolean(),
  /** Of PostgreSQL: locales that new databases can have; `C` besides. */
  locales: z.array(z.string()),
});
export type DatabaseServer = z.infer<typeof databaseServer>;

/**
 * `ready`; `creating`, `restoring`, `removing`, `importing`, `renaming`: under way; `missing`: somebody dropped it by hand;
 * `foreign`: it was made elsewhere, and no user and password of it are kept here; `unknown`: the server does not answer.
 */
export const databaseStates = [
  'ready',
  'creating',
  'restoring',
  'removing',
  'importing',
  'renaming',
  'missing',
  'foreign',
  'unknown',
] as const;

const facts = {
  engine: z.enum(databaseEngines),
  name: z.string(),
  /** Of the panel's own; null for `foreign` ones. */
  user: z.string().nullable(),
  siteId: id.nullable(),
  charset: z.string().nullable(),
  collation: z.string().nullable(),
  sizeBytes: z.number().nullable(),
  tables: z.int().nullable(),
  createdAt: instant.nullable(),
  state: z.enum(databaseStates),
};

/** As the agent knows it. */
export const knownDatabase = z.object({ databaseId: id.nullable(), ...facts });
export type KnownDatabase = z.infer<typeof knownDatabase>;

export const database = z.object({
  /** null for `foreign` ones. */
  id: id.nullable(),
  ...facts,
  /** null: linked to none, or to one that is gone. */
  site: z.object({ id, name: z.string() }).nullable(),
});
export type Database = z.infer<typeof database>;

/** A database that was deleted, whose dump is kept. */
export const removedDatabase = z.object({
  removalId: id,
  engine: z.enum(databaseEngines),
  name: z.string(),
  user: z.string(),
  siteId: id.nullable(),
  removedAt: instant,
  sizeBytes: z.number(),
  tables: z.int(),
});
export type RemovedDatabase = z.infer<typeof removedDatabase>;

export const databaseRemovalPreview = z.object({
  name: z.string(),
  user: z.string(),
  /** The user has rights on other databases too, and stays. */
  isUserKept: z.boolean(),
  tables: z.int(),
  /** As the server estimates them. */
  rows: z.number(),
  sizeBytes: z.number(),
  /** Clients that are connected with this user now. */
  connections: z.int(),
  /** SHA-256 over what is listed; send it back to delete. Refused (`changed_meanwhile`) when the list has changed. */
  confirm: z.string().regex(/^[0-9a-f]{64}$/),
});
export type DatabaseRemovalPreview = z.infer<typeof databaseRemovalPreview>;

export const databaseCreate = z
  .strictObject({
    engine: z.enum(databaseEngines).default('mariadb'),
    name: databaseName,
    user: databaseUser,
    /** Absent: a random one is made. */
    password: databasePassword.optional(),
    /** Of MariaDB a character set, of PostgreSQL an encoding. Absent: the usual one. */
    charset: charsetOrEncoding.optional(),
    /** Of PostgreSQL only; null: letters of every language, sorted by code point. */
    locale: databaseLocale.nullable().default(null),
    siteId: id.nullable().default(null),
  })
  .refine(isCharsetOf, { path: ['charset'], error: 'database_charset_engine' });

/** The same as facts for the agent. */
export const databaseFacts = z
  .strictObject({
    databaseId: id,
    engine: z.enum(databaseEngines),
    name: databaseName,
    user: databaseUser,
    /** null: a random one is made. */
    password: databasePassword.nullable(),
    charset: charsetOrEncoding,
    locale: databaseLocale.nullable(),
    siteId: id.nullable(),
  })
  .refine(isCharsetOf, { path: ['charset'], error: 'database_charset_engine' });

/** A database that is made together with a site; its password is made on the server. */
export const siteDatabaseInput = z.strictObject({
  name: databaseName,
  user: databaseUser,
  charset: databaseCharset.default('utf8mb4'),
});
export type SiteDatabaseInput = z.output<typeof siteDatabaseInput>;

/** Databases that go with their site, each as its preview listed it. */
export const databasesToRemove = z
  .array(z.strictObject({ databaseId: id, confirm: z.string().regex(/^[0-9a-f]{64}$/) }))
  .max(50);

/** Why a run of the agent's did not come to its end, as an error reason. */
export const runFailure = z.object({
  reason: z.string().nullable(),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
});

const params = z.object({ databaseId: id });
const base = '/api/v1/databases';

export const databasesApi = {
  /** Who has assigned sites only sees the databases of these. */
  list: {
    id: 'listDatabases',
    method: 'GET',
    path: base,
    access: 'databases.read',
    summary: 'Database servers of this machine and their databases, and those that were deleted and are kept',
    query: z.object({ siteId: id.optional() }),
    response: z.object({
      servers: z.array(databaseServer),
      items: z.array(database),
      removed: z.array(removedDatabase),
    }),
  },
  create: {
    id: 'createDatabase',
    method: 'POST',
    path: base,
    access: 'databases.manage',
    summary: 'Create a database with a user of its own; both or neither',
    body: databaseCreate,
    response: database,
    status: 201,
  },
  /** 404 for a database of others, as for the following. */
  link: {
    id: 'linkDatabase',
    method: 'PUT',
    path: `${base}/{databaseId}/site`,
    access: 'databases.manage',
    summary: 'Say which site a database belongs to',
    params,
    body: z.strictObject({ siteId: id.nullable() }),
    response: database,
  },
  showPassword: {
    id: 'showDatabasePassword',
    method: 'POST',
    path: `${base}/{databaseId}/password/show`,
    access: 'databases.manage',
    summary: "Show the password of a database's user, after a fresh factor",
    params,
    response: z.object({ password: z.string() }),
  },
  changePassword: {
    id: 'changeDatabasePassword',
    method: 'PUT',
    path: `${base}/{databaseId}/password`,
    access: 'databases.manage',
    summary: "Change the password of a database's user, after a fresh factor; the old one or the new one counts",
    params,
    /** Absent: a random one is made. */
    body: z.strictObject({ password: databasePassword.optional() }),
    response: z.object({ password: z.string() }),
  },
  previewRemoval: {
    id: 'previewDatabaseRemoval',
    method: 'GET',
    path: `${base}/{databaseId}/removal`,
    access: 'databases.manage',
    summary: 'List what deleting the database would remove',
    params,
    response: databaseRemovalPreview,
  },
  remove: {
    id: 'deleteDatabase',
    method: 'POST',
    path: `${base}/{databaseId}/removal`,
    access: 'databases.manage',
    summary: 'Keep a dump of the database and delete it with its user, after a fresh factor, as a job',
    params,
    body: z.strictObject({ confirm: z.string().regex(/^[0-9a-f]{64}$/) }),
    response: job,
    status: 202,
  },
  restore: {
    id: 'restoreDatabase',
    method: 'POST',
    path: '/api/v1/removed-databases/{removalId}/restore',
    access: 'databases.manage',
    summary: 'Bring a deleted database back with its user and password, as a job',
    params: z.object({ removalId: id }),
    response: job,
    status: 202,
  },
  discardRemoved: {
    id: 'discardRemovedDatabase',
    method: 'DELETE',
    path: '/api/v1/removed-databases/{removalId}',
    access: 'databases.manage',
    summary: 'Delete the kept dump of a deleted database for good, after a fresh factor',
    params: z.object({ removalId: id }),
    response: z.undefined(),
    status: 204,
  },
} as const satisfies Record<string, Operation>;

/** What a new site's database and its user could be called, from the first domain: letters, digits and `_`. */
export function suggestedDatabaseName(host: string): string {
  const letters = host
    .toLowerCase()
    .replace(/^www\./, '')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  const named = /^[a-z]/.test(letters) ? letters : `db_${letters}`;
  return named.slice(0, 32).replace(/_+$/, '');
}
