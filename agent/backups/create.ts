import { Readable } from 'node:stream';
import type { BackupSet } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import { removeOwnFolder } from '../core/files.ts';
import { listPresent, setPin, type KnownSet } from './catalogue.ts';
import { dumps } from './dumps/dumps.ts';
import { newId } from './keys.ts';
import type { DumpPart, LeftOut, Manifest, TreePart } from './manifest.ts';
import { rootLooks, saveTreeWithMembers } from './members.ts';
import type { OpenTarget } from './open-target.ts';
import { freeBytesOf } from './places.ts';
import { findResticVersion, setTag } from './restic.ts';
import type { SourcePart } from './restore/seam.ts';
import { makeScratch, memberListName, partTag, sealSet } from './sets.ts';
import type { BackupWork, Dump } from './work.ts';

/*
 * One set in one target: every part, then the signed manifest. A part that fails fails the set; what was stored of it is
 * never listed, and the next run removes it.
 */

export type CreateGiven = {
  readonly kind: BackupSet['kind'];
  readonly plan: { readonly planId: string; readonly name: string } | null;
  readonly planName: string;
  readonly parts: readonly SourcePart[];
  readonly excludes: readonly string[];
};

/** Throws what failed; the set does not exist then. The caller has the target open and cleaned up (`syncSets`). */
export async function createSet(work: BackupWork, open: OpenTarget, given: CreateGiven): Promise<KnownSet> {
  if (given.parts.length === 0)
    throw new AppError('not_found', 'There is nothing to save.', {
      reason: 'backup_source_missing',
      params: { subject: given.planName },
    });
  const setId = newId();
  const startedAt = new Date(work.now()).toISOString();
  const folder = makeScratch(work, 'manifest');
  try {
    checkSpace(work, open, 0);
    const saved = await saveParts(work, open, { ...given, setId, folder });
    const abandoned = saved.flatMap((each) => each.abandoned);
    if (abandoned.length > 0) await open.vault.forget(abandoned, false);
    const parts = saved.map(({ part }) => part);
    const addedBytes = saved.reduce((sum, each) => sum + each.addedBytes, 0);
    const set = await sealSet(
      work,
      open,
      {
        setId,
        planId: given.plan?.planId ?? null,
        planName: given.plan?.name ?? given.planName,
        kind: given.kind,
        startedAt,
        endedAt: new Date(work.now()).toISOString(),
        tools: { restic: await resticVersion() },
        addedBytes,
        parts: await withFullIds(open, setId, parts),
      },
      folder,
    );
    // Whoever restored must be able to go back until they say otherwise.
    if (given.kind === 'safety') await setPin(work.folder, open.target.targetId, setId, true);
    return set;
  } catch (error) {
    await takeBack(work, open, setId, error);
    throw error;
  } finally {
    removeOwnFolder(folder);
  }
}

/**
 * The manifest names snapshots in full. One look for all parts, and none where restic has said the whole ids (0.17 and
 * later).
 */
async function withFullIds(open: OpenTarget, setId: string, parts: Manifest['parts']): Promise<Manifest['parts']> {
  const isFull = ({ snapshot }: { readonly snapshot: string }): boolean => /^[0-9a-f]{64}$/.test(snapshot);
  if (parts.every(isFull)) return parts;
  const stored = await open.vault.snapshots(setTag(setId));
  return parts.map((part) => {
    const found = stored.find(({ snapshot }) => snapshot.startsWith(part.snapshot));
    if (found === undefined) throw new Error('a snapshot that was just made is not there');
    return { ...part, snapshot: found.snapshot };
  });
}

/** What a failed set stored goes at once where it can; otherwise the next run does it. */
async function takeBack(work: BackupWork, { vault }: OpenTarget, setId: string, error: unknown): Promise<void> {
  if (work.signal.aborted) return;
  const isFull = error instanceof AppError && error.reason === 'backup_target_full';
  try {
    const stored = await vault.snapshots(setTag(setId));
    await vault.forget(
      stored.map(({ snapshot }) => snapshot),
      isFull,
    );
  } catch {
    work.log('What was stored of the failed backup is removed by the next run.');
  }
}

type PartGiven = {
  readonly part: SourcePart;
  readonly setId: string;
  readonly excludes: readonly string[];
  readonly listPath: string;
};
type SavedPart = {
  readonly part: TreePart | DumpPart;
  readonly addedBytes: number;
  readonly abandoned: readonly string[];
};
/** The bytes are in the repository; what is left is to say what they are. */
type StoredPart = { readonly finish: () => Promise<SavedPart> };

/** One part after the other is stored. What is left of one is done while the next one is being stored. */
async function saveParts(
  work: BackupWork,
  open: OpenTarget,
  given: Pick<CreateGiven, 'parts' | 'excludes'> & { readonly setId: string; readonly folder: string },
): Promise<SavedPart[]> {
  const { setId, excludes } = given;
  const finished: Promise<SavedPart>[] = [];
  const finish = async (part: SourcePart, stored: StoredPart): Promise<SavedPart> => {
    const saved = await stored.finish();
    work.log(`Saved ${part.name}: ${saved.part.bytes} bytes, ${saved.addedBytes} new`);
    return saved;
  };
  try {
    for (const [index, part] of given.parts.entries()) {
      work.signal.throwIfAborted();
      work.log(`Saving ${part.name}`);
      const listPath = `${given.folder}/${memberListName(index)}`;
      const stored = await storePart(work, open, { part, setId, excludes, listPath });
      // Never more than one part behind.
      await finished.at(-1);
      const saved = finish(part, stored);
      // Nobody looks before the next part is stored, and a refusal that nobody looks at would end the process.
      saved.catch(() => undefined);
      finished.push(saved);
    }
    return await Promise.all(finished);
  } finally {
    // Nothing goes on behind the caller's back.
    await Promise.allSettled(finished);
  }
}

