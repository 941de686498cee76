import { closeSync, constants, fchmodSync, fchownSync, fstatSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { errnoOf, look, makeFolders, openFolder } from '../../core/files.ts';
import { findProgram, run } from '../../core/run.ts';
import type { BackupWork, TreeRestore } from '../work.ts';
import { checkTree, dress, dressTree } from './check-tree.ts';
import { compareTree } from './compare.ts';
import { findMember, readMembers, totalsOf, type Member, type Totals } from './members.ts';
import { createOwnerOf, type OwnerMap, type OwnerOf } from './owners.ts';
import { bytesNeeded, checkSpace, dropHolder, makeHolder } from './places.ts';
import type { OpenSet } from './seam.ts';
import { swapAll, type Swap } from './swap.ts';
import { unpackTree } from './unpack.ts';

/*
 * One tree of a set, made ready beside its target and checked in full; then one rename brings it in. Until then nothing in
 * place is touched, and nothing of a failure stays.
 */

export type TreePlan = TreeRestore & {
  readonly set: OpenSet;
  /** Where the part belongs on this machine, prefix included. */
  readonly home: string;
};

export type Owners = {
  readonly map?: OwnerMap;
};

export type Ready = {
  readonly plan: TreePlan;
  readonly swap: Swap;
  readonly member: Member | undefined;
  readonly totals: Totals;
};

/** What it would change, the room it needs and about how long it takes. Throws when there is no room. */
export async function previewTree(work: BackupWork, plan: TreePlan): Promise<void> {
  await memberOf(plan);
  const totals = await totalsOf(plan.membersPath, plan.member);
  const target = targetOf(plan);
  const needed = bytesNeeded(totals);
  const live = plan.into.kind === 'in_place' ? openLive(plan.home) : undefined;
  try {
    await compare(work, plan, live);
  } finally {
    if (live !== undefined) closeSync(live);
  }
  const freeBytes = checkSpace(dirname(target), needed);
  work.report({
    what: 'measured',
    subject: plan.part.name,
    reason: 'space',
    params: { neededBytes: needed, freeBytes },
  });
  const seconds = Math.ceil(totals.bytes / bytesPerSecond + totals.count / membersPerSecond);
  work.report({ what: 'measured', subject: plan.part.name, reason: 'time', params: { seconds } });
}

/** Careful figures of a small machine with a local target. */
const bytesPerSecond = 40_000_000;
const membersPerSecond = 2_000;

async function compare(work: BackupWork, plan: TreePlan, live: number | undefined): Promise<void> {
  const { changed, created, removed, unchanged } = await compareTree(work, live, plan.membersPath, plan.member);
  const counts = { changed: changed.count, created: created.count, removed: removed.count, unchanged: unchanged.count };
  const bytes = { changedBytes: changed.bytes, createdBytes: created.bytes, removedBytes: removed.bytes };
  work.report({ what: 'measured', subject: plan.part.name, reason: 'comparison', params: { ...counts, ...bytes } });
}

/** Extracts and checks; nothing in place has changed when it ends. The caller finishes it, or drops the holder. */
export async function makeReady(work: BackupWork, plan: TreePlan): Promise<Ready> {
  const member = await memberOf(plan);
  const totals = await totalsOf(plan.membersPath, plan.member);
  const target = targetOf(plan);
  if (plan.into.kind === 'aside' && look(target).type !== 'missing') throw asideExists(target);
  checkSpace(dirname(target), bytesNeeded(totals));
  // On a fresh machine the folders above may be missing too.
  if (plan.into.kind === 'in_place') makeFolders(dirname(target), 0o755);
  const holder = await makeHolder(work.folder, target);
  const ready: Ready = { plan, swap: { holder, target }, member, totals };
  try {
    const { set, part, membersPath } = plan;
    work.phase('reading');
    await unpackTree({ work, set, part, membersPath, totals, into: `${holder.path}/${stageOf(ready)}`, member });
    work.phase('checking', 0);
    await inStage(ready, (folder) => checkTree({ work, folder, membersPath, only: plan.member, totals }));
    return ready;
  } catch (error) {
    dropHolder(work.folder, holder);
    throw error;
  }
}

/** One member is extracted below its whole path, and what has to be brought in is taken out of it. */
const stageOf = ({ member }: Pick<Ready, 'member'>): string => (member === undefined ? 'new' : 'stage');

async function inStage(ready: Ready, use: (folder: number) => Promise<void>): Promise<void> {
  const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
  const folder = openSync(ready.swap.holder.at(stageOf(ready)), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    await use(folder);
  } finally {
    closeSync(folder);
  }
}

/** Owners, modes and times as they will be in place; then it is on the disk. */
export async function dressReady(work: BackupWork, ready: Ready, owners: Owners = {}): Promise<void> {
  const { plan, member, swap } = ready;
  await inStage(ready, async (folder) => {
    const ownerOf = createOwnerOf(owners.map);
    await dressTree({ work, folder, membersPath: plan.membersPath, only: plan.member }, ownerOf);
    if (member === undefined) dressRoot(work, plan, folder, ownerOf);
    else await takeOut(work, plan, swap, folder, ownerOf);
  });
  await syncFileSystem(swap.holder.path);
}

/** In place: as the folder that is there, else as it was when it was saved. Aside: nobody but root may look in. */
function dressRoot(work: BackupWork, plan: TreePlan, folder: number, ownerOf: OwnerOf): void {
  const live = plan.into.kind === 'in_place' ? openLive(plan.home) : undefined;
  const stats = live === undefined ? undefined : fstatSync(live);
  if (live !== undefined) closeSync(live);
  const own = { mode: 0o700, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const kept = plan.into.kind === 'in_place' ? plan.part.root : undefined;
  const { mode, uid, gid } = stats ?? (kept === undefined ? own : { mode: kept.mode, ...ownerOf(kept) });
  if (work.isRoot) fchownSync(folder, uid, gid);
  fchmodSync(folder, mode & 0o3777);
}

/** From the stage: the member, with the folders above it that are missing in place. */
async function takeOut(
  work: BackupWork,
  plan: TreePlan,
  { holder, target }: Swap,
  folder: number,
  ownerOf: OwnerOf,
): Promise<void> {
  const whole = plan.member ?? '';
  const wanted = plan.into.kind === 'in_place' ? target.slice(plan.home.length + 1) : whole;
  const above = new Set(whole.split('/').map((_, index, parts) => parts.slice(0, index).join('/')));
  const only = wanted.split('/')[0] ?? '';
  for await (const member of readMembers(plan.membersPath, only)) {
    const path = Buffer.from(member.key, 'latin1').toString('utf8');
    if (above.has(path)) dress(work, folder, member, ownerOf);
  }
  if (plan.into.kind === 'in_place') return renameSync(holder.at(`stage/${wanted}`), holder.at('new'));
  mkdirSync(holder.at('new'), 0o700);
  renameSync(holder.at(`stage/${wanted}`), holder.at(`new/${basename(whole)}`));
}

/** What was extracted is on the disk before it takes the place of something. */
async function syncFileSystem(path: string): Promise<void> {
  const program = findProgram('sync');
  if (program === undefined) throw new Error('sync (coreutils) is missing');
  const { code, stderr } = await run(program, ['-f', path], { timeoutMs: 600_000 });
  if (code !== 0) throw new Error(`sync: ${stderr.slice(0, 200)}`);
}

/** Brings in what was made ready. All of it, or nothing; nothing is left over either way. */
export async function bringIn(work: BackupWork, ready: readonly Ready[]): Promise<void> {
  work.phase('swapping');
  try {
    await swapAll(
      work.folder,
      work.runId,
      ready.map(({ swap }) => swap),
    );
  } catch (error) {
    dropReady(work, ready);
    throw error;
  }
}

export function dropReady(work: BackupWork, ready: readonly Ready[]): void {
  for (const { swap } of ready) dropHolder(work.folder, swap.holder);
}

async function memberOf(plan: TreePlan): Promise<Member | undefined> {
  if (plan.member === undefined) return undefined;
  const member = await findMember(plan.membersPath, plan.member);
  if (member?.key === Buffer.from(plan.member, 'utf8').toString('latin1')) return member;
  throw new AppError('not_found', 'The backup has no such member.', {
    reason: 'backup_member_unknown',
    params: { member: plan.member },
  });
}

/** Where the swap happens: the place itself, or the first folder on the way to a member that is missing there. */
function targetOf({ into, home, member }: TreePlan): string {
  if (into.kind === 'aside') return into.path;
  if (member === undefined) return home;
  const parts = member.split('/');
  for (const index of parts.keys()) {
    const at = `${home}/${parts.slice(0, index + 1).join('/')}`;
    if (look(at).type === 'missing') return at;
  }
  return `${home}/${member}`;
}

/** The folder in place; undefined when there is none. Throws when a link stands in its way. */
function openLive(path: string): number | undefined {
  try {
    return openFolder(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function asideExists(path: string): AppError {
  return new AppError('already_exists', 'This exists already.', { reason: 'backup_aside_exists', params: { path } });
}
