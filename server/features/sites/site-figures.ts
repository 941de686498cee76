import { setImmediate as turn } from 'node:timers/promises';
import type { MeasuredSite, MeasuredSites } from '#shared/agent/site-figures.ts';
import { AppError } from '#shared/errors.ts';
import { isFigureSort, type Measured } from '#shared/site-columns.ts';
import type { ListedSite } from '#shared/sites.ts';
import type { Context } from '../../context.ts';
import type { Actor } from '../../core/actor.ts';
import { panelActor } from '../../core/agent-client.ts';
import { findFigures, lastMeasured, lastSiteChange, putFigures } from './site-figures.store.ts';
import { listSites, type SiteListQuery } from './sites.store.ts';

/*
 * Figures of sites are measured behind a list that shows them, never for an answer: whoever looks gets what was measured
 * last, at once, and what is too old is measured anew meanwhile. While nobody looks nothing is measured, and the agent
 * sleeps.
 */

const minute = 60_000;
const oldMs = 10 * minute;
/** A change of a site is measured sooner; a look that failed is tried again after this, too. */
const leastMs = minute;
/** Of one question; the agent answers at most so many. */
const sitesAtOnce = 1_000;
const rowsAtOnce = 200;
const options = { actor: panelActor, requestId: 'site-figures' };

type Needs = Pick<Context, 'agent' | 'clock' | 'db' | 'log'>;

export type SiteFiguresWatch = {
  /** When sites were measured; begins to measure them when that is long ago. */
  look(): Promise<Measured>;
  /** Resolves when nothing is measured any more. */
  stop(): Promise<void>;
};

export function watchSiteFigures({ agent, clock, db, log }: Needs): SiteFiguresWatch {
  let measuredAt: number | null = null;
  let triedAt = 0;
  let running: Promise<void> | undefined;
  let isStopped = false;

  async function isDue(now: number): Promise<boolean> {
    // Another panel, or this one before its restart, may have measured.
    if (measuredAt === null || now - measuredAt > oldMs) measuredAt = await lastMeasured(db);
    if (measuredAt === null || now - measuredAt > oldMs) return true;
    return now - measuredAt > leastMs && (await lastSiteChange(db)) > measuredAt;
  }

  async function measure(now: number): Promise<void> {
    let after: string | null = null;
    do {
      const { items, next }: MeasuredSites = await agent.call('sites.figures', { after, limit: sitesAtOnce }, options);
      for (let from = 0; from < items.length && !isStopped; from += rowsAtOnce) {
        await putFigures(
          db,
          items.slice(from, from + rowsAtOnce).map((item) => rowOf(item, now)),
        );
        await turn();
      }
      after = next;
    } while (after !== null && !isStopped);
    measuredAt = now;
  }

  return {
    async look() {
      const now = clock.now();
      if (running === undefined && now - triedAt > leastMs && (await isDue(now))) {
        triedAt = now;
        running ??= measure(now)
          .catch((error: unknown) => log.debug({ err: error }, 'the figures of sites could not be measured'))
          .finally(() => {
            running = undefined;
          });
      }
      return {
        at: measuredAt === null ? null : new Date(measuredAt).toISOString(),
        isUnderWay: running !== undefined,
      };
    },
    async stop() {
      isStopped = true;
      await running;
    },
  };
}

function rowOf({ siteId, requests, bytes, backup, ...item }: MeasuredSite, now: number) {
  return {
    site_id: siteId,
    requests,
    bytes,
    counted_until: epochOf(item.countedUntil),
    certificate_ends_at: epochOf(item.certificateEndsAt),
    ends_at: epochOf(item.endsAt),
    is_backup_known: backup === null ? 0 : 1,
    backup_at: epochOf(backup?.at ?? null),
    backup_failed_at: epochOf(backup?.failedAt ?? null),
    backup_every_minutes: backup?.everyMinutes ?? null,
    measured_at: now,
  };
}

const epochOf = (instant: string | null): number | null => (instant === null ? null : Date.parse(instant));

/** A page of the list, with figures where they are asked for. */
export async function listSitesWithFigures(
  { db }: Pick<Context, 'db'>,
  watch: SiteFiguresWatch,
  query: SiteListQuery,
  actor: Actor,
): Promise<{ items: ListedSite[]; total: number; measured: Measured | null }> {
  const mayReadBackups = actor.permissions.includes('backups.read');
  if (query.sort === 'backup' && !mayReadBackups)
    throw new AppError('not_allowed', 'Sorting by backups needs the permission to see them.');
  const measured = query.figures || isFigureSort(query.sort) ? await watch.look() : null;
  const { items, total } = await listSites(db, query, actor);
  if (!query.figures) return { items, total, measured };
  const figures = await findFigures(
    db,
    items.map(({ id }) => id),
  );
  return {
    items: items.map((site) => {
      const own = figures.get(site.id) ?? null;
      return { ...site, figures: own === null || mayReadBackups ? own : { ...own, backup: null } };
    }),
    total,
    measured,
  };
}
