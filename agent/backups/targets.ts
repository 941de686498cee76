import { z } from 'zod';
import { backupProof, targetLimits, targetPlace, targetSecret, type TargetSecret } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import { id, instant } from '#shared/http.ts';
import { readText, removeFile, Unsynced } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';

/*
 * Where backups go. What people decide (targets.json, written by the agent) and what runs find out (target-states/, one
 * file per target, written by whoever holds the target's lock) are kept apart, so that two processes never write one file.
 */

const targetRecord = z.strictObject({
  targetId: id,
  name: z.string(),
  place: targetPlace,
  limits: targetLimits,
  hasSecret: z.boolean(),
});
export type TargetRecord = z.infer<typeof targetRecord>;

const targetState = z.object({
  isReachable: z.boolean().nullable().default(null),
  checkedAt: instant.nullable().default(null),
  reason: z.string().nullable().default(null),
  storedBytes: z.int().nullable().default(null),
  lastProof: backupProof.nullable().default(null),
  /** Which key of the ring opens the repository, and the name restic gave that slot. */
  slot: z.object({ keyId: id, slotId: z.string() }).nullable().default(null),
  /** Recovery key that opens it, and which state of the ring lies in it. */
  recoveryKeyId: id.nullable().default(null),
  ringStamp: z.string().nullable().default(null),
});
export type TargetState = z.infer<typeof targetState>;

const targetsPath = (folder: string): string => `${folder}/targets.json`;
const statePath = (folder: string, targetId: string): string => `${folder}/target-states/${targetId}.json`;
const secretPath = (folder: string, targetId: string): string => `${folder}/secrets/${targetId}.json`;

export function listTargets(folder: string): TargetRecord[] {
  const text = readText(targetsPath(folder), 16 * 1024 * 1024);
  return text === undefined ? [] : z.array(targetRecord).parse(JSON.parse(text));
}

/** Throws `backup_target_unknown`. */
export function getTarget(folder: string, targetId: string): TargetRecord {
  const target = listTargets(folder).find((each) => each.targetId === targetId);
  if (target === undefined)
    throw new AppError('not_found', 'There is no such target.', { reason: 'backup_target_unknown' });
  return target;
}

/** `secret` null: what is kept stays. */
export async function putTarget(
  folder: string,
  target: Omit<TargetRecord, 'hasSecret'>,
  secret: TargetSecret | null,
): Promise<void> {
  const others = listTargets(folder).filter(({ targetId }) => targetId !== target.targetId);
  if (secret !== null) await putJsonFile(secretPath(folder, target.targetId), secret);
  const hasSecret = readSecret(folder, target.targetId).kind !== 'none';
  await putJsonFile(targetsPath(folder), [...others, { ...target, hasSecret }]);
}

/** Forgets a target and its secrets; what is stored there stays. */
export async function removeTarget(folder: string, targetId: string): Promise<void> {
  await putJsonFile(
    targetsPath(folder),
    listTargets(folder).filter((each) => each.targetId !== targetId),
  );
  const unsynced = new Unsynced();
  removeFile(secretPath(folder, targetId), unsynced);
  removeFile(statePath(folder, targetId), unsynced);
  await unsynced.flush();
}

export function readSecret(folder: string, targetId: string): TargetSecret {
  const text = readText(secretPath(folder, targetId));
  return text === undefined ? { kind: 'none' } : targetSecret.parse(JSON.parse(text));
}

export function readTargetState(folder: string, targetId: string): TargetState {
  const text = readText(statePath(folder, targetId));
  return targetState.parse(text === undefined ? {} : JSON.parse(text));
}

export async function changeTargetState(
  folder: string,
  targetId: string,
  change: Partial<TargetState>,
): Promise<TargetState> {
  const state = { ...readTargetState(folder, targetId), ...change };
  await putJsonFile(statePath(folder, targetId), state);
  return state;
}
