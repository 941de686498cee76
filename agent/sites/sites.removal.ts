import { AppError } from '#shared/errors.ts';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { wwwlogs } from '#shared/site-folders.ts';
import { logKinds } from '#shared/site-logs.ts';
import type { AccountFate, RemovalFate } from '#shared/sites.ts';
import { appRemovals, dropApp, unitsIn } from '../apps/apps.site.ts';
import { requireTicket, type Call } from '../core/call.ts';
import { look, readBytes, readText, sha256 } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { sumTree, type TreeSum } from '../core/trees.ts';
import { shownPath } from '../nginx/nginx.check.ts';
import { nginxPaths } from '../nginx/nginx.files.ts';
import { BrokenSiteError, isolateSite } from '../nginx/nginx.isolate.ts';
import { keptFolder, workerLogsIn } from '../logs/logs.paths.ts';
import { privateFolders } from '../php/php.paths.ts';
import { phpFilesIn, poolRemovals, poolsIn } from '../php/php.pools.ts';
import { dropPools } from '../php/php.site.ts';
import { dropAccess, sftpFilesIn, sftpRemovals } from '../sftp/sftp.site.ts';
import { choreWant, doChores } from '../unix-users/chores.ts';
import { endMarkWants } from './site-end.ts';
import { discardWants, doDiscards, recycleBin } from './discards.ts';
import { dropKeptAccountWants, findKeptAccount, keepAccountWants } from './kept-accounts.ts';
import { dropCache } from './site-cache.ts';
import { checkRoot } from './site-checks.ts';
import { applySite, checkCandidate, nginxLock } from './sites.apply.ts';
import { sharedText } from './site-texts.ts';
import {
  checkOwner,
  dropRecordWant,
  findRecord,
  noteRecord,
  privateFile,
  removalPath,
  selfOwner,
  type RemovalRecord,
  type SiteRecord,
} from './site-records.ts';
import { passwordFilesIn } from './site-passwords.ts';
import { createServing } from './site-serving.ts';

type Preview = ActionResult<AgentActions['sites.preview_removal']>;
type Item = Preview['items'][number];

const maxEntries = 200_000;
const longestWalkMs = 12_000;

export async function previewRemoval(
  machine: Machine,
  { site, root: given }: ActionParams<AgentActions['sites.preview_removal']>,
): Promise<Preview> {
  const { prefix } = machine;
  const record = findRecord(machine, site.slug);
  checkOwner(record, site);
  const root = rootOf(record, given);
  checkRoot(machine, { slug: site.slug, root });
  const paths = nginxPaths(prefix);
  const items: Item[] = [];
  const hashed: unknown[] = [site];
  const addFile = (kind: 'config' | 'custom' | 'sftp', path: string): void => {
    const found = look(path);
    if (found.type !== 'file') return;
    items.push(item(kind, shownPath(path, prefix), found.size, 1, null));
    hashed.push(kind, sha256(readBytes(path, 4 * 1024 * 1024) ?? ''));
  };
  addFile('config', paths.site(site.slug));
  addFile('custom', paths.customOf(site.slug));
  for (const path of phpFilesIn(record)) addFile('config', prefix + path);
  for (const path of passwordFilesIn(record)) addFile('config', prefix + path);
  for (const path of unitsIn(record)) addFile('config', prefix + path);
  for (const path of sftpFilesIn(record)) addFile('sftp', prefix + path);
  if (look(prefix + root).type === 'folder') {
    const sum: TreeSum = await sumTree(prefix + root, maxEntries, Date.now() + longestWalkMs);
    const newestAt = sum.newestMs === 0 ? null : new Date(sum.newestMs).toISOString();
    items.push({ ...item('files', root, sum.sizeBytes, sum.count, newestAt), isTruncated: sum.isTruncated });
    hashed.push('files', root, sum.hash);
  }
  // Logs grow while people look: only that they are there counts for the confirmation.
  for (const path of logsOf(machine, site.slug)) {
    const found = look(prefix + path);
    if (found.type !== 'file') continue;
    items.push(item('logs', path, found.size, 1, null));
  }
  const kept = prefix + keptFolder(site.slug);
  if (look(kept).type === 'folder') {
    const sum: TreeSum = await sumTree(kept, maxEntries, Date.now() + longestWalkMs);
    items.push({
      ...item('logs', keptFolder(site.slug), sum.sizeBytes, sum.count, null),
      isTruncated: sum.isTruncated,
    });
  }
  const own = record === undefined || record.linuxUser === '' ? undefined : privateFolders(record.linuxUser).own;
  // Sessions come and go while people look.
  if (own !== undefined && look(prefix + own).type === 'folder') items.push(item('php_data', own, 0, 0, null));
  if (record !== undefined && record.linuxUser !== '') {
    items.push(item('linux_user', record.linuxUser, 0, 0, null));
    hashed.push('linux_user', record.linuxUser);
  }
  return { items, confirm: sha256(JSON.stringify(hashed)) };
}

/** The folder that the agent itself knows of: a wrong one in the request never reaches other people's files. */
function rootOf(record: SiteRecord | undefined, given: string): string {
  return record === undefined || record.root === '' ? given : record.root;
}

