import { describeAuthority } from './authority.ts';
import { AppError } from '#shared/errors.ts';
import type { ActionParams } from '#shared/agent/action.ts';
import type { Shelved } from '#shared/agent/certificates.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { arrangePair, looksOf } from '#shared/certificate-pair.ts';
import type { CertificateOrder } from '#shared/certificates.ts';
import type { Call } from '../core/call.ts';
import { look, removeOwnFolder } from '../core/files.ts';
import type { Handlers } from '../core/handlers.ts';
import type { Machine } from '../core/machine.ts';
import { createServing } from '../sites/site-serving.ts';
import { nginxLock } from '../sites/sites.apply.ts';
import { cancelByHand, isWaiting, listWaiting, wish } from './dns/by-hand.ts';
import { listAccounts, putAccount, removeAccount, shownAccount } from './dns/accounts.ts';
import { startDueRenewals } from './due.ts';
import { issue, observeOrder, settleOrder, startOrder } from './issue.ts';
import { certificateOfPanel, chooseForPanel, isOfPanel } from './of-panel.ts';
import { findOrder, listOrders, manualFolder } from './orders.ts';
import { answerChallenges, issueForPanel, panelNameWants } from './panel-name.ts';
import { putPair } from './put-pair.ts';
import { renewability } from './renewability.ts';
import { revoke } from './revoke.ts';
import { allStored, findStored, getStored, placeOf, readKey, sitesWith } from './shelf.ts';
import { shelvedOf } from './shown.ts';
import { changedCertificates, takeUpFiles, watch } from './watched.ts';

export const certificatesHandlers: Pick<Handlers, Extract<keyof Handlers, `certificates.${string}`>> = {
  'certificates.cancel_order': async (machine, { orderId }) => {
    await cancelByHand(machine, orderId, Date.now());
    return {};
  },
  'certificates.authority': (machine, { certificateId }) => describeAuthority(machine, certificateId),
  'certificates.choose_for_panel': async (machine, params, call) =>
    machine.locks.hold(nginxLock, call.deadlineAt, async () => {
      await chooseForPanel(machine, params);
      return {};
    }),
  'certificates.dns_accounts': (machine) => Promise.resolve({ items: listAccounts(machine).map(shownAccount) }),
  'certificates.export_key': (machine, { certificateId }) =>
    Promise.resolve({ key: readKey(machine, getStored(machine, certificateId)) }),
  'certificates.issue': (machine, params, call) =>
    machine.locks.hold('certificates.issue', call.deadlineAt, () => issue(machine, params)),
  'certificates.issue_for_panel': (machine, params, call) =>
    machine.locks.hold('certificates.issue', call.deadlineAt, () => issueForPanel(machine, params, call)),
  'certificates.list': (machine) => {
    const orders = listOrders(machine);
    return Promise.resolve({ items: allStored(machine).map((stored) => shelvedOf(machine, stored, orders)) });
  },
  'certificates.look_for_proof': (machine, { orderId }) => {
    const order = findOrder(machine, orderId);
    if (order !== undefined && isWaiting(machine, order)) wish(machine, orderId, 'look');
    return Promise.resolve({});
  },
  'certificates.of_panel': (machine, params, call) =>
    machine.locks.hold(nginxLock, call.deadlineAt, () => certificateOfPanel(machine, params)),
  'certificates.order': (machine, params) => Promise.resolve(observeOrder(machine, params)),
  'certificates.proofs': (machine, { siteId }) => Promise.resolve({ items: listWaiting(machine, siteId) }),
  'certificates.put': (machine, params, call) =>
    machine.locks.hold(nginxLock, call.deadlineAt, () => putOwn(machine, params, call)),
  'certificates.put_dns_account': (machine, { accountId, account }, call) =>
    machine.locks.hold('certificates.dns', call.deadlineAt, () => putAccount(machine, accountId, account)),
  'certificates.read': (machine, { certificateId }) => {
    const stored = getStored(machine, certificateId);
    return Promise.resolve({ ...shelvedOf(machine, stored), chain: stored.chain });
  },
  'certificates.remove': (machine, params, call) =>
    machine.locks.hold(nginxLock, call.deadlineAt, () => removeCertificate(machine, params, call)),
  'certificates.remove_dns_account': (machine, { accountId }, call) =>
    machine.locks.hold('certificates.dns', call.deadlineAt, async () => {
      checkUnused(machine, accountId);
      await removeAccount(machine, accountId);
      return {};
    }),
  'certificates.renew': (machine, params, call) =>
    machine.locks.hold('certificates.issue', call.deadlineAt, () => renew(machine, params, call)),
  'certificates.renew_due': async (machine, _params, call) => {
    for (const certificateId of changedCertificates(machine))
      await machine.locks.hold(nginxLock, call.deadlineAt, () => takeUpFiles(machine, certificateId, call.deadlineAt));
    return { orderIds: await startDueRenewals(machine) };
  },
  'certificates.revoke': (machine, params, call) =>
    machine.locks.hold('certificates.issue', call.deadlineAt, () => revoke(machine, params)),
  'certificates.settle': (machine, { orderId }, call) =>
    machine.locks.hold(nginxLock, call.deadlineAt, async () => {
      await settleOrder(machine, orderId, call.deadlineAt);
      return {};
    }),
  'certificates.take_up_files': (machine, { certificateId }, call) =>
    machine.locks.hold(nginxLock, call.deadlineAt, async () => {
      await takeUpFiles(machine, certificateId, call.deadlineAt);
      return {};
    }),
  // Loaded when there is news of it: seldom.
  'certificates.tell_panel_fallback': (machine, params, call) =>
    machine.locks.hold('certificates.fallback', call.deadlineAt, async () => {
      await (await import('./panel-fallback.ts')).tellPanelFallback(machine, params);
      return {};
    }),
  'certificates.watch': (machine, params, call) =>
    machine.locks.hold(nginxLock, call.deadlineAt, () => watch(machine, params, call)),
};

