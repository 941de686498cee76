import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { arrangePair } from '#shared/certificate-pair.ts';
import type { CertificateOrder } from '#shared/certificates.ts';
import { AppError } from '#shared/errors.ts';
import { provableHosts } from '#shared/site-tls.ts';
import { listNames, readText } from '../core/files.ts';
import { launchOwn } from '../core/launch.ts';
import { webPortsOf, type Machine } from '../core/machine.ts';
import { nameFault } from '../core/transaction.ts';
import { findMaster } from '../nginx/nginx.process.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { allRecords, isServed } from '../sites/site-records.ts';
import { getAccount } from './dns/accounts.ts';
import { seenOrder } from './dns/by-hand.ts';
import {
  findOrder,
  forgetOldOrders,
  listOrders,
  openOrderLog,
  readOrderLog,
  shownOrder,
  toolFolder,
  writeOrder,
  type OrderRecord,
} from './orders.ts';
import { checkLimits } from './order-limits.ts';
import { putPair } from './put-pair.ts';
import { settleRevocation } from './settle-revocation.ts';
import { findStored, type CertificateRecord } from './shelf.ts';

type Given = ActionParams<AgentActions['certificates.issue']>;
export type Launcher = Pick<Machine, 'settings' | 'stateFolder' | 'prefix' | 'hasSystemd' | 'now'>;

/** Starts an order as a process of its own, or finds it: the same id never starts a second one. */
export async function issue(machine: Machine, given: Given): Promise<CertificateOrder> {
  const present = findOrder(machine, given.orderId);
  if (present !== undefined) return seenOrder(machine, present, Date.now());
  checkHosts(machine, given);
  return await startOrder(machine, {
    ...given,
    isRenewal: findStored(machine, given.certificateId) !== undefined,
  });
}

/** Notes an order whose names were looked at and starts it, or finds it. */
export async function startOrder(machine: Machine, given: Parameters<typeof noteOrder>[1]): Promise<CertificateOrder> {
  const present = findOrder(machine, given.orderId);
  if (present !== undefined) return seenOrder(machine, present, Date.now());
  const record = await noteOrder(machine, given);
  await launchOrder(machine, record.orderId);
  return shownOrder(record, Date.now());
}

/** Only names of a site that answers on this machine: whoever may ask here cannot have others' names tried. */
function checkHosts(machine: Machine, { siteId, hosts, certificateId, proof }: Given): void {
  const site = [...allRecords(machine).values()].find((record) => record.siteId === siteId);
  if (site === undefined) throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
  const own = new Set(provableHosts(site.domains, proof.kind, webPortsOf(machine)));
  const foreign = hosts.find((host) => !own.has(host));
  if (foreign !== undefined)
    throw new AppError('invalid_request', 'A name cannot be proven by way of this site.', {
      reason: 'acme_host',
      params: { host: foreign },
    });
  if (proof.kind === 'dns') getAccount(machine, proof.accountId);
  const isOff = !isServed(site) || findMaster(machine.prefix) === undefined;
  if (proof.kind === 'http' && isOff)
    throw new AppError('in_use', 'The site does not answer now.', { reason: 'acme_site_off' });
  const stored = findStored(machine, certificateId);
  if (stored !== undefined && stored.record.acme?.siteId !== siteId)
    throw new AppError('in_use', 'This certificate belongs to another site.', { reason: 'certificate_exists' });
}

/** Writes a new order down. Throws when one is under way, or limits of the authority would be met. */
export async function noteOrder(
  where: Pick<Machine, 'stateFolder' | 'now'>,
  given: Pick<
    OrderRecord,
    'orderId' | 'certificateId' | 'siteId' | 'hosts' | 'keyKind' | 'email' | 'proof' | 'isRenewal'
  >,
): Promise<OrderRecord> {
  const now = where.now();
  forgetOldOrders(where, now);
  checkLimits(listOrders(where), given.hosts, now);
  const { orderId, certificateId, siteId, hosts, keyKind, email, proof, isRenewal } = given;
  const facts = { orderId, certificateId, siteId, hosts, keyKind, email, proof, isRenewal, revocation: null };
  const record = { ...facts, state: 'starting' as const, failure: null, process: null, startedAt: now, endedAt: null };
  await writeOrder(where, record);
  return record;
}

