import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { Readable } from 'node:stream';
import { AppError } from '#shared/errors.ts';
import {
  append,
  closeFile,
  makeFolder,
  openForAppend,
  putFile,
  removeFile,
  removeOwnFolder,
  Unsynced,
} from '../core/files.ts';
import { agentVersion } from '../core/version.ts';
import { dropKnown, getKnown, listKnown, listPresent, putKnown, type KnownSet } from './catalogue.ts';
import { chainProblems, refuseBroken, type ChainProblem, type Link } from './chain.ts';
import { encodeSigned, invalidManifest, signManifest, verifyManifest } from './keys.ts';
import { fetchLedger, readLedger } from './ledger.ts';
import type { Manifest, TreePart } from './manifest.ts';
import type { OpenTarget } from './open-target.ts';
import { hostTag, setTag } from './restic.ts';
import type { OpenSet } from './restore/seam.ts';
import type { BackupWork, Repository, SnapshotFacts } from './work.ts';

/*
 * Sets between the target and what is known of it here.
 */

export const manifestTag = 'manifest';
export const partTag = 'part';
const manifestName = 'manifest.json';
export const memberListName = (index: number): string => `members-${index}.ndjson`;

export const linkOf = ({ manifest: { setId, sequence, previous }, signed: { hmac } }: KnownSet): Link => ({
  setId,
  sequence,
  hmac,
  previous,
});

/** What the next set of this target follows. */
export function headOf(work: BackupWork, open: OpenTarget): Link | undefined {
  const { targetId } = open.target;
  const own = listKnown(work.folder, targetId).filter((set) => set.manifest.targetId === targetId);
  const links: Link[] = [...own.map(linkOf), ...readLedger(work, open)];
  return links.toSorted((a, b) => b.sequence - a.sequence)[0];
}

export type SetContent = Omit<
  Manifest,
  'format' | 'targetId' | 'hostId' | 'hostName' | 'panelVersion' | 'previous' | 'sequence'
>;

/**
 * Signs a set whose parts are stored, and stores the manifest with the member lists, which lie in `folder`. From here on
 * the set exists.
 */
export async function sealSet(
  work: BackupWork,
  open: OpenTarget,
  content: SetContent,
  folder: string,
): Promise<KnownSet> {
  const head = headOf(work, open);
  const signed = signManifest(open.ring, {
    ...content,
    format: 'aapanel-backup/1',
    targetId: open.target.targetId,
    hostId: open.ring.hostId,
    hostName: hostname().slice(0, 255),
    panelVersion: agentVersion,
    previous: head === undefined ? null : { setId: head.setId, hmac: head.hmac },
    sequence: (head?.sequence ?? 0) + 1,
  });
  const unsynced = new Unsynced();
  putFile(`${folder}/${manifestName}`, encodeSigned(signed), { mode: 0o600 }, 'manifest', unsynced);
  unsynced.drop();
  work.phase('signing');
  const saved = await open.vault.restic.withFile('', (excludeFile) =>
    open.vault.saveListed({ root: folder, excludeFile, tags: [manifestTag, setTag(content.setId)] }),
  );
  if (saved === undefined) throw new Error('the manifest was not stored');
  // It may be short here; the next look at the target has it in full.
  const { snapshot } = saved;
  const { targetId } = open.target;
  await putKnown(work.folder, targetId, { signed, snapshot, isPresent: true }, content.setId);
  return getKnown(work.folder, targetId, content.setId);
}

export type Stock = {
  readonly snapshots: readonly SnapshotFacts[];
  /** Manifests that do not verify, by set id. */
  readonly refused: ReadonlyMap<string, unknown>;
};

/**
 * Looks at what stands in the target: takes new sets in, marks those that vanished, and removes what crashes left of our
 * own. `isRereading`: also manifests that are known already.
 */
export async function syncSets(work: BackupWork, open: OpenTarget, isRereading = false): Promise<Stock> {
  const { folder } = work;
  const { targetId } = open.target;
  const snapshots = await open.vault.snapshots('aapanel');
  if (snapshots.some(({ tags }) => tags.includes('ledger'))) await fetchLedger(work, open);
  const removed = new Set(readLedger(work, open).map(({ setId }) => setId));
  const bySet = groupBySet(snapshots);
  const refused = new Map<string, unknown>();
  const known = new Map(listKnown(folder, targetId).map((set) => [set.manifest.setId, set]));
  const leftovers: string[] = [];
  for (const [setId, { manifests, parts }] of bySet) {
    const isOurs = [...manifests, ...parts].every(({ tags }) => tags.includes(hostTag(open.ring.hostId)));
    const [first] = manifests;
    if (first === undefined || removed.has(setId)) {
      if (isOurs) leftovers.push(...[...manifests, ...parts].map(({ snapshot }) => snapshot));
      continue;
    }
    try {
      await takeIn(work, open, setId, manifests, parts, isRereading ? undefined : known.get(setId));
    } catch (error) {
      if (!(error instanceof AppError) || work.signal.aborted) throw error;
      if (error.reason === 'backup_target_unreachable') throw error;
      refused.set(setId, error);
    }
  }
  for (const set of known.values()) {
    const { setId } = set.manifest;
    if (removed.has(setId)) await dropKnown(folder, targetId, setId);
    else if (set.isPresent && (!bySet.has(setId) || refused.has(setId)))
      await putKnown(folder, targetId, { ...set, isPresent: false }, setId);
  }
  if (leftovers.length > 0) {
    work.log(`Removing ${leftovers.length} snapshots that a run left unfinished.`);
    await open.vault.forget(leftovers, false);
  }
  return { snapshots, refused };
}

