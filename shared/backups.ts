import { z } from 'zod';
import { absolutePath } from './absolute-path.ts';
import { backupHook } from './backup-alerts.ts';
import { id, instant, line } from './http.ts';
import { hostPattern } from './site-domains.ts';

/*
 * Backups: what is saved (sources), where to (targets), when and how long (plans), what was saved (sets), and whether a
 * set has been shown to restore (proofs). The agent does the work in a process of its own, a run; it goes on without the
 * web process, and nightly runs need none.
 */

export { absolutePath };

export const databaseEngines = ['mariadb', 'postgresql', 'sqlite'] as const;
export type DatabaseEngine = (typeof databaseEngines)[number];

/** Names as the servers take them; quoted by each engine's rule, bound where possible. */
export const databaseName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[^\u0000-\u001f\u007f/\\.]+$/, { error: 'database_name_invalid' });

/** What a plan saves. `sites`/`databases` with `all`: whatever exists when the run starts. */
export const backupSource = z.discriminatedUnion('kind', [
  /** The panel itself: its database, settings, the agent's records of sites, people and audit. Never the backup keys. */
  z.strictObject({ kind: z.literal('panel') }),
  /** Files and the agent's record of one site, by its slug. */
  z.strictObject({
    kind: z.literal('site'),
    slug: z
      .string()
      .min(1)
      .max(255)
      .regex(/^[a-z0-9*_.-]+$/),
  }),
  z.strictObject({ kind: z.literal('all_sites') }),
  z.strictObject({ kind: z.literal('database'), engine: z.enum(['mariadb', 'postgresql']), name: databaseName }),
  z.strictObject({ kind: z.literal('sqlite'), path: absolutePath }),
  z.strictObject({ kind: z.literal('all_databases'), engine: z.enum(['mariadb', 'postgresql']) }),
  z.strictObject({ kind: z.literal('folder'), path: absolutePath }),
]);
export type BackupSource = z.infer<typeof backupSource>;

const accessName = z.string().regex(/^[^\u0000-\u001f\u007f\s]{1,256}$/, { error: 'access_name_invalid' });
const remotePath = z
  .string()
  .max(1024)
  .regex(/^(?!-)(?!.*(^|\/)\.\.(\/|$))[A-Za-z0-9_./~-]*$/, { error: 'path_invalid' });
const host = z.string().max(253).regex(hostPattern, { error: 'domain_invalid' }).or(z.ipv4()).or(z.ipv6());

/** Of a server, without a name and a password in it: places are shown and logged. */
function plainUrl(max: number) {
  return z
    .url({ protocol: /^https?$/ })
    .max(max)
    .regex(/^[^@]*$/, { error: 'upstream_credentials' });
}

/** Where a target is, without its secrets. */
export const targetPlace = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('local'), path: absolutePath }),
  z.strictObject({
    kind: z.literal('sftp'),
    host,
    port: z.int().min(1).max(65535),
    user: z.string().regex(/^[a-z_][a-z0-9_.-]{0,31}$/i, { error: 'user_name_invalid' }),
    path: remotePath,
    /** Line of `known_hosts` without the name: `ssh-ed25519 AAAA…`. Without it the target is refused. */
    hostKey: z
      .string()
      .max(2048)
      .regex(/^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/=]+$/),
  }),
  z.strictObject({
    kind: z.literal('s3'),
    /** `https://host[:port]`; plain http only to loopback. */
    endpoint: plainUrl(512),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, { error: 'bucket_invalid' }),
    path: remotePath,
    region: z.string().regex(/^[a-z0-9-]{0,32}$/),
  }),
  z.strictObject({ kind: z.literal('rest'), url: plainUrl(1024) }),
  /** A remote of root's own `rclone` configuration (`/root/.config/rclone/rclone.conf`): WebDAV and many more. */
  z.strictObject({
    kind: z.literal('rclone'),
    remote: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/),
    path: remotePath,
  }),
]);
export type TargetPlace = z.infer<typeof targetPlace>;

