import type { SiteSpec } from '#shared/agent/sites.ts';
import { look } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { privateFile, selfOwner, type SiteRecord } from './site-records.ts';

/** Whether the time of a site is over. nginx itself ends it in that second; what runs for it is stopped soon after. */
export function hasEnded(reach: Pick<SiteSpec['reach'], 'endsAt'> | undefined, now: number): boolean {
  const endsAt = reach?.endsAt ?? null;
  return endsAt !== null && Date.parse(endsAt) <= now;
}

/** Whether programs may run for a site now: it is switched on and its time is not over. */
export function mayRun({ isEnabled, settings }: Pick<SiteRecord, 'isEnabled' | 'settings'>, now: number): boolean {
  return isEnabled && !hasEnded(settings?.reach, now);
}

/** Whether programs were to run for a site when its files were written last. */
export function wasServed({ isEnabled, isEnded }: Pick<SiteRecord, 'isEnabled' | 'isEnded'>): boolean {
  return isEnabled && isEnded !== true;
}

/** Holds an empty file for each site with an end, by its slug: without any the timer has nothing to look at. */
const marksFolder = ({ stateFolder }: Pick<Machine, 'stateFolder'>): string => `${stateFolder}/ending`;

/** Keeps the mark of a site as its end says; null: it has none. */
export function endMarkWants(machine: Machine, slug: string, endsAt: string | null): Want[] {
  const path = `${marksFolder(machine)}/${slug}`;
  if (endsAt === null) return look(path).type === 'missing' ? [] : [{ kind: 'remove', path }];
  return [
    { kind: 'folder', path: marksFolder(machine), mode: 0o700, ...selfOwner(machine) },
    privateFile(machine, path, ''),
  ];
}
