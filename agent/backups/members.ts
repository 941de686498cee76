import { createHash } from 'node:crypto';
import { lstatSync, readlinkSync, type BigIntStats } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { AppError } from '#shared/errors.ts';
import { closeFile, openFile, openForAppend, readText, removeFile } from '../core/files.ts';
import { readLines, writeLines } from '../core/lines.ts';
import { listAccounts } from '../core/machine.ts';
import { cachePath, createHasher, keepHashes, openHashCache, settlingNs, type HashedLine } from './hashes.ts';
import type { LeftOut, TreeMember, TreePart } from './manifest.ts';
import { createMatcher } from './patterns.ts';
import { excludeLine, literalPattern, type Vault } from './restic.ts';
import { createSums, readStoredList, shownByRestic, type StoredEntry, type StoredList } from './stored-list.ts';
import { leadsOut, join, unreadableSource, walk, type Walk } from './walk.ts';
import type { BackupWork, SavedStream } from './work.ts';

/*
 * A tree into the repository, with the list of what is stored there. restic and we read side by side. The list says what
 * restic says it stored; a file's hash is ours only when file, repository and hash were seen with the same ctime, older
 * than the run. Everything else is hashed again from the repository.
 */

export type TreeGiven = {
  readonly root: string;
  /** Relative to the root, as restic takes them. */
  readonly excludes: readonly string[];
  /** Absolute paths that are never saved: the agent's own state. */
  readonly never: readonly string[];
  /** For the next run; not for folders that live as long as this one. */
  readonly isHashesKept: boolean;
  readonly tags: readonly string[];
  /** Where the list is written. */
  readonly listPath: string;
  /** Asked before anything is written there: how much changed since it was last saved anywhere, and how much there is. */
  readonly checkSpace: (found: { readonly newBytes: number; readonly allBytes: number }) => void;
};

export type SavedTree = Pick<TreePart, 'snapshot' | 'tree' | 'bytes' | 'members'> & {
  readonly addedBytes: number;
  readonly leftOut: readonly LeftOut[];
  /** Snapshots of attempts that did not hold: to be forgotten when nothing else is being saved. */
  readonly abandoned: readonly string[];
};

const attempts = 4;
/** Above this many that changed meanwhile it is quicker to save the tree once more. */
const fewChanged = 16;

/**
 * Answers when the tree is in the repository for the first time; the list is made by `finish`, while the next part is
 * being saved. Both throw `backup_source_unreadable`, `backup_source_changing` and what restic has.
 */
export async function saveTreeWithMembers(
  work: BackupWork,
  vault: Vault,
  given: TreeGiven,
): Promise<{ finish: () => Promise<SavedTree> }> {
  const barred = new Map<string, LeftOut['reason']>();
  const first = await storeTree(work, vault, given, barred);
  return { finish: async () => await listUntilItHolds(work, vault, given, barred, first) };
}

async function listUntilItHolds(
  work: BackupWork,
  vault: Vault,
  given: TreeGiven,
  barred: Map<string, LeftOut['reason']>,
  first: Stored,
): Promise<SavedTree> {
  const abandoned: string[] = [];
  let addedBytes = 0;
  let stored = first;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    if (attempt > 1) stored = await storeTree(work, vault, given, barred);
    const tried = await listStored(work, vault, given, barred, stored, attempt === attempts);
    addedBytes += tried.addedBytes;
    if (tried.saved !== undefined) return { ...tried.saved, addedBytes, abandoned };
    work.log(`${given.root}: ${tried.why}; saving it once more.`);
    abandoned.push(tried.snapshot);
  }
  throw new AppError('busy', 'A folder kept changing while it was saved.', {
    reason: 'backup_source_changing',
    params: { subject: given.root },
  });
}

type Tried =
  | { readonly saved: Omit<SavedTree, 'addedBytes' | 'abandoned'>; readonly addedBytes: number }
  | { readonly saved: undefined; readonly addedBytes: number; readonly snapshot: string; readonly why: string };

/** What restic and we saw of a tree, side by side. */
type Stored = {
  readonly saved: SavedStream | undefined;
  readonly startedNs: bigint;
  readonly leftOut: Map<string, LeftOut['reason']>;
};

/** One of its own for each part: the lists of two are made at the same time. */
const scratchPathOf = (work: BackupWork, { listPath }: TreeGiven, what: 'hashed' | 'stored'): string =>
  `${work.scratch}/${what}-${basename(listPath)}`;