/** Kept by the agent, readable by root only; never answered. Left out on a change: what is kept stays. */
export const targetSecret = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  /** SFTP: an OpenSSH private key without passphrase. */
  z.strictObject({
    kind: z.literal('ssh_key'),
    privateKey: z
      .string()
      .min(1)
      .max(16 * 1024),
  }),
  /** S3: access key and secret key. REST: user and password. */
  z.strictObject({ kind: z.literal('access'), name: accessName, secret: accessName }),
]);
export type TargetSecret = z.infer<typeof targetSecret>;

/** Limits of a target; null: none. */
export const targetLimits = z.strictObject({
  uploadKibPerSecond: z.int().min(1).max(10_000_000).nullable(),
  downloadKibPerSecond: z.int().min(1).max(10_000_000).nullable(),
  /** A run does not start when less is free there (local targets). */
  minFreeBytes: z.int().min(0).nullable(),
  /** Retention removes the oldest above this. */
  maxBytes: z.int().min(0).nullable(),
});
export type TargetLimits = z.infer<typeof targetLimits>;

/** How many to keep of each kind, newest first; 0: none of that kind. The newest and the last proven set always stay. */
export const retention = z.strictObject({
  last: z.int().min(0).max(1000),
  hourly: z.int().min(0).max(1000),
  daily: z.int().min(0).max(1000),
  weekly: z.int().min(0).max(1000),
  monthly: z.int().min(0).max(1000),
  yearly: z.int().min(0).max(1000),
});
export type Retention = z.infer<typeof retention>;

/** Five-field cron expression or one of `hourly`, `six_hours`, `twelve_hours`, `daily`, `weekly`, `monthly`; null: by hand only. */
export const backupSchedule = z.strictObject({
  every: z.enum(['hourly', 'six_hours', 'twelve_hours', 'daily', 'weekly', 'monthly', 'cron']),
  /** Minutes after midnight in `timeZone` for daily, weekly (Saturday) and monthly (the first); minute of the hour for the others. */
  atMinute: z.int().min(0).max(1439),
  /** For `cron` only, else empty. */
  cron: z
    .string()
    .max(100)
    .regex(/^[0-9A-Za-z*,/? -]*$/, { error: 'cron_invalid' }),
  timeZone: z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9_+/-]+$/, { error: 'time_zone_invalid' }),
});
export type BackupSchedule = z.infer<typeof backupSchedule>;

export const backupPlan = z.strictObject({
  name: line(100, 1),
  sources: z.array(backupSource).min(1).max(200),
  targetIds: z.array(id).min(1).max(10),
  /** Patterns as restic takes them (`*.log`, `node_modules`, `/cache/**`), relative to each source. */
  excludes: z
    .array(
      z
        .string()
        .min(1)
        .max(500)
        .regex(/^(?!-)(?!!)[^\u0000-\u001f\u007f]+$/),
    )
    .max(200),
  schedule: backupSchedule.nullable(),
  retention,
  /** A restore test of the newest set, by itself. */
  proof: z.enum(['weekly', 'monthly', 'never']),
  isPaused: z.boolean(),
});
export type BackupPlan = z.infer<typeof backupPlan>;

/** Three states, everywhere: passed, failed, not run. `failed` and `not_run` block pruning of older good sets. */
export const proofState = z.enum(['proven', 'failed', 'not_run']);

export const backupProof = z.object({
  state: proofState,
  /** What was done: `quick` structure and signatures, `full` every stored byte, `restore` a real restore with content checks. */
  kind: z.enum(['quick', 'full', 'restore']),
  at: instant,
  durationMs: z.int(),
  /** Reason key of `errors`, for `failed`. */
  reason: z.string().nullable(),
});
export type BackupProof = z.infer<typeof backupProof>;

