import type { AppWorker } from '#shared/site-app.ts';
import { mayRun } from '../sites/site-end.ts';
import type { SiteRecord } from '../sites/site-records.ts';
import { slots, unitName, workerUnit, type Slot } from './apps.paths.ts';

type Known = Pick<SiteRecord, 'slug' | 'settings'>;

/** Its further programs, by the record; those from before there were any lack the list. */
export function workersOf(settings: SiteRecord['settings']): readonly AppWorker[] {
  const workers: readonly AppWorker[] | undefined = settings?.app?.workers;
  return workers ?? [];
}

/** How many of it run at once, by the record; those from before there could be several lack the number. */
export function instancesOf(settings: SiteRecord['settings']): number {
  const count: number | undefined = settings?.app?.instances;
  return count ?? 1;
}

/** From 1 on. */
export const numbersTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** Those that answer, of one place. */
export function instanceUnits({ slug, settings }: Known, slot: Slot): string[] {
  return numbersTo(instancesOf(settings)).map((number) => unitName(slug, slot, number));
}

export function workerUnitsOf({ slug, settings }: Known): string[] {
  return workersOf(settings).map(({ name }) => workerUnit(slug, name));
}

/** Everything that can run for a site, in both places. */
export function allUnitsOf(record: Known): string[] {
  return [...slots.flatMap((slot) => instanceUnits(record, slot)), ...workerUnitsOf(record)];
}

/** What must run for a site, those that answer first; empty while its application is off. */
export function wantedUnits(record: SiteRecord, now: number): string[] {
  const { app } = record;
  return app?.isOn === true && mayRun(record, now)
    ? [...instanceUnits(record, app.slot), ...workerUnitsOf(record)]
    : [];
}
