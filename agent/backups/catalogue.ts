import { readdirSync } from 'node:fs';
import { z } from 'zod';
import { backupProof, type BackupProof, type BackupSet } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import { look, readText, removeFile, Unsynced } from '../core/files.ts';
import { manifest, signedManifest, type Manifest, type SignedManifest } from './manifest.ts';
import { findRing } from './keys.ts';
import { putJsonFile } from '../core/json-file.ts';

/*
 * What is known here of the sets of a target: their signed manifests, pins and proofs; one small file each, so that the
 * agent and a run never write the same one. A set stays known when it vanishes from its target: that is how it is missed.
 */

const setFile = z.object({
  signed: signedManifest,
  /** The snapshot that holds the manifest. */
  snapshot: z.string(),
  /** false: it was there, and is not any more although nothing of ours removed it. */
  isPresent: z.boolean(),
});

export type KnownSet = z.infer<typeof setFile> & { readonly manifest: Manifest };

export const catalogueOf = (folder: string, targetId: string): string => `${folder}/catalogue/${targetId}`;
const setsOf = (folder: string, targetId: string): string => `${catalogueOf(folder, targetId)}/sets`;
const pinPath = (folder: string, targetId: string, setId: string): string =>
  `${catalogueOf(folder, targetId)}/pins/${setId}.json`;
const proofPath = (folder: string, targetId: string, setId: string): string =>
  `${catalogueOf(folder, targetId)}/proofs/${setId}.json`;

const maxManifestBytes = 256 * 1024 * 1024;
const known = new Map<string, { readonly text: string; readonly set: KnownSet }>();

function namesIn(path: string): string[] {
  try {
    return readdirSync(path).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  } catch {
    return [];
  }
}

/** All that are known, by rising sequence. */
export function listKnown(folder: string, targetId: string): KnownSet[] {
  const root = setsOf(folder, targetId);
  return namesIn(root)
    .flatMap((name) => readKnown(`${root}/${name}`) ?? [])
    .sort((a, b) => a.manifest.sequence - b.manifest.sequence || (a.manifest.endedAt < b.manifest.endedAt ? -1 : 1));
}

function readKnown(path: string): KnownSet | undefined {
  const text = readText(path, maxManifestBytes);
  if (text === undefined) return undefined;
  const before = known.get(path);
  if (before?.text === text) return before.set;
  const file = setFile.parse(JSON.parse(text));
  const set = { ...file, manifest: manifest.parse(JSON.parse(file.signed.manifest)) };
  known.set(path, { text, set });
  return set;
}

/** Those that a restore can use: there, and not taken away. */
export function listPresent(folder: string, targetId: string): KnownSet[] {
  return listKnown(folder, targetId).filter(({ isPresent }) => isPresent);
}

/** Throws `backup_set_unknown`. */
export function getKnown(folder: string, targetId: string, setId: string): KnownSet {
  const set = readKnown(`${setsOf(folder, targetId)}/${setId}.json`);
  if (set?.isPresent !== true)
    throw new AppError('not_found', 'There is no such backup.', { reason: 'backup_set_unknown' });
  return set;
}

export async function putKnown(
  folder: string,
  targetId: string,
  set: { signed: SignedManifest; snapshot: string; isPresent: boolean },
  setId: string,
): Promise<void> {
  const { signed, snapshot, isPresent } = set;
  await putJsonFile(`${setsOf(folder, targetId)}/${setId}.json`, { signed, snapshot, isPresent });
}

export async function dropKnown(folder: string, targetId: string, setId: string): Promise<void> {
  const unsynced = new Unsynced();
  for (const path of [
    `${setsOf(folder, targetId)}/${setId}.json`,
    pinPath(folder, targetId, setId),
    proofPath(folder, targetId, setId),
  ]) {
    removeFile(path, unsynced);
    known.delete(path);
  }
  await unsynced.flush();
}

export async function setPin(folder: string, targetId: string, setId: string, isPinned: boolean): Promise<void> {
  if (isPinned) return await putJsonFile(pinPath(folder, targetId, setId), {});
  const unsynced = new Unsynced();
  removeFile(pinPath(folder, targetId, setId), unsynced);
  await unsynced.flush();
}

export function isPinned(folder: string, targetId: string, setId: string): boolean {
  return look(pinPath(folder, targetId, setId)).type === 'file';
}

export async function setProof(folder: string, targetId: string, setId: string, proof: BackupProof): Promise<void> {
  await putJsonFile(proofPath(folder, targetId, setId), proof);
}

export function readProof(folder: string, targetId: string, setId: string): BackupProof | null {
  const text = readText(proofPath(folder, targetId, setId));
  return text === undefined ? null : backupProof.parse(JSON.parse(text));
}

/** What people see of a set. */
export function showSet(folder: string, targetId: string, { manifest: content }: KnownSet): BackupSet {
  const { setId, planId, planName, kind, startedAt, endedAt, addedBytes, parts } = content;
  return {
    setId,
    targetId,
    planId,
    planName,
    kind,
    at: startedAt,
    durationMs: Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)),
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    addedBytes,
    parts: parts.map((part) => ({
      name: part.name,
      kind: part.kind,
      bytes: part.bytes,
      count: part.kind === 'tree' ? part.members.count : part.tables.reduce((sum, { rows }) => sum + rows, 0),
      leftOutCount: part.kind === 'tree' ? part.leftOutCount : 0,
    })),
    isPinned: isPinned(folder, targetId, setId),
    lastProof: readProof(folder, targetId, setId),
  };
}

/** How many known sets each key has signed. */
export function countByKey(folder: string, targetIds: readonly string[]): Map<string, number> {
  const counts = new Map((findRing(folder)?.keys ?? []).map(({ keyId }) => [keyId, 0]));
  for (const targetId of targetIds)
    for (const { signed } of listPresent(folder, targetId))
      counts.set(signed.keyId, (counts.get(signed.keyId) ?? 0) + 1);
  return counts;
}
