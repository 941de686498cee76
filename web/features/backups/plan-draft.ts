import type { BackupPlan, BackupSchedule, BackupSource, PlannedBackup, Retention } from '#shared/backups.ts';
import { sourceKey } from './backup-names.ts';

/** What the form of a plan holds. */
export type PlanDraft = Omit<BackupPlan, 'excludes' | 'schedule'> & {
  /** All there is, or what is chosen. */
  readonly scope: 'everything' | 'chosen';
  /** Folders and SQLite files, one per line. */
  readonly paths: string;
  readonly excludes: string;
  readonly every: BackupSchedule['every'] | 'none';
  readonly atMinute: number;
  readonly cron: string;
  readonly timeZone: string;
};

export const retentionPresets = {
  short: { last: 3, hourly: 0, daily: 7, weekly: 2, monthly: 0, yearly: 0 },
  balanced: { last: 3, hourly: 24, daily: 7, weekly: 4, monthly: 6, yearly: 0 },
  long: { last: 5, hourly: 24, daily: 14, weekly: 8, monthly: 12, yearly: 3 },
} as const satisfies Record<string, Retention>;
export type RetentionPreset = keyof typeof retentionPresets;
export const retentionKinds = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;

export function presetOf(retention: Retention): RetentionPreset | null {
  const names = Object.keys(retentionPresets) as RetentionPreset[];
  return names.find((name) => retentionKinds.every((kind) => retentionPresets[name][kind] === retention[kind])) ?? null;
}

/** As in the contract: absolute, without `.`, `..`, doubled or trailing slashes. */
export function isFullPath(path: string): boolean {
  return /^(\/(?!\.{1,2}(\/|$))[^/\u0000-\u001f\u007f]+)+$/.test(path) && path.length <= 4096;
}

export function linesOf(text: string): string[] {
  return [...new Set(text.split('\n').map((line) => line.trim()))].filter((line) => line !== '');
}

const isSqlite = (path: string): boolean => /\.(sqlite3?|db)$/i.test(path);

/** Everything: the panel, all sites and the databases of the servers that are here. */
export function everything(engines: readonly ('mariadb' | 'postgresql')[]): BackupSource[] {
  return [
    { kind: 'panel' },
    { kind: 'all_sites' },
    ...engines.map((engine) => ({ kind: 'all_databases', engine }) as const),
  ];
}

export function isEverything(sources: readonly BackupSource[]): boolean {
  const kinds = sources.map(({ kind }) => kind);
  return (
    kinds.includes('panel') &&
    kinds.includes('all_sites') &&
    kinds.every((kind) => kind !== 'site' && kind !== 'database')
  );
}

export function newPlanDraft(name: string, targetIds: readonly string[], timeZone: string): PlanDraft {
  return {
    name,
    scope: 'everything',
    sources: [],
    paths: '',
    targetIds: [...targetIds],
    excludes: '',
    every: 'hourly',
    atMinute: 150,
    cron: '',
    timeZone,
    retention: retentionPresets.balanced,
    proof: 'weekly',
    isPaused: false,
  };
}

export function draftOfPlan({ plan }: PlannedBackup, ownZone: string): PlanDraft {
  const { schedule, excludes, sources, ...rest } = plan;
  const paths = sources.flatMap((source) => (source.kind === 'folder' || source.kind === 'sqlite' ? source.path : []));
  return {
    ...rest,
    scope: isEverything(sources) ? 'everything' : 'chosen',
    sources: sources.filter(({ kind }) => kind !== 'folder' && kind !== 'sqlite'),
    paths: paths.join('\n'),
    excludes: excludes.join('\n'),
    every: schedule?.every ?? 'none',
    atMinute: schedule?.atMinute ?? 150,
    cron: schedule?.cron ?? '',
    timeZone: schedule?.timeZone ?? ownZone,
  };
}

export function scheduleOf({ every, atMinute, cron, timeZone }: PlanDraft): BackupSchedule | null {
  return every === 'none' ? null : { every, atMinute, cron: every === 'cron' ? cron.trim() : '', timeZone };
}

/** `engines`: those whose server is here. */
export function planOf(draft: PlanDraft, engines: readonly ('mariadb' | 'postgresql')[]): BackupPlan {
  const { name, targetIds, retention, proof, isPaused, scope, sources, paths, excludes } = draft;
  const chosen = scope === 'everything' ? everything(engines) : sources;
  const more = linesOf(paths).map((path) => ({ kind: isSqlite(path) ? 'sqlite' : 'folder', path }) as const);
  const unique = new Map([...chosen, ...more].map((source) => [sourceKey(source), source]));
  return {
    name: name.trim(),
    sources: [...unique.values()],
    targetIds: [...targetIds],
    excludes: linesOf(excludes),
    schedule: scheduleOf(draft),
    retention,
    proof,
    isPaused,
  };
}

/** Adds or takes away a source. */
export function toggled(sources: readonly BackupSource[], source: BackupSource, isOn: boolean): BackupSource[] {
  const key = sourceKey(source);
  const rest = sources.filter((each) => sourceKey(each) !== key);
  return isOn ? [...rest, source] : rest;
}

/** `02:30` ↔ 150. */
export function clockOf(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
export function minuteOf(clock: string): number | null {
  const [, hours = '', minutes = ''] = /^(\d{1,2}):(\d{2})$/.exec(clock) ?? [];
  const minute = Number(hours) * 60 + Number(minutes);
  return hours !== '' && Number(hours) < 24 && Number(minutes) < 60 ? minute : null;
}
