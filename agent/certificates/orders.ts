import { z } from 'zod';
import { certificateProof, keyKinds, type CertificateOrder } from '#shared/certificates.ts';
import { revocationReasons } from '#shared/certificate-revocation.ts';
import { id } from '#shared/http.ts';
import { isAlive, type ProcessMark } from '../core/alive.ts';
import { listNames, look, makeFolders, openForAppend, putFile, readText, removeFile, Unsynced } from '../core/files.ts';
import { readLogText, type LogText } from '../core/log-text.ts';
import type { Machine } from '../core/machine.ts';

/*
 * Orders at the authority: one record and one log each. The process that carries an order out writes its record; whether
 * it still lives is seen from outside. Records are kept for a while: they are what limits are counted by.
 */

const failure = z.object({ reason: z.string(), params: z.record(z.string(), z.string()) });
export type OrderFailure = z.infer<typeof failure>;

const orderRecord = z.object({
  orderId: id,
  certificateId: id,
  /** null: for the panel itself. */
  siteId: id.nullable(),
  hosts: z.array(z.string()).min(1).max(100),
  keyKind: z.enum(keyKinds),
  email: z.string(),
  proof: certificateProof.default({ kind: 'http' }),
  isRenewal: z.boolean(),
  /** It asks for nothing: it has the present version taken back. */
  revocation: z.enum(revocationReasons).nullable().default(null),
  /** `issued`: lies in the tool's folder and waits to be taken up by the agent. */
  state: z.enum(['starting', 'running', 'issued', 'succeeded', 'failed']),
  failure: failure.nullable(),
  process: z.object({ pid: z.number(), startedTicks: z.string() }).nullable(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
});
export type OrderRecord = z.infer<typeof orderRecord>;

type Where = Pick<Machine, 'stateFolder'>;

const startPatienceMs = 30_000;
const keptMs = 8 * 24 * 60 * 60 * 1000;
/** The ladder of tries is counted by them: with hundreds of certificates whose authority is away there are many. */
const mostKept = 3_000;

/** Everything of the tool that speaks with the authority: its accounts, its copies, its own logs. */
export function acmeFolder({ stateFolder }: Where): string {
  return `${stateFolder}/acme`;
}
/** Accounts at authorities with their keys, as the tool keeps them. */
export const accountsFolder = (where: Where): string => `${acmeFolder(where)}/config/accounts`;
const ordersFolder = (where: Where): string => `${acmeFolder(where)}/orders`;
const recordPath = (where: Where, orderId: string): string => `${ordersFolder(where)}/${orderId}.json`;
const logPath = (where: Where, orderId: string): string => `${ordersFolder(where)}/${orderId}.log`;

export async function writeOrder(where: Where, record: OrderRecord): Promise<void> {
  makeFolders(ordersFolder(where));
  const unsynced = new Unsynced();
  putFile(recordPath(where, record.orderId), Buffer.from(JSON.stringify(record)), { mode: 0o600 }, 'order', unsynced);
  await unsynced.flush();
}

export function findOrder(where: Where, orderId: string): OrderRecord | undefined {
  const text = readText(recordPath(where, orderId));
  const parsed = text === undefined ? undefined : orderRecord.safeParse(JSON.parse(text));
  return parsed?.success === true ? parsed.data : undefined;
}

/** Newest first, without what was only taken back: limits and tries are counted by them. */
export function listOrders(where: Where): OrderRecord[] {
  return allOrders(where).filter(({ revocation }) => revocation === null);
}

/** Newest first. */
export function allOrders(where: Where): OrderRecord[] {
  return listNames(ordersFolder(where))
    .flatMap((name) => /^([a-z2-7]{16})\.json$/.exec(name)?.[1] ?? [])
    .flatMap((orderId) => findOrder(where, orderId) ?? [])
    .sort((one, other) => other.startedAt - one.startedAt);
}

export function isOpen({ state, process, startedAt }: OrderRecord, now: number): boolean {
  if (state === 'starting') return now - startedAt < startPatienceMs;
  if (state === 'running') return process !== null && isAlive(process satisfies ProcessMark);
  return state === 'issued';
}

/** As it is seen from outside: an order whose process is gone has failed. */
export function shownOrder(record: OrderRecord, now: number): CertificateOrder {
  const { state, failure: known, certificateId } = record;
  const facts = { certificateId, isWaiting: false };
  if (state === 'succeeded') return { ...facts, state, failure: null };
  if (state === 'failed') return { ...facts, state, failure: known };
  if (isOpen(record, now)) return { ...facts, state: 'running', failure: null };
  return { ...facts, state: 'failed', failure: { reason: 'acme_interrupted', params: {} } };
}

/**
 * Where the tool keeps what belongs to an order. One that waits for a person has a folder of its own: the tool works in one
 * folder for one order at a time.
 */
export function toolFolder(
  where: Where,
  { proof, certificateId }: Pick<OrderRecord, 'proof' | 'certificateId'>,
): string {
  return proof.kind === 'manual' ? manualFolder(where, certificateId) : acmeFolder(where);
}

export function manualFolder(where: Where, certificateId: string): string {
  return `${acmeFolder(where)}/manual/${certificateId}`;
}

export function openOrderLog(where: Where, orderId: string): number {
  makeFolders(ordersFolder(where));
  return openForAppend(logPath(where, orderId));
}

export function readOrderLog(where: Where, orderId: string, offset: number, isEnded: boolean): LogText {
  return look(logPath(where, orderId)).type === 'file'
    ? readLogText(logPath(where, orderId), offset, isEnded)
    : { text: '', next: offset };
}

export function forgetOldOrders(where: Where, now: number): void {
  for (const [index, record] of allOrders(where).entries()) {
    if (isOpen(record, now) || (index < mostKept && now - record.startedAt < keptMs)) continue;
    removeFile(recordPath(where, record.orderId));
    removeFile(logPath(where, record.orderId));
  }
}
