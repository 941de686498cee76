import { z } from 'zod';
import {
  backupHook,
  hookBody,
  hookOutcome,
  hookSecret,
  hookUrl,
  maxHooks,
  type BackupHook,
  type HookBody,
  type HookOutcome,
} from '#shared/backup-alerts.ts';
import { AppError } from '#shared/errors.ts';
import { id } from '#shared/http.ts';
import { readText, removeFile, Unsynced } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import { refuseLiteral } from './address.ts';
import { dropWaiting, waitingOf } from './queue.ts';

/*
 * Who is told: one root-only file, with addresses and secrets. How the last message to each went stands in files of its own:
 * those are written by whoever sends.
 */

const hookRecord = z.strictObject({
  hookId: id,
  ...hookBody.shape,
  url: hookUrl,
  secret: hookSecret,
  /** Epoch ms: what happened before is no news for it. */
  since: z.number(),
});
export type HookRecord = z.infer<typeof hookRecord>;

export const alertsFolder = (folder: string): string => `${folder}/alerts`;
const hooksPath = (folder: string): string => `${alertsFolder(folder)}/hooks.json`;
const outcomePath = (folder: string, hookId: string): string => `${alertsFolder(folder)}/outcomes/${hookId}.json`;

export function listHooks(folder: string): HookRecord[] {
  const text = readText(hooksPath(folder));
  return text === undefined ? [] : z.array(hookRecord).parse(JSON.parse(text));
}

/** Throws `backup_hook_unknown`. */
export function getHook(folder: string, hookId: string): HookRecord {
  const found = listHooks(folder).find((each) => each.hookId === hookId);
  if (found === undefined) throw new AppError('not_found', 'There is no such hook.', { reason: 'backup_hook_unknown' });
  return found;
}

/** null for `url` and `secret`: what is kept stays. Throws `backup_hooks_full`, or `invalid_request` for the address. */
export async function putHook(folder: string, hookId: string, given: HookBody, now: number): Promise<void> {
  const hooks = listHooks(folder);
  const before = hooks.find((each) => each.hookId === hookId);
  if (before === undefined && hooks.length >= maxHooks)
    throw new AppError('in_use', 'There are as many hooks as there may be.', {
      reason: 'backup_hooks_full',
      params: { max: maxHooks },
    });
  const url = given.url ?? before?.url;
  if (url === undefined) throw refusedUrl('required');
  if (refuseLiteral(url)) throw refusedUrl('hook_address_refused');
  const hook: HookRecord = {
    ...given,
    hookId,
    url,
    secret: given.secret ?? before?.secret ?? { kind: 'none' },
    since: before?.since ?? now,
  };
  await putJsonFile(hooksPath(folder), [...hooks.filter((each) => each.hookId !== hookId), hook]);
}

function refusedUrl(code: string): AppError {
  return new AppError('invalid_request', 'Nothing can be sent to this address.', { fields: [{ field: 'url', code }] });
}

/** Forgets a hook, its secret and what waits for it. */
export async function removeHook(folder: string, hookId: string): Promise<void> {
  await putJsonFile(
    hooksPath(folder),
    listHooks(folder).filter((each) => each.hookId !== hookId),
  );
  dropWaiting(folder, hookId);
  const unsynced = new Unsynced();
  removeFile(outcomePath(folder, hookId), unsynced);
  await unsynced.flush();
}

export async function noteOutcome(folder: string, hookId: string, outcome: HookOutcome): Promise<void> {
  await putJsonFile(outcomePath(folder, hookId), outcome);
}

export function showHook(folder: string, hook: HookRecord): BackupHook {
  const { hookId, name, events, language, isEnabled, url, secret } = hook;
  const text = readText(outcomePath(folder, hookId));
  return backupHook.parse({
    id: hookId,
    name,
    events,
    language,
    isEnabled,
    origin: new URL(url).origin,
    hasSecret: secret.kind !== 'none',
    waitingCount: waitingOf(folder, hookId),
    lastOutcome: text === undefined ? null : hookOutcome.parse(JSON.parse(text)),
  });
}