const partSummary = z.object({
  /** `panel`, `site/<slug>`, `database/mariadb/<name>`, `sqlite/<path>`, `folder/<path>`. */
  name: z.string(),
  kind: z.enum(['tree', 'dump']),
  bytes: z.int(),
  /** Files of a tree, rows of a dump. */
  count: z.int(),
  /** Files left out because they could not be read or are of no kind that can be restored; the run says which. */
  leftOutCount: z.int(),
});
export type BackupPart = z.infer<typeof partSummary>;

/** One complete backup of a plan in one target. Only what is signed and whole is ever listed. */
export const backupSet = z.object({
  setId: id,
  targetId: id,
  planId: id.nullable(),
  planName: z.string(),
  /** `safety`: made before a restore. */
  kind: z.enum(['planned', 'manual', 'safety', 'imported']),
  at: instant,
  durationMs: z.int(),
  bytes: z.int(),
  /** New in the target, after deduplication and compression. */
  addedBytes: z.int(),
  parts: z.array(partSummary),
  isPinned: z.boolean(),
  lastProof: backupProof.nullable(),
});
export type BackupSet = z.infer<typeof backupSet>;

export const backupTarget = z.object({
  id,
  name: line(100, 1),
  place: targetPlace,
  limits: targetLimits,
  hasSecret: z.boolean(),
  state: z.object({
    /** null: never asked. */
    isReachable: z.boolean().nullable(),
    checkedAt: instant.nullable(),
    reason: z.string().nullable(),
    setCount: z.int(),
    storedBytes: z.int().nullable(),
    lastSetAt: instant.nullable(),
    lastProof: backupProof.nullable(),
  }),
});
export type BackupTarget = z.infer<typeof backupTarget>;

export const plannedBackup = z.object({
  id,
  plan: backupPlan,
  nextRunAt: instant.nullable(),
  lastRun: z
    .object({ runId: id, at: instant, state: z.enum(['running', 'succeeded', 'failed', 'cancelled']) })
    .nullable(),
  isOverdue: z.boolean(),
  /** Longest time between two planned runs, in minutes: what could be lost at worst. null: by hand only. */
  rpoMinutes: z.int().nullable(),
  /** Measured by the last restore test, in milliseconds. */
  rtoMs: z.int().nullable(),
});
export type PlannedBackup = z.infer<typeof plannedBackup>;

export const backupKey = z.object({
  keyId: z.string(),
  /** `active` signs; `verify_only` still reads; `retired` refuses. */
  state: z.enum(['active', 'verify_only', 'retired']),
  createdAt: instant,
  setCount: z.int(),
});
export type BackupKey = z.infer<typeof backupKey>;

/** What the agent knows of backups, in one look. */
export const backupState = z.object({
  /** Version of restic; null: not installed. */
  resticVersion: z.string().nullable(),
  /** Whether timers run without the panel (systemd) or only while it runs. */
  scheduler: z.enum(['systemd', 'panel', 'none']),
  recovery: z.object({ keyId: z.string(), createdAt: instant }).nullable(),
  keys: z.array(backupKey),
  targets: z.array(backupTarget),
  plans: z.array(plannedBackup),
  /** Who is told when something goes wrong. */
  hooks: z.array(backupHook),
});
export type BackupState = z.infer<typeof backupState>;

/** Where restored things go. `aside`: a new folder or database, nothing in place changes. */
export const restoreWay = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('in_place') }),
  /** Folder that must not exist yet (trees), or name of a new database (dumps, letters, digits and `_`). */
  z.strictObject({
    kind: z.literal('aside'),
    path: absolutePath.nullable(),
    databaseName: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,62}$/)
      .nullable(),
  }),
]);

