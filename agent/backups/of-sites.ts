import type { SiteBackup } from '#shared/site-columns.ts';
import type { BackupSource } from '#shared/backups.ts';
import type { Machine } from '../core/machine.ts';
import { listPresent } from './catalogue.ts';
import { findRing } from './keys.ts';
import { listPlans, type PlanRecord } from './plans.ts';
import { listRuns, showRun, type RunRecord } from './runs.ts';
import { longestGapMinutes } from './schedule.ts';
import { listTargets } from './targets.ts';
import { backupsFolder } from './work-of.ts';

/*
 * How sites stand with their backups, for many sites at once: the records are read once, whatever number is asked about.
 */

const sitePart = /^site\/(.+)$/;

/** Answers, for the slug of a site, what is known of its backups. */
export function readSiteBackups(machine: Pick<Machine, 'stateFolder' | 'now'>): (slug: string) => SiteBackup {
  const folder = backupsFolder(machine.stateFolder);
  const plans = listPlans(folder);
  const saved = newestSets(folder);
  const failed = newestBySlug(failedRuns(folder, plans));
  const planned = plannedGaps(plans, machine.now());
  return (slug) => ({
    at: saved.get(slug) ?? null,
    failedAt: failed(slug) ?? null,
    everyMinutes: planned(slug),
  });
}

/** When the newest whole set with each site began; sets of other machines in the same place do not count. */
function newestSets(folder: string): Map<string, string> {
  const newest = new Map<string, string>();
  const hostId = findRing(folder)?.hostId;
  for (const { targetId } of listTargets(folder))
    for (const { manifest } of listPresent(folder, targetId)) {
      if (manifest.hostId !== hostId || manifest.kind === 'imported') continue;
      for (const { name } of manifest.parts) {
        const slug = sitePart.exec(name)?.[1];
        if (slug !== undefined && manifest.startedAt > (newest.get(slug) ?? '')) newest.set(slug, manifest.startedAt);
      }
    }
  return newest;
}

type Failed = { readonly at: string; readonly sources: readonly BackupSource[] };

/** Newest first. A run whose plan is gone names no sites any more. */
function failedRuns(folder: string, plans: readonly PlanRecord[]): Failed[] {
  return listRuns(folder).flatMap((run) => {
    const sources = sourcesOf(run, plans);
    return sources.length > 0 && showRun(folder, run).state === 'failed' ? [{ at: run.startedAt, sources }] : [];
  });
}

function sourcesOf({ request }: RunRecord, plans: readonly PlanRecord[]): readonly BackupSource[] {
  if (request.kind === 'create_now') return request.sources;
  if (request.kind !== 'create') return [];
  return plans.find(({ planId }) => planId === request.planId)?.plan.sources ?? [];
}

function newestBySlug(runs: readonly Failed[]): (slug: string) => string | undefined {
  let ofAll: string | undefined;
  const ofOne = new Map<string, string>();
  for (const { at, sources } of runs)
    for (const source of sources) {
      if (source.kind === 'all_sites') ofAll ??= at;
      if (source.kind === 'site' && !ofOne.has(source.slug)) ofOne.set(source.slug, at);
    }
  return (slug) => {
    const own = ofOne.get(slug);
    return own === undefined || (ofAll !== undefined && ofAll > own) ? ofAll : own;
  };
}

/** The shortest promise of the plans that save a site by themselves, in minutes; null: none does. */
function plannedGaps(plans: readonly PlanRecord[], now: number): (slug: string) => number | null {
  let ofAll = Number.POSITIVE_INFINITY;
  const ofOne = new Map<string, number>();
  for (const { plan } of plans) {
    const minutes = plan.schedule === null || plan.isPaused ? undefined : longestGapMinutes(plan.schedule, now);
    if (minutes === undefined) continue;
    for (const source of plan.sources) {
      if (source.kind === 'all_sites') ofAll = Math.min(ofAll, minutes);
      if (source.kind === 'site')
        ofOne.set(source.slug, Math.min(minutes, ofOne.get(source.slug) ?? Number.POSITIVE_INFINITY));
    }
  }
  return (slug) => {
    const minutes = Math.min(ofAll, ofOne.get(slug) ?? Number.POSITIVE_INFINITY);
    return Number.isFinite(minutes) ? Math.round(minutes) : null;
  };
}
