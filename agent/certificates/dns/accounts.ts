import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import {
  dnsAccountRecord,
  maxDnsAccounts,
  type DnsAccount,
  type DnsAccountBody,
  type DnsAccountRecord,
} from '#shared/dns-accounts.ts';
import { readText } from '../../core/files.ts';
import { putJsonFile } from '../../core/json-file.ts';
import type { Machine } from '../../core/machine.ts';
import { acmeFolder } from '../orders.ts';

/*
 * DNS accounts with their secrets: one file of root's (0600). What is shown of them has no secret in it.
 */

type Where = Pick<Machine, 'stateFolder'>;

const pathOf = (where: Where): string => `${acmeFolder(where)}/dns-accounts.json`;

export function listAccounts(where: Where): DnsAccountRecord[] {
  const text = readText(pathOf(where));
  return text === undefined ? [] : z.array(dnsAccountRecord).parse(JSON.parse(text));
}

export function findAccount(where: Where, accountId: string): DnsAccountRecord | undefined {
  return listAccounts(where).find((each) => each.accountId === accountId);
}

/** Throws `dns_account_unknown`. */
export function getAccount(where: Where, accountId: string): DnsAccountRecord {
  const found = findAccount(where, accountId);
  if (found === undefined)
    throw new AppError('not_found', 'There is no such DNS account.', { reason: 'dns_account_unknown' });
  return found;
}

/** A secret that is kept is never sent anywhere new: with another server it has to be given again. */
export async function putAccount(where: Where, accountId: string, body: DnsAccountBody): Promise<DnsAccount> {
  const all = listAccounts(where);
  const before = all.find((each) => each.accountId === accountId);
  if (before === undefined && all.length >= maxDnsAccounts)
    throw new AppError('in_use', 'No more fit.', { reason: 'dns_accounts_full', params: { max: maxDnsAccounts } });
  const record = { ...body, accountId, ...keptSecret(before, body) } as DnsAccountRecord;
  await putJsonFile(pathOf(where), [...all.filter((each) => each.accountId !== accountId), record]);
  return shownAccount(record);
}

function keptSecret(before: DnsAccountRecord | undefined, body: DnsAccountBody): object {
  if (body.kind === 'cloudflare') {
    if (body.token !== null) return {};
    if (before?.kind === 'cloudflare') return { token: before.token };
    throw missing('token');
  }
  if (body.secret !== null) return {};
  if (before?.kind === 'rfc2136' && before.server === body.server && before.port === body.port)
    return { secret: before.secret };
  throw missing('secret');
}

function missing(field: string): AppError {
  return new AppError('invalid_request', 'The secret is missing.', { fields: [{ field, code: 'required' }] });
}

export async function removeAccount(where: Where, accountId: string): Promise<void> {
  const all = listAccounts(where);
  await putJsonFile(
    pathOf(where),
    all.filter((each) => each.accountId !== accountId),
  );
}

export function shownAccount(record: DnsAccountRecord): DnsAccount {
  const { accountId: id, name } = record;
  if (record.kind === 'cloudflare') return { id, name, kind: record.kind };
  const { kind, server, port, keyName, algorithm } = record;
  return { id, name, kind, server, port, keyName, algorithm };
}
