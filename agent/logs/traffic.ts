import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import { daysOfRange, type TrafficCounts } from '#shared/logs.ts';
import type { Machine } from '../core/machine.ts';
import { checkOwner, findRecord } from '../sites/site-records.ts';
import { countSite, type Counted } from './count.ts';
import { dayOf, midnightBefore } from './days.ts';
import { findDay, readFigures, type Counts } from './figures.ts';
import { takeLogsLock } from './logs.lock.ts';
import { topOf } from './top-list.ts';
import { countVisitors } from './visitors.ts';

/** For one answer; what is left is counted by the timer, or by the next question. */
const longestCountMs = 1_500;
const shownTop = 10;
const hourMs = 3_600_000;
const none: Counts = [0, 0, 0, 0, 0, 0, 0];

export async function readTraffic(
  machine: Machine,
  { site, range }: ActionParams<AgentActions['logs.traffic']>,
): Promise<ActionResult<AgentActions['logs.traffic']>> {
  const record = findRecord(machine, site.slug);
  checkOwner(record, site);
  if (record === undefined) throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
  const { figures, isBehind } = await countNow(machine, site);
  const now = machine.now();
  const midnights = Array.from({ length: daysOfRange[range] }, (_, back) => midnightBefore(now, back)).reverse();
  const days = midnights.map(dayOf);
  const details = days.flatMap((day) => findDay(machine, site, figures, day) ?? []);
  const points =
    range === 'month'
      ? midnights.map((at, index) => ({ at, counts: figures.days.get(days[index] ?? '') ?? none }))
      : hoursBetween(midnights[0] ?? now, now).map((at) => ({ at, counts: figures.hours.get(at / hourMs) ?? none }));
  return {
    countedUntil: figures.countedUntil === null ? null : new Date(figures.countedUntil).toISOString(),
    isBehind,
    total: showCounts(days.map((day) => figures.days.get(day) ?? none).reduce(sumOf, none)),
    visitors: countVisitors(details.map(({ visitors }) => visitors)),
    unreadable: figures.unreadable,
    points: points.map(({ at, counts }) => ({ at: new Date(at).toISOString(), ...showCounts(counts) })),
    paths: topOf(
      details.map(({ paths }) => paths),
      shownTop,
    ),
    addresses: topOf(
      details.map(({ addresses }) => addresses),
      shownTop,
    ),
    agents: topOf(
      details.map(({ agents }) => agents),
      shownTop,
    ),
  };
}

/** While the timer counts, what it has written so far is the answer. */
async function countNow(machine: Machine, site: { siteId: string; slug: string }): Promise<Counted> {
  return await machine.locks.hold('logs', machine.now() + longestCountMs * 4, async () => {
    const lock = await takeLogsLock(machine, 0);
    if (lock === undefined) return { figures: readFigures(machine, site), isBehind: true };
    try {
      return await countSite(machine, site, performance.now() + longestCountMs);
    } finally {
      lock.release();
    }
  });
}

function hoursBetween(from: number, to: number): number[] {
  const first = Math.floor(from / hourMs);
  return Array.from({ length: Math.floor(to / hourMs) - first + 1 }, (_, index) => (first + index) * hourMs);
}

const sumOf = (one: Counts, other: Counts): Counts => one.map((value, index) => value + (other[index] ?? 0)) as Counts;

function showCounts([requests, bytes, informed, succeeded, redirected, refused, failed]: Counts): TrafficCounts {
  return { requests, bytes, informed, succeeded, redirected, refused, failed };
}
