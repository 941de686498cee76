import { z } from 'zod';

/** `8.2`: as the distribution names its packages. */
export const phpVersion = z.string().regex(/^[5-9]\.\d{1,2}$/, { error: 'php_version_invalid' });

/** Name of a PHP function. */
const functionName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, { error: 'php_function_invalid' });

/** What hands a stranger's code the machine: programs, links out of the site's folder, other processes. */
export const defaultDisabledFunctions: readonly string[] = [
  'dl',
  'exec',
  'link',
  'passthru',
  'pcntl_exec',
  'pcntl_fork',
  'popen',
  'posix_kill',
  'proc_open',
  'shell_exec',
  'symlink',
  'system',
];

/** Folder of the site as a visitor's address names it: no dot folders, nothing that a pattern of nginx reads as more than itself. */
const addressFolder = z.string().regex(/^(\/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}){1,10}$/, { error: 'php_folder_invalid' });

/** Folder on the machine, below the site's own; the agent looks at it again. */
const openFolder = z
  .string()
  .max(500)
  .regex(/^\/www\/wwwroot(\/[A-Za-z0-9_.-]{1,100}){1,20}$/, { error: 'php_open_folder_invalid' })
  .refine((path) => !path.split('/').some((part) => part === '.' || part === '..'), {
    error: 'php_open_folder_invalid',
  });

export const phpErrorLevels = ['all', 'production', 'none'] as const;
export const phpManagers = ['ondemand', 'dynamic', 'static'] as const;

/** A name of the time zone database, as PHP takes it. */
const timeZone = z
  .string()
  .regex(/^(UTC|[A-Z][A-Za-z_-]{1,31}(\/[A-Z][A-Za-z0-9_+-]{0,31}){1,2})$/, { error: 'time_zone_invalid' });

/** Values of php.ini; a site's own scripts cannot raise them. */
const phpIni = z
  .strictObject({
    memoryLimitMb: z.int().min(16).max(16_384).default(256),
    uploadMaxMb: z.int().min(1).max(10_240).default(64),
    /** Of a whole request; never under one upload. */
    postMaxMb: z.int().min(1).max(10_240).default(64),
    maxExecutionSeconds: z.int().min(1).max(3_600).default(60),
    maxInputVars: z.int().min(100).max(100_000).default(3_000),
    /** Errors are shown to visitors: for sites under construction only. */
    isDisplayingErrors: z.boolean().default(false),
    errorLevel: z.enum(phpErrorLevels).default('production'),
    timeZone: timeZone.default('UTC'),
  })
  .refine(({ postMaxMb, uploadMaxMb }) => postMaxMb >= uploadMaxMb, {
    error: 'php_post_too_small',
    path: ['postMaxMb'],
  });

/** How many processes answer. */
const phpPool = z
  .strictObject({
    manager: z.enum(phpManagers).default('ondemand'),
    maxChildren: z.int().min(1).max(500).default(10),
    /** For `dynamic` only. */
    minSpare: z.int().min(1).max(500).default(1),
    maxSpare: z.int().min(1).max(500).default(3),
    /** For `ondemand`: a process without work ends after so many seconds. */
    idleSeconds: z.int().min(1).max(3_600).default(20),
    /** A process is replaced after so many requests; 0: never. */
    maxRequests: z.int().min(0).max(100_000).default(1_000),
  })
  .refine(({ manager, minSpare, maxSpare }) => manager !== 'dynamic' || minSpare <= maxSpare, {
    error: 'php_spare_order',
    path: ['maxSpare'],
  })
  .refine(({ manager, maxSpare, maxChildren }) => manager !== 'dynamic' || maxSpare <= maxChildren, {
    error: 'php_spare_too_many',
    path: ['maxSpare'],
  });

/** Of all processes of a site together, by systemd; null: none. Without a master of its own they mean nothing. */
const phpLimits = z.strictObject({
  memoryMb: z.int().min(64).max(1_048_576).nullable().default(null),
  /** Of one core. */
  cpuPercent: z.int().min(5).max(25_600).nullable().default(null),
});

/** Everything of a site's PHP that people set. */
export const sitePhp = z.strictObject({
  version: phpVersion,
  /** By a master of its own: apart from the PHP of other sites also where they share a version. */
  isApart: z.boolean().default(false),
  limits: phpLimits.prefault({}),
  ini: phpIni.prefault({}),
  pool: phpPool.prefault({}),
  disabledFunctions: z
    .array(functionName)
    .max(200)
    .default([...defaultDisabledFunctions]),
  /** Besides the served folder: what scripts may open, below `/www/wwwroot/<site>`. */
  openFolders: z.array(openFolder).max(20).default([]),
  /** Where files of visitors land: scripts in there are never run. */
  noScripts: z.array(addressFolder).max(50).default(['/uploads', '/wp-content/uploads']),
  isOpcacheOn: z.boolean().default(true),
  /** Requests that take longer are written to the slow log with their stack; 0: none. */
  slowLogSeconds: z.int().min(0).max(600).default(5),
});
export type SitePhp = z.infer<typeof sitePhp>;

/** As a change sends it: whether it is apart stays as it is unless that is said. */
export const sitePhpUpdate = sitePhp.extend({ isApart: z.boolean().optional() });

/** A new site's PHP: the version is chosen. Where nothing is said the panel decides whether it is apart, by the memory. */
export const sitePhpCreate = z.strictObject({ version: phpVersion, isApart: z.boolean().optional() });
