import type { ActionParams } from '#shared/agent/action.ts';
import type { Shelved } from '#shared/agent/certificates.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { looksOf } from '#shared/certificate-pair.ts';
import { AppError } from '#shared/errors.ts';
import { putPair } from '../certificates/put-pair.ts';
import { findStored, getStored } from '../certificates/shelf.ts';
import { shelvedOf } from '../certificates/shown.ts';
import type { Call } from '../core/call.ts';
import type { Machine } from '../core/machine.ts';
import { findAapanelSite } from './report.ts';

/** Puts it on the shelf, as one of one's own. Call it with nginx's lock held. */
export async function takeCertificate(
  machine: Machine,
  { base, name, certificateId, changeId }: ActionParams<AgentActions['aapanel.take_certificate']>,
  { actor, deadlineAt }: Call,
): Promise<Shelved> {
  const before = findStored(machine, certificateId);
  const done = machine.engine.find(changeId);
  // Asked twice: the first time has done it.
  if (before !== undefined && done !== undefined && done !== 'open' && done.state === 'committed')
    return shelvedOf(machine, before);
  if (before !== undefined)
    throw new AppError('already_exists', 'There is a certificate with this id.', { reason: 'certificate_exists' });
  const found = findAapanelSite(machine, base, name).certificate();
  if (found === undefined)
    throw new AppError('not_found', 'There is no such certificate.', { reason: 'certificate_unknown' });
  const now = Date.now();
  const title = looksOf(found.pair.certificate)?.names[0] ?? name;
  const times = { addedAt: now, changedAt: now };
  const record = { name: title, source: 'own' as const, ...times, acme: null, files: null, revoked: null };
  const change = { certificateId, changeId, action: 'aapanel.take_certificate', actor: actor.id, deadlineAt };
  await putPair(machine, { ...change, ...found, record });
  return shelvedOf(machine, getStored(machine, certificateId));
}
