import { sha256 } from '../core/files.ts';
import type { OrderRecord } from './orders.ts';
import type { Stored } from './shelf.ts';

const minute = 60_000;
/** After failures in a row: then once a day. */
const ladder = [1, 10, 100].map((minutes) => minutes * minute);
const day = 24 * 60 * minute;

/** When a certificate is to be renewed: with a third of its life left, earlier by a share that is its own. */
export function renewalAt({ certificateId, leaf }: Pick<Stored, 'certificateId' | 'leaf'>): number {
  const from = leaf.validFromDate.getTime();
  const lifeMs = leaf.validToDate.getTime() - from;
  // Not random: the same certificate always has its own hour, and many together are spread over a thirtieth of their life.
  const share = Number.parseInt(sha256(certificateId).slice(0, 8), 16) / 0xffff_ffff;
  return from + lifeMs * (2 / 3) - (lifeMs / 30) * share;
}

/** Renewals that failed since it has its present version, newest first. */
export function failedSince(
  { certificateId, record }: Pick<Stored, 'certificateId' | 'record'>,
  orders: readonly OrderRecord[],
): OrderRecord[] {
  return orders.filter(
    (order) => order.certificateId === certificateId && order.state === 'failed' && order.startedAt > record.changedAt,
  );
}

/** When it may be tried again: failures since its present version count. */
export function nextTryAt(stored: Stored, orders: readonly OrderRecord[]): number {
  const failed = failedSince(stored, orders);
  const last = Math.max(0, ...failed.map(({ startedAt }) => startedAt));
  const pause = failed.length === 0 ? 0 : (ladder[failed.length - 1] ?? day);
  return Math.max(renewalAt(stored), last + pause);
}
