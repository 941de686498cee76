import { setTimeout as wait } from 'node:timers/promises';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { ArchivePreview, Unpacking } from '#shared/archives.ts';
import { AppError } from '#shared/errors.ts';
import { extractArchive } from '../archives/extract-archive.ts';
import { foreignLimits } from '../archives/limits.ts';
import type { Call } from '../core/call.ts';
import { filePieces } from '../core/file-pieces.ts';
import { closeFile, look, openFile, readBytes, removeOwnFolder } from '../core/files.ts';
import { launchOwn } from '../core/launch.ts';
import type { Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { nameFault } from '../core/transaction.ts';
import { getReady } from '../databases/records.ts';
import { deployOwner } from '../deployments/deploy-owner.ts';
import { siteOf } from '../deployments/deployments.ts';
import type { SiteRecord } from '../sites/site-records.ts';
import { renderWelcome } from '../sites/welcome.ts';
import { planMerge, type Merge } from './merge.ts';
import {
  askToCancel,
  canBeUndone,
  failureOf,
  findUnpacking,
  isInterrupted,
  isUnderWay,
  listUnpackings,
  maxAttempts,
  openUnpackingLog,
  readMoves,
  readUnpackingLog,
  shownUnpacking,
  stagePath,
  writeMoves,
  writeUnpacking,
  type UnpackingRecord,
} from './unpacking-records.ts';
import { dataPath, getWholeUpload, listUploads, lookPath } from './uploads.ts';

const mostShown = 20;
const cancelPatienceMs = 25_000;

const shown = (machine: Machine, record: UnpackingRecord): Unpacking => shownUnpacking(machine, record, Date.now());

export function readState(machine: Machine, site: SiteRecord): ActionResult<AgentActions['archives.state']> {
  return {
    uploads: listUploads(machine, site.siteId),
    unpackings: listUnpackings(machine, site.siteId)
      .slice(0, mostShown)
      .map((record) => shown(machine, record)),
  };
}

/** The folder of the site that is filled, behind the prefix. */
function targetOf({ prefix }: Machine, { root }: SiteRecord, folder: string): string {
  return `${prefix}${root}${folder === '' ? '' : `/${folder}`}`;
}

/** Files go to where visitors get them from: a proxy has no folder, a deployed site gets its files from releases. */
function checkKind(site: SiteRecord): void {
  if (site.kind === 'proxy' || site.root === '')
    throw new AppError('in_use', 'This site has no folder.', { reason: 'archive_no_folder' });
  if (site.release != null || site.settings?.deploy?.source != null)
    throw new AppError('in_use', 'The files of this site come from a repository.', { reason: 'archive_site_deployed' });
}

/** The site may have got another folder meanwhile. */
function checkPlace(site: SiteRecord, { root }: UnpackingRecord): void {
  if (site.root !== root)
    throw new AppError('changed_meanwhile', 'The site has another folder now.', { reason: 'revision_changed' });
}

/** Reads all of it by the rules of unpacking, without making a file. */
export async function previewArchive(
  machine: Machine,
  { site: ref, uploadId, choices }: ActionParams<AgentActions['archives.preview']>,
  call: Call,
): Promise<ArchivePreview> {
  const site = siteOf(machine, ref);
  checkKind(site);
  getWholeUpload(machine, site.siteId, uploadId);
  const file = openFile(dataPath(machine, site.siteId, uploadId));
  if (file === undefined) throw new AppError('not_found', 'There is no such archive.', { reason: 'archive_unknown' });
  const into = lookPath(machine, site.siteId, uploadId);
  if (look(into).type !== 'missing') removeOwnFolder(into);
  try {
    const { files, folders, bytes, hardlinks, changes, listing } = await extractArchive({
      input: filePieces(file.fd),
      into,
      mode: 'foreign',
      onlyLists: true,
      limits: foreignLimits,
      machine,
      timeoutMs: Math.max(1_000, call.deadlineAt - Date.now() - 2_000),
    });
    const inside = choices.stripsTopFolder ? (listing?.inside ?? null) : null;
    const items = inside?.items ?? listing?.tops ?? [];
    const target = targetOf(machine, site, choices.folder);
    return {
      files: files + hardlinks,
      folders,
      bytes,
      topFolder: listing?.inside == null ? null : (listing.tops[0]?.name ?? null),
      items: items.map((item) => ({ ...item, isThere: look(`${target}/${item.name}`).type !== 'missing' })),
      itemCount: inside?.count ?? listing?.topCount ?? 0,
      changes: Object.entries(changes).flatMap(([kind, { count }]) =>
        count > 0 && kind !== 'owner-ignored' ? [{ kind, count }] : [],
      ),
    };
  } finally {
    closeFile(file.fd);
  }
}

/** Starts an unpacking as a process of its own, finds it, or takes it up again when its process died. */
export async function startUnpacking(
  machine: Machine,
  { site: ref, unpackingId, uploadId, choices, app }: ActionParams<AgentActions['archives.unpack']>,
  { actor, may }: Call,
): Promise<Unpacking> {
  const site = siteOf(machine, ref);
  const now = Date.now();
  const present = findUnpacking(machine, site.siteId, unpackingId);
  if (present !== undefined && !isInterrupted(present, now)) return shown(machine, present);
  if (present !== undefined && present.attempt >= maxAttempts) {
    dropStage(machine, present);
    const failure = { reason: 'archive_interrupted', params: {} };
    return shown(machine, await writeUnpacking(machine, { ...present, state: 'failed', failure, endedAt: now }));
  }
  checkKind(site);
  // Whoever installs an application reads the password of its database: it must be the site's own.
  if (app !== undefined && !may('databases.manage'))
    throw new AppError('not_allowed', 'Your role does not allow this.', { params: { permission: 'databases.manage' } });
  if (app !== undefined && (site.kind !== 'php' || getReady(machine, app.databaseId).siteId !== site.siteId))
    throw new AppError('not_allowed', 'This database is not of this site.', { reason: 'wordpress_other_database' });
  const other = listUnpackings(machine, site.siteId).find(
    (each) => each.unpackingId !== unpackingId && isUnderWay(each, now),
  );
  if (other !== undefined)
    throw new AppError('busy', 'Another archive is being unpacked.', { reason: 'archive_under_way' });
  // Taken up after it was moved in already: the agent knows, and settling again only says so.
  const upload = getWholeUpload(machine, site.siteId, uploadId);
  const record: UnpackingRecord =
    present === undefined
      ? {
          unpackingId,
          siteId: site.siteId,
          slug: site.slug,
          root: site.root,
          uploadId,
          fileName: upload.fileName,
          choices,
          ...(app === undefined ? {} : { app }),
          actor: { id: actor.id, name: actor.name },
          state: 'starting',
          phase: 'read',
          attempt: 1,
          process: null,
          progress: 0,
          files: null,
          bytes: null,
          topFolder: null,
          replaced: 0,
          kept: 0,
          failure: null,
          startedAt: now,
          endedAt: null,
        }
      : { ...present, state: 'starting', attempt: present.attempt + 1, process: null, startedAt: now };
  await writeUnpacking(machine, record);
  await launchOwn(machine, {
    args: ['--unpacking', site.siteId, unpackingId],
    unit: `aapanel-unpacking-${unpackingId}-${record.attempt}`,
    properties: ['KillMode=mixed', 'TimeoutStopSec=30', 'UMask=0077', 'CPUWeight=50', 'IOWeight=50'],
    openOutput: () => openUnpackingLog(machine, site.siteId, unpackingId),
  });
  return shown(machine, record);
}

export function followUnpacking(
  machine: Machine,
  { site: ref, unpackingId, offset }: ActionParams<AgentActions['archives.follow']>,
): ActionResult<AgentActions['archives.follow']> {
  const site = siteOf(machine, ref);
  const record = findUnpacking(machine, site.siteId, unpackingId);
  if (record === undefined) return { unpacking: null, isInterrupted: false, text: '', nextOffset: offset };
  const { text, next } = readUnpackingLog(machine, record, offset);
  return {
    unpacking: shown(machine, record),
    isInterrupted: isInterrupted(record, Date.now()),
    text,
    nextOffset: next,
  };
}

/** What was unpacked moves into the site, all of it or nothing. Called by its process; also again, unheard. */
export async function settleUnpacking(
  machine: Machine,
  { site: ref, unpackingId }: ActionParams<AgentActions['archives.settle']>,
  call: Call,
): Promise<void> {
  const site = siteOf(machine, ref);
  const record = findUnpacking(machine, site.siteId, unpackingId);
  if (record?.state !== 'ready') return;
  try {
    checkPlace(site, record);
    const done = machine.engine.find(unpackingId);
    const isDone = done !== undefined && done !== 'open' && done.state === 'committed';
    const counts = isDone
      ? { replaced: Number(done.facts['replaced']), kept: Number(done.facts['kept']) }
      : await place(machine, site, record, call);
    await writeUnpacking(machine, { ...record, ...counts, state: 'placed', phase: 'tidy' });
  } catch (error) {
    const named = nameFault(error);
    await writeUnpacking(machine, { ...record, failure: failureOf(named) });
    throw named;
  }
}

async function place(
  machine: Machine,
  site: SiteRecord,
  record: UnpackingRecord,
  call: Call,
): Promise<Pick<Merge, 'replaced' | 'kept'>> {
  checkKind(site);
  const { prefix } = machine;
  const { folder, onConflict } = record.choices;
  const stage = stagePath(prefix, record);
  const owner = deployOwner(machine, site.linuxUser);
  const root = look(prefix + site.root);
  if (root.type !== 'folder')
    throw new AppError('in_use', 'The folder of the site is missing.', { reason: 'archive_no_folder' });
  const isOwn = ({ uid }: { readonly uid: number }): boolean => uid === root.uid || uid === owner.identity.uid;
  const target = targetOf(machine, site, folder);
  const source = `${stage}/new${record.topFolder === null ? '' : `/${record.topFolder}`}`;
  const above: Want[] = foldersDownTo(prefix + site.root, folder).flatMap((path): Want[] => {
    const there = look(path);
    if (there.type === 'missing') return [{ kind: 'folder', path, ...owner.folder }];
    if (there.type === 'folder' && isOwn(there)) return [];
    throw new AppError('in_use', 'A folder on the way is none of the site.', {
      reason: 'archive_folder_foreign',
      params: { path: folder },
    });
  });
  const merge = planMerge({
    source,
    target,
    old: `${stage}/old`,
    choice: onConflict,
    isOwn,
    givesWay: folder === '' ? welcomePagesOf(machine, site) : new Set(),
  });
  if (record.app !== undefined && merge.kept > 0)
    throw new AppError('in_use', 'Something stands in the folder of the site.', { reason: 'wordpress_folder_used' });
  const moves = merge.moves.map(({ from, to }) => ({ from: from.slice(prefix.length), to: to.slice(prefix.length) }));
  await writeMoves(machine, record, moves);
  const { replaced, kept } = merge;
  await machine.engine.run({
    changeId: record.unpackingId,
    action: 'archives.settle',
    actor: call.actor.id === 'agent' ? record.actor.id : call.actor.id,
    wants: [...above, ...merge.wants],
    facts: () => ({ replaced, kept }),
  });
  return { replaced, kept };
}

/** `root/a`, `root/a/b` for `a/b`. */
function foldersDownTo(root: string, folder: string): string[] {
  const parts = folder.split('/').filter((part) => part !== '');
  return parts.map((_, index) => `${root}/${parts.slice(0, index + 1).join('/')}`);
}

/** Our own first page, as long as nobody has changed it, is in nobody's way. */
function welcomePagesOf({ prefix }: Machine, { root, domains, kind = 'static' }: SiteRecord): Set<string> {
  const name = kind === 'php' ? 'index.php' : 'index.html';
  const path = `${prefix}${root}/${name}`;
  if (look(path).type !== 'file') return new Set();
  const text = readBytes(path, 4 * 1024 * 1024)?.toString('utf8');
  return domains.some(({ host }) => renderWelcome(host, kind) === text) ? new Set([name]) : new Set();
}

/** Stops what runs and takes away what it made. What is in the site already is taken out again. */
export async function cancelUnpacking(
  machine: Machine,
  { site: ref, unpackingId }: ActionParams<AgentActions['archives.cancel']>,
  call: Call,
): Promise<Unpacking | null> {
  const site = siteOf(machine, ref);
  const find = (): UnpackingRecord | undefined => findUnpacking(machine, site.siteId, unpackingId);
  const first = find();
  if (first === undefined) return null;
  if (first.endedAt === null) askToCancel(machine, site.siteId, unpackingId);
  const endsAt = Math.min(Date.now() + cancelPatienceMs, call.deadlineAt - 5_000);
  let record = first;
  while (isUnderWay(record, Date.now()) && Date.now() < endsAt) {
    await wait(100);
    record = find() ?? record;
  }
  if (isUnderWay(record, Date.now()))
    throw new AppError('busy', 'The unpacking has not stopped yet.', { reason: 'archive_under_way' });
  if (isInterrupted(record, Date.now())) {
    dropStage(machine, record);
    record = await writeUnpacking(machine, { ...record, state: 'cancelled', endedAt: Date.now(), process: null });
  }
  if (canBeUndone(machine, record, Date.now()))
    return await undoUnpacking(machine, { site: ref, unpackingId, changeId: wayBackOf(unpackingId) }, call);
  return shown(machine, record);
}

/** The same each time it is asked for. */
function wayBackOf(unpackingId: string): string {
  return `${unpackingId.slice(0, 15)}${unpackingId.endsWith('a') ? 'b' : 'a'}`;
}

function dropStage(machine: Machine, record: UnpackingRecord): void {
  const stage = stagePath(machine.prefix, record);
  if (look(stage).type !== 'missing') removeOwnFolder(stage);
}

/** What the archive brought goes to the recycle bin, and what gave way to it comes back, all or nothing. */
export async function undoUnpacking(
  machine: Machine,
  { site: ref, unpackingId, changeId }: ActionParams<AgentActions['archives.undo']>,
  call: Call,
): Promise<Unpacking> {
  const site = siteOf(machine, ref);
  const record = findUnpacking(machine, site.siteId, unpackingId);
  if (record === undefined)
    throw new AppError('not_found', 'There is no such unpacking.', { reason: 'archive_undo_gone' });
  if (record.state === 'undone') return shown(machine, record);
  checkPlace(site, record);
  const moves = readMoves(machine, record);
  if (moves === undefined || !canBeUndone(machine, record, Date.now()))
    throw new AppError('in_use', 'This cannot be taken back any more.', { reason: 'archive_undo_gone' });
  const { prefix } = machine;
  const done = machine.engine.find(changeId);
  if (done === undefined || done === 'open' || done.state !== 'committed') {
    // What somebody has removed meanwhile cannot be taken away.
    const back = moves.toReversed().filter(({ to }) => look(prefix + to).type !== 'missing');
    await machine.engine.run({
      changeId,
      action: 'archives.undo',
      actor: call.actor.id,
      wants: [
        ...stageFolders(machine, record, back),
        ...back.map(({ from, to }): Want => ({ kind: 'move', from: prefix + to, to: prefix + from })),
      ],
    });
  }
  return shown(machine, await writeUnpacking(machine, { ...record, state: 'undone', endedAt: Date.now() }));
}

/** The places in the bin that what is taken out goes back to; the process that unpacked has removed them. */
function stageFolders(machine: Machine, record: UnpackingRecord, back: readonly { readonly from: string }[]): Want[] {
  const stage = stagePath('', record);
  const folders = new Set([stage]);
  for (const { from } of back) {
    if (!from.startsWith(`${stage}/`)) continue;
    const parts = from
      .slice(stage.length + 1)
      .split('/')
      .slice(0, -1);
    for (const index of parts.keys()) folders.add(`${stage}/${parts.slice(0, index + 1).join('/')}`);
  }
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  return [...folders]
    .sort()
    .map((path): Want => ({ kind: 'folder', path: machine.prefix + path, mode: 0o700, ...owner }));
}