function item(kind: Item['kind'], path: string, sizeBytes: number, fileCount: number, newestAt: string | null): Item {
  return { kind, path, sizeBytes, fileCount, newestAt, isTruncated: false };
}

function logsOf(machine: Machine, slug: string): string[] {
  return [
    ...logKinds.flatMap((kind) => [`${wwwlogs}/${slug}.${kind}.log`, `${wwwlogs}/${slug}.${kind}.log.1`]),
    ...workerLogsIn(machine, slug).map((name) => `${wwwlogs}/${name}`),
  ];
}

type Removed = ActionResult<AgentActions['sites.remove']>;

export async function removeSite(
  machine: Machine,
  params: ActionParams<AgentActions['sites.remove']>,
  call: Call,
): Promise<Removed> {
  const { site, root, changeId, files, logs = files, account = 'remove', confirm } = params;
  const done = machine.engine.find(changeId);
  if (done !== undefined && done !== 'open' && done.state === 'committed')
    return { files: done.files, recycledTo: done.facts['recycledTo'] as string | null };
  if (files !== 'keep' || logs !== 'keep') requireTicket(call);
  if ((await previewRemoval(machine, { site, root })).confirm !== confirm)
    throw new AppError('changed_meanwhile', 'The list of what would be removed has changed.', {
      reason: 'removal_list_changed',
    });
  for (let round = 0; ; round++) {
    try {
      return await removeOnce(machine, params, { files, logs, account }, call);
    } catch (error) {
      if (!(error instanceof BrokenSiteError) || round >= 50) throw error;
      await isolateSite(machine, error.slug, error.complaint);
    }
  }
}

async function removeOnce(
  machine: Machine,
  { site, root: given, changeId }: ActionParams<AgentActions['sites.remove']>,
  { files, logs, account }: { readonly files: RemovalFate; readonly logs: RemovalFate; readonly account: AccountFate },
  call: Call,
): Promise<Removed> {
  const { prefix } = machine;
  const paths = nginxPaths(prefix);
  const record = findRecord(machine, site.slug);
  const root = rootOf(record, given);
  const hasRoot = look(prefix + root).type === 'folder';
  const movedTo = files !== 'keep' && hasRoot ? `${recycleBin}/${changeId}-${site.slug}` : null;
  const recycledTo = files === 'recycle' ? movedTo : null;
  const fileMoves = movedTo === null ? [] : [{ from: root, to: movedTo }];
  const logMoves = logs === 'keep' ? [] : logMovesOf(machine, site.slug, changeId);
  const privates = privateMoves(machine, record, changeId);
  // What goes for good goes by way of the bin: until the change is kept, all of it can still be put back.
  const kept = [...(files === 'recycle' ? fileMoves : []), ...(logs === 'recycle' ? logMoves : [])];
  const discarded = [
    ...(files === 'remove' ? [...fileMoves, ...privates] : []),
    ...(logs === 'remove' ? logMoves : []),
  ];
  const remove = (path: string): Want => ({ kind: 'remove', path, shownAs: shownPath(path, prefix) });
  const owner = selfOwner(machine);
  const { id, name } = call.actor;
  const now = machine.now();
  const removal: RemovalRecord | undefined =
    record === undefined ? undefined : { record, recycledTo, moves: kept, at: now, by: { id, name } };
  const isAccountKept = account === 'keep' && record !== undefined && record.linuxUser !== '';
  // Without its folder nobody could do anything there.
  const isAccessKept = isAccountKept && hasRoot && files === 'keep';
  const serving = createServing(machine, {
    targets: [],
    marker: undefined,
    deadlineAt: call.deadlineAt,
  });
  const outcome = await machine.engine.run({
    changeId,
    action: 'sites.remove',
    actor: call.actor.id,
    wants: [
      remove(paths.link(site.slug)),
      remove(paths.site(site.slug)),
      remove(paths.customOf(site.slug)),
      ...poolRemovals(machine, poolsIn(record)),
      ...passwordFilesIn(record).map((path): Want => ({ kind: 'remove', path: prefix + path })),
      ...appRemovals(machine, record),
      ...(isAccessKept ? [] : sftpRemovals(machine, record)),
      dropRecordWant(machine, site.slug),
      ...endMarkWants(machine, site.slug, null),
      { kind: 'folder', path: `${prefix}/www`, mode: 0o755, ...owner },
      { kind: 'folder', path: `${prefix}${recycleBin}`, mode: 0o700, ...owner },
      ...[...privates, ...fileMoves, ...logMoves].map(
        ({ from, to }): Want => ({ kind: 'move', from: prefix + from, to: prefix + to }),
      ),
      ...discardWants(
        machine,
        changeId,
        record?.linuxUser ?? '',
        discarded.map(({ to }) => to),
      ),
      ...(removal === undefined ? [] : [privateFile(machine, removalPath(machine, changeId), JSON.stringify(removal))]),
      ...(isAccountKept
        ? keepAccountWants(machine, {
            user: record.linuxUser,
            uid: record.uid,
            siteId: record.siteId,
            slug: record.slug,
            folder: movedTo ?? root,
            sftpFiles: isAccessKept ? sftpFilesIn(record) : [],
            keptAt: now,
            keptBy: name,
          })
        : retire(machine, record, prefix + (movedTo ?? root))),
    ],
    // Without the site's link nothing of it is read: only the others can be at fault.
    validate: async () => checkCandidate(machine, site.slug, null, await sharedText(machine)),
    activate: () => serving.activate(),
    probe: () => serving.probe(),
    facts: () => ({ recycledTo }),
  });
  noteRecord(machine, site.slug, null);
  choresLater(machine, async () => {
    await dropPools(machine, poolsIn(record), serving.hasLetGo);
    await dropApp(machine, record);
    await dropCache(machine, site.siteId);
    if (!isAccessKept) await dropAccess(machine, record);
  });
  return { files: outcome.files, recycledTo };
}

