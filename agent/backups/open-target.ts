import { buffer } from 'node:stream/consumers';
import { AppError } from '#shared/errors.ts';
import { makeFolders } from '../core/files.ts';
import { takeLockFile } from '../core/lock.ts';
import { activeKey, readingKey, repositoryPassword, ringOf, type Ring } from './keys.ts';
import { accessOf, localPath, type Access } from './places.ts';
import { readRecoveryKey, recoveryPassword, recoverySubKeys, unwrapRing } from './recovery-key.ts';
import { createRestic, type Restic } from './restic-run.ts';
import { createVault, type Vault } from './restic.ts';
import { catchUp, findOpeningKey, isBehind, keyringTag, lightenOwnSlot, listSlots } from './slots.ts';
import { changeTargetState, getTarget, readSecret, readTargetState, type TargetRecord } from './targets.ts';
import type { BackupWork, Repository } from './work.ts';

/** A target that this process alone works on. */
export type OpenTarget = { readonly target: TargetRecord; readonly ring: Ring; readonly vault: Vault };

const none = { uploadKibPerSecond: null, downloadKibPerSecond: null };

/** A run that has just told its end, and somebody's short look into a list, let go within moments. */
const patienceMs = 5_000;

/**
 * Takes the target for this process, opens it (makes the repository the first time) and brings its key slots up to the
 * ring. Throws `backup_target_busy`, `backup_target_unreachable`, `backup_wrong_key` …; the outcome is noted.
 */
export async function withTarget<T>(
  work: BackupWork,
  targetId: string,
  use: (open: OpenTarget) => Promise<T>,
): Promise<T> {
  const target = getTarget(work.folder, targetId);
  const lock = await lockTarget(work.folder, targetId, patienceMs);
  try {
    const open = await openNoting(work, target);
    return await use(open);
  } finally {
    lock.release();
  }
}

/** Held by the kernel for this process; gone with it, however it ends. */
export async function lockTarget(folder: string, targetId: string, patienceMs = 0): Promise<{ release: () => void }> {
  makeFolders(`${folder}/locks`);
  return await takeLockFile(`${folder}/locks/${targetId}`, patienceMs).catch(() => {
    throw new AppError('busy', 'Another run works on this target.', { reason: 'backup_target_busy' });
  });
}

async function openNoting(work: BackupWork, target: TargetRecord): Promise<OpenTarget> {
  const checkedAt = new Date(work.now()).toISOString();
  try {
    const open = await openTarget(work, target);
    await changeTargetState(work.folder, target.targetId, { isReachable: true, checkedAt, reason: null });
    return open;
  } catch (error) {
    const reason = error instanceof AppError ? (error.reason ?? error.code) : 'internal';
    if (!work.signal.aborted)
      await changeTargetState(work.folder, target.targetId, { isReachable: false, checkedAt, reason });
    throw error;
  }
}

async function openTarget(work: BackupWork, target: TargetRecord): Promise<OpenTarget> {
  const { folder } = work;
  const { targetId } = target;
  const ring = await ringOf(folder, work.now());
  makeFolders(`${folder}/catalogue/${targetId}`);
  const access = await accessOf(work, targetId, target.place, readSecret(folder, targetId));
  const { slot } = readTargetState(folder, targetId);
  const known = slot === null ? undefined : ring.keys.find(({ keyId }) => keyId === slot.keyId);
  const restic =
    known === undefined
      ? await openFirst(work, target, ring, access)
      : createRestic(work, access, repositoryPassword(readingKey(ring, known.keyId)), target.limits, slot?.slotId);
  const use = (own: Restic): OpenTarget => ({ target, ring, vault: createVault(work, targetId, ring.hostId, own) });
  const present = use((await openLight(work, target, ring, access)) ?? restic);
  if (!isBehind(ring, readTargetState(folder, targetId))) return present;
  const next = await catchUp(work, ring, present.vault).catch(async (error: unknown) => {
    if (!(error instanceof AppError) || error.reason !== 'backup_wrong_key') throw error;
    // Cut off after the new slot was made and the old one removed, before that was noted.
    return await catchUp(work, ring, use(await openFirst(work, target, ring, access)).vault);
  });
  return use((await openLight(work, target, ring, access)) ?? next);
}

