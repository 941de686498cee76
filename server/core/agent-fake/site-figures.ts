import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { MeasuredSite } from '#shared/agent/site-figures.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { SiteBackup } from '#shared/site-columns.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Figures that are made up of the site's name: the same in every look, and every state among a few sites. */
export function measureFakeSites(
  specs: readonly SiteSpec[],
  { after, limit }: ActionParams<AgentActions['sites.figures']>,
): ActionResult<AgentActions['sites.figures']> {
  const rest = specs.filter(({ siteId }) => siteId > (after ?? '')).sort((a, b) => (a.siteId < b.siteId ? -1 : 1));
  const chosen = rest.slice(0, limit);
  const isLast = chosen.length === rest.length;
  return {
    items: chosen.map((spec) => measure(spec, Date.now())),
    next: isLast ? null : (chosen.at(-1)?.siteId ?? null),
  };
}

function measure({ siteId, slug, tls, reach }: SiteSpec, now: number): MeasuredSite {
  const number = Buffer.from(slug).reduce((sum, byte) => (sum * 31 + byte) % 100_003, 7);
  const isCounted = number % 7 !== 0;
  const requests = (number * 97) % 450_000;
  return {
    siteId,
    requests: isCounted ? requests : null,
    bytes: isCounted ? requests * 18_432 : null,
    countedUntil: isCounted ? at(now - 90_000) : null,
    certificateEndsAt: tls === null ? null : at(now + 60 * dayMs),
    endsAt: reach.endsAt,
    backup: backupOf(number, now),
  };
}

function backupOf(number: number, now: number): SiteBackup {
  switch (number % 4) {
    case 0:
      return { at: null, failedAt: null, everyMinutes: null };
    case 1:
      return { at: at(now - 9 * dayMs), failedAt: null, everyMinutes: 1440 };
    case 2:
      return { at: at(now - 2 * dayMs), failedAt: at(now - 5 * hourMs), everyMinutes: 1440 };
    default:
      return { at: at(now - 7 * hourMs), failedAt: null, everyMinutes: 1440 };
  }
}

const at = (ms: number): string => new Date(ms).toISOString();
