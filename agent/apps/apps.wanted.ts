import type { AppWorker } from '#shared/site-app.ts';
import { mayRun } from '../sites/site-end.ts';
import type { SiteRecord } from '../sites/site-records.ts';
import { slots, unitName, workerUnit } from './apps.paths.ts';

type Known = Pick<SiteRecord, 'slug' | 'settings'>;

/** Its further programs, by the record; those from before there were any lack the list. */
export function workersOf(settings: SiteRecord['settings']): readonly AppWorker[] {
  const workers: readonly AppWorker[] | undefined = settings?.app?.workers;
  return workers ?? [];
}

export function workerUnitsOf({ slug, settings }: Known): string[] {
  return workersOf(settings).map(({ name }) => workerUnit(slug, name));
}

/** Everything that can run for a site, in both places. */
export function allUnitsOf(record: Known): string[] {
  return [...slots.map((slot) => unitName(record.slug, slot)), ...workerUnitsOf(record)];
}

/** What must run for a site, the one that answers first; empty while its application is off. */
export function wantedUnits(record: SiteRecord, now: number): string[] {
  const { slug, app } = record;
  return app?.isOn === true && mayRun(record, now) ? [unitName(slug, app.slot), ...workerUnitsOf(record)] : [];
}