/** Throws `dns_account_in_use` while a certificate would not be renewed any more without it. */
function checkUnused(machine: Machine, accountId: string): void {
  const users = allStored(machine).filter(
    ({ record: { acme } }) => acme?.proof.kind === 'dns' && acme.proof.accountId === accountId,
  );
  if (users.length === 0) return;
  throw new AppError('in_use', 'Certificates are renewed by this account.', {
    reason: 'dns_account_in_use',
    params: {
      certificates: users
        .map(({ record }) => record.name)
        .slice(0, 20)
        .join(', '),
    },
  });
}

async function putOwn(
  machine: Machine,
  { certificateId, changeId, isNew, name, certificate, key }: ActionParams<AgentActions['certificates.put']>,
  { actor, deadlineAt }: Call,
): Promise<Shelved> {
  const before = isNew ? findStored(machine, certificateId) : getStored(machine, certificateId);
  const done = machine.engine.find(changeId);
  // Asked twice: the first time has done it.
  if (before !== undefined && done !== undefined && done !== 'open' && done.state === 'committed')
    return shelvedOf(machine, before);
  if (isNew && before !== undefined)
    throw new AppError('already_exists', 'There is a certificate with this id.', { reason: 'certificate_exists' });
  if (before?.record.source === 'acme')
    throw new AppError('in_use', 'An issued certificate is renewed, not replaced.', { reason: 'certificate_issued' });
  if (before?.record.source === 'files')
    throw new AppError('in_use', 'Another tool keeps this certificate.', { reason: 'certificate_of_files' });
  const now = Date.now();
  const { pair, leaf } = arrangePair({ certificate, key }, now);
  const known = before?.record;
  const title = name === '' ? (known?.name ?? looksOf(pair.certificate)?.names[0] ?? '') : name;
  const times = { addedAt: known?.addedAt ?? now, changedAt: now };
  const record = { name: title, source: 'own' as const, ...times, acme: null, files: null, revoked: null };
  const change = { certificateId, changeId, action: 'certificates.put', actor: actor.id, deadlineAt };
  await putPair(machine, { ...change, record, pair, leaf });
  return shelvedOf(machine, getStored(machine, certificateId));
}

/** Orders a certificate of the panel's own anew, for those of its names that the site still has. */
async function renew(
  machine: Machine,
  { certificateId, orderId }: ActionParams<AgentActions['certificates.renew']>,
  call: Call,
): Promise<CertificateOrder> {
  const stored = getStored(machine, certificateId);
  const { acme } = stored.record;
  if (acme === null)
    throw new AppError('in_use', 'This certificate was brought by somebody.', { reason: 'certificate_not_issued' });
  const hosts = renewability(machine, stored)?.hosts ?? acme.hosts;
  const { siteId } = acme;
  if (siteId === null) {
    const present = findOrder(machine, orderId);
    if (present === undefined) await answerChallenges(machine, hosts, call);
    return await startOrder(machine, { ...acme, orderId, certificateId, hosts, isRenewal: true });
  }
  return await issue(machine, { ...acme, orderId, certificateId, siteId, hosts });
}

async function removeCertificate(
  machine: Machine,
  { certificateId, changeId }: ActionParams<AgentActions['certificates.remove']>,
  { actor, deadlineAt }: Call,
): Promise<Record<string, never>> {
  const place = placeOf(machine, certificateId);
  if (look(place.folder).type === 'missing') {
    const done = machine.engine.find(changeId);
    if (done !== undefined && done !== 'open' && done.state === 'committed') return {};
    getStored(machine, certificateId);
  }
  const users = sitesWith(machine, certificateId);
  if (users.length > 0)
    throw new AppError('in_use', 'Sites are served with this certificate.', {
      reason: 'certificate_in_use',
      params: { sites: users.map(({ slug }) => slug).join(', ') },
    });
  if (isOfPanel(machine, certificateId))
    throw new AppError('in_use', 'The panel itself shows this certificate.', { reason: 'certificate_of_panel' });
  const removed = findStored(machine, certificateId);
  const ofName = removed === undefined ? [] : panelNameWants(machine, removed);
  const serving = createServing(machine, { targets: [], marker: undefined, deadlineAt });
  await machine.engine.run({
    changeId,
    action: 'certificates.remove',
    actor: actor.id,
    wants: [{ kind: 'remove', path: place.current }, { kind: 'remove', path: place.record }, ...ofName],
    ...(ofName.length === 0 ? {} : { activate: () => serving.activate(), probe: () => serving.probe() }),
  });
  removeOwnFolder(place.folder);
  const tool = manualFolder(machine, certificateId);
  if (look(tool).type === 'folder') removeOwnFolder(tool);
  return {};
}