async function storeTree(
  work: BackupWork,
  vault: Vault,
  given: TreeGiven,
  barred: Map<string, LeftOut['reason']>,
): Promise<Stored> {
  const { root } = given;
  const leftOut = new Map<string, LeftOut['reason']>(barred);
  const skips = createSkips(given, barred);
  const rules: Walk = {
    leftOut: (path, reason) => void leftOut.set(path.toString('latin1'), reason),
    isBarred: (path) => skips(shownByRestic(path)),
  };
  work.phase('looking');
  given.checkSpace(countBytes(work, root, rules));
  const excludes = [
    ...given.excludes.flatMap((pattern) => excludeLine(root, pattern)),
    ...[...leftOut.keys()].map((key) => literalLine(root, Buffer.from(key, 'latin1'))),
    ...[...barred.keys()].map((shown) => shownLine(root, shown)),
    ...given.never.map((path) => Buffer.concat([literalPattern(Buffer.from(path)), Buffer.from('/\n')])),
  ];
  const startedNs = BigInt(Date.now()) * 1_000_000n - settlingNs;
  const [saved] = await bothOrNeither([
    vault.restic.withFile(Buffer.concat(excludes), (excludeFile) =>
      vault.saveListed({ root, excludeFile, tags: given.tags }),
    ),
    hashTree(work, root, rules, scratchPathOf(work, given, 'hashed')),
  ]);
  return { saved, startedNs, leftOut };
}

async function listStored(
  work: BackupWork,
  vault: Vault,
  given: TreeGiven,
  barred: Map<string, LeftOut['reason']>,
  { saved, startedNs, leftOut }: Stored,
  isLast: boolean,
): Promise<Tried> {
  const { root } = given;
  const hashedPath = scratchPathOf(work, given, 'hashed');
  if (saved === undefined) return await saveEmpty(work, vault, given, leftOut);
  work.phase('checking_stored');
  const stored = await withStoredList(vault, saved.snapshot, scratchPathOf(work, given, 'stored'), async (list) => {
    const matched = matchSeen(root, hashedPath, list, startedNs, leftOut);
    const rest = matched.count() === list.count ? [] : [...list.entries((path) => !matched.has(path))];
    const changedFiles = rest.filter(({ type }) => type === 'file').length;
    if (changedFiles > fewChanged && !isLast) return { why: `${changedFiles} files changed meanwhile` };
    const others = await settleOthers(work, vault, list, root, rest, barred);
    if (others === undefined) return { why: 'something cannot be kept as it was stored' };
    return { list, matched, others };
  });
  if ('why' in stored)
    return { saved: undefined, addedBytes: saved.addedBytes, snapshot: saved.snapshot, why: stored.why };
  const { list, matched, others } = stored;
  const written = await writeMembers(given.listPath, hashedPath, matched, others, leftOut);
  if (given.isHashesKept) await keepHashes(work.folder, root, hashedPath);
  return {
    addedBytes: saved.addedBytes,
    saved: {
      snapshot: list.snapshot,
      tree: list.tree,
      bytes: written.totalBytes,
      members: written.members,
      leftOut: shownLeftOut(leftOut),
    },
  };
}

/**
 * restic keeps no snapshot of nothing: one of a placeholder stands for it. Nobody reads that: a part without members has
 * an empty archive (`openSet`).
 */
async function saveEmpty(
  work: BackupWork,
  vault: Vault,
  given: TreeGiven,
  leftOut: ReadonlyMap<string, LeftOut['reason']>,
): Promise<Tried> {
  if ([...leftOut.values()].includes('unreadable')) throw unreadableSource(given.root);
  const saved = await vault.saveStream({
    fileName: 'empty',
    input: Readable.from([Buffer.from('empty')]),
    tags: given.tags,
  });
  const lines = writeLines(given.listPath);
  await lines.close();
  const members = { count: 0, bytes: 0, sha256: createHash('sha256').digest('hex') };
  work.log(`${given.root} is empty.`);
  const stored = await vault.inFull(saved.snapshot);
  return { addedBytes: saved.addedBytes, saved: { ...stored, bytes: 0, members, leftOut: shownLeftOut(leftOut) } };
}

const shownLeftOut = (leftOut: ReadonlyMap<string, LeftOut['reason']>): LeftOut[] =>
  [...leftOut].map(([key, reason]) => ({ path: Buffer.from(key, 'latin1').toString('utf8'), reason }));

/** Waits for both also when one fails, so that nothing goes on behind the caller's back. */
export async function bothOrNeither<A, B>(tasks: readonly [Promise<A>, Promise<B>]): Promise<[A, B]> {
  const [first, second] = await Promise.allSettled(tasks);
  if (first.status === 'rejected') throw first.reason;
  if (second.status === 'rejected') throw second.reason;
  return [first.value, second.value];
}

