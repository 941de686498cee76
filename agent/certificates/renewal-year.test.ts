import { expect, it } from 'vitest';
import { checkLimits } from './order-limits.ts';
import type { OrderRecord } from './orders.ts';
import { dueAt, nextTryAt, type Renewing } from './renewal-time.ts';

/*
 * 400 days of 500 certificates in virtual time: the decisions of the product with a clock and an authority of the test. What
 * the timer does every five minutes is done here only when something may be due.
 */

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const tickMs = 5 * minute;
const endAt = 400 * day;
const lives = [160 * hour, 45 * day, 64 * day, 90 * day] as const;

type Outage = { readonly from: number; readonly hours: number };
type Kept = Renewing & { readonly hosts: string[]; readonly lifeMs: number; leastShare: number; leastLeftMs: number };

/** Mulberry32: the same year every time. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function liveThrough({ seed, outages, failing }: { seed: number; outages: readonly Outage[]; failing: number }) {
  const random = randomOf(seed);
  const leafFrom = (at: number, lifeMs: number): Renewing['leaf'] => ({
    validFromDate: new Date(at - hour),
    validToDate: new Date(at - hour + lifeMs),
  });
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  const newId = (): string => Array.from({ length: 16 }, () => letters[Math.floor(random() * 32)]).join('');
  const certificates = Array.from({ length: 500 }, (_, index): Kept => {
    const lifeMs = lives[index % lives.length] ?? day;
    // Everything was ordered on the first day: the worst that a year can begin with.
    const at = random() * day;
    return {
      certificateId: newId(),
      record: { changedAt: at },
      leaf: leafFrom(at, lifeMs),
      hosts: [`site-${index}.test`],
      lifeMs,
      leastShare: 1,
      leastLeftMs: lifeMs,
    };
  });
  // Its names lead elsewhere all year: it may keep nobody else from being renewed.
  const broken = certificates[3];
  const all = new Map(certificates.map((each) => [each.certificateId, each]));
  const nextOf = new Map(certificates.map((each) => [each.certificateId, nextTryAt(each, [])]));
  let orders: OrderRecord[] = [];
  const started: number[] = [];
  const failedProofs = new Map<string, number[]>();
  const isAway = (at: number): boolean => outages.some(({ from, hours }) => at >= from && at < from + hours * hour);
  for (let now = day; now < endAt; ) {
    const next = Math.min(...nextOf.values());
    if (next > now) now += Math.ceil((next - now) / tickMs) * tickMs;
    if (now >= endAt) break;
    orders = orders.filter(({ startedAt }) => now - startedAt < 8 * day);
    const due = dueAt([...all.values()], orders, now).find((each) => {
      try {
        checkLimits(orders, each.hosts, now);
        return true;
      } catch {
        return false;
      }
    });
    if (due !== undefined) {
      const { certificateId, hosts, lifeMs } = due;
      const left = due.leaf.validToDate.getTime() - now;
      due.leastShare = Math.min(due.leastShare, left / lifeMs);
      due.leastLeftMs = Math.min(due.leastLeftMs, left);
      const isProofFailed = due === broken || random() < failing;
      const reason = isAway(now) ? 'acme_ca_unreachable' : isProofFailed ? 'acme_refused' : null;
      started.push(now);
      if (reason === 'acme_refused')
        failedProofs.set(hosts[0] ?? '', [...(failedProofs.get(hosts[0] ?? '') ?? []), now]);
      const common = { siteId: certificateId, keyKind: 'ecdsa', email: '', proof: { kind: 'http' } } as const;
      orders.unshift({
        ...common,
        orderId: newId(),
        certificateId,
        hosts,
        isRenewal: true,
        revocation: null,
        state: reason === null ? 'succeeded' : 'failed',
        failure: reason === null ? null : { reason, params: {} },
        process: null,
        startedAt: now,
        endedAt: now + minute,
      });
      if (reason === null) {
        const renewed = { ...due, record: { changedAt: now + minute }, leaf: leafFrom(now, lifeMs) };
        all.set(certificateId, renewed);
      }
      const present = all.get(certificateId);
      if (present !== undefined)
        nextOf.set(
          certificateId,
          nextTryAt(
            present,
            orders.filter((each) => each.certificateId === certificateId),
          ),
        );
    }
    now += tickMs;
  }
  const others = [...all.values()].filter(({ certificateId }) => certificateId !== broken?.certificateId);
  const leastOf = (lifeMs: number, of: 'leastShare' | 'leastLeftMs'): number =>
    Math.min(...others.filter((each) => each.lifeMs === lifeMs).map((each) => each[of]));
  return { started, failedProofs, orders, leastOf, others };
}

it('T-5 in a year with bad hours no certificate comes under a sixth of its life, and limits are kept', () => {
  const outages = [30, 90, 91, 200, 310].map((at) => ({ from: at * day, hours: 20 }));
  const { started, failedProofs, leastOf, others } = liveThrough({ seed: 1, outages, failing: 0.03 });
  for (const life of lives) expect(leastOf(life, 'leastShare')).toBeGreaterThan(1 / 6);
  for (const { leaf } of others) expect(leaf.validToDate.getTime()).toBeGreaterThan(endAt);
  // 300 orders in three hours is the limit of an account; one in five minutes is far below.
  const byMinute = Map.groupBy(started, (at) => Math.floor(at / minute));
  expect(Math.max(...[...byMinute.values()].map((each) => each.length)) / started.length).toBeLessThan(0.02);
  expect(mostWithin(started, 3 * hour)).toBeLessThanOrEqual(36);
  for (const [name, times] of failedProofs) expect([name, mostWithin(times, hour) <= 4]).toEqual([name, true]);
  // Once a day and a few more: a name that never works is not tried more often all year.
  expect(failedProofs.get('site-3.test')?.length).toBeLessThan(400 + 10);
  expect(started.length).toBeGreaterThan(10_000);
});

it('T-5 an authority that is away for two days ends no certificate of 45, 64 or 90 days, whenever that is', () => {
  {
    const seed = 2;
    const outages = [28, 40, 56, 75, 120, 180, 300].map((at) => ({ from: at * day, hours: 48 }));
    const { leastOf } = liveThrough({ seed, outages, failing: 0.01 });
    for (const life of lives.slice(1)) expect(leastOf(life, 'leastShare')).toBeGreaterThan(1 / 6);
    // Half of six days is more than two: not even these end.
    expect(leastOf(lives[0], 'leastLeftMs')).toBeGreaterThan(0);
  }
});

function mostWithin(times: readonly number[], windowMs: number): number {
  let most = 0;
  for (let first = 0, last = 0; last < times.length; last++) {
    while ((times[last] ?? 0) - (times[first] ?? 0) >= windowMs) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
