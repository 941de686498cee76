import type { BackupRequest, BackupSource } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import { getKnown, listPresent, setProof } from './catalogue.ts';
import { coreOf, localTargetPaths } from './core.ts';
import { createSet } from './create.ts';
import { listDatabases } from './databases.ts';
import { dumps } from './dumps/dumps.ts';
import { fetchMember } from './fetch-member.ts';
import { withTarget, type OpenTarget } from './open-target.ts';
import { invalidManifest } from './keys.ts';
import { bothOrNeither } from './members.ts';
import { getPlan } from './plans.ts';
import { exportSet } from './portable/export-set.ts';
import { importFile } from './portable/import-file.ts';
import { proveSet } from './proof/prove-set.ts';
import { measureStored, previewRetention, pruneTarget, removeSets } from './prune.ts';
import { installForTarget } from './recover/tools.ts';
import { recoverRestores, restoreSet } from './restore/restore-set.ts';
import { openSet, readManifest, syncSets } from './sets.ts';
import { partsOf } from './sources/parts.ts';
import { changeTargetState, getTarget } from './targets.ts';
import { checkStructure, stateOfFailure, verifyTarget } from './verify.ts';
import type { BackupWork } from './work.ts';

/*
 * What a run does, one function for each kind of request. Answers the ids of the sets that it made.
 */

type Job<K extends BackupRequest['kind']> = (
  work: BackupWork,
  request: Extract<BackupRequest, { kind: K }>,
) => Promise<readonly string[]>;

export const jobs: { readonly [K in BackupRequest['kind']]: Job<K> } = {
  async create(work, { planId }) {
    const { plan } = getPlan(work.folder, planId);
    return await createInEach(work, plan.targetIds, {
      sources: plan.sources,
      excludes: plan.excludes,
      plan: { planId, name: plan.name },
      after: async (open) => await pruneAfter(work, open, planId),
    });
  },

  async create_now(work, { sources, targetId, excludes }) {
    return await createInEach(work, [targetId], { sources, excludes, plan: null, after: async () => undefined });
  },

  async verify(work, { targetId, setId, isFull }) {
    await verifyTarget(work, { targetId, setId, isFull });
    return [];
  },

  async prove(work, { targetId, setId }) {
    const proof = await withTarget(work, targetId, async (open) => {
      await syncSets(work, open);
      const chosen = setId ?? listPresent(work.folder, targetId).at(-1)?.manifest.setId;
      if (chosen === undefined)
        throw new AppError('not_found', 'There is no backup to try.', { reason: 'backup_set_unknown' });
      const outcome = await proveSet(work, { dumps }, async () => await openSet(work, open, chosen));
      await setProof(work.folder, targetId, chosen, outcome);
      await changeTargetState(work.folder, targetId, { lastProof: outcome });
      return outcome;
    });
    if (proof.state !== 'proven') throw proofFailed(proof.reason);
    return [];
  },

  async restore(work, request) {
    return await withTarget(work, request.targetId, async (open) => {
      const safety = await restoreSet(work, coreOf(work, open), request, { targetPaths: localTargetPaths(work) });
      return safety === undefined ? [] : [safety];
    });
  },

  async fetch(work, { targetId, setId, part, member }) {
    await withTarget(work, targetId, async (open) => {
      await fetchMember(work, await openSet(work, open, setId), part, member);
    });
    return [];
  },

  async prune(work, { targetId, planId, isDryRun }) {
    await withTarget(work, targetId, async (open) => await pruneTarget(work, open, { planId, isDryRun }));
    return [];
  },

  async remove(work, { targetId, setIds }) {
    await withTarget(work, targetId, async (open) => {
      await syncSets(work, open);
      await removeSets(work, open, setIds);
    });
    return [];
  },

  async export(work, { targetId, setId, path }) {
    await withTarget(work, targetId, async (open) => {
      const set = await openSet(work, open, setId);
      await exportSet(work, set, open.ring, path, { targetPaths: localTargetPaths(work) });
    });
    return [];
  },

  async import(work, { path, targetId }) {
    return await withTarget(work, targetId, async (open) => [
      await importFile(work, coreOf(work, open), { path, targetId }),
    ]);
  },

  async check_target(work, { targetId }) {
    // A server that never made a backup has no restic: the first look at its first target brings it.
    await installForTarget(work, getTarget(work.folder, targetId).place);
    await withTarget(work, targetId, async (open) => {
      work.phase('checking_target');
      await checkStructure(work, open, null, false);
      await measureStored(work, open);
    });
    return [];
  },
};

