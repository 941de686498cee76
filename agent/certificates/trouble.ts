import { endingStage, type CertificateTrouble } from '#shared/certificate-trouble.ts';
import type { Machine } from '../core/machine.ts';
import { isOfPanel } from './of-panel.ts';
import type { OrderRecord } from './orders.ts';
import { readSaid } from './revocation-state.ts';
import { failedSince } from './renewal-time.ts';
import { sitesWith, type Stored } from './shelf.ts';
import { readSeen } from './watch-state.ts';

/** From here on a renewal that fails is news: most of what is wrong for a moment is over at the second try. */
const failuresToTell = 2;

/**
 * What stands against a certificate; null: nothing, or nobody is served with it. The end of one that renews itself comes
 * near unnoticed until a sixth is left: until then it is being renewed, or its renewal fails. One whose names a person proves
 * waits for that person. Of one that another tool keeps it is news at once when its new files cannot be used.
 */
export function troubleOf(
  machine: Pick<Machine, 'stateFolder'>,
  stored: Stored,
  orders: readonly OrderRecord[],
  now: number,
): (CertificateTrouble & { readonly kind: 'renewal_failed' | 'ending' | 'revoked' }) | null {
  const { leaf, record } = stored;
  if (!isUsed(machine, stored)) return null;
  // Somebody who had it taken back knows; what was found to be is news.
  if (stored.isFoundRevoked && record.revoked === null) {
    const since = readSaid(machine, stored.certificateId, leaf.fingerprint256)?.at ?? now;
    return { kind: 'revoked', stage: null, at: new Date(since).toISOString(), reason: null };
  }
  const failed = failedSince(stored, orders);
  const fault = readSeen(machine, stored.certificateId)?.fault ?? null;
  const reason = fault === null ? (failed[0]?.failure?.reason ?? null) : 'certificate_files_refused';
  const times = { validFrom: leaf.validFromDate.getTime(), validUntil: leaf.validToDate.getTime() };
  const stage = endingStage(times, now);
  const isByHand = record.acme?.proof.kind === 'manual';
  if (stage !== null && (record.acme === null || isByHand || stage !== 'third'))
    return {
      kind: 'ending',
      stage,
      at: new Date(beginOf(times, stage)).toISOString(),
      reason: reason ?? (isByHand ? 'acme_by_hand' : null),
    };
  if (fault !== null) return { kind: 'renewal_failed', stage: null, at: new Date(fault.at).toISOString(), reason };
  if (failed.length < failuresToTell) return null;
  const first = failed.at(-1)?.startedAt ?? now;
  return { kind: 'renewal_failed', stage: null, at: new Date(first).toISOString(), reason };
}

/** Whether visitors meet it, or who opens the panel. */
export function isUsed(
  machine: Pick<Machine, 'stateFolder'>,
  { certificateId }: Pick<Stored, 'certificateId'>,
): boolean {
  return sitesWith(machine, certificateId).some(({ isEnabled }) => isEnabled) || isOfPanel(machine, certificateId);
}

const left = { third: 3, sixth: 6, twelfth: 12 } as const;

function beginOf(
  { validFrom, validUntil }: { readonly validFrom: number; readonly validUntil: number },
  stage: NonNullable<CertificateTrouble['stage']>,
): number {
  return stage === 'over' ? validUntil : validUntil - (validUntil - validFrom) / left[stage];
}
