import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { BackupHook } from '#shared/backup-alerts.ts';
import type {
  BackupKey,
  BackupPart,
  BackupPlan,
  BackupRequest,
  BackupRun,
  BackupSet,
  BackupSource,
  BackupTarget,
  backupMember,
  backupSources,
  ReportLine,
  TargetLimits,
  TargetPlace,
} from '#shared/backups.ts';

/*
 * What the fake agent knows of backups: the records, and a machine that it makes up.
 */

export type FakeTarget = {
  id: string;
  name: string;
  place: TargetPlace;
  limits: TargetLimits;
  hasSecret: boolean;
  isReachable: boolean | null;
  checkedAt: string | null;
  reason: string | null;
  lastProof: BackupTarget['state']['lastProof'];
};

export type FakeHook = BackupHook & { url: string };

export type FakePlan = { id: string; plan: BackupPlan; since: number; rtoMs: number | null };

export type FakeRun = BackupRun & { readonly actorId: string; report: ReportLine[]; durationMs: number };

export type FakeBackupState = {
  recovery: { keyId: string; createdAt: string } | null;
  keys: BackupKey[];
  targets: FakeTarget[];
  plans: FakePlan[];
  sets: BackupSet[];
  runs: FakeRun[];
  /** Missing in what an older one has written. */
  hooks?: FakeHook[];
};

export const noBackups: FakeBackupState = {
  recovery: null,
  keys: [],
  targets: [],
  plans: [],
  sets: [],
  runs: [],
  hooks: [],
};

export const fakeSources: z.input<typeof backupSources> = {
  sites: [
    { slug: 'shop.test', root: '/www/wwwroot/shop.test' },
    { slug: 'blog.test', root: '/www/wwwroot/blog.test' },
  ],
  databases: [
    { engine: 'mariadb', name: 'shop', bytes: 48_234_496 },
    { engine: 'mariadb', name: 'blog', bytes: 6_291_456 },
  ],
  engines: { mariadb: true, postgresql: null },
};

type Member = z.input<typeof backupMember>;

const modifiedAt = '2026-11-20T08:30:00.000Z';
const folder = (path: string): Member => ({
  name: path.slice(path.lastIndexOf('/') + 1),
  path,
  type: 'folder',
  bytes: 0,
  mode: 0o755,
  modifiedAt,
});
const file = (path: string, bytes: number): Member => ({ ...folder(path), type: 'file', bytes, mode: 0o644 });

/** The same files in every tree, by folder. */
const members: Readonly<Record<string, readonly Member[]>> = {
  '': [folder('assets'), folder('صور'), file('index.html', 5_120), file('config.php', 812)],
  assets: [
    file('assets/app.css', 18_400),
    file('assets/app.js', 96_000),
    { ...file('assets/latest', 0), type: 'link' },
  ],
  صور: [file('صور/شعار.png', 24_576), { ...file('', 310), name: 'bad\uFFFDname', path: null }],
};

export function fakeMembers(folderName: string): readonly Member[] | undefined {
  return Object.hasOwn(members, folderName) ? members[folderName] : undefined;
}

export function findFakeMember(path: string): Member | undefined {
  return Object.values(members)
    .flat()
    .find((one) => one.path === path);
}

/** The bytes of a file: as many as its list says, the same each time. */
export function fakeBytes(path: string): Buffer {
  const size = findFakeMember(path)?.bytes ?? 0;
  return Buffer.alloc(size, `${createHash('sha256').update(path).digest('hex')}\n`);
}

/** The parts that a source becomes. */
export function partsOf(source: BackupSource): BackupPart[] {
  switch (source.kind) {
    case 'panel':
      return [tree('panel', 2_097_152, 64)];
    case 'site':
      return [tree(`site/${source.slug}`, 150_000_000, 1_204)];
    case 'all_sites':
      return fakeSources.sites.map(({ slug }) => tree(`site/${slug}`, 150_000_000, 1_204));
    case 'database':
      return [dump(`database/${source.engine}/${source.name}`, 12_582_912, 48_210)];
    case 'sqlite':
      return [dump(`sqlite${source.path}`, 262_144, 980)];
    case 'all_databases':
      return fakeSources.databases
        .filter(({ engine }) => engine === source.engine)
        .map(({ engine, name, bytes }) => dump(`database/${engine}/${name}`, bytes ?? 0, 48_210));
    case 'folder':
      return [tree(`folder${source.path}`, 4_194_304, 210)];
  }
}

function tree(name: string, bytes: number, count: number): BackupPart {
  return { name, kind: 'tree', bytes, count, leftOutCount: 0 };
}

function dump(name: string, bytes: number, count: number): BackupPart {
  return { name, kind: 'dump', bytes, count, leftOutCount: 0 };
}

/** Longest time between two planned runs, in minutes; null: by hand only. */
export function minutesBetween(plan: BackupPlan): number | null {
  const minutes = { hourly: 60, six_hours: 360, twelve_hours: 720, daily: 1_440, weekly: 10_080, monthly: 44_640 };
  if (plan.schedule === null) return null;
  return plan.schedule.every === 'cron' ? 1_440 : minutes[plan.schedule.every];
}

/** What a run of this kind says while it works. */
export function fakeLog(request: BackupRequest, parts: readonly string[]): string[] {
  const each = (text: string) => parts.map((part) => `${text} ${part}`);
  switch (request.kind) {
    case 'create':
    case 'create_now':
      return ['the target is open', ...each('saving'), 'the manifest is signed and stored'];
    case 'verify':
      return ['checking the structure of the repository', 'checking the signatures', 'no errors were found'];
    case 'prove':
      return [...each('restoring'), ...each('comparing'), 'everything is as the manifest says'];
    case 'restore':
      return request.isDryRun
        ? ['comparing with what is in place', 'nothing was changed']
        : ['making a safety backup', ...each('restoring'), 'everything is in place'];
    case 'prune':
      return ['applying the retention', request.isDryRun ? 'nothing was removed' : 'removing what nobody needs'];
    default:
      return [`${request.kind.replaceAll('_', ' ')} is under way`, 'done'];
  }
}

/** Key of `backups.phase.*`. */
export function fakePhase(request: BackupRequest): string {
  const phases: Partial<Record<BackupRequest['kind'], string>> = {
    create: 'saving',
    create_now: 'saving',
    verify: 'verifying',
    prove: 'proving',
    restore: 'restoring',
    fetch: 'restoring',
    prune: 'pruning',
    remove: 'pruning',
    export: 'exporting',
    import: 'importing',
  };
  return phases[request.kind] ?? 'opening';
}
