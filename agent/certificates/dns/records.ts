import { z } from 'zod';
import { id } from '#shared/http.ts';
import { listNames, readText, removeFile, Unsynced } from '../../core/files.ts';
import { putJsonFile } from '../../core/json-file.ts';
import type { Machine } from '../../core/machine.ts';
import { acmeFolder, findOrder, isOpen } from '../orders.ts';

/*
 * Records that an order has put into somebody's DNS, written down before they are put there: whatever happens to the order,
 * they are found and taken away again.
 */

const ledger = z.object({
  accountId: id,
  records: z.array(z.object({ name: z.string(), value: z.string() })),
});
export type DnsRecord = z.infer<typeof ledger>['records'][number];
export type DnsLedger = z.infer<typeof ledger>;

type Where = Pick<Machine, 'stateFolder'>;

const folderOf = (where: Where): string => `${acmeFolder(where)}/dns-records`;
const pathOf = (where: Where, orderId: string): string => `${folderOf(where)}/${orderId}.json`;

export function readLedger(where: Where, orderId: string): DnsLedger | undefined {
  const text = readText(pathOf(where, orderId));
  return text === undefined ? undefined : ledger.parse(JSON.parse(text));
}

/** On the disk when it ends: the record itself comes after. */
export async function noteRecord(where: Where, orderId: string, accountId: string, record: DnsRecord): Promise<void> {
  const records = readLedger(where, orderId)?.records ?? [];
  if (records.some((each) => isSame(each, record))) return;
  await putJsonFile(pathOf(where, orderId), { accountId, records: [...records, record] });
}

/** After it was taken away. */
export async function forgetRecord(where: Where, orderId: string, record: DnsRecord): Promise<void> {
  const known = readLedger(where, orderId);
  if (known === undefined) return;
  const records = known.records.filter((each) => !isSame(each, record));
  if (records.length > 0) return await putJsonFile(pathOf(where, orderId), { ...known, records });
  const unsynced = new Unsynced();
  removeFile(pathOf(where, orderId), unsynced);
  await unsynced.flush();
}

/** Orders that are over and have left records behind. */
export function findLeftovers(where: Where, now: number): string[] {
  return listNames(folderOf(where))
    .flatMap((name) => /^([a-z2-7]{16})\.json$/.exec(name)?.[1] ?? [])
    .filter((orderId) => {
      const order = findOrder(where, orderId);
      return order === undefined || !isOpen(order, now);
    });
}

const isSame = (one: DnsRecord, other: DnsRecord): boolean => one.name === other.name && one.value === other.value;
