import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DnsAccountRecord } from '#shared/dns-accounts.ts';
import type { Machine } from '../../core/machine.ts';
import { listNames, removeFile } from '../../core/files.ts';
import { acmeFolder, findOrder, isOpen } from '../orders.ts';
import { findAccount } from './accounts.ts';
import { addAtCloudflare, removeAtCloudflare, type Cloudflare } from './cloudflare.ts';
import { findLeftovers, forgetRecord, noteRecord, readLedger, type DnsRecord } from './records.ts';
import { updateByRfc2136 } from './rfc2136.ts';

type Where = Pick<Machine, 'stateFolder' | 'settings'>;

/** Where a name is proven: a wildcard at the name it stands for. */
export function proofName(host: string): string {
  return `_acme-challenge.${host.replace(/^\*\./, '')}`;
}

/** Puts a record there, written down before. */
export async function addRecord(
  where: Where,
  orderId: string,
  account: DnsAccountRecord,
  record: DnsRecord,
): Promise<void> {
  await noteRecord(where, orderId, account.accountId, record);
  await change(where, orderId, 'add', account, record);
}

export async function removeRecord(
  where: Where,
  orderId: string,
  account: DnsAccountRecord,
  record: DnsRecord,
): Promise<void> {
  await change(where, orderId, 'delete', account, record);
  await forgetRecord(where, orderId, record);
}

/** Writes and removes a record under each name before the authority is asked: what is wrong with the account is told then. */
export async function tryAccount(
  where: Where,
  orderId: string,
  account: DnsAccountRecord,
  hosts: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  for (const name of new Set(hosts.map(proofName))) {
    const record = { name, value: `check-${randomBytes(16).toString('hex')}` };
    await addRecord(where, orderId, account, record);
    await removeRecord(where, orderId, account, record);
    say(`${name}: the account may write there`);
  }
}

/** Keys of calls that were cut off. */
function dropKeys(where: Where, now: number): void {
  const folder = `${acmeFolder(where)}/dns-records`;
  for (const name of listNames(folder)) {
    const orderId = /^([a-z2-7]{16})\.\d+\.key$/.exec(name)?.[1];
    const order = orderId === undefined ? undefined : findOrder(where, orderId);
    if (orderId !== undefined && (order === undefined || !isOpen(order, now))) removeFile(`${folder}/${name}`);
  }
}

/** Takes away what orders left that are over, this one's too. What cannot be taken away now is tried the next time. */
export async function sweepRecords(
  where: Where,
  now: number,
  say: (line: string) => void,
  own?: string,
): Promise<void> {
  dropKeys(where, now);
  for (const orderId of new Set([...findLeftovers(where, now), ...(own === undefined ? [] : [own])])) {
    const ledger = readLedger(where, orderId);
    const account = ledger === undefined ? undefined : findAccount(where, ledger.accountId);
    for (const record of ledger?.records ?? []) {
      try {
        // Of an account that was removed nothing can be done.
        if (account === undefined) await forgetRecord(where, orderId, record);
        else await removeRecord(where, orderId, account, record);
        say(`${record.name}: the record was taken away`);
      } catch (error) {
        say(`${record.name}: the record is still there (${error instanceof Error ? error.message : String(error)})`);
      }
    }
  }
}

async function change(
  where: Where,
  orderId: string,
  kind: 'add' | 'delete',
  account: DnsAccountRecord,
  record: DnsRecord,
): Promise<void> {
  if (account.kind === 'rfc2136')
    return await updateByRfc2136(
      kind,
      account,
      record,
      `${acmeFolder(where)}/dns-records/${orderId}.${process.pid}.key`,
    );
  const { cloudflareApi: api, caBundle } = where.settings.acme ?? {};
  const at: Cloudflare = {
    token: account.token,
    ...(api === undefined ? {} : { api, ...(caBundle === undefined ? {} : { ca: readFileSync(caBundle, 'utf8') }) }),
  };
  await (kind === 'add' ? addAtCloudflare : removeAtCloudflare)(at, record);
}
