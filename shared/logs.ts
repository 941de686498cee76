import { z } from 'zod';
import { id, instant, type Operation } from './http.ts';

/** From the midnight of the server's own clock, so many days back with today. */
export const trafficRanges = ['day', 'week', 'month'] as const;
export type TrafficRange = (typeof trafficRanges)[number];
export const daysOfRange: Readonly<Record<TrafficRange, number>> = { day: 1, week: 7, month: 30 };

const count = z.int().nonnegative();

/** Answers by the first digit of their status. */
export const trafficCounts = z.object({
  requests: count,
  /** Bytes of bodies that were sent. */
  bytes: count,
  informed: count,
  succeeded: count,
  redirected: count,
  refused: count,
  failed: count,
});
export type TrafficCounts = z.infer<typeof trafficCounts>;

/** `key`: as the visitor sent it; empty for what was no request of HTTP. */
const topEntry = z.object({ key: z.string().max(200), requests: count });

/** What the access log of a site says of its visitors. */
export const siteTraffic = z.object({
  /** Until when the log was counted; null: nothing was counted yet. */
  countedUntil: instant.nullable(),
  /** More of the log waits to be counted. */
  isBehind: z.boolean(),
  total: trafficCounts,
  /** Different addresses with different programs, as an estimate that is about 2 % off when there are many. */
  visitors: count,
  /** Lines that are not of the panel's format. */
  unreadable: count,
  /** An hour each for a day and a week, a day each for a month; the oldest first, without gaps. */
  points: z.array(trafficCounts.extend({ at: instant })).max(200),
  /** The most frequent; counts of rare ones may be a little too low when a day had hundreds of different ones. */
  paths: z.array(topEntry).max(20),
  addresses: z.array(topEntry).max(20),
  agents: z.array(topEntry).max(20),
});
export type SiteTraffic = z.infer<typeof siteTraffic>;

export const rotationPeriods = ['day', 'week', 'month'] as const;
/** When the logs of sites are set aside, compressed, and dropped. */
export const logRotation = z.strictObject({
  every: z.enum(rotationPeriods),
  /** A log that has become larger is set aside before its time. */
  maxMib: z.int().min(1).max(10_240),
  /** Logs of each kind that are kept of each site beside the present one. */
  keep: z.int().min(1).max(1_000),
});
export type LogRotation = z.infer<typeof logRotation>;
export const defaultLogRotation: LogRotation = { every: 'day', maxMib: 100, keep: 30 };

export const logRotationState = z.object({
  rotation: logRotation,
  /** When the agent looked at the logs last; null: never yet. */
  lastRunAt: instant.nullable(),
  /** Logs that could not be set aside then. */
  failures: count,
  kept: z.object({ files: count, bytes: count }),
});
export type LogRotationState = z.infer<typeof logRotationState>;

export const logsApi = {
  traffic: {
    id: 'getSiteTraffic',
    method: 'GET',
    path: '/api/v1/sites/{siteId}/traffic',
    access: 'sites.read',
    summary: 'Requests, visitors and answers of a site, counted from its access log',
    params: z.object({ siteId: id }),
    query: z.object({ range: z.enum(trafficRanges).default('day') }),
    /** `isLogged`: false while the site's access log is off, so that nothing is counted. */
    response: siteTraffic.extend({ isLogged: z.boolean() }),
  },
  rotation: {
    id: 'getLogRotation',
    method: 'GET',
    path: '/api/v1/logs/rotation',
    access: 'settings.read',
    summary: 'When the logs of sites are set aside and how many are kept',
    response: logRotationState,
  },
  setRotation: {
    id: 'setLogRotation',
    method: 'PUT',
    path: '/api/v1/logs/rotation',
    access: 'settings.write',
    summary: 'Change when the logs of sites are set aside and how many are kept',
    body: logRotation,
    response: logRotationState,
  },
} as const satisfies Record<string, Operation>;
