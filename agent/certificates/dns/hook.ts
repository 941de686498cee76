import { isIPv4 } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import { launcherOf, type AgentSettings } from '../../core/machine.ts';
import { findOrder } from '../orders.ts';
import { getAccount } from './accounts.ts';
import { noteByHand, waitForRecords } from './by-hand.ts';
import { addRecord, proofName, removeRecord } from './prove.ts';
import { readLedger } from './records.ts';
import { untilVisible } from './visible.ts';

/** What certbot tells its hooks, by their environment. */
export type HookFacts = { readonly domain: string; readonly validation: string; readonly remaining: string };

const visibleMs = 120_000;
const untilEndedMs = 60_000;

/**
 * `main.ts --certificate-hook auth|cleanup ORDER_ID`, started by certbot for each name: puts a record there or takes it away.
 * After the last one it waits until the zone's own servers show them all.
 */
export async function runHook(
  settings: AgentSettings,
  [phase, orderId = '']: readonly string[],
  { domain, validation, remaining }: HookFacts,
): Promise<void> {
  const where = launcherOf(settings);
  const order = findOrder(where, orderId);
  if (order?.state !== 'running' || order.proof.kind === 'http') throw new Error('no order that proves names by DNS');
  const hosts = order.hosts.map((host) => host.replace(/^\*\./, ''));
  if (!hosts.includes(domain) || !/^[A-Za-z0-9_-]{43}$/.test(validation)) throw new Error('not a name of this order');
  const record = { name: proofName(domain), value: validation };
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  if (order.proof.kind === 'manual') {
    if (phase === 'auth') await proveByHand(settings, orderId, record, remaining === '0', say);
    return;
  }
  const account = getAccount(where, order.proof.accountId);
  try {
    if (phase === 'cleanup') return await removeRecord(where, orderId, account, record);
    await addRecord(where, orderId, account, record);
  } catch (error) {
    if (error instanceof AppError)
      throw new Error(`${record.name}: ${error.reason ?? error.message}`, { cause: error });
    throw error;
  }
  say(`${record.name}: the record was put there`);
  if (remaining !== '0') return;
  const own = account.kind === 'rfc2136' && isIPv4(account.server) ? [`${account.server}:${account.port}`] : [];
  const servers = settings.acme?.nameServers ?? own;
  const isSeen = await untilVisible(readLedger(where, orderId)?.records ?? [], { servers, limitMs: visibleMs });
  say(
    isSeen ? 'The records can be seen' : 'The records are not seen from here yet; the authority is asked all the same',
  );
}

/** When it is given up the tool must not ask the authority all the same: the process of the order ends it meanwhile. */
async function proveByHand(
  settings: AgentSettings,
  orderId: string,
  record: { readonly name: string; readonly value: string },
  isLast: boolean,
  say: (line: string) => void,
): Promise<void> {
  const where = launcherOf(settings);
  await noteByHand(where, orderId, record, { isLast, now: Date.now() });
  say(`${record.name} TXT ${record.value}`);
  if (!isLast) return;
  say('Waiting until the DNS shows these records');
  if (await waitForRecords(where, orderId, { servers: settings.acme?.nameServers ?? [], say })) return;
  await wait(untilEndedMs);
  throw new Error('the order was given up');
}