/** Sessions and uploads under way go with the site, whatever becomes of its files; they do not come back. */
function privateMoves({ prefix }: Machine, record: SiteRecord | undefined, changeId: string): Move[] {
  if (record === undefined || record.linuxUser === '') return [];
  const { own } = privateFolders(record.linuxUser);
  if (look(prefix + own).type !== 'folder') return [];
  return [{ from: own, to: `${recycleBin}/${changeId}-${record.slug}.php-data` }];
}

type Move = RemovalRecord['moves'][number];

function logMovesOf(machine: Machine, slug: string, changeId: string): Move[] {
  const moves: Move[] = [];
  for (const path of logsOf(machine, slug))
    if (look(machine.prefix + path).type === 'file')
      moves.push({ from: path, to: `${recycleBin}/${changeId}-${path.slice(wwwlogs.length + 1)}` });
  if (look(machine.prefix + keptFolder(slug)).type === 'folder')
    moves.push({ from: keptFolder(slug), to: `${recycleBin}/${changeId}-${slug}.kept-logs` });
  return moves;
}

function retire(machine: Machine, record: SiteRecord | undefined, folder: string): Want[] {
  if (record === undefined || record.uid === null) return [];
  const { linuxUser: user, uid: fromUid } = record;
  return [choreWant(machine, { user, folder, fromUid, toUid: 0, isUserDeleted: true })];
}

/** After the answer, with nothing else under way. */
export function choresLater(machine: Machine, first: () => Promise<void> = () => Promise.resolve()): void {
  machine.later('chores', async () => {
    // A user whose processes still run cannot be deleted.
    await first();
    await machine.locks.hold(nginxLock, Number.POSITIVE_INFINITY, () => doChores(machine));
    await doDiscards(machine);
  });
}

export async function restoreSite(
  machine: Machine,
  { spec, changeId, removalChangeId }: ActionParams<AgentActions['sites.restore']>,
  call: Call,
): Promise<ActionResult<AgentActions['sites.restore']>> {
  const input = { spec, changeId, isNew: true, onDrift: 'refuse', action: 'sites.restore' } as const;
  const done = machine.engine.find(changeId);
  if (done !== undefined && done !== 'open' && done.state === 'committed') return await applySite(machine, input, call);
  const path = removalPath(machine, removalChangeId);
  const text = readText(path);
  const removal = text === undefined ? undefined : (JSON.parse(text) as RemovalRecord);
  if (removal === undefined || removal.record.slug !== spec.slug || removal.record.siteId !== spec.siteId)
    throw new AppError('not_found', 'Nothing is kept of this deletion.', { reason: 'removal_unknown' });
  // The recycled folder must have its last owner before it gets the next.
  await doChores(machine);
  const { prefix } = machine;
  const back = removal.moves.filter(({ to }) => look(prefix + to).type !== 'missing');
  for (const { from } of back)
    if (from === removal.record.root && look(prefix + from).type !== 'missing')
      throw new AppError('in_use', 'A folder stands where the site was.', {
        reason: 'root_occupied',
        params: { path: from },
      });
  const moves = back
    .filter(({ from }) => look(prefix + from).type === 'missing')
    .map(({ from, to }): Want => ({ kind: 'move', from: prefix + to, to: prefix + from }));
  const kept = findKeptAccount(machine, removal.record.linuxUser);
  const user = kept?.siteId === spec.siteId ? kept.user : undefined;
  const hasFolder = look(prefix + removal.record.root).type === 'folder' || moves.length > 0;
  const result = await applySite(
    machine,
    {
      ...input,
      ...(user === undefined ? {} : { userName: user, reservedUser: user }),
      release: removal.record.release ?? null,
      wantsBefore: [
        ...moves,
        { kind: 'remove', path },
        ...(user === undefined ? [] : dropKeptAccountWants(machine, user)),
      ],
      wantsFor: ({ name: user, uid }) =>
        uid === null || !hasFolder
          ? []
          : [choreWant(machine, { user, folder: prefix + spec.root, fromUid: 0, toUid: uid, isUserDeleted: false })],
    },
    call,
  );
  choresLater(machine);
  return result;
}
