import { z } from 'zod';
import { backupAlert } from '#shared/backup-alerts.ts';
import { id } from '#shared/http.ts';
import { listNames, readText, removeFile, sha256 } from '../core/files.ts';
import { logLine } from '../core/machine.ts';
import { putJsonFile } from '../core/json-file.ts';

/*
 * Messages that wait, a root-only file each. Their name is made of what they say and to whom: the same alert is never there
 * twice. What cannot be delivered is tried again after 1, 5 and 30 minutes, and given up after a day at the latest.
 */

const facts = backupAlert.omit({ text: true, message: true, content: true });
export type AlertFacts = z.infer<typeof facts>;

const waitingRecord = z.object({
  hookId: id,
  // What was waiting before there was news of certificates, sites and jobs lacks them.
  alert: facts.extend({
    certificate: facts.shape.certificate.default(null),
    site: facts.shape.site.default(null),
    job: facts.shape.job.default(null),
  }),
  queuedAt: z.number(),
  /** Tries that failed. */
  tries: z.int(),
  nextAt: z.number(),
});
export type Waiting = z.infer<typeof waitingRecord> & { readonly name: string };

const minute = 60_000;
const retryAfterMs = [minute, 5 * minute, 30 * minute] as const;
const maxAgeMs = 24 * 60 * minute;
export const maxWaiting = 200;

const root = (folder: string): string => `${folder}/alerts/queue`;
const pathOf = (folder: string, name: string): string => `${root(folder)}/${name}`;

/** `key`: what makes this alert the one it is. */
export async function enqueue(
  folder: string,
  { key, hookId, alert, now }: { key: string; hookId: string; alert: AlertFacts; now: number },
): Promise<void> {
  const name = `${sha256(key).slice(0, 32)}.${hookId}.json`;
  if (find(folder, name) !== undefined) return;
  await putJsonFile(pathOf(folder, name), { hookId, alert, queuedAt: now, tries: 0, nextAt: now });
}

function find(folder: string, name: string): Waiting | undefined {
  const text = readText(pathOf(folder, name));
  if (text === undefined) return undefined;
  try {
    return { ...waitingRecord.parse(JSON.parse(text)), name };
  } catch {
    logLine('error', 'an unreadable alert was dropped', { name });
    removeFile(pathOf(folder, name));
    return undefined;
  }
}

/** Oldest first. */
export function listWaiting(folder: string): Waiting[] {
  return listNames(root(folder))
    .filter((name) => /^[0-9a-f]{32}\.[a-z2-7]{16}\.json$/.test(name))
    .flatMap((name) => find(folder, name) ?? [])
    .sort((a, b) => a.queuedAt - b.queuedAt);
}

export function waitingOf(folder: string, hookId: string): number {
  return listNames(root(folder)).filter((name) => name.endsWith(`.${hookId}.json`)).length;
}

/** Whether something is to be sent now. A clock that was set back keeps nothing waiting for long. */
export function isDue({ nextAt }: Pick<Waiting, 'nextAt'>, now: number): boolean {
  return nextAt <= now || nextAt > now + 60 * minute;
}

/** Gives up what is too old or too much, oldest first, with a line in the log. */
export function dropOld(folder: string, now: number): void {
  const waiting = listWaiting(folder);
  const tooMany = waiting.length - maxWaiting;
  for (const [index, each] of waiting.entries())
    if (index < tooMany || each.queuedAt + maxAgeMs < now)
      giveUp(folder, each, index < tooMany ? 'too many' : 'too old');
}

export function giveUp(folder: string, { name, hookId, alert, tries }: Waiting, why: string): void {
  logLine('error', 'an alert was not delivered', {
    why,
    hookId,
    event: alert.event,
    at: alert.at,
    tries,
  });
  removeFile(pathOf(folder, name));
}

export function dropSent(folder: string, { name }: Waiting): void {
  removeFile(pathOf(folder, name));
}

export function dropWaiting(folder: string, hookId: string): void {
  for (const each of listWaiting(folder)) if (each.hookId === hookId) dropSent(folder, each);
}

/** After a try that failed: the next time, or the end of it. */
export async function postpone(folder: string, waiting: Waiting, now: number): Promise<void> {
  const { name, ...record } = waiting;
  const after = retryAfterMs[record.tries];
  if (after === undefined) return giveUp(folder, { ...waiting, tries: record.tries + 1 }, 'tried often enough');
  await putJsonFile(pathOf(folder, name), { ...record, tries: record.tries + 1, nextAt: now + after });
}