type OfSet = { readonly manifests: SnapshotFacts[]; readonly parts: SnapshotFacts[] };

function groupBySet(snapshots: readonly SnapshotFacts[]): Map<string, OfSet> {
  const groups = new Map<string, OfSet>();
  for (const snapshot of snapshots) {
    const setId = snapshot.tags.find((tag) => tag.startsWith('set:'))?.slice(4);
    if (setId === undefined) continue;
    const group = groups.get(setId) ?? { manifests: [], parts: [] };
    groups.set(setId, group);
    (snapshot.tags.includes(manifestTag) ? group.manifests : group.parts).push(snapshot);
  }
  return groups;
}

/** Throws when the manifest is not what it should be, or a snapshot that it names is not there. */
async function takeIn(
  work: BackupWork,
  open: OpenTarget,
  setId: string,
  manifests: readonly SnapshotFacts[],
  parts: readonly SnapshotFacts[],
  before: KnownSet | undefined,
): Promise<void> {
  const [first, ...others] = manifests;
  if (first === undefined || others.length > 0) throw invalidManifest('two manifests claim to be of one set');
  const isKnown = before !== undefined && first.snapshot.startsWith(before.snapshot);
  const { signed, manifest } = isKnown ? before : await readManifest(open, first.snapshot);
  if (manifest.setId !== setId) throw invalidManifest('it is the manifest of another set');
  if (before !== undefined && before.signed.hmac !== signed.hmac)
    throw invalidManifest('it is not the one that was stored');
  for (const part of manifest.parts) {
    const found = parts.find(({ snapshot }) => snapshot === part.snapshot);
    if (found === undefined || (part.kind === 'tree' && found.tree !== part.tree)) throw partMissing(part.name);
  }
  if (isKnown && before.isPresent && before.snapshot === first.snapshot) return;
  await putKnown(work.folder, open.target.targetId, { signed, snapshot: first.snapshot, isPresent: true }, setId);
}

function partMissing(name: string): AppError {
  return new AppError('internal', 'A part of a backup is not in the target.', {
    reason: 'backup_mismatch',
    params: { subject: name },
  });
}

export async function readManifest(open: OpenTarget, snapshot: string): Promise<Pick<KnownSet, 'signed' | 'manifest'>> {
  return verifyManifest(open.ring, Buffer.from(await open.vault.restic.look(['dump', snapshot, `/${manifestName}`])));
}

/** What is wrong with the order of a target's sets, as they were last seen. */
export function problemsOf(work: BackupWork, open: OpenTarget): ChainProblem[] {
  const { targetId } = open.target;
  const isOwn = (set: KnownSet): boolean => set.manifest.targetId === targetId;
  return chainProblems(
    listPresent(work.folder, targetId).filter(isOwn).map(linkOf),
    readLedger(work, open),
    listKnown(work.folder, targetId).filter(isOwn).map(linkOf),
  );
}

/**
 * A set for reading: manifest from the target, signature, key and chain checked. Throws `backup_set_unknown`,
 * `backup_key_*`, `backup_manifest_invalid`, `backup_chain_broken`.
 */
export async function openSet(work: BackupWork, open: OpenTarget, setId: string): Promise<OpenSet> {
  const { targetId } = open.target;
  const known = getKnown(work.folder, targetId, setId);
  const { manifest, signed } = await readManifest(open, known.snapshot);
  if (signed.hmac !== known.signed.hmac) throw invalidManifest('it is not the one that was stored');
  refuseBroken(problemsOf(work, open).filter((problem) => problem.setId === setId));
  return {
    repository: withEmptyTrees(open.vault, manifest),
    signed,
    manifest,
    membersOf: async (part) => await fetchMembers(work, open, known.snapshot, manifest, part),
  };
}

/** What stands for an empty tree is not read. */
function withEmptyTrees(vault: Repository, { parts }: Manifest): Repository {
  const empty = new Set(
    parts.flatMap((part) => (part.kind === 'tree' && part.members.count === 0 ? [part.snapshot] : [])),
  );
  if (empty.size === 0) return vault;
  return {
    ...vault,
    readTar: (snapshot, folder) =>
      empty.has(snapshot) ? Readable.from([Buffer.alloc(1024)]) : vault.readTar(snapshot, folder),
  };
}

/** Brings a member list from the target and checks it against the manifest. Answers its path in the scratch folder. */
export async function fetchMembers(
  work: BackupWork,
  open: Pick<OpenTarget, 'vault'>,
  snapshot: string,
  { parts, setId }: Pick<Manifest, 'parts' | 'setId'>,
  part: TreePart,
): Promise<string> {
  const index = parts.findIndex(({ name }) => name === part.name);
  const path = `${work.scratch}/${setId}-${memberListName(index)}`;
  removeFile(path);
  const fd = openForAppend(path);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of open.vault.readFile(snapshot, memberListName(index))) {
      const piece = chunk as Buffer;
      bytes += piece.length;
      if (bytes > part.members.bytes) break;
      hash.update(piece);
      append(fd, piece);
    }
  } finally {
    closeFile(fd);
  }
  if (bytes === part.members.bytes && hash.digest('hex') === part.members.sha256) return path;
  removeFile(path);
  throw new AppError('internal', 'A list of members is not what the manifest says.', {
    reason: 'backup_mismatch',
    params: { subject: part.name },
  });
}

/** A new empty folder below the scratch folder of the run. */
export function makeScratch(work: BackupWork, name: string): string {
  const path = `${work.scratch}/${name}`;
  removeOwnFolder(path);
  makeFolder(path, { mode: 0o700 });
  return path;
}