/** Only where the slots are files here: restic puts none of somebody else's making into a place far away. */
async function openLight(
  work: BackupWork,
  target: TargetRecord,
  ring: Ring,
  access: Access,
): Promise<Restic | undefined> {
  const { targetId, place, limits } = target;
  const { slot } = readTargetState(work.folder, targetId);
  const key = ring.keys.find(({ keyId }) => keyId === slot?.keyId);
  if (place.kind !== 'local' || slot === null || key === undefined) return undefined;
  const password = repositoryPassword(key);
  const open = (slotId: string): Restic => createRestic(work, access, password, limits, slotId);
  const given = { folder: `${localPath(work, place.path)}/keys`, slotId: slot.slotId, password };
  const slotId = await lightenOwnSlot(work, given, open).catch((error: unknown) => {
    if (work.signal.aborted) throw error;
    work.log('The key slot of the repository could not be written again; every command of restic takes longer.');
    return undefined;
  });
  if (slotId === undefined) return undefined;
  await noteSlot(work, target, key.keyId, slotId);
  return open(slotId);
}

/** A target that was never opened: one of our keys may fit (recovery, a target that was added again); else it is made. */
async function openFirst(work: BackupWork, target: TargetRecord, ring: Ring, access: Access): Promise<Restic> {
  const active = activeKey(ring);
  const restic = createRestic(work, access, repositoryPassword(active), target.limits);
  const opening = await findOpeningKey(restic, ring).catch((error: unknown) => {
    if (error instanceof AppError && error.reason === 'backup_target_unreachable') return 'missing' as const;
    throw error;
  });
  if (opening === undefined)
    throw new AppError('not_allowed', 'No key of this panel opens the repository.', { reason: 'backup_wrong_key' });
  if (opening !== 'missing') {
    await noteSlot(work, target, opening.key.keyId, opening.slotId);
    return createRestic(work, access, repositoryPassword(opening.key), target.limits, opening.slotId);
  }
  // When it is there but away, this fails as well, and nothing is overwritten.
  work.log('Making the repository.');
  await restic.run(['init']);
  const current = (await listSlots(restic)).find((each) => each.current);
  await noteSlot(work, target, active.keyId, current?.id ?? '');
  return createRestic(work, access, repositoryPassword(active), target.limits, current?.id);
}

async function noteSlot(work: BackupWork, { targetId }: TargetRecord, keyId: string, slotId: string): Promise<void> {
  await changeTargetState(work.folder, targetId, { slot: { keyId, slotId } });
}

/**
 * Opens a repository on a bare machine with the recovery key, and the rings that lie in it, newest first: one per machine
 * that saves there. Throws `backup_recovery_key_invalid`, `backup_wrong_key`.
 */
export async function openWithRecoveryKey(
  work: BackupWork,
  given: Pick<TargetRecord, 'targetId' | 'place'> & { secret: Parameters<typeof accessOf>[3]; recoveryKey: string },
): Promise<{ repository: Repository; rings: Ring[] }> {
  const key = readRecoveryKey(given.recoveryKey);
  const access = await accessOf(work, given.targetId, given.place, given.secret);
  const restic = createRestic(work, access, recoveryPassword(recoverySubKeys(key).repository), none);
  const repository = createVault(work, given.targetId, 'recovery', restic);
  return { repository, rings: await unwrapKeyrings(key, repository) };
}

/** Throws `backup_wrong_key` when there is no ring that this key opens. */
export async function unwrapKeyrings(key: Buffer, repository: Repository): Promise<Ring[]> {
  const found = [...(await repository.snapshots(keyringTag))].sort((a, b) => (a.time < b.time ? 1 : -1));
  const rings: Ring[] = [];
  let failure: unknown = new AppError('not_allowed', 'There is no key ring in this repository.', {
    reason: 'backup_wrong_key',
  });
  for (const { snapshot } of found) {
    try {
      rings.push(unwrapRing(key, await buffer(repository.readFile(snapshot, 'keyring.json'))));
    } catch (error) {
      failure = error;
    }
  }
  if (rings.length === 0) throw failure;
  return rings;
}
