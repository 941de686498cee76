import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import { recycledKinds, type KeptAccount, type RecycledSite, type RecycleState } from '#shared/recycled-sites.ts';
import type { Call } from '../core/call.ts';
import { look } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { sumTree } from '../core/trees.ts';
import { endSessions, reloadSshd } from '../sftp/sftp.daemon.ts';
import { recycleBin } from '../sites/discards.ts';
import { dropKeptAccountWants, findKeptAccount, keepAccountWants, keptAccountNames } from '../sites/kept-accounts.ts';
import { checkRoot, foldersOf } from '../sites/site-checks.ts';
import { selfOwner } from '../sites/site-records.ts';
import { choresLater } from '../sites/sites.removal.ts';
import { choreWant, doChores } from '../unix-users/chores.ts';
import { emptiedAt, listRecycled, readRecycleSettings, type Recycled } from './recycle-bin.ts';

const mostListed = 500;
const maxEntries = 500_000;
/** For all sizes together: what is not counted by then is shown as "at least". */
const longestWalkMs = 10_000;

export async function readRecycled(machine: Machine): Promise<RecycleState> {
  const all = listRecycled(machine);
  const settings = readRecycleSettings(machine);
  const endsAt = Date.now() + longestWalkMs;
  const items: RecycledSite[] = [];
  for (const each of all.slice(0, mostListed)) {
    const due = emptiedAt(each, settings);
    const root = each.removal?.record.root ?? null;
    items.push({
      id: each.id,
      slug: each.slug,
      deletedBy: each.removal?.by?.name ?? null,
      deletedAt: new Date(each.deletedAt).toISOString(),
      emptiedAt: due === null ? null : new Date(due).toISOString(),
      root: root === '' ? null : root,
      isRootFree: root !== null && root !== '' && isFree(machine, root),
      isWhole: each.removal !== undefined,
      parts: await partsOf(machine, each, endsAt),
    });
  }
  return { items, total: all.length, accounts: listAccounts(machine), settings };
}

async function partsOf(machine: Machine, { parts }: Recycled, endsAt: number): Promise<RecycledSite['parts']> {
  const sums: RecycledSite['parts'] = [];
  for (const kind of recycledKinds) {
    const names = parts.filter((part) => part.kind === kind);
    if (names.length === 0) continue;
    const sum = { kind, sizeBytes: 0, fileCount: 0, isTruncated: false };
    for (const { name } of names) {
      const path = `${machine.prefix}${recycleBin}/${name}`;
      const found = look(path);
      if (found.type === 'file') {
        sum.sizeBytes += found.size;
        sum.fileCount++;
      } else if (found.type === 'folder') {
        const tree = await sumTree(path, maxEntries, endsAt);
        sum.sizeBytes += tree.sizeBytes;
        sum.fileCount += tree.count;
        sum.isTruncated ||= tree.isTruncated;
      }
    }
    sums.push(sum);
  }
  return sums;
}

function isFree(machine: Machine, root: string): boolean {
  if (look(machine.prefix + root).type !== 'missing') return false;
  try {
    checkRoot(machine, { slug: '', root });
    return true;
  } catch {
    return false;
  }
}

function listAccounts(machine: Machine): KeptAccount[] {
  return keptAccountNames(machine)
    .flatMap((name) => findKeptAccount(machine, name) ?? [])
    .sort((one, other) => other.keptAt - one.keptAt)
    .slice(0, mostListed)
    .map(({ user, slug, folder, sftpFiles, keptAt, keptBy }) => ({
      user,
      slug,
      keptBy,
      keptAt: new Date(keptAt).toISOString(),
      folder: !isInBin(folder) && look(machine.prefix + folder).type === 'folder' ? folder : null,
      hasSftp: sftpFiles.some((path) => look(machine.prefix + path).type === 'file'),
    }));
}

const isInBin = (path: string): boolean => path.startsWith(`${recycleBin}/`);

/** Moves the files into a folder that is free; nothing that stands anywhere is touched. Call it with nginx's lock held. */
export async function restoreRecycled(
  machine: Machine,
  { recycledId, changeId, root: given }: ActionParams<AgentActions['recycled_sites.restore']>,
  { actor }: Call,
): Promise<{ root: string }> {
  const done = machine.engine.find(changeId);
  if (done !== undefined && done !== 'open' && done.state === 'committed')
    return { root: done.facts['root'] as string };
  const found = listRecycled(machine).find(({ id }) => id === recycledId);
  const files = found?.parts.find(({ kind }) => kind === 'files');
  const root = given ?? found?.removal?.record.root ?? '';
  if (found === undefined || files === undefined || root === '')
    throw new AppError('not_found', 'There are no files of this site.', { reason: 'recycled_files_unknown' });
  checkRoot(machine, { slug: '', root });
  if (look(machine.prefix + root).type !== 'missing')
    throw new AppError('in_use', 'Something stands in this place.', {
      reason: 'recycled_place_taken',
      params: { path: root },
    });
  // They must have their last owner first: the number of a deleted user is given to another.
  await doChores(machine);
  const record = found.removal?.record;
  if (record !== undefined && look(`${machine.stateFolder}/chores/${record.linuxUser}`).type !== 'missing')
    throw new AppError('busy', 'Programs of the deleted site still run.', { reason: 'recycled_still_used' });
  const kept = record === undefined ? undefined : findKeptAccount(machine, record.linuxUser);
  const above = foldersOf(root)
    .slice(2, -1)
    .filter((path) => look(machine.prefix + path).type === 'missing');
  const folder = (path: string): Want => ({
    kind: 'folder',
    path: machine.prefix + path,
    mode: 0o755,
    ...selfOwner(machine),
  });
  await machine.engine.run({
    changeId,
    action: 'recycled_sites.restore',
    actor: actor.id,
    wants: [
      ...above.map(folder),
      { kind: 'move', from: `${machine.prefix}${recycleBin}/${files.name}`, to: machine.prefix + root },
      ...(kept === undefined ? [] : keepAccountWants(machine, { ...kept, folder: root })),
    ],
    facts: () => ({ root }),
  });
  return { root };
}

/** Its files become those of root before its number can be another's. Call it with nginx's lock held. */
export async function removeAccount(
  machine: Machine,
  { user, changeId }: ActionParams<AgentActions['recycled_sites.remove_account']>,
  { actor }: Call,
): Promise<void> {
  const done = machine.engine.find(changeId);
  if (done !== undefined && done !== 'open' && done.state === 'committed') return;
  const kept = findKeptAccount(machine, user);
  if (kept === undefined)
    throw new AppError('not_found', 'This account is not kept any more.', { reason: 'kept_account_unknown' });
  const { uid, folder, sftpFiles } = kept;
  await machine.engine.run({
    changeId,
    action: 'recycled_sites.remove_account',
    actor: actor.id,
    wants: [
      ...sftpFiles.map((path): Want => ({ kind: 'remove', path: machine.prefix + path, shownAs: path })),
      ...dropKeptAccountWants(machine, user),
      ...(uid === null
        ? []
        : [
            choreWant(machine, {
              user,
              folder: machine.prefix + folder,
              fromUid: uid,
              toUid: 0,
              isUserDeleted: true,
            }),
          ]),
    ],
  });
  if (sftpFiles.length > 0) reloadSshd(machine.prefix);
  choresLater(machine, async () => {
    if (machine.isRoot && uid !== null) await endSessions(uid);
  });
}
