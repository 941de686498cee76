import type { RevocationReason } from '#shared/certificate-revocation.ts';
import type { Machine } from '../core/machine.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { privateFile } from '../sites/site-records.ts';
import { writeOrder, type OrderRecord } from './orders.ts';
import { findStored, placeOf } from './shelf.ts';

/** Notes that the authority has taken a version back. One that has been replaced meanwhile is another one. */
export async function settleRevocation(machine: Machine, order: OrderRecord, reason: RevocationReason): Promise<void> {
  const stored = findStored(machine, order.certificateId);
  if (stored !== undefined && stored.record.changedAt < order.startedAt) {
    const record = { ...stored.record, revoked: { at: Date.now(), reason } };
    const place = placeOf(machine, order.certificateId);
    await machine.engine.run({
      changeId: newChangeId(),
      action: 'certificates.settle',
      actor: 'agent',
      wants: [privateFile(machine, place.record, `${JSON.stringify(record)}\n`)],
    });
  }
  await writeOrder(machine, { ...order, state: 'succeeded', endedAt: Date.now() });
}
