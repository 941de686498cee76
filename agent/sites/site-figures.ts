import { setImmediate as turn } from 'node:timers/promises';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { MeasuredSite } from '#shared/agent/site-figures.ts';
import { daysOfRange } from '#shared/logs.ts';
import type { SiteBackup } from '#shared/site-columns.ts';
import { readSiteBackups } from '../backups/of-sites.ts';
import { findStored } from '../certificates/shelf.ts';
import { logLine, type Machine } from '../core/machine.ts';
import { lastDays, readTotals } from '../logs/totals.ts';
import { allRecords, type SiteRecord } from './site-records.ts';

/*
 * What the list of sites shows of the machine, for many sites in one look. It reads what others have counted and written
 * down; it opens no log, no folder of a site and no backup.
 */

/** So many sites are read before others get their turn. */
const atOnce = 100;
/** One look of the panel at all sites comes in several questions. */
const keptMs = 30_000;

type Known = {
  readonly until: number;
  readonly backupOf: (slug: string) => SiteBackup | null;
  readonly ends: Map<string, string | null>;
};
const known = new WeakMap<Machine, Known>();

export async function measureSites(
  machine: Machine,
  { after, limit }: ActionParams<AgentActions['sites.figures']>,
): Promise<ActionResult<AgentActions['sites.figures']>> {
  const common = readCommon(machine, after === null);
  const days = lastDays(machine.now(), daysOfRange.month);
  const { chosen, isLast } = recordsAfter(machine, after, limit);
  const items: MeasuredSite[] = [];
  for (const [index, record] of chosen.entries()) {
    if (index % atOnce === atOnce - 1) await turn();
    items.push(measure(machine, record, days, common));
  }
  return { items, next: isLast ? null : (chosen.at(-1)?.siteId ?? null) };
}

/** Records of backups and certificates count for all sites of one look. */
function readCommon(machine: Machine, isFirst: boolean): Known {
  const before = known.get(machine);
  const now = machine.now();
  if (before !== undefined && !isFirst && now < before.until) return before;
  const common = { until: now + keptMs, backupOf: backupsOf(machine), ends: new Map<string, string | null>() };
  known.set(machine, common);
  return common;
}

/** Damaged records of backups keep nobody from seeing the rest. */
function backupsOf(machine: Machine): Known['backupOf'] {
  try {
    return readSiteBackups(machine);
  } catch (error) {
    logLine('error', 'the backups of sites could not be read', { error: String(error) });
    return () => null;
  }
}

function recordsAfter(machine: Machine, after: string | null, limit: number) {
  // A record without an id only says that a file nobody knows was set aside.
  const rest = [...allRecords(machine).values()].filter(({ siteId }) => siteId !== '' && siteId > (after ?? ''));
  const chosen = rest.sort((a, b) => (a.siteId < b.siteId ? -1 : 1)).slice(0, limit);
  return { chosen, isLast: chosen.length === rest.length };
}

function measure(machine: Machine, record: SiteRecord, days: readonly string[], common: Known): MeasuredSite {
  const totals = readTotals(machine, record.siteId, days);
  const countedUntil = totals?.countedUntil ?? null;
  return {
    siteId: record.siteId,
    requests: totals?.requests ?? null,
    bytes: totals?.bytes ?? null,
    countedUntil: countedUntil === null ? null : new Date(countedUntil).toISOString(),
    certificateEndsAt: certificateEnd(machine, record, common),
    endsAt: record.settings?.reach?.endsAt ?? null,
    backup: common.backupOf(record.slug),
  };
}

/** Many sites may share a certificate: each is read once. */
function certificateEnd(machine: Machine, { settings }: SiteRecord, { ends }: Known): string | null {
  const certificateId = settings?.tls?.certificateId;
  if (certificateId === undefined) return null;
  const before = ends.get(certificateId);
  if (before !== undefined) return before;
  const leaf = findStored(machine, certificateId)?.leaf;
  const end = leaf === undefined ? null : leaf.validToDate.toISOString();
  ends.set(certificateId, end);
  return end;
}
