import { AppError } from '#shared/errors.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { launchOrder, launchSweep, noteOrder, type Launcher } from './issue.ts';
import { findLeftovers } from './dns/records.ts';
import { isWaiting, sweepHandwork } from './dns/by-hand.ts';
import { isOpen, listOrders, writeOrder, type OrderRecord } from './orders.ts';
import { dueAt } from './renewal-time.ts';
import { renewability } from './renewability.ts';
import { allStored } from './shelf.ts';

/** The others wait for the next look, some minutes later. */
const mostAtOnce = 1;

/** Starts the renewals that are due, one at a time; answers the ids of their orders. */
export async function startDueRenewals(machine: Launcher): Promise<string[]> {
  const now = machine.now();
  const orders = listOrders(machine);
  await takeUpWaiting(machine, orders, now);
  // Those that wait for somebody may do so for days.
  if (orders.some((each) => each.proof.kind !== 'manual' && isOpen(each, now))) return [];
  // Here is no network.
  if (findLeftovers(machine, now).length > 0) await launchSweep(machine, now);
  const due = dueAt(allStored(machine), orders, now);
  const started: string[] = [];
  for (const stored of due) {
    const { certificateId, record } = stored;
    const { hosts, stopped } = renewability(machine, stored) ?? { hosts: null, stopped: null };
    if (record.acme === null || hosts === null || stopped !== null || started.length >= mostAtOnce) continue;
    const orderId = newChangeId();
    try {
      await noteOrder(machine, { orderId, certificateId, ...record.acme, hosts, isRenewal: true });
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

/** Orders that waited for somebody when the machine stopped: the authority is asked anew, and may want other records. */
async function takeUpWaiting(machine: Launcher, orders: readonly OrderRecord[], now: number): Promise<void> {
  sweepHandwork(machine, now);
  for (const order of orders) {
    if (!isWaiting(machine, order) || isOpen(order, now)) continue;
    await writeOrder(machine, { ...order, state: 'starting', process: null });
    await launchOrder(machine, order.orderId);
  }
}
