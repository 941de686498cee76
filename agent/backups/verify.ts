import type { BackupProof } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import { findRing } from './keys.ts';
import { listPresent, setProof } from './catalogue.ts';
import { refuseBroken } from './chain.ts';
import { withTarget, type OpenTarget } from './open-target.ts';
import { checkPacks } from './pack-hashes.ts';
import { localPath } from './places.ts';
import { problemsOf, syncSets } from './sets.ts';
import { changeTargetState, getTarget } from './targets.ts';
import type { BackupWork } from './work.ts';

/*
 * Is what a target holds what we stored? Quick: signatures, chain, snapshots, trees and indexes. Full: every stored byte
 * besides. What could not be done is `not_run`, never passed.
 */

/** These say something about the backups; everything else says only that the check could not be done. */
const verdicts: ReadonlySet<string> = new Set([
  'backup_chain_broken',
  'backup_key_retired',
  'backup_key_unknown',
  'backup_manifest_invalid',
  'backup_mismatch',
  'backup_repository_damaged',
  'backup_set_unknown',
]);

export function stateOfFailure(error: unknown): { state: 'failed' | 'not_run'; reason: string } {
  const reason = error instanceof AppError ? (error.reason ?? error.code) : 'internal';
  return { state: verdicts.has(reason) ? 'failed' : 'not_run', reason };
}

export type VerifyGiven = { readonly targetId: string; readonly setId: string | null; readonly isFull: boolean };

/**
 * Notes the outcome for the target and for the sets it is about, then throws what was found. A set without a word of its
 * own gets that of the target.
 */
export async function verifyTarget(work: BackupWork, { targetId, setId, isFull }: VerifyGiven): Promise<void> {
  getTarget(work.folder, targetId);
  const startedAt = performance.now();
  const at = new Date(work.now()).toISOString();
  const proofOf = (state: BackupProof['state'], reason: string | null): BackupProof => ({
    state,
    kind: isFull ? 'full' : 'quick',
    at,
    durationMs: Math.round(performance.now() - startedAt),
    reason,
  });
  try {
    // Without keys nothing can be said.
    if (findRing(work.folder) === undefined)
      throw new AppError('internal', 'There are no backup keys.', { reason: 'backup_key_missing' });
    await withTarget(work, targetId, async (open) => await check(work, open, setId, isFull));
    await note(work, targetId, setId, proofOf('proven', null));
  } catch (error) {
    if (work.signal.aborted) throw error;
    const { state, reason } = stateOfFailure(error);
    await note(work, targetId, setId, proofOf(state, reason));
    throw error;
  }
}

async function note(work: BackupWork, targetId: string, setId: string | null, proof: BackupProof): Promise<void> {
  await changeTargetState(work.folder, targetId, { lastProof: proof });
  for (const { manifest } of listPresent(work.folder, targetId))
    if (setId === null || manifest.setId === setId) await setProof(work.folder, targetId, manifest.setId, proof);
}

async function check(work: BackupWork, open: OpenTarget, setId: string | null, isFull: boolean): Promise<void> {
  work.phase('checking_manifests');
  await checkStructure(work, open, setId, true);
  work.phase('checking_repository');
  const { place } = open.target;
  const isLocal = place.kind === 'local';
  if (isFull && isLocal) {
    const startedAt = performance.now();
    const bytes = await checkPacks(localPath(work, place.path), work.signal, (percent) =>
      work.phase('reading_stored', percent),
    );
    const seconds = Math.max(0.001, (performance.now() - startedAt) / 1000);
    const megabytesPerSecond = Math.round(bytes / 1_000_000 / seconds);
    work.log(`Read ${bytes} bytes of packs at ${megabytesPerSecond} MB/s.`);
    work.report({
      what: 'measured',
      subject: open.target.name,
      reason: 'verify_rate',
      params: { bytes, megabytesPerSecond },
    });
  }
  await open.vault.restic.run(['check', ...(isFull && !isLocal ? ['--read-data'] : [])]);
}

/** Every manifest read from the target and verified, every snapshot there, the chain whole. */
export async function checkStructure(
  work: BackupWork,
  open: OpenTarget,
  setId: string | null,
  isRereading: boolean,
): Promise<void> {
  const { refused } = await syncSets(work, open, isRereading);
  const worst = setId === null ? [...refused.values()][0] : refused.get(setId);
  if (worst !== undefined) throw worst;
  const { targetId } = open.target;
  if (setId !== null && !listPresent(work.folder, targetId).some(({ manifest }) => manifest.setId === setId))
    throw new AppError('not_found', 'There is no such backup.', { reason: 'backup_set_unknown' });
  refuseBroken(problemsOf(work, open).filter((problem) => setId === null || problem.setId === setId));
}
