import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { listNames, putFile, readBytes, removeFile, Unsynced } from '../core/files.ts';
import { activeKey, repositoryPassword, type Ring, type RingKey } from './keys.ts';
import { lightenSlot } from './light-slot.ts';
import { recoveryPassword, wrapRing } from './recovery-key.ts';
import type { Restic } from './restic-run.ts';
import type { Vault } from './restic.ts';
import { changeTargetState, readTargetState, type TargetState } from './targets.ts';
import type { BackupWork } from './work.ts';
import { Readable } from 'node:stream';

/*
 * restic's key slots: each opens the repository by itself. A new one is there before the old one goes, so that a crash in
 * between leaves two that work; the next run takes the old one away.
 */

export const keyringTag = 'keyring';
const recoveryUser = 'recovery-';

const slotShape = z.object({ current: z.boolean(), id: z.string(), userName: z.string(), created: z.string() });
type Slot = z.infer<typeof slotShape>;

export async function listSlots(restic: Restic): Promise<Slot[]> {
  return z.array(slotShape).parse(JSON.parse(await restic.look(['key', 'list', '--json'])));
}

/** Opens with the first key of the ring that fits; undefined when none does. Other failures are thrown. */
export async function findOpeningKey(
  restic: Restic,
  ring: Ring,
): Promise<{ key: RingKey; slotId: string } | undefined> {
  const keys = ring.keys.filter(({ state }) => state !== 'retired');
  for (const key of keys.toSorted((a) => (a.state === 'active' ? -1 : 1))) {
    const slots = await listSlots(restic.withPassword(repositoryPassword(key))).catch((error: unknown) => {
      if (error instanceof AppError && error.reason === 'backup_wrong_key') return undefined;
      throw error;
    });
    const current = slots?.find((each) => each.current);
    if (current !== undefined) return { key, slotId: current.id };
  }
  return undefined;
}

async function addSlot(restic: Restic, password: string, user: string): Promise<void> {
  await restic.withFile(password, (path) =>
    restic.run(['key', 'add', '--new-password-file', path, '--user', user, '--host', 'aapanel']),
  );
}

/** Whether the slots and the stored ring of a target are behind the ring. */
export function isBehind(ring: Ring, state: TargetState): boolean {
  return (
    state.slot?.keyId !== activeKey(ring).keyId ||
    (ring.recovery !== null && (state.recoveryKeyId !== ring.recovery.keyId || state.ringStamp !== stampOf(ring)))
  );
}

const stampOf = (ring: Ring): string => createHash('sha256').update(JSON.stringify(ring)).digest('hex');

/** Brings slots and stored ring of an open target up to the ring. May be cut off anywhere and called again. */
export async function catchUp(work: BackupWork, ring: Ring, vault: Vault): Promise<Restic> {
  const { folder } = work;
  const active = activeKey(ring);
  let state = readTargetState(folder, vault.targetId);
  let { restic } = vault;
  if (state.slot?.keyId !== active.keyId) {
    work.log(`Re-wrapping the key of the repository for ${active.keyId}.`);
    restic = await moveSlot(vault.restic, active, state.slot?.slotId);
    const current = (await listSlots(restic)).find((slot) => slot.current);
    state = await changeTargetState(folder, vault.targetId, {
      slot: { keyId: active.keyId, slotId: current?.id ?? '' },
    });
  }
  if (ring.recovery === null) return restic;
  if (state.recoveryKeyId !== ring.recovery.keyId) {
    const user = `${recoveryUser}${ring.recovery.keyId}`;
    const before = await listSlots(restic);
    if (!before.some(({ userName }) => userName === user))
      await addSlot(restic, recoveryPassword(ring.recovery.repository), user);
    for (const { id, userName, current } of before)
      if (!current && userName.startsWith(recoveryUser) && userName !== user) await restic.run(['key', 'remove', id]);
    await changeTargetState(folder, vault.targetId, { recoveryKeyId: ring.recovery.keyId });
  }
  if (state.ringStamp !== stampOf(ring)) await storeRing(work, ring, vault);
  return restic;
}

/** The new slot first; then the one that was ours. Slots that others made stay. */
async function moveSlot(restic: Restic, active: RingKey, oldSlot: string | undefined): Promise<Restic> {
  const before = await listSlots(restic);
  if (!before.some(({ userName }) => userName === active.keyId))
    await addSlot(restic, repositoryPassword(active), active.keyId);
  const next = restic.withPassword(repositoryPassword(active));
  const after = await listSlots(next);
  const old = after.find(({ id, current }) => id === oldSlot && !current);
  if (old !== undefined) await next.run(['key', 'remove', old.id]);
  return next;
}

/**
 * Writes our slot of a local repository again without stretching, sees that restic opens it, and takes the stretched one
 * away. Answers the name of the new slot; undefined: nothing to do, or it could not be done and everything is as before.
 */
export async function lightenOwnSlot(
  work: BackupWork,
  { folder, slotId, password }: { readonly folder: string; readonly slotId: string; readonly password: string },
  open: (slotId: string) => Restic,
): Promise<string | undefined> {
  const name = slotId === '' ? undefined : listNames(folder).find((each) => each.startsWith(slotId));
  const file = name === undefined ? undefined : readBytes(`${folder}/${name}`);
  const slot = file === undefined ? undefined : lightenSlot(file, password);
  if (slot === undefined) return undefined;
  const unsynced = new Unsynced();
  putFile(`${folder}/${slot.name}`, slot.file, { mode: 0o400 }, 'slot', unsynced);
  await unsynced.flush();
  const restic = open(slot.name);
  const slots = await listSlots(restic).catch(() => []);
  const own = slots.find(({ id, current }) => current && slot.name.startsWith(id));
  if (own === undefined) {
    removeFile(`${folder}/${slot.name}`);
    work.log('The key slot of the repository stays as restic made it.');
    return undefined;
  }
  // Copies of the same slot, also of a run that was cut off here.
  const copies = slots.filter(
    ({ userName, created, current }) => !current && userName === own.userName && created === own.created,
  );
  for (const { id } of copies) await restic.run(['key', 'remove', id]);
  return own.id;
}

async function storeRing(work: BackupWork, ring: Ring, vault: Vault): Promise<void> {
  const old = await vault.snapshots(keyringTag);
  await vault.saveStream({ fileName: 'keyring.json', input: Readable.from([wrapRing(ring)]), tags: [keyringTag] });
  // Other machines keep theirs in the same repository.
  const own = old.filter(({ tags }) => tags.includes(`host:${vault.hostId}`));
  if (own.length > 0)
    await vault.forget(
      own.map(({ snapshot }) => snapshot),
      false,
    );
  await changeTargetState(work.folder, vault.targetId, { ringStamp: stampOf(ring) });
}
