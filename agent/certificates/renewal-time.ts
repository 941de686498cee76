import type { OrderRecord } from './orders.ts';
import type { Stored } from './shelf.ts';

const letters = 'abcdefghijklmnopqrstuvwxyz234567';
const minute = 60_000;
/** After failures in a row: then once a day, or after a twentieth of a short life. */
const ladder = [1, 10, 100].map((minutes) => minutes * minute);
const day = 24 * 60 * minute;
/** Of six days: so little would be left after a third of them that a bad day ended it. */
const shortLifeMs = 10 * day;

/** What is known of a certificate that renews itself. */
export type Renewing = {
  readonly certificateId: string;
  readonly record: Pick<Stored['record'], 'changedAt'> & { readonly revoked?: Stored['record']['revoked'] };
  readonly isFoundRevoked?: boolean;
  readonly leaf: Pick<Stored['leaf'], 'validFromDate' | 'validToDate'>;
};

/** When a certificate is to be renewed: with a third of its life left, half of a short one, earlier by a share of its own. */
export function renewalAt({ certificateId, leaf }: Pick<Renewing, 'certificateId' | 'leaf'>): number {
  const from = leaf.validFromDate.getTime();
  const lifeMs = lifeOf(leaf);
  // Not random: the same certificate always has its own hour, and many together are spread over a thirtieth of their life.
  const share = shareOf(certificateId);
  return from + lifeMs * (lifeMs < shortLifeMs ? 1 / 2 : 2 / 3) - (lifeMs / 30) * share;
}

/** Ids are random themselves: the first letters of one are its lot, from 0 to 1. */
function shareOf(certificateId: string): number {
  let share = 0;
  for (let at = 5; at >= 0; at--) share = (share + Math.max(0, letters.indexOf(certificateId.charAt(at)))) / 32;
  return share;
}

function lifeOf({ validFromDate, validToDate }: Renewing['leaf']): number {
  return validToDate.getTime() - validFromDate.getTime();
}

/** Renewals that failed since it has its present version, newest first. */
export function failedSince(
  { certificateId, record }: Pick<Renewing, 'certificateId'> & { readonly record: Pick<Stored['record'], 'changedAt'> },
  orders: readonly OrderRecord[],
): OrderRecord[] {
  return orders.filter(
    (order) => order.certificateId === certificateId && order.state === 'failed' && order.startedAt > record.changedAt,
  );
}

/** When it may be tried again: failures since its present version count. */
export function nextTryAt(renewing: Renewing, orders: readonly OrderRecord[]): number {
  const failed = failedSince(renewing, orders);
  const last = Math.max(0, ...failed.map(({ startedAt }) => startedAt));
  const longest = Math.min(day, lifeOf(renewing.leaf) / 20);
  const pause = failed.length === 0 ? 0 : Math.min(longest, ladder[failed.length - 1] ?? longest);
  // Browsers refuse what was taken back: it does not wait for its time.
  const { revoked = null } = renewing.record;
  const due = renewing.isFoundRevoked === true ? 0 : revoked === null ? renewalAt(renewing) : revoked.at;
  return Math.max(due, last + pause, waitOf(failed[0]));
}

const hour = 60 * minute;
const week = 7 * day;

/** Until when the authority wants not to be asked; an hour when it does not say, a week at the longest. */
export function waitOf(order: OrderRecord | undefined): number {
  if (order?.failure?.reason !== 'acme_rate_limited') return 0;
  const until = Date.parse(order.failure.params['until'] ?? '');
  return Number.isNaN(until) ? order.startedAt + hour : Math.min(until, order.startedAt + week);
}

/** Those whose time has come, the one that ends first before the others. */
export function dueAt<T extends Renewing>(all: readonly T[], orders: readonly OrderRecord[], now: number): T[] {
  const own = Map.groupBy(orders, ({ certificateId }) => certificateId);
  return all
    .filter((each) => nextTryAt(each, own.get(each.certificateId) ?? []) <= now)
    .sort((one, other) => one.leaf.validToDate.getTime() - other.leaf.validToDate.getTime());
}
