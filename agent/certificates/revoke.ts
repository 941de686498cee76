import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { CertificateOrder } from '#shared/certificates.ts';
import { AppError } from '#shared/errors.ts';
import type { Machine } from '../core/machine.ts';
import { launchOrder } from './issue.ts';
import { allOrders, findOrder, forgetOldOrders, isOpen, shownOrder, writeOrder, type OrderRecord } from './orders.ts';
import { getStored } from './shelf.ts';

/** Starts the revocation of the present version, or finds it. It is an order like others: a process of its own asks. */
export async function revoke(
  machine: Machine,
  { certificateId, orderId, reason }: ActionParams<AgentActions['certificates.revoke']>,
): Promise<CertificateOrder> {
  const now = Date.now();
  const present = findOrder(machine, orderId);
  if (present !== undefined) return shownOrder(present, now);
  const { record, isFoundRevoked } = getStored(machine, certificateId);
  if (record.acme === null)
    throw new AppError('in_use', 'This certificate was brought by somebody.', { reason: 'certificate_not_issued' });
  if (record.revoked !== null || isFoundRevoked)
    throw new AppError('in_use', 'This certificate is revoked already.', { reason: 'certificate_revoked' });
  const isBusy = allOrders(machine).some((each) => each.certificateId === certificateId && isOpen(each, now));
  if (isBusy) throw new AppError('busy', 'An order for this certificate is under way.', { reason: 'acme_busy' });
  forgetOldOrders(machine, now);
  const order: OrderRecord = {
    orderId,
    certificateId,
    ...record.acme,
    isRenewal: false,
    revocation: reason,
    state: 'starting',
    failure: null,
    process: null,
    startedAt: now,
    endedAt: null,
  };
  await writeOrder(machine, order);
  await launchOrder(machine, orderId);
  return shownOrder(order, now);
}
