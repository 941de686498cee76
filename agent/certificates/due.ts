import { AppError } from '#shared/errors.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { launchOrder, launchSweep, noteOrder, type Launcher } from './issue.ts';
import { findLeftovers } from './dns/records.ts';
import { isOpen, listOrders } from './orders.ts';
import { dueAt } from './renewal-time.ts';
import { renewability } from './renewability.ts';
import { allStored } from './shelf.ts';

/** The others wait for the next look, some minutes later. */
const mostAtOnce = 1;

/** Starts the renewals that are due, one at a time; answers the ids of their orders. */
export async function startDueRenewals(machine: Launcher): Promise<string[]> {
  const now = machine.now();
  const orders = listOrders(machine);
  if (orders.some((each) => isOpen(each, now))) return [];
  // Here is no network.
  if (findLeftovers(machine, now).length > 0) await launchSweep(machine, now);
  const due = dueAt(allStored(machine), orders, now);
  const started: string[] = [];
  for (const stored of due) {
    const { certificateId, record } = stored;
    const hosts = renewability(machine, stored)?.hosts ?? null;
    if (record.acme === null || hosts === null || started.length >= mostAtOnce) continue;
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