export async function launchOrder(machine: Launcher, orderId: string): Promise<void> {
  await launchOwn(machine, {
    args: ['--certificate-order', orderId],
    unit: `aapanel-certificate-${orderId}`,
    properties: ['KillMode=mixed', 'TimeoutStopSec=60', 'UMask=0077', 'Nice=5'],
    openOutput: () => openOrderLog(machine, orderId),
  });
}

/** Takes away DNS records that orders have left behind; ends before the next one would be started. */
export async function launchSweep(machine: Launcher, now: number): Promise<void> {
  await launchOwn(machine, {
    args: ['--certificate-sweep'],
    unit: `aapanel-certificate-sweep-${now}`,
    properties: ['UMask=0077', 'Nice=5', 'RuntimeMaxSec=240'],
    openOutput: () => openOrderLog(machine, 'sweep'),
  });
}

export function observeOrder(
  machine: Machine,
  { orderId, offset }: ActionParams<AgentActions['certificates.order']>,
): ActionResult<AgentActions['certificates.order']> {
  const record = findOrder(machine, orderId);
  if (record === undefined) return { order: null, text: '', nextOffset: offset };
  const order = seenOrder(machine, record, Date.now());
  const { text, next } = readOrderLog(machine, orderId, offset, order.state !== 'running');
  return { order, text, nextOffset: next };
}

/** Takes an issued pair up: checked like any other, kept and served in one transaction; otherwise the old one stays. */
export async function settleOrder(machine: Machine, orderId: string, deadlineAt: number): Promise<void> {
  const order = findOrder(machine, orderId);
  if (order?.state !== 'issued') return;
  if (order.revocation !== null) return await settleRevocation(machine, order, order.revocation);
  const now = Date.now();
  try {
    const { pair, leaf } = arrangePair(newestPair(machine, order), now);
    const before = findStored(machine, order.certificateId)?.record;
    const { siteId, hosts, keyKind, email, proof } = order;
    const record: Omit<CertificateRecord, 'hasKnownRoot'> = {
      name: before?.name ?? hosts[0] ?? '',
      source: 'acme',
      addedAt: before?.addedAt ?? now,
      changedAt: now,
      acme: { siteId, hosts, keyKind, email, proof },
      files: null,
      revoked: null,
    };
    const change = { certificateId: order.certificateId, changeId: newChangeId(), actor: 'agent', deadlineAt };
    await putPair(machine, { ...change, action: 'certificates.settle', record, pair, leaf });
    await writeOrder(machine, { ...order, state: 'succeeded', endedAt: Date.now() });
  } catch (error) {
    const named = nameFault(error);
    const known = named instanceof AppError ? named : undefined;
    const params = Object.fromEntries(Object.entries(known?.params ?? {}).map(([key, value]) => [key, String(value)]));
    const failure = { reason: known?.reason ?? 'acme_failed', params: { message: '', ...params } };
    await writeOrder(machine, { ...order, state: 'failed', failure, endedAt: Date.now() });
    throw named;
  }
}

/** certbot keeps each version under a number of its own. */
function newestPair(machine: Machine, order: OrderRecord): { certificate: string; key: string } {
  const folder = `${toolFolder(machine, order)}/config/archive/${order.certificateId}`;
  const numbers = listNames(folder).flatMap((name) => /^fullchain(\d+)\.pem$/.exec(name)?.[1] ?? []);
  const newest = Math.max(0, ...numbers.map(Number));
  const certificate = readText(`${folder}/fullchain${newest}.pem`);
  const key = readText(`${folder}/privkey${newest}.pem`);
  if (certificate === undefined || key === undefined)
    throw new AppError('internal', 'The issued certificate is not where it should be.', {
      reason: 'acme_failed',
      params: { message: 'no certificate was written' },
    });
  return { certificate, key };
}