/** Ends or takes back what a restore that was cut off left; before anything else in a run. */
export async function recoverFirst(work: BackupWork): Promise<void> {
  await recoverRestores(work, { dumps });
}

type CreateJob = {
  readonly sources: readonly BackupSource[];
  readonly excludes: readonly string[];
  readonly plan: { readonly planId: string; readonly name: string } | null;
  readonly after: (open: OpenTarget) => Promise<void>;
};

/** One target after the other. One that fails does not keep the others from theirs, but the run has failed. */
async function createInEach(work: BackupWork, targetIds: readonly string[], job: CreateJob): Promise<string[]> {
  const made: string[] = [];
  let failure: { readonly error: unknown } | undefined;
  for (const targetId of targetIds) {
    try {
      made.push(await createIn(work, targetId, job));
    } catch (error) {
      work.signal.throwIfAborted();
      failure ??= { error };
      work.log(`Target ${targetId}: ${error instanceof Error ? error.message : String(error)}`);
      work.report({
        what: 'left_out',
        subject: targetId,
        reason: error instanceof AppError ? (error.reason ?? error.code) : null,
        params: {},
      });
    }
  }
  if (failure !== undefined) throw Object.assign(failure.error as object, { setIds: made });
  return made;
}

async function createIn(work: BackupWork, targetId: string, job: CreateJob): Promise<string> {
  await installForTarget(work, getTarget(work.folder, targetId).place);
  return await withTarget(work, targetId, async (open) => {
    work.phase('preparing');
    await syncSets(work, open);
    const parts = await partsOf(work, job.sources, {
      targetPaths: localTargetPaths(work),
      listDatabases: async (engine) => await listDatabases(work, engine),
    });
    const { manifest } = await createSet(work, open, {
      kind: job.plan === null ? 'manual' : 'planned',
      plan: job.plan,
      planName: job.plan?.name ?? '',
      parts,
      excludes: job.excludes,
    });
    await proveStored(work, open, manifest.setId);
    await job.after(open);
    return manifest.setId;
  });
}

/** Success is said when the target has it: what was just stored is listed there, signed and whole. */
async function proveStored(work: BackupWork, open: OpenTarget, setId: string): Promise<void> {
  const { targetId } = open.target;
  const startedAt = performance.now();
  const at = new Date(work.now()).toISOString();
  const durationMs = (): number => Math.round(performance.now() - startedAt);
  try {
    // Side by side: most of either is restic opening the repository.
    const { snapshot } = getKnown(work.folder, targetId, setId);
    const [, { signed }] = await bothOrNeither([
      checkStructure(work, open, setId, false),
      readManifest(open, snapshot),
    ]);
    if (signed.hmac !== getKnown(work.folder, targetId, setId).signed.hmac)
      throw invalidManifest('it is not the one that was stored');
    await setProof(work.folder, targetId, setId, {
      state: 'proven',
      kind: 'quick',
      at,
      durationMs: durationMs(),
      reason: null,
    });
  } catch (error) {
    work.signal.throwIfAborted();
    await setProof(work.folder, targetId, setId, {
      ...stateOfFailure(error),
      kind: 'quick',
      at,
      durationMs: durationMs(),
    });
    throw error;
  }
}

/** Old sets of the plan go when there are any that may. */
async function pruneAfter(work: BackupWork, open: OpenTarget, planId: string): Promise<void> {
  const { targetId } = open.target;
  const { plan } = getPlan(work.folder, planId);
  const { remove } = previewRetention(work.folder, { targetId, planId, retention: plan.retention });
  if (remove.length > 0) await pruneTarget(work, open, { planId, isDryRun: false });
  else await measureStored(work, open);
}

function proofFailed(reason: string | null): AppError {
  return new AppError('internal', 'The restore test did not pass.', {
    reason: 'backup_proof_failed',
    params: { reason: reason ?? '' },
  });
}