const literalLine = (root: string, path: Buffer): Buffer =>
  Buffer.concat([literalPattern(join(Buffer.from(root), path)), Buffer.from('/\n')]);

/** Of a path as restic shows it: bytes that are not UTF-8 can be any. */
const shownLine = (root: string, shown: string): Buffer =>
  Buffer.from(literalLine(root, Buffer.from(shown)).toString('utf8').replaceAll('\uFFFD', '?'));

function createSkips(
  { root, excludes, never }: TreeGiven,
  barred: ReadonlyMap<string, unknown>,
): (path: string) => boolean {
  const isExcluded = createMatcher(excludes);
  return (path) => barred.has(path) || isExcluded(path) || never.includes(`${root}/${path}`);
}

function countBytes(work: BackupWork, root: string, rules: Walk): { newBytes: number; allBytes: number } {
  const cache = openHashCache(cachePath(work.folder, root));
  let newBytes = 0;
  let allBytes = 0;
  try {
    for (const seen of walk(root, rules)) {
      if (seen.type !== 'file') continue;
      // Holes take no room.
      const bytes = Math.min(Number(seen.stats.size), Number(seen.stats.blocks) * 512);
      allBytes += bytes;
      if (cache.find(seen) === undefined) newBytes += bytes;
    }
  } finally {
    cache.close();
  }
  return { newBytes, allBytes };
}

async function hashTree(work: BackupWork, root: string, rules: Walk, path: string): Promise<void> {
  const cache = openHashCache(cachePath(work.folder, root));
  const hash = createHasher(work.signal);
  const lines = writeLines(path);
  try {
    for (const seen of walk(root, rules)) {
      const known = seen.type === 'file' ? cache.find(seen) : undefined;
      lines.add(JSON.stringify(await hash(root, seen, known)));
    }
  } finally {
    cache.close();
    await lines.close();
  }
}

async function withStoredList<T>(
  vault: Vault,
  snapshot: string,
  path: string,
  use: (list: StoredList) => Promise<T>,
): Promise<T> {
  removeFile(path);
  const fd = openForAppend(path);
  try {
    await vault.listInto(snapshot, fd);
    const file = openFile(path);
    if (file === undefined) throw new Error('the list of restic has gone');
    try {
      return await use(readStoredList(file.fd));
    } finally {
      closeFile(file.fd);
    }
  } finally {
    closeFile(fd);
    removeFile(path);
  }
}

export type Sums = ReturnType<typeof createSums>;

function* hashedLines(path: string): Generator<HashedLine> {
  const file = openFile(path);
  if (file === undefined) throw new Error('the list of hashes has gone');
  try {
    for (const line of readLines(file.fd)) yield JSON.parse(line.toString('utf8')) as HashedLine;
  } finally {
    closeFile(file.fd);
  }
}

/** Paths that were stored exactly as we saw and hashed them, and have not changed up to now. */
function matchSeen(
  root: string,
  hashedPath: string,
  stored: StoredList,
  startedNs: bigint,
  leftOut: Map<string, LeftOut['reason']>,
): Sums {
  const matched = createSums();
  const base = Buffer.from(root);
  for (const line of hashedLines(hashedPath)) {
    const path = Buffer.from(line.p, 'base64');
    const shown = shownByRestic(path);
    if (!stored.hasPath(shown)) {
      if (line.isUnreadable === true) leftOut.set(path.toString('latin1'), 'unreadable');
      continue;
    }
    const now = statOrNone(join(base, path));
    if (now === undefined || String(now.ctimeNs) !== line.c || !stored.hasExact(shown, line.t, now)) continue;
    if (line.t === 'file' && (line.sha === undefined || now.ctimeNs >= startedNs)) continue;
    matched.add(shown);
  }
  matched.seal();
  return matched;
}

function statOrNone(path: Buffer): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Members of what changed meanwhile, told from the repository; undefined: some had to be barred, and the tree saved anew. */
async function settleOthers(
  work: BackupWork,
  vault: Vault,
  { snapshot }: StoredList,
  root: string,
  entries: readonly StoredEntry[],
  barred: Map<string, LeftOut['reason']>,
): Promise<Member[] | undefined> {
  const members: Member[] = [];
  const before = barred.size;
  for (const entry of entries) {
    const { path } = entry;
    const raw = Buffer.from(path);
    if (entry.type === 'special') barred.set(path, 'special');
    // Its bytes are not known, so it cannot be asked for.
    else if (path.includes('\uFFFD')) barred.set(path, 'changing');
    else if (entry.type === 'folder') members.push({ raw, member: memberOf(entry, raw) });
    else if (entry.type === 'link') {
      const target = linkAt(join(Buffer.from(root), raw), entry.ctimeNs);
      if (target === undefined) barred.set(path, 'changing');
      else if (leadsOut(raw, target)) barred.set(path, 'link_refused');
      else members.push({ raw, member: { ...memberOf(entry, raw), target: target.toString('base64') } });
    } else if (barred.size === before) {
      const sha256 = await hashStored(vault, snapshot, entry);
      if (sha256 === undefined) barred.set(path, 'changing');
      else members.push({ raw, member: { ...memberOf(entry, raw), size: sha256.size, sha256: sha256.hex } });
    }
    work.signal.throwIfAborted();
  }
  return barred.size > before ? undefined : members;
}

