import type { z } from 'zod';
import type { backupRequest } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import { look } from '../../core/files.ts';
import { listAccounts } from '../../core/machine.ts';
import type { DumpPart, TreePart } from '../manifest.ts';
import { restorePanel } from '../recover/restore-panel.ts';
import { panelParts } from '../sources/parts.ts';
import { checkFolder } from '../sources/protected.ts';
import { readSiteFacts, siteFacts, type SiteFacts } from '../sources/site-facts.ts';
import { panelHome } from '../sources/panel-layout.ts';
import type { BackupWork, DumpInto, TreeInto } from '../work.ts';
import type { OwnerMap } from './owners.ts';
import {
  bringIn,
  dressReady,
  dropReady,
  makeReady,
  previewTree,
  type Owners,
  type Ready,
  type TreePlan,
} from './restore-tree.ts';
import { restartApps } from './restart-apps.ts';
import { askForSite } from './revive.ts';
import { takeRestoreLock } from './restore-lock.ts';
import { recoverSwaps } from './swap.ts';
import type { Core, OpenSet, SourcePart } from './seam.ts';

/*
 * A restore: everything is brought and checked before anything changes; then a safety set of what will be replaced; then
 * the trees change places together, and the databases one after another, each by its own journal.
 */

export type RestoreRequest = Extract<z.infer<typeof backupRequest>, { kind: 'restore' }>;
type Part = TreePart | DumpPart;

export type RestoreOptions = {
  /** Folders of local targets, as on this machine: no place to restore to. */
  readonly targetPaths: readonly string[];
};

/** Answers the id of the safety set, when one was made. */
export async function restoreSet(
  work: BackupWork,
  core: Core,
  request: RestoreRequest,
  options: RestoreOptions,
): Promise<string | undefined> {
  if (request.isDryRun) return await restoreLocked(work, core, request, options);
  const lock = await takeRestoreLock(work);
  try {
    return await restoreLocked(work, core, request, options);
  } finally {
    lock.release();
  }
}

async function restoreLocked(
  work: BackupWork,
  core: Core,
  request: RestoreRequest,
  { targetPaths }: RestoreOptions,
): Promise<string | undefined> {
  const set = await core.openSet(request.targetId, request.setId);
  const all = partsOf(set, request);
  // Its pieces lie in many places and the panel stands still meanwhile: it has a way of its own.
  const panel = request.way.kind === 'in_place' ? all.filter(({ source }) => source.kind === 'panel') : [];
  const parts = all.filter((part) => !panel.includes(part));
  const trees = parts.filter((part) => part.kind === 'tree');
  const dumps = parts.filter((part) => part.kind === 'dump');
  const plans: TreePlan[] = [];
  for (const part of trees) plans.push(await planOf(work, set, part, request, parts.length > 1, targetPaths));
  if (request.isDryRun) {
    for (const plan of plans) await previewTree(work, plan);
    for (const { name, bytes } of [...panel, ...dumps])
      work.report({ what: 'changed', subject: name, reason: 'replaced', params: { bytes } });
    return undefined;
  }
  const ready: Ready[] = [];
  try {
    for (const plan of plans) ready.push(await makeReady(work, plan));
    const isInPlace = request.way.kind === 'in_place';
    const safety = isInPlace
      ? await saveBefore(work, core, request.targetId, ready, dumps, panel.length > 0)
      : undefined;
    if (panel.length > 0) await restorePanel(work, core, set, panel);
    for (const each of ready) await dressReady(work, each, await ownersOf(work, each.plan));
    if (ready.length > 0) await bringIn(work, ready.splice(0));
    for (const part of dumps) await restoreDump(work, core, set, part, dumpInto(request, part, dumps.length > 1));
    await restartApps(work, plans);
    work.phase('done', 100);
    return safety;
  } catch (error) {
    dropReady(work, ready);
    throw error;
  }
}

/** At the start of a run: ends or takes back what a crash left in the middle. What another run is at is left alone. */
export async function recoverRestores(work: BackupWork, core: Pick<Core, 'dumps'>): Promise<number> {
  const lock = await takeRestoreLock(work).catch(() => undefined);
  if (lock === undefined) return 0;
  try {
    const count = recoverSwaps(work.folder);
    await core.dumps.recover(work);
    return count;
  } finally {
    lock.release();
  }
}

function partsOf({ manifest }: OpenSet, { parts, member }: RestoreRequest): Part[] {
  if (parts === null) return manifest.parts;
  const found = parts.map((name) => {
    const part = manifest.parts.find((each) => each.name === name);
    if (part === undefined) throw unknownPart(name);
    return part;
  });
  const [only] = found;
  if (member !== null && (found.length !== 1 || only?.kind !== 'tree')) throw unknownPart(parts.join(', '));
  return found;
}

function unknownPart(part: string): AppError {
  return new AppError('not_found', 'The backup has no such part.', { reason: 'backup_part_unknown', params: { part } });
}

async function planOf(
  work: BackupWork,
  set: OpenSet,
  part: TreePart,
  { way, member, isDryRun }: RestoreRequest,
  isOneOfMany: boolean,
  targets: readonly string[],
): Promise<TreePlan> {
  const into = treeInto(work, way, part, isOneOfMany, targets);
  const membersPath = await set.membersOf(part);
  return { set, part, membersPath, into, member: member ?? undefined, isDryRun, home: homeOf(work, part) };
}