/** What a run does. */
export const backupRequest = z.discriminatedUnion('kind', [
  /** Everything of a plan, or some sources by hand into one target. */
  z.strictObject({ kind: z.literal('create'), planId: id }),
  z.strictObject({
    kind: z.literal('create_now'),
    sources: z.array(backupSource).min(1).max(200),
    targetId: id,
    excludes: backupPlan.shape.excludes,
  }),
  z.strictObject({ kind: z.literal('verify'), targetId: id, setId: id.nullable(), isFull: z.boolean() }),
  /** Restore test into a throw-away place, with content checks. */
  z.strictObject({ kind: z.literal('prove'), targetId: id, setId: id.nullable() }),
  z.strictObject({
    kind: z.literal('restore'),
    targetId: id,
    setId: id,
    /** Names of parts; null: all. */
    parts: z.array(z.string().max(4200)).min(1).max(500).nullable(),
    /** One file or folder inside the single part that is named, relative to it; null: all of it. */
    member: z.string().min(1).max(4096).nullable(),
    way: restoreWay,
    /** Reports what would change; changes nothing. */
    isDryRun: z.boolean(),
  }),
  /** One member into a download that is kept for an hour. */
  z.strictObject({
    kind: z.literal('fetch'),
    targetId: id,
    setId: id,
    part: z.string().max(4200),
    member: z.string().min(1).max(4096),
  }),
  z.strictObject({ kind: z.literal('prune'), targetId: id, planId: id.nullable(), isDryRun: z.boolean() }),
  z.strictObject({ kind: z.literal('remove'), targetId: id, setIds: z.array(id).min(1).max(200) }),
  z.strictObject({ kind: z.literal('export'), targetId: id, setId: id, path: absolutePath }),
  z.strictObject({ kind: z.literal('import'), path: absolutePath, targetId: id }),
  /** Opens the target: makes the repository when there is none, reads what others left there. */
  z.strictObject({ kind: z.literal('check_target'), targetId: id }),
]);
export type BackupRequest = z.infer<typeof backupRequest>;

export const backupRunState = z.enum(['running', 'succeeded', 'failed', 'cancelled']);

export const backupFailure = z.object({
  code: z.string(),
  reason: z.string().nullable(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

/** One line of a report: what happened, or would happen, to one thing. */
export const reportLine = z.object({
  /** `changed`, `created`, `removed`, `unchanged`, `left_out`, `normalised`, `kept`, `measured`. */
  what: z.enum(['changed', 'created', 'removed', 'unchanged', 'left_out', 'normalised', 'kept', 'measured']),
  subject: z.string().max(4200),
  /** Key of `backups.report.*` in the texts, with parameters. */
  reason: z.string().nullable(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export type ReportLine = z.infer<typeof reportLine>;

export const backupRun = z.object({
  runId: id,
  request: backupRequest,
  state: backupRunState,
  /** 0 to 100; null when it cannot be known. */
  progress: z.number().min(0).max(100).nullable(),
  /** Key of `backups.phase.*`: what it is doing now. */
  phase: z.string().nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
  /** `schedule` for the timer. */
  actorName: z.string(),
  failure: backupFailure.nullable(),
  setIds: z.array(id),
});
export type BackupRun = z.infer<typeof backupRun>;

/** What is there to save. */
export const backupSources = z.object({
  sites: z.array(z.object({ slug: z.string(), root: z.string() })),
  databases: z.array(
    z.object({ engine: z.enum(['mariadb', 'postgresql']), name: z.string(), bytes: z.int().nullable() }),
  ),
  /** Whether each server runs here and lets root in; null: not installed. */
  engines: z.object({ mariadb: z.boolean().nullable(), postgresql: z.boolean().nullable() }),
});

export const backupMember = z.object({
  /** Name in its folder; bytes that are not UTF-8 shown as U+FFFD. */
  name: z.string(),
  /** For `member` of a request: relative to the part. null: it can only be restored with its folder. */
  path: z.string().nullable(),
  type: z.enum(['file', 'folder', 'link']),
  bytes: z.int(),
  mode: z.int(),
  modifiedAt: instant,
});
