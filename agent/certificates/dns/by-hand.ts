import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { proofRecord, type WaitingProof } from '#shared/certificate-proofs.ts';
import type { CertificateOrder } from '#shared/certificates.ts';
import { listNames, look, makeFolders, putFile, readText, removeFile, Unsynced } from '../../core/files.ts';
import { putJsonFile } from '../../core/json-file.ts';
import type { Machine } from '../../core/machine.ts';
import {
  acmeFolder,
  findOrder,
  isOpen,
  listOrders,
  shownOrder,
  writeOrder,
  type OrderFailure,
  type OrderRecord,
} from '../orders.ts';
import { sightsOf } from './visible.ts';

/*
 * Records that a person puts into the DNS. What has to stand there, and what its servers show, lies in a file of the order;
 * so do the wishes of people: to look now, or to give up. The process of the order waits for hours, whatever else restarts.
 */

const handwork = z.object({
  records: z.array(proofRecord),
  /** All records are known: from here on it waits. */
  isWhole: z.boolean(),
  endsAt: z.number(),
  checkedAt: z.number().nullable(),
  isGivenUp: z.boolean(),
});
export type Handwork = z.infer<typeof handwork>;

type Where = Pick<Machine, 'stateFolder'>;
export type Wish = 'look' | 'cancel';

/** People do this at their own pace, and providers take their time; authorities keep an order for seven days. */
export const patienceMs = 48 * 60 * 60 * 1000;
const wishMs = 500;
const eagerMs = 5_000;
const calmMs = 30_000;
/** For so long the first looks come close together. */
const eagerUntilMs = 3 * 60 * 1000;

const folderOf = (where: Where): string => `${acmeFolder(where)}/by-hand`;
const pathOf = (where: Where, orderId: string): string => `${folderOf(where)}/${orderId}.json`;
const wishPath = (where: Where, orderId: string, wish: Wish): string => `${folderOf(where)}/${orderId}.${wish}`;

export function readHandwork(where: Where, orderId: string): Handwork | undefined {
  const text = readText(pathOf(where, orderId));
  const parsed = text === undefined ? undefined : handwork.safeParse(JSON.parse(text));
  return parsed?.success === true ? parsed.data : undefined;
}

/** Of the hook of each name, one after the other. */
export async function noteByHand(
  where: Where,
  orderId: string,
  record: { readonly name: string; readonly value: string },
  { isLast, now }: { readonly isLast: boolean; readonly now: number },
): Promise<void> {
  const known = readHandwork(where, orderId);
  // After a restart of the machine the authority may want other records: what it wanted before counts no more.
  const before = known === undefined || known.isWhole ? [] : known.records;
  const records = [...before, { ...record, servers: [] }];
  const facts = { endsAt: known?.endsAt ?? now + patienceMs, checkedAt: null, isGivenUp: false };
  await putJsonFile(pathOf(where, orderId), { records, isWhole: isLast, ...facts });
}

/**
 * Waits until the servers of the zone show every record. Answers false when it was given up: by somebody, or because the time
 * is over.
 */
export async function waitForRecords(
  where: Where,
  orderId: string,
  { servers, say }: { readonly servers: readonly string[]; readonly say: (line: string) => void },
): Promise<boolean> {
  const startedAt = Date.now();
  for (;;) {
    const known = readHandwork(where, orderId);
    if (known === undefined || isWished(where, orderId, 'cancel')) return false;
    removeFile(wishPath(where, orderId, 'look'));
    const records = await Promise.all(
      known.records.map(async (record) => ({ ...record, servers: await sightsOf(record, servers) })),
    );
    const isTimeOver = Date.now() > known.endsAt;
    const isShown = records.every(isShownBy);
    await putJsonFile(pathOf(where, orderId), { ...known, records, checkedAt: Date.now(), isGivenUp: isTimeOver });
    if (isShown) {
      say('The records can be seen');
      return true;
    }
    if (isTimeOver) return false;
    const pauseMs = Date.now() - startedAt < eagerUntilMs ? eagerMs : calmMs;
    if (!(await pause(where, orderId, pauseMs))) return false;
  }
}

/** Those that answer all show it, and somebody answers. */
function isShownBy({ servers }: Handwork['records'][number]): boolean {
  const heard = servers.filter(({ sight }) => sight !== 'silent');
  return heard.length > 0 && heard.every(({ sight }) => sight === 'shown');
}