async function storePart(work: BackupWork, open: OpenTarget, given: PartGiven): Promise<StoredPart> {
  if (given.part.kind === 'tree') return await storeTreePart(work, open, given, given.part);
  const saved = await saveDumpPart(work, open, given, given.part);
  return { finish: async () => await Promise.resolve(saved) };
}

async function storeTreePart(
  work: BackupWork,
  open: OpenTarget,
  { setId, excludes, listPath }: PartGiven,
  part: Extract<SourcePart, { kind: 'tree' }>,
): Promise<StoredPart> {
  const { name, source, root } = part;
  const isOwnState = root.startsWith(`${work.stateFolder}/`);
  const stored = await saveTreeWithMembers(work, open.vault, {
    root,
    excludes: [...(isOwnState ? [] : excludes), ...part.excludes],
    never: work.stateFolder.startsWith(`${root}/`) ? [work.stateFolder] : [],
    isHashesKept: !isOwnState,
    tags: [partTag, setTag(setId)],
    listPath,
    // What was saved elsewhere only is all new here.
    checkSpace: ({ newBytes, allBytes }) => checkSpace(work, open, isSavedHere(work, open, name) ? newBytes : allBytes),
  });
  const looks = part.looks ?? rootLooks(root);
  return {
    async finish() {
      const { snapshot, tree, bytes, members, leftOut, addedBytes, abandoned } = await stored.finish();
      reportLeftOut(work, name, leftOut);
      const leftOutCount = leftOut.length;
      return {
        addedBytes,
        abandoned,
        part: { kind: 'tree', name, source, snapshot, tree, root: looks, bytes, members, leftOutCount },
      };
    },
  };
}

function isSavedHere(work: BackupWork, { target }: OpenTarget, name: string): boolean {
  return listPresent(work.folder, target.targetId).some(({ manifest }) =>
    manifest.parts.some((part) => part.name === name),
  );
}

const maxReported = 1000;

function reportLeftOut(work: BackupWork, name: string, leftOut: readonly LeftOut[]): void {
  for (const { path, reason } of leftOut.slice(0, maxReported))
    work.report({ what: 'left_out', subject: `${name}: ${path}`.slice(0, 4200), reason, params: {} });
  if (leftOut.length > 0) work.log(`${leftOut.length} things were left out of ${name}; the report says which.`);
}

async function saveDumpPart(
  work: BackupWork,
  open: OpenTarget,
  { setId }: PartGiven,
  part: Extract<SourcePart, { kind: 'dump' }>,
): Promise<SavedPart> {
  work.phase('dumping');
  const dump = part.open === undefined ? await dumps.open(work, part.source) : await part.open();
  dump.facts.catch(() => undefined);
  const saved = await open.vault.saveStream({
    fileName: dump.fileName,
    input: Readable.from(untilProven(dump), { objectMode: false }),
    tags: [partTag, setTag(setId)],
  });
  const facts = await dump.facts;
  if (facts.bytes !== saved.bytes)
    throw new AppError('internal', 'The stored dump is not what was read.', {
      reason: 'backup_mismatch',
      params: { subject: part.name },
    });
  const { snapshot, addedBytes } = saved;
  const { name, source } = part;
  return {
    addedBytes,
    abandoned: [],
    part: { kind: 'dump', name, source, snapshot, fileName: dump.fileName, ...facts },
  };
}

/** The stream of a dump, which fails at its end when the tool did, and when it is empty: restic then keeps nothing. */
async function* untilProven(dump: Dump): AsyncGenerator<Buffer> {
  for await (const chunk of dump.stream) yield chunk as Buffer;
  const { bytes } = await dump.facts;
  if (bytes === 0)
    throw new AppError('internal', 'The dump came out empty.', {
      reason: 'backup_dump_empty',
      params: { subject: dump.fileName },
    });
}

/** Throws `backup_no_space` before anything is written. Local targets only: others do not say. */
function checkSpace(work: BackupWork, { target }: OpenTarget, newBytes: number): void {
  const freeBytes = freeBytesOf(work, target.place);
  if (freeBytes === undefined || target.place.kind !== 'local') return;
  const neededBytes = Math.ceil(newBytes * 1.1) + (target.limits.minFreeBytes ?? 0);
  if (freeBytes >= neededBytes && freeBytes > 0) return;
  throw new AppError('internal', 'There is not enough room in the target.', {
    reason: 'backup_no_space',
    params: { path: target.place.path, neededBytes, freeBytes },
  });
}

async function resticVersion(): Promise<string> {
  return (await findResticVersion()) ?? 'unknown';
}
