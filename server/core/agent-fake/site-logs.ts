import { daysOfRange, defaultLogRotation, type SiteTraffic, type TrafficCounts } from '#shared/logs.ts';
import { AppError } from '#shared/errors.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { FakeActions } from '../agent-fake.ts';

const hourMs = 3_600_000;
const paths = [
  '/',
  '/style.css',
  '/images/logo.svg',
  '/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1',
  '/contact',
  '/wp-login.php',
  '',
];
const addresses = ['203.0.113.7', '198.51.100.24', '2001:db8::51', '192.0.2.140'];
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1',
  'curl/8.14.1',
];

/** The part of the fake agent that knows logs: a site that people visit by day, with a fault now and then. */
export function createFakeLogs({
  specs,
  now,
}: {
  readonly specs: () => SiteSpec[];
  readonly now: () => number;
}): Pick<FakeActions, 'logs.put_rotation' | 'logs.rotation' | 'logs.traffic'> {
  let rotation = defaultLogRotation;
  const state = () => ({
    rotation,
    lastRunAt: new Date(now() - 90_000).toISOString(),
    failures: 0,
    kept: { files: 12, bytes: 5_242_880 },
  });
  return {
    'logs.put_rotation'(wanted) {
      rotation = wanted;
      return Promise.resolve(state());
    },
    'logs.rotation': () => Promise.resolve(state()),
    'logs.traffic'({ site, range }) {
      if (!specs().some(({ siteId }) => siteId === site.siteId))
        throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
      return Promise.resolve(trafficOf(range, now()));
    },
  };
}

function trafficOf(range: keyof typeof daysOfRange, now: number): SiteTraffic {
  const isByDay = range === 'month';
  const step = isByDay ? 24 * hourMs : hourMs;
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const from = midnight - (daysOfRange[range] - 1) * 24 * hourMs;
  const count = Math.floor((now - from) / step) + 1;
  const points = Array.from({ length: count }, (_, index) => {
    const at = from + index * step;
    return { at: new Date(at).toISOString(), ...countsAt(index, isByDay ? 24 : 1) };
  });
  const names = Object.keys(countsAt(0, 1)) as (keyof TrafficCounts)[];
  const total = Object.fromEntries(
    names.map((name) => [name, points.reduce((sum, point) => sum + point[name], 0)]),
  ) as TrafficCounts;
  const share = (keys: readonly string[]) =>
    keys.map((key, index) => ({ key, requests: Math.floor(total.requests / 2 ** (index + 1)) }));
  return {
    countedUntil: new Date(now).toISOString(),
    isBehind: false,
    total,
    visitors: Math.floor(total.requests / 9),
    unreadable: 0,
    points,
    paths: share(paths),
    addresses: share(addresses),
    agents: share(agents),
  };
}

function countsAt(index: number, times: number): TrafficCounts {
  const requests = Math.round((60 + 50 * Math.sin(index / 3.8)) * times);
  const refused = Math.round(requests * 0.06);
  const redirected = Math.round(requests * 0.1);
  const failed = index % 11 === 0 ? Math.round(requests * 0.03) : 0;
  const succeeded = requests - refused - redirected - failed;
  return { requests, bytes: requests * 18_432, informed: 0, succeeded, redirected, refused, failed };
}
