import type { Shelved } from '#shared/agent/certificates.ts';
import type { RevocationReason } from '#shared/certificate-revocation.ts';
import { keyKindOf, looksOf } from '#shared/certificate-pair.ts';
import type { Machine } from '../core/machine.ts';
import { seenOrder } from './dns/by-hand.ts';
import { isOfPanel } from './of-panel.ts';
import { listOrders, type OrderRecord } from './orders.ts';
import { nextTryAt } from './renewal-time.ts';
import { renewability } from './renewability.ts';
import { readSaid } from './revocation-state.ts';
import { sitesWith, type Stored } from './shelf.ts';
import { troubleOf } from './trouble.ts';
import { readSeen } from './watch-state.ts';

/** A certificate as it is shown. `orders`: all there are, read once for many. */
export function shelvedOf(machine: Machine, stored: Stored, orders = listOrders(machine)): Shelved {
  const { certificateId, record, chain, leaf } = stored;
  const looks = looksOf(chain);
  if (looks === null) throw new Error('a certificate that was just read cannot be read');
  return {
    id: certificateId,
    name: record.name,
    source: record.source,
    ...looks,
    validFrom: leaf.validFromDate.toISOString(),
    serial: leaf.serialNumber,
    keyKind: keyKindOf(leaf),
    addedAt: new Date(record.addedAt).toISOString(),
    changedAt: new Date(record.changedAt).toISOString(),
    isOfPanel: isOfPanel(machine, certificateId),
    siteIds: sitesWith(machine, certificateId).map(({ siteId }) => siteId),
    renewal: renewalOf(machine, stored, orders),
    revoked: revokedOf(machine, stored),
    hasKnownRoot: record.hasKnownRoot,
    files: filesOf(machine, stored),
    trouble: troubleOf(machine, stored, orders, machine.now()),
  };
}

/** The answer of an authority was only asked for the fact. */
const unsaid: RevocationReason = 'unspecified';

/** By somebody here, or as its authority was heard to say. */
function revokedOf(machine: Machine, { certificateId, record, leaf, isFoundRevoked }: Stored): Shelved['revoked'] {
  if (record.revoked !== null) return { ...record.revoked, at: new Date(record.revoked.at).toISOString() };
  const at = isFoundRevoked ? readSaid(machine, certificateId, leaf.fingerprint256)?.at : undefined;
  return at === undefined ? null : { at: new Date(at).toISOString(), reason: unsaid };
}

/** Where another tool keeps it, and why its files were not taken up. */
function filesOf(machine: Machine, { certificateId, record: { files } }: Stored): Shelved['files'] {
  if (files === null) return null;
  const fault = readSeen(machine, certificateId)?.fault ?? null;
  return {
    certificatePath: files.certificate,
    keyPath: files.key,
    fault: fault === null ? null : { why: fault.why, at: new Date(fault.at).toISOString() },
  };
}

/** When it is renewed, how the last try ended, and why none is made. */
function renewalOf(machine: Machine, stored: Stored, orders: readonly OrderRecord[]): Shelved['renewal'] {
  const able = renewability(machine, stored);
  if (able === undefined) return null;
  const last = orders.find(({ certificateId }) => certificateId === stored.certificateId);
  return {
    nextAt: new Date(nextTryAt(stored, orders)).toISOString(),
    lastAt: last === undefined ? null : new Date(last.startedAt).toISOString(),
    failure: last === undefined ? null : seenOrder(machine, last, Date.now()).failure,
    stopped: able.stopped,
  };
}