/** Until somebody wants to look now; false when nobody waits for it any more. */
async function pause(where: Where, orderId: string, ms: number): Promise<boolean> {
  const endsAt = Date.now() + ms;
  while (Date.now() < endsAt) {
    await wait(wishMs);
    if (isWished(where, orderId, 'cancel')) return false;
    if (isWished(where, orderId, 'look')) return true;
    const order = findOrder(where, orderId);
    // The tool was killed and could not take this process with it.
    if (order === undefined || !isOpen(order, Date.now())) return false;
  }
  return true;
}

export function isWished(where: Where, orderId: string, wish: Wish): boolean {
  return look(wishPath(where, orderId, wish)).type === 'file';
}

export function wish(where: Where, orderId: string, what: Wish): void {
  makeFolders(folderOf(where));
  const unsynced = new Unsynced();
  putFile(wishPath(where, orderId, what), Buffer.alloc(0), { mode: 0o600 }, 'wish', unsynced);
  unsynced.drop();
}

/** When the order is over, however that came. */
export function forgetHandwork(where: Where, orderId: string): void {
  removeFile(pathOf(where, orderId));
  for (const each of ['look', 'cancel'] as const) removeFile(wishPath(where, orderId, each));
}

/** Gives an order up that waits; one that does not is left alone. */
export async function cancelByHand(where: Where, orderId: string, now: number): Promise<void> {
  const order = findOrder(where, orderId);
  if (order === undefined || !isWaiting(where, order)) return;
  if (isOpen(order, now)) return wish(where, orderId, 'cancel');
  const failure = { reason: 'acme_cancelled', params: {} };
  await writeOrder(where, { ...order, state: 'failed', failure, endedAt: now });
  forgetHandwork(where, orderId);
}

/** Why an order that waited was given up; undefined while it was not. */
export function whyGivenUp(where: Where, orderId: string): OrderFailure | undefined {
  if (isWished(where, orderId, 'cancel')) return { reason: 'acme_cancelled', params: {} };
  const work = readHandwork(where, orderId);
  if (work?.isGivenUp !== true) return undefined;
  const missing = work.records.find((record) => !isShownBy(record));
  return { reason: 'acme_records_missing', params: { record: missing?.name ?? '' } };
}

/** What orders have left here that are over, or were cut off before they waited. */
export function sweepHandwork(where: Where, now: number): void {
  for (const name of listNames(folderOf(where))) {
    const orderId = /^([a-z2-7]{16})\./.exec(name)?.[1];
    const order = orderId === undefined ? undefined : findOrder(where, orderId);
    const isNeeded = order !== undefined && (isOpen(order, now) || isWaiting(where, order));
    if (orderId !== undefined && !isNeeded) forgetHandwork(where, orderId);
  }
}

/** Orders of a site that wait for somebody, as they are shown. */
export function listWaiting(where: Where, siteId: string): WaitingProof[] {
  const iso = (at: number): string => new Date(at).toISOString();
  return listOrders(where).flatMap((order) => {
    const work = order.siteId === siteId && isWaiting(where, order) ? readHandwork(where, order.orderId) : undefined;
    if (work === undefined) return [];
    const { orderId, certificateId, hosts, startedAt } = order;
    const times = { startedAt: iso(startedAt), endsAt: iso(work.endsAt) };
    const checkedAt = work.checkedAt === null ? null : iso(work.checkedAt);
    return [{ orderId, certificateId, hosts, records: work.records, ...times, checkedAt }];
  });
}

/** As it is seen from outside. */
export function seenOrder(where: Where, record: OrderRecord, now: number): CertificateOrder {
  const shown = shownOrder(record, now);
  return isWaiting(where, record) ? { ...shown, state: 'running', failure: null, isWaiting: true } : shown;
}

/** Also while its process is gone: the timer starts it again. */
export function isWaiting(where: Where, { orderId, proof, state }: OrderRecord): boolean {
  if (proof.kind !== 'manual' || (state !== 'running' && state !== 'starting')) return false;
  const work = readHandwork(where, orderId);
  return work?.isWhole === true && !work.isGivenUp && Date.now() < work.endsAt && !isWished(where, orderId, 'cancel');
}
