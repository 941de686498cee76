import { z } from 'zod';
import { id, instant } from '../http.ts';
import { siteBackup } from '../site-columns.ts';
import type { AgentAction } from './action.ts';

const count = z.int().nonnegative();

/** What the machine knows of a site without looking into its folder or its log. */
export const measuredSite = z.object({
  siteId: id,
  /** Of the last 30 days, as the timer of the logs counted them; null: nothing was counted yet. */
  requests: count.nullable(),
  bytes: count.nullable(),
  countedUntil: instant.nullable(),
  certificateEndsAt: instant.nullable(),
  /** When the site itself ends; null: never. */
  endsAt: instant.nullable(),
  /** null: the records of backups cannot be read. */
  backup: siteBackup.nullable(),
});
export type MeasuredSite = z.infer<typeof measuredSite>;

/** So many sites at most in one answer. */
const maxMeasuredSites = 1_000;

/** Many sites in one look, in the order of their ids; `next` asks on. Nothing is counted, only read. */
export const sitesFigures = {
  name: 'sites.figures',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({
    /** Sites whose id comes after this one; null: from the first. */
    after: id.nullable(),
    limit: z.int().min(1).max(maxMeasuredSites),
  }),
  result: z.object({
    items: z.array(measuredSite).max(maxMeasuredSites),
    /** null: there are no more. */
    next: id.nullable(),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 512 * 1024,
  summary: 'Visitors of the last 30 days, backups and ends of many sites, as they were last counted',
} as const satisfies AgentAction;
export type MeasuredSites = z.infer<typeof sitesFigures.result>;
