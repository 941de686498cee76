import { buffer } from 'node:stream/consumers';
import type { TargetPlace, TargetSecret } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import { listPresent } from '../catalogue.ts';
import { findRing, verifyManifest, writeRing, type Ring } from '../keys.ts';
import type { Manifest } from '../manifest.ts';
import { lockTarget, openWithRecoveryKey, withTarget, type OpenTarget } from '../open-target.ts';
import { coreOf, localTargetPaths } from '../core.ts';
import { takeRestoreLock } from '../restore/restore-lock.ts';
import { restoreSet } from '../restore/restore-set.ts';
import { askForSite } from '../restore/revive.ts';
import { manifestTag, syncSets } from '../sets.ts';
import { readSiteFacts, type SiteFacts } from '../sources/site-facts.ts';
import { listTargets, putTarget } from '../targets.ts';
import type { BackupWork } from '../work.ts';
import { restorePanel } from './restore-panel.ts';
import { installForTarget, installMissing } from './tools.ts';

/*
 * Everything back on a machine that knows nothing, from the target and the recovery key: key ring, panel, sites, files and
 * databases, each from the newest set that holds it. What it took is the RTO.
 */

export type RecoverRequest = {
  readonly place: TargetPlace;
  readonly secret: TargetSecret;
  readonly recoveryKey: string;
  /** Names of parts; null: all. */
  readonly parts: readonly string[] | null;
  /** null: for each part the newest set that holds it. */
  readonly setId: string | null;
};
export type Recovered = {
  readonly parts: readonly { readonly name: string; readonly setId: string; readonly at: string }[];
  /** Sites that were made again without files of their own in the backup. */
  readonly sites: readonly string[];
  readonly durationMs: number;
};

type Part = Manifest['parts'][number];
type Chosen = { readonly part: Part; readonly setId: string; readonly at: string };

export async function recover(work: BackupWork, request: RecoverRequest): Promise<Recovered> {
  const startedAt = performance.now();
  const step = (text: string): void => work.log(`${((performance.now() - startedAt) / 1000).toFixed(1)} s  ${text}`);
  step('Opening the target with the recovery key.');
  await installForTarget(work, request.place);
  const targetId = await takeOver(work, request);
  return await withTarget(work, targetId, async (open) => {
    await syncSets(work, open);
    const chosen = choose(work, open, request);
    step(`${chosen.length} parts were found.`);
    await installMissing(
      work,
      chosen.map(({ part }) => part),
    );
    const sites = await restorePanelPart(work, open, chosen, step);
    await restoreRest(work, open, chosen, step);
    const made = await makeOtherSites(work, sites, step);
    const durationMs = Math.round(performance.now() - startedAt);
    step('Done.');
    work.report({ what: 'measured', subject: 'recover', reason: 'restore_time', params: { ms: durationMs } });
    return {
      parts: chosen.map(({ part, setId, at }) => ({ name: part.name, setId, at })),
      sites: made,
      durationMs,
    };
  });
}

/** Key ring and target become this machine's. Throws when it has backups of its own under other keys. */
async function takeOver(work: BackupWork, { place, secret, recoveryKey }: RecoverRequest): Promise<string> {
  const known = { targetId: 'recoveryrecovery', place, secret, recoveryKey };
  const lock = await lockTarget(work.folder, known.targetId);
  try {
    const { repository, rings } = await openWithRecoveryKey(work, known);
    const manifests = [...(await repository.snapshots(manifestTag))].sort((a, b) => (a.time < b.time ? 1 : -1));
    for (const { snapshot } of manifests) {
      const bytes = await buffer(repository.readFile(snapshot, 'manifest.json'));
      const found = firstThatVerifies(rings, bytes);
      if (found === undefined) continue;
      await keepRing(work, found.ring);
      const { targetId } = found.manifest;
      const before = listTargets(work.folder).find((target) => target.targetId === targetId);
      const limits = before?.limits ?? {
        uploadKibPerSecond: null,
        downloadKibPerSecond: null,
        minFreeBytes: null,
        maxBytes: null,
      };
      await putTarget(work.folder, { targetId, name: before?.name ?? 'recovery', place, limits }, secret);
      return targetId;
    }
  } finally {
    lock.release();
  }
  throw new AppError('not_found', 'There is no backup in this target.', { reason: 'backup_set_unknown' });
}