type Member = { readonly raw: Buffer; readonly member: TreeMember };

function linkAt(path: Buffer, ctimeNs: bigint): Buffer | undefined {
  try {
    const target = readlinkSync(path, 'buffer');
    return statOrNone(path)?.ctimeNs === ctimeNs ? target : undefined;
  } catch {
    return undefined;
  }
}

async function hashStored(
  vault: Vault,
  snapshot: string,
  { path }: StoredEntry,
): Promise<{ hex: string; size: number } | undefined> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of vault.readFile(snapshot, path)) {
    hash.update(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  return { hex: hash.digest('hex'), size };
}

function memberOf(entry: StoredEntry, raw: Buffer): TreeMember {
  const { type, mode, uid, gid, mtimeNs } = entry;
  if (type === 'special') throw new Error('special files are not saved');
  return {
    path: raw.toString('base64'),
    type,
    mode,
    uid,
    gid,
    ...namesOf(uid, gid),
    modifiedMs: milliseconds(mtimeNs),
  };
}

const milliseconds = (ns: bigint): number => Number(ns / 1000n) / 1000;

let names: { users: Map<number, string>; groups: Map<number, string> } | undefined;

/** Looks of a folder itself, as its part keeps them. */
export function rootLooks(path: string): NonNullable<TreePart['root']> {
  const { mode, uid, gid } = lstatSync(path);
  return { mode: mode & 0o7777, uid, gid, ...namesOf(uid, gid) };
}

function namesOf(uid: number, gid: number): { user: string; group: string } {
  names ??= {
    users: new Map(listAccounts().map(({ uid: each, name }) => [each, name])),
    groups: new Map(
      (readText('/etc/group', 16 * 1024 * 1024) ?? '').split('\n').map((line) => {
        const [name = '', , id] = line.split(':');
        return [Number(id), name];
      }),
    ),
  };
  return { user: (names.users.get(uid) ?? '').slice(0, 64), group: (names.groups.get(gid) ?? '').slice(0, 64) };
}

async function writeMembers(
  listPath: string,
  hashedPath: string,
  matched: Sums,
  others: readonly Member[],
  leftOut: Map<string, LeftOut['reason']>,
): Promise<{ members: TreePart['members']; totalBytes: number }> {
  const hash = createHash('sha256');
  const lines = writeLines(listPath);
  const waiting = others.toSorted((a, b) => Buffer.compare(a.raw, b.raw));
  const total = { count: 0, bytes: 0, fileBytes: 0 };
  const add = (member: TreeMember): void => {
    const line = JSON.stringify(member);
    lines.add(line);
    hash.update(line).update('\n');
    total.count++;
    total.bytes += Buffer.byteLength(line) + 1;
    total.fileBytes += member.size ?? 0;
  };
  try {
    for (const line of hashedLines(hashedPath)) {
      const raw = Buffer.from(line.p, 'base64');
      while (waiting[0] !== undefined && Buffer.compare(waiting[0].raw, raw) <= 0) add(takeFirst(waiting));
      if (!matched.has(shownByRestic(raw))) continue;
      leftOut.delete(raw.toString('latin1'));
      add(seenMember(line));
    }
    while (waiting[0] !== undefined) add(takeFirst(waiting));
  } finally {
    await lines.close();
  }
  const { count, bytes, fileBytes } = total;
  return { members: { count, bytes, sha256: hash.digest('hex') }, totalBytes: fileBytes };
}

function takeFirst(waiting: Member[]): TreeMember {
  const first = waiting.shift();
  if (first === undefined) throw new Error('nothing waits');
  return first.member;
}

function seenMember(line: HashedLine): TreeMember {
  const { p, t, mode, uid, gid } = line;
  return {
    path: p,
    type: t,
    mode,
    uid,
    gid,
    ...namesOf(uid, gid),
    modifiedMs: milliseconds(BigInt(line.m)),
    ...(t === 'file' ? { size: Number(line.size), sha256: line.sha } : {}),
    ...(t === 'link' ? { target: line.to } : {}),
  };
}