function treeInto(
  work: BackupWork,
  way: RestoreRequest['way'],
  part: TreePart,
  isOneOfMany: boolean,
  targets: readonly string[],
): TreeInto {
  if (way.kind === 'in_place') return { kind: 'in_place' };
  if (way.path === null)
    throw new AppError('invalid_request', 'A folder is needed.', { fields: [{ field: 'way.path', code: 'required' }] });
  const path = isOneOfMany ? `${way.path}-${fileNameOf(part.name)}` : way.path;
  checkFolder({ ...work, targets }, path);
  return { kind: 'aside', path: work.prefix + path };
}

/** `site/example.com` → `site-example.com`. */
const fileNameOf = (name: string): string =>
  name
    .replaceAll('/', '-')
    .replace(/^[.-]+/, '')
    .slice(0, 200);

/** Where a part belongs on this machine. */
function homeOf(work: BackupWork, { source }: TreePart): string {
  if (source.kind === 'panel') return panelHome(work);
  if (source.kind === 'folder') return work.prefix + source.path;
  // It may have been given another folder since.
  return work.prefix + (readSiteFacts(work, source.slug)?.spec.root ?? source.path);
}

/** What will be replaced goes into the target first. What is not there yet needs none. */
async function saveBefore(
  work: BackupWork,
  core: Core,
  targetId: string,
  ready: readonly Ready[],
  dumps: readonly DumpPart[],
  isPanelToo: boolean,
): Promise<string | undefined> {
  const parts: SourcePart[] = isPanelToo ? await panelParts(work) : [];
  for (const { plan } of ready) {
    const now = treeNow(work, plan);
    if (now !== undefined) parts.push(now);
  }
  for (const { name, source } of dumps)
    if (await isThere(work, core, source)) parts.push({ kind: 'dump', name, source });
  if (parts.length === 0) return undefined;
  work.phase('safety');
  return await core.createSet({ targetId, kind: 'safety', planName: 'before restore', parts });
}

/** The same place as it is now; undefined when there is nothing in it. */
function treeNow(work: BackupWork, { part, home }: TreePlan): SourcePart | undefined {
  if (look(home).type !== 'folder') return undefined;
  const { name, source } = part;
  if (source.kind !== 'site') return { kind: 'tree', name, source, root: home, excludes: [] };
  const facts = readSiteFacts(work, source.slug);
  const record = facts === undefined ? source.record : JSON.stringify(facts);
  return { kind: 'tree', name, source: { ...source, record }, root: home, excludes: [] };
}

async function isThere(work: BackupWork, core: Core, source: DumpPart['source']): Promise<boolean> {
  try {
    const { stream, facts } = await core.dumps.open(work, source);
    facts.catch(() => undefined);
    stream.on('error', () => undefined).destroy();
    return true;
  } catch (error) {
    if (error instanceof AppError && error.reason === 'backup_database_missing') return false;
    throw error;
  }
}

/** A site whose record is gone is made again first; its files belong to its user here. */
async function ownersOf(work: BackupWork, { part, into }: TreePlan): Promise<Owners> {
  if (part.source.kind !== 'site' || into.kind !== 'in_place') return {};
  const facts = siteFacts.parse(JSON.parse(part.source.record));
  const now = readSiteFacts(work, facts.spec.slug) ?? (await made(work, facts));
  const account = listAccounts().find(({ name }) => name === now.linuxUser);
  const self = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const map: OwnerMap = {
    fromUser: facts.linuxUser,
    fromUid: facts.uid,
    toUid: account?.uid ?? self.uid,
    toGid: account?.gid ?? self.gid,
  };
  // The folder of a site that is there keeps its looks; that of a new one has those that the agent gave it.
  return { map };
}

async function made(work: BackupWork, facts: SiteFacts): Promise<Pick<SiteFacts, 'linuxUser'>> {
  work.phase('site');
  work.log(`Making the site ${facts.spec.slug} again.`);
  const revived = await askForSite(work, facts);
  work.report({
    what: 'created',
    subject: `site/${facts.spec.slug}`,
    reason: 'site_made',
    params: { user: revived.linuxUser },
  });
  return revived;
}

function dumpInto({ way }: RestoreRequest, part: DumpPart, isOneOfMany: boolean): DumpInto {
  if (way.kind === 'in_place') return { kind: 'in_place' };
  if (way.databaseName === null)
    throw new AppError('invalid_request', 'A name is needed.', {
      fields: [{ field: 'way.databaseName', code: 'required' }],
    });
  if (!isOneOfMany) return { kind: 'aside', databaseName: way.databaseName };
  const own = part.name
    .replace(/.*\//, '')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '_');
  return { kind: 'aside', databaseName: `${way.databaseName}_${own}`.slice(0, 63) };
}

async function restoreDump(work: BackupWork, core: Core, set: OpenSet, part: DumpPart, into: DumpInto): Promise<void> {
  work.phase('database');
  work.log(`Restoring ${part.name}.`);
  await core.dumps.restore(work, part, set.repository.readFile(part.snapshot, part.fileName), into);
  work.report({ what: 'changed', subject: part.name, reason: 'replaced', params: { bytes: part.bytes } });
}
