import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import { canonicalJson } from '#shared/agent/people.ts';
import { id, instant } from '#shared/http.ts';
import { putFile, readBytes, Unsynced } from '../core/files.ts';
import { catalogueOf } from './catalogue.ts';
import { encodeSigned, invalidManifest, signText, verifyText } from './keys.ts';
import type { OpenTarget } from './open-target.ts';
import { hostTag } from './restic.ts';
import type { BackupWork } from './work.ts';

/*
 * What we removed from a target, signed, kept here and in the target. It is written before anything is removed: a crash
 * leaves sets that are to go, and the next run finishes.
 */

export const ledgerTag = 'ledger';

const removedSet = z.strictObject({
  setId: id,
  sequence: z.int().min(1),
  hmac: z.string().regex(/^[0-9a-f]{64}$/),
  at: instant,
});
const ledgerShape = z.strictObject({
  format: z.literal('aapanel-ledger/1'),
  targetId: id,
  removed: z.array(removedSet),
});
export type Removed = z.infer<typeof removedSet>;

const pathOf = (folder: string, targetId: string): string => `${catalogueOf(folder, targetId)}/ledger.json`;
const maxBytes = 64 * 1024 * 1024;

/** Throws `backup_manifest_invalid` and the like when it is not ours. */
export function readLedger(
  { folder }: Pick<BackupWork, 'folder'>,
  { ring, target }: Pick<OpenTarget, 'ring' | 'target'>,
): Removed[] {
  const bytes = readBytes(pathOf(folder, target.targetId), maxBytes);
  return bytes === undefined ? [] : parse(bytes, ring, target.targetId);
}

function parse(bytes: Buffer, ring: OpenTarget['ring'], targetId: string): Removed[] {
  const parsed = ledgerShape.safeParse(JSON.parse(verifyText(ring, bytes).manifest));
  if (!parsed.success || parsed.data.targetId !== targetId) throw invalidManifest('the ledger is of something else');
  return parsed.data.removed;
}

/** Notes sets as removed, in the target first. */
export async function addToLedger(work: BackupWork, open: OpenTarget, sets: readonly Removed[]): Promise<void> {
  const { targetId } = open.target;
  const before = readLedger(work, open).filter(({ setId }) => !sets.some((set) => set.setId === setId));
  const content = { format: 'aapanel-ledger/1', targetId, removed: [...before, ...sets] };
  const bytes = encodeSigned(signText(open.ring, canonicalJson(ledgerShape.parse(content))));
  const old = await open.vault.snapshots(ledgerTag);
  await open.vault.saveStream({
    fileName: 'ledger.json',
    input: Readable.from([bytes]),
    tags: [ledgerTag, `target:${targetId}`],
  });
  await keepLedger(work, targetId, bytes);
  const own = old.filter(
    ({ tags }) => tags.includes(hostTag(open.vault.hostId)) && tags.includes(`target:${targetId}`),
  );
  await open.vault.forget(
    own.map(({ snapshot }) => snapshot),
    false,
  );
}

async function keepLedger({ folder }: BackupWork, targetId: string, bytes: Buffer): Promise<void> {
  const unsynced = new Unsynced();
  putFile(pathOf(folder, targetId), bytes, { mode: 0o600 }, 'ledger', unsynced);
  await unsynced.flush();
}

/** Takes the target's ledger where there is none here: after a recovery on a bare machine. */
export async function fetchLedger(work: BackupWork, open: OpenTarget): Promise<void> {
  const { targetId } = open.target;
  if (readBytes(pathOf(work.folder, targetId), maxBytes) !== undefined) return;
  const found = [...(await open.vault.snapshots(ledgerTag))]
    .filter(({ tags }) => tags.includes(`target:${targetId}`))
    .sort((a, b) => (a.time < b.time ? 1 : -1));
  const [newest] = found;
  if (newest === undefined) return;
  const bytes = await buffer(open.vault.readFile(newest.snapshot, 'ledger.json'));
  parse(bytes, open.ring, targetId);
  await keepLedger(work, targetId, bytes);
}
