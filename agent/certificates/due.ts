import { AppError } from '#shared/errors.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { launchOrder, noteOrder, type Launcher } from './issue.ts';
import { isOpen, listOrders } from './orders.ts';
import { nextTryAt } from './renewal-time.ts';
import { allStored } from './shelf.ts';

/** The others wait for the next look, some minutes later. */
const mostAtOnce = 1;

/** Starts the renewals that are due, one at a time; answers the ids of their orders. */
export async function startDueRenewals(machine: Launcher): Promise<string[]> {
  const now = Date.now();
  const orders = listOrders(machine);
  if (orders.some((each) => isOpen(each, now))) return [];
  const due = allStored(machine)
    .filter((stored) => stored.record.acme !== null && nextTryAt(stored, orders) <= now)
    .sort((one, other) => one.leaf.validToDate.getTime() - other.leaf.validToDate.getTime());
  const started: string[] = [];
  for (const { certificateId, record } of due) {
    if (record.acme === null || started.length >= mostAtOnce) continue;
    const orderId = newChangeId();
    try {
      await noteOrder(machine, { orderId, certificateId, ...record.acme, isRenewal: true });
    } catch (error) {
      // Limits: another one may go.
      if (error instanceof AppError) continue;
      throw error;
    }
    await launchOrder(machine, orderId);
    started.push(orderId);
  }
  return started;
}
