import { z } from 'zod';
import { instant } from './http.ts';

/*
 * Columns of the list of sites that people choose, and the figures behind some of them. Figures are measured now and then
 * for all sites together, and kept in one row for each site: a list never asks the machine.
 */

/** Columns that can be left out, in the order in which they stand. */
export const siteColumns = ['kind', 'tls', 'category', 'backup', 'requests', 'bytes', 'endsAt', 'updatedAt'] as const;
export type SiteColumn = (typeof siteColumns)[number];

/** What is seen by whoever has chosen nothing. */
export const usualSiteColumns: readonly SiteColumn[] = ['kind', 'tls', 'updatedAt'];

/** The choice of a person: each column at most once. */
export const chosenSiteColumns = z
  .array(z.enum(siteColumns))
  .max(siteColumns.length)
  .refine((columns) => new Set(columns).size === columns.length);

/** What is sorted by figures that are measured. */
export const figureSorts = ['tls', 'backup', 'requests', 'bytes', 'endsAt'] as const;
export type FigureSort = (typeof figureSorts)[number];

export const siteSort = ['name', 'createdAt', 'updatedAt', 'kind', 'state', 'category', ...figureSorts] as const;
export type SiteSort = (typeof siteSort)[number];

export function isFigureSort(sort: SiteSort): sort is FigureSort {
  return figureSorts.some((each) => each === sort);
}

/** Order of the list, and whether figures are answered with the sites. */
export const siteOrderQuery = z.object({
  /** `backup` needs `backups.read`. */
  sort: z.enum(siteSort).default('createdAt'),
  order: z.enum(['asc', 'desc']).default('desc'),
  figures: z.stringbool().default(false),
});

const count = z.int().nonnegative();

/** Backups of a site as far as they are known on the machine. */
export const siteBackup = z.object({
  /** Of the newest whole backup; null: there is none. */
  at: instant.nullable(),
  /** Of the newest run that was to save the site and failed; null: none that is known. */
  failedAt: instant.nullable(),
  /** Longest time between two planned backups; null: no plan that runs by itself saves the site. */
  everyMinutes: count.nullable(),
});
export type SiteBackup = z.infer<typeof siteBackup>;

/** What was measured of a site. */
export const siteFigures = z.object({
  /** Of the last 30 days, by the server's own clock; null: nothing was counted yet. */
  requests: count.nullable(),
  /** Bytes of bodies that were sent. */
  bytes: count.nullable(),
  /** Until when the access log was counted. */
  countedUntil: instant.nullable(),
  /** When its certificate ends; null: without HTTPS. */
  certificateEndsAt: instant.nullable(),
  /** null for those who may not see backups, and while the records of backups cannot be read. */
  backup: siteBackup.nullable(),
  measuredAt: instant,
});
export type SiteFigures = z.infer<typeof siteFigures>;

/** `figures` of a site in a list: null while it was not measured; left out where nobody asked for figures. */
export const withFigures = { figures: siteFigures.nullable().optional() };

/** When the figures of all sites were measured, in an answer with figures; null otherwise. */
export const withMeasured = {
  measured: z.object({ at: instant.nullable(), isUnderWay: z.boolean() }).nullable(),
};
export type Measured = NonNullable<z.infer<typeof withMeasured.measured>>;

/** `old`: later than its plan promises, or than a week where there is no plan. `failed`: nothing was saved since a run failed. */
export type SiteBackupState = 'never' | 'failed' | 'old' | 'good';

const hourMs = 60 * 60 * 1000;
const weekMs = 7 * 24 * hourMs;

/** How a site stands with its backups at a moment, epoch ms. */
export function siteBackupState({ at, failedAt, everyMinutes }: SiteBackup, now: number): SiteBackupState {
  if (failedAt !== null && (at === null || Date.parse(failedAt) > Date.parse(at))) return 'failed';
  if (at === null) return 'never';
  const everyMs = (everyMinutes ?? 0) * 60_000;
  // A run may begin late and takes its time.
  const patienceMs = everyMinutes === null ? weekMs : everyMs + Math.max(hourMs, everyMs / 10);
  return now - Date.parse(at) > patienceMs ? 'old' : 'good';
}
