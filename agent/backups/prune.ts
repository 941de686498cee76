import { readdirSync, statSync } from 'node:fs';
import { z } from 'zod';
import type { Retention } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import { dropKnown, getKnown, isPinned, listPresent, readProof, type KnownSet } from './catalogue.ts';
import { addToLedger } from './ledger.ts';
import type { OpenTarget } from './open-target.ts';
import { localPath } from './places.ts';
import { getPlan, listPlans, type PlanRecord } from './plans.ts';
import { decide, type Candidate, type Decision } from './retention.ts';
import { setTag } from './restic.ts';
import { syncSets } from './sets.ts';
import { changeTargetState, getTarget, readTargetState } from './targets.ts';
import type { BackupWork } from './work.ts';

/*
 * Removing sets: whole ones, noted in the ledger first, so that a crash at any point leaves nothing half listed.
 */

type SetCandidate = Candidate & { readonly set: KnownSet };

/** The sets of one plan in a target, for the retention's eyes. null: those of plans that do not exist any more. */
function candidatesOf(folder: string, targetId: string, isOfPlan: (planId: string | null) => boolean): SetCandidate[] {
  return listPresent(folder, targetId)
    .filter(({ manifest: { planId, kind } }) => kind === 'planned' && isOfPlan(planId))
    .map((set) => ({
      set,
      setId: set.manifest.setId,
      sequence: set.manifest.sequence,
      at: Date.parse(set.manifest.startedAt),
      isPinned: isPinned(folder, targetId, set.manifest.setId),
      proof: readProof(folder, targetId, set.manifest.setId)?.state ?? null,
      addedBytes: set.manifest.addedBytes,
    }));
}

/** What a retention would do to a plan's sets in a target. `planId` null: to those of every plan. */
export function previewRetention(
  folder: string,
  given: { targetId: string; planId: string | null; retention: Retention },
): Decision<SetCandidate> {
  const { targetId, planId, retention } = given;
  const { limits } = getTarget(folder, targetId);
  const plan = planId === null ? undefined : listPlans(folder).find((each) => each.planId === planId);
  const stored = readTargetState(folder, targetId).storedBytes;
  return decide(
    candidatesOf(folder, targetId, (each) => planId === null || each === planId),
    {
      retention,
      timeZone: plan?.plan.schedule?.timeZone ?? 'UTC',
      ...(stored === null ? {} : { storedBytes: stored, maxBytes: limits.maxBytes }),
    },
  );
}

/** Removes what the retention of a plan (null: of each plan) lets go, and gives the room back. */
export async function pruneTarget(
  work: BackupWork,
  open: OpenTarget,
  given: { planId: string | null; isDryRun: boolean },
): Promise<void> {
  const { targetId } = open.target;
  const plans: PlanRecord[] = given.planId === null ? listPlans(work.folder) : [getPlan(work.folder, given.planId)];
  await syncSets(work, open);
  const goes: string[] = [];
  for (const { planId, plan } of plans) {
    const { keep, remove } = previewRetention(work.folder, { targetId, planId, retention: plan.retention });
    for (const { set, reasons } of keep)
      work.report({
        what: 'kept',
        subject: set.setId,
        reason: reasons[0] ?? null,
        params: { at: new Date(set.at).toISOString() },
      });
    for (const { setId, at } of remove)
      work.report({ what: 'removed', subject: setId, reason: null, params: { at: new Date(at).toISOString() } });
    goes.push(...remove.map(({ setId }) => setId));
  }
  if (given.isDryRun) return;
  await removeSets(work, open, goes);
}

/** Removes sets, pinned ones not. Throws `backup_set_unknown`. */
export async function removeSets(work: BackupWork, open: OpenTarget, setIds: readonly string[]): Promise<void> {
  const { targetId } = open.target;
  const sets = setIds.map((setId) => getKnown(work.folder, targetId, setId));
  const pinned = sets.find(({ manifest }) => isPinned(work.folder, targetId, manifest.setId));
  if (pinned !== undefined)
    throw new AppError('in_use', 'A pinned backup is not removed.', {
      reason: 'backup_set_pinned',
      params: { set: pinned.manifest.setId },
    });
  const at = new Date(work.now()).toISOString();
  work.phase('removing');
  if (sets.length > 0) {
    // From here on they are not listed, whatever happens; the next run removes what is left of them.
    await addToLedger(
      work,
      open,
      sets.map(({ manifest: { setId, sequence }, signed: { hmac } }) => ({ setId, sequence, hmac, at })),
    );
    for (const { manifest } of sets) await dropKnown(work.folder, targetId, manifest.setId);
    const tags = new Set(sets.map(({ manifest }) => setTag(manifest.setId)));
    const snapshots = await open.vault.snapshots('aapanel');
    const gone = snapshots.filter((each) => each.tags.some((tag) => tags.has(tag)));
    await open.vault.forget(
      gone.map(({ snapshot }) => snapshot),
      false,
    );
    work.log(`Removed ${sets.length} backups.`);
  }
  work.phase('freeing');
  await open.vault.forget([], true);
  await measureStored(work, open);
}

const statsShape = z.object({ total_size: z.number() });

/** Notes how much lies in the target. */
export async function measureStored(work: BackupWork, open: OpenTarget): Promise<void> {
  const { place, targetId } = open.target;
  const storedBytes =
    place.kind === 'local'
      ? bytesBelow(localPath(work, place.path))
      : statsShape.parse(JSON.parse(await open.vault.restic.look(['stats', '--json', '--mode', 'raw-data'])))
          .total_size;
  await changeTargetState(work.folder, targetId, { storedBytes: Math.round(storedBytes) });
}

function bytesBelow(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += statSync(`${entry.parentPath}/${entry.name}`, { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}