function firstThatVerifies(rings: readonly Ring[], bytes: Buffer): { ring: Ring; manifest: Manifest } | undefined {
  for (const ring of rings) {
    try {
      return { ring, manifest: verifyManifest(ring, bytes).manifest };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }
  return undefined;
}

async function keepRing(work: BackupWork, ring: Ring): Promise<void> {
  const present = findRing(work.folder);
  if (present?.hostId === ring.hostId) return;
  const hasSets = listTargets(work.folder).some(({ targetId }) => listPresent(work.folder, targetId).length > 0);
  if (present !== undefined && hasSets)
    throw new AppError('in_use', 'This machine has backups under keys of its own.', { reason: 'backup_keys_in_use' });
  await writeRing(work.folder, ring);
}

/** For each part the newest set, by the chain and never by a clock. */
function choose(work: BackupWork, { target, ring }: OpenTarget, { parts, setId }: RecoverRequest): Chosen[] {
  const chosen = new Map<string, Chosen>();
  const sets = listPresent(work.folder, target.targetId).filter(({ manifest }) => manifest.hostId === ring.hostId);
  for (const { manifest } of sets.toReversed()) {
    // A safety set holds what somebody wanted to be rid of.
    if (setId === null ? manifest.kind === 'safety' : manifest.setId !== setId) continue;
    for (const part of manifest.parts) {
      const isWanted = parts === null || parts.includes(part.name);
      if (isWanted && !chosen.has(part.name))
        chosen.set(part.name, { part, setId: manifest.setId, at: manifest.startedAt });
    }
  }
  const missing = parts?.find((name) => !chosen.has(name));
  if (missing !== undefined)
    throw new AppError('not_found', 'No backup has this part.', {
      reason: 'backup_part_unknown',
      params: { part: missing },
    });
  if (chosen.size === 0) throw new AppError('not_found', 'There is no backup.', { reason: 'backup_set_unknown' });
  return [...chosen.values()];
}

async function restorePanelPart(
  work: BackupWork,
  open: OpenTarget,
  chosen: readonly Chosen[],
  step: (text: string) => void,
): Promise<readonly SiteFacts[]> {
  const tree = chosen.find(({ part }) => part.kind === 'tree' && part.source.kind === 'panel');
  if (tree === undefined) return [];
  step('Restoring the panel.');
  const core = coreOf(work, open);
  const set = await core.openSet(open.target.targetId, tree.setId);
  const lock = await takeRestoreLock(work);
  try {
    // Records and database of one moment.
    const facts = await restorePanel(work, core, set, set.manifest.parts);
    return facts.sites;
  } finally {
    lock.release();
  }
}

/** Sites, folders and databases, set by set. */
async function restoreRest(
  work: BackupWork,
  open: OpenTarget,
  chosen: readonly Chosen[],
  step: (text: string) => void,
): Promise<void> {
  const bySet = Map.groupBy(
    chosen.filter(({ part }) => part.source.kind !== 'panel'),
    ({ setId }) => setId,
  );
  const targetPaths = localTargetPaths(work);
  for (const [setId, ofSet] of bySet) {
    const parts = ofSet.map(({ part }) => part.name);
    step(`Restoring ${parts.join(', ')}.`);
    await restoreSet(
      work,
      coreOf(work, open),
      {
        kind: 'restore',
        targetId: open.target.targetId,
        setId,
        parts,
        member: null,
        way: { kind: 'in_place' },
        isDryRun: false,
      },
      { targetPaths },
    );
  }
}

/** Sites whose files no set holds: nginx serves them again, for a start an empty folder. */
async function makeOtherSites(
  work: BackupWork,
  sites: readonly SiteFacts[],
  step: (text: string) => void,
): Promise<string[]> {
  const made: string[] = [];
  for (const facts of sites) {
    if (readSiteFacts(work, facts.spec.slug) !== undefined) continue;
    step(`Making the site ${facts.spec.slug} again.`);
    await askForSite(work, facts);
    made.push(facts.spec.slug);
  }
  return made;
}
