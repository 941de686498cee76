import { lookup as lookUp } from 'node:dns/promises';
import type { RevocationReason } from '#shared/certificate-revocation.ts';
import { AppError } from '#shared/errors.ts';
import { selfProcess } from '../core/alive.ts';
import { askOrDo } from '../core/ask-or-do.ts';
import { append, closeFile } from '../core/files.ts';
import { launcherOf, webPortsOf, type AgentSettings, type Machine } from '../core/machine.ts';
import { nameFault } from '../core/transaction.ts';
import { preflight, type Lookup } from './acme-preflight.ts';
import { caaIdentities, caaLookup, checkCaa } from './caa.ts';
import { accountsAt, askAuthority, askRevocation, askStaging, bring, defaultDirectory } from './certbot.ts';
import { tellCertificates } from './certificate-alerts.ts';
import { getAccount } from './dns/accounts.ts';
import { forgetHandwork, readHandwork, whyGivenUp } from './dns/by-hand.ts';
import { sweepRecords, tryAccount } from './dns/prove.ts';
import { settleOrder, type Launcher } from './issue.ts';
import {
  findOrder,
  listOrders,
  openOrderLog,
  toolFolder,
  writeOrder,
  type OrderFailure,
  type OrderRecord,
} from './orders.ts';
import { findStored, getStored, placeOf } from './shelf.ts';

export type RunOptions = {
  readonly lookup?: Lookup;
  /** Makes the agent take the issued pair up; by its socket unless said otherwise. */
  readonly settle?: (orderId: string) => Promise<void>;
};

/** One order from preflight to the served certificate: `main.ts --certificate-order ID`, as a process of its own. */
export async function runOrder(
  settings: AgentSettings,
  [orderId = '']: readonly string[],
  { lookup = addressesOf, settle = (id) => settleBySocket(settings, id) }: RunOptions = {},
): Promise<void> {
  const where = launcherOf(settings);
  const first = findOrder(where, orderId);
  if (first?.state !== 'starting') return;
  const log = openOrderLog(where, orderId);
  const say = (line: string): void => append(log, `${line}\n`);
  const record: OrderRecord = { ...first, state: 'running', process: selfProcess() };
  await writeOrder(where, record);
  const giveUp =
    record.proof.kind === 'manual' && record.revocation === null ? watchHandwork(where, orderId) : undefined;
  try {
    const { directory } = settings.acme ?? {};
    if (record.revocation === null) await prepare(settings, record, { lookup, say });
    const failure =
      record.revocation !== null
        ? await askToRevoke(settings, record, record.revocation, { say, log, directory })
        : ((isRisky(where, record) ? await askStaging(settings, record, { say, log }) : undefined) ??
          (await askAuthority(settings, record, { say, log, directory, signal: giveUp?.signal })));
    if (failure !== undefined) return await fail(whyGivenUp(where, orderId) ?? failure);
    await writeOrder(where, { ...record, state: 'issued' });
    await settle(orderId);
    say(
      record.revocation === null
        ? 'The certificate is on the shelf and served where it is used.'
        : 'The authority has taken the certificate back.',
    );
  } catch (error) {
    const named = nameFault(error);
    const known = named instanceof AppError ? named : undefined;
    say(error instanceof Error ? error.message : String(error));
    // What the agent said when it took the pair up stands in the record already.
    if (findOrder(where, orderId)?.state === 'failed') return;
    const params = Object.fromEntries(Object.entries(known?.params ?? {}).map(([key, value]) => [key, String(value)]));
    await fail({ reason: known?.reason ?? 'acme_failed', params: { message: '', ...params } });
  } finally {
    giveUp?.stop();
    if (record.proof.kind === 'dns') await sweepRecords(where, where.now(), say, orderId);
    if (record.proof.kind === 'manual') {
      for (const { name } of readHandwork(where, orderId)?.records ?? [])
        say(`${name}: this record is not needed any more`);
      forgetHandwork(where, orderId);
    }
    closeFile(log);
    await tellCertificates(where);
  }

  async function fail(failure: OrderFailure): Promise<void> {
    await writeOrder(where, { ...record, state: 'failed', failure, endedAt: Date.now() });
  }
}

/** The version that is on the shelf now. */
async function askToRevoke(
  settings: AgentSettings,
  { certificateId }: OrderRecord,
  reason: RevocationReason,
  options: Parameters<typeof askRevocation>[2],
): Promise<OrderFailure | undefined> {
  const where = launcherOf(settings);
  const { version } = getStored(where, certificateId);
  const folder = placeOf(where, certificateId).version(version);
  return await askRevocation(
    settings,
    { chainPath: `${folder}/chain.pem`, keyPath: `${folder}/key.pem`, reason },
    options,
  );
}

/** Sees that somebody gave up waiting, or that the time is over. */
function watchHandwork(where: Launcher, orderId: string): { readonly signal: AbortSignal; readonly stop: () => void } {
  const controller = new AbortController();
  const timer = setInterval(() => {
    if (whyGivenUp(where, orderId) !== undefined) controller.abort();
  }, 500);
  return { signal: controller.signal, stop: () => clearInterval(timer) };
}

/**
 * Names that were never issued, or failed the last time. Not those that a person proves: that would be twice the work, and
 * whether the records stand there is known before the authority is asked.
 */
function isRisky(where: Pick<Machine, 'stateFolder'>, { orderId, certificateId, hosts, proof }: OrderRecord): boolean {
  if (proof.kind === 'manual') return false;
  const names = (of: readonly string[]): string => [...of].sort().join();
  const wanted = names(hosts);
  const alike = listOrders(where).filter((each) => each.orderId !== orderId && names(each.hosts) === wanted);
  const [last] = alike;
  if (last !== undefined) return last.state === 'failed';
  return names(findStored(where, certificateId)?.record.acme?.hosts ?? []) !== wanted;
}

/** Everything that can be known to be wrong before the authority is asked. */
async function prepare(
  settings: AgentSettings,
  order: OrderRecord,
  { lookup, say }: { readonly lookup: Lookup; readonly say: (line: string) => void },
): Promise<void> {
  const { orderId, hosts, proof } = order;
  const where = launcherOf(settings);
  const method = proof.kind === 'http' ? 'http-01' : 'dns-01';
  const accounts = accountsAt(toolFolder(where, order), settings.acme?.directory ?? defaultDirectory);
  const identities = await caaIdentities(settings);
  await checkCaa({ hosts, identities, method, accounts, lookup: caaLookup(settings), say });
  if (proof.kind === 'http')
    return await preflight(settings.rootPrefix, hosts, { port: webPortsOf({ settings }).http, lookup, say });
  if (proof.kind === 'manual') return;
  const account = getAccount(where, proof.accountId);
  if (account.kind === 'rfc2136') await bring(settings, { program: 'nsupdate', package: 'bind9-dnsutils' }, say);
  await sweepRecords(where, where.now(), say);
  await tryAccount(where, orderId, account, hosts, say);
}

async function addressesOf(host: string): Promise<string[]> {
  return (await lookUp(host, { all: true })).map(({ address }) => address);
}

async function settleBySocket(settings: AgentSettings, orderId: string): Promise<void> {
  await askOrDo(settings, 'certificates.settle', { orderId }, (machine) =>
    settleOrder(machine, orderId, Date.now() + 60_000),
  );
}
