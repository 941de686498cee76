import type { BackupRequest, BackupRun } from '#shared/backups.ts';
import { closeFile, look, openForAppend } from '../core/files.ts';
import { listPresent, readProof } from './catalogue.ts';
import { findPlan } from './plans.ts';
import { runFolder, showRun, type RunRecord } from './runs.ts';
import { readTargetState } from './targets.ts';
import { endTrouble, raise, raiseTrouble, type Alert, type Subject } from '../alerts/raise.ts';

/*
 * What the end of a run means for those who want to know. Told by the run itself; by the timer when the run could not.
 */

const weekMs = 7 * 24 * 60 * 60 * 1000;
const markPath = (folder: string, runId: string): string => `${runFolder(folder, runId)}/told`;
const isTold = (folder: string, runId: string): boolean => look(markPath(folder, runId)).type === 'file';

/** Once for each run, however often it is asked. */
export async function tellRunEnd(folder: string, record: RunRecord, now: number): Promise<void> {
  const run = showRun(folder, record);
  if (run.state === 'running' || isTold(folder, run.runId)) return;
  if (run.state === 'failed') await tellFailure(folder, run, now);
  if (run.state === 'succeeded') await tellSuccess(folder, run, now);
  // Last: an alert that is queued twice is there once, one that was forgotten is not there at all.
  closeFile(openForAppend(markPath(folder, run.runId)));
}

/** Those whose process was killed, or went with the machine, before it could say a word. `runs`: newest first. */
export async function tellForgottenEnds(folder: string, runs: readonly RunRecord[], now: number): Promise<void> {
  // Oldest first: a later one that went well ends the trouble of an earlier one.
  for (const record of runs.toReversed())
    if (Date.parse(record.startedAt) + weekMs > now) await tellRunEnd(folder, record, now);
}

/** undefined: somebody stands before it and looks, nobody else needs to know. */
function subjectOf(request: BackupRequest): (Subject & { readonly isStanding: boolean }) | undefined {
  const failed = { event: 'run_failed', planId: null } as const;
  switch (request.kind) {
    case 'create':
      return { event: 'run_failed', planId: request.planId, targetId: null, isStanding: true };
    case 'verify':
      return { event: 'verify_failed', planId: null, targetId: request.targetId, isStanding: true };
    case 'prove':
      return { event: 'proof_failed', planId: null, targetId: request.targetId, isStanding: true };
    case 'restore':
    case 'prune':
      return request.isDryRun ? undefined : { ...failed, targetId: request.targetId, isStanding: false };
    case 'create_now':
    case 'remove':
    case 'export':
    case 'import':
      return { ...failed, targetId: request.targetId, isStanding: false };
    case 'fetch':
    case 'check_target':
      return undefined;
  }
}

async function tellFailure(folder: string, run: BackupRun, now: number): Promise<void> {
  const subject = subjectOf(run.request);
  if (subject === undefined) return;
  const { isStanding, ...of } = subject;
  const reason = run.failure?.reason ?? run.failure?.code ?? 'internal';
  const common = { runId: run.runId, what: run.request.kind, dueAt: null, recoveredFrom: null };
  const alert: Alert = { ...of, ...common, reason, check: null, ...checkOf(folder, run) };
  await (isStanding ? raiseTrouble : raise)(folder, alert, now);
  for (const doubt of doubtsOf(folder, run)) await raiseTrouble(folder, { ...doubt, ...common }, now);
}

/** Of a check: whether it found something or could not be made, and the reason of its own that it left with the target. */
function checkOf(folder: string, { request, startedAt }: BackupRun): Partial<Pick<Alert, 'check' | 'reason'>> {
  if (request.kind !== 'verify' && request.kind !== 'prove') return {};
  const { lastProof } = readTargetState(folder, request.targetId);
  if (lastProof === null || lastProof.at < startedAt || lastProof.state === 'proven') return { check: 'not_run' };
  return { check: lastProof.state, ...(lastProof.reason === null ? {} : { reason: lastProof.reason }) };
}

/** Sets of this run that were stored, and could then not be shown to be whole. */
function doubtsOf(folder: string, { request, startedAt }: BackupRun): (Subject & Pick<Alert, 'check' | 'reason'>)[] {
  if (request.kind !== 'create') return [];
  const { planId } = request;
  return (findPlan(folder, planId)?.plan.targetIds ?? []).flatMap((targetId) =>
    listPresent(folder, targetId)
      .filter(({ manifest }) => manifest.planId === planId && manifest.startedAt >= startedAt)
      .flatMap(({ manifest: { setId } }) => {
        const proof = readProof(folder, targetId, setId);
        if (proof === null || proof.state === 'proven') return [];
        return [{ event: 'verify_failed', planId, targetId, check: proof.state, reason: proof.reason } as const];
      }),
  );
}

async function tellSuccess(folder: string, { request, runId }: BackupRun, now: number): Promise<void> {
  const subject = subjectOf(request);
  if (subject === undefined || !subject.isStanding) return;
  await endTrouble(folder, [subject, ...alsoEnded(folder, request)], { runId, what: request.kind, now });
}

/** A backup that was made ends that it was late, and doubts about the one before it. */
function alsoEnded(folder: string, request: BackupRequest): Subject[] {
  if (request.kind !== 'create') return [];
  const { planId } = request;
  const targetIds = findPlan(folder, planId)?.plan.targetIds ?? [];
  return [
    { event: 'overdue', planId, targetId: null },
    ...targetIds.map((targetId) => ({ event: 'verify_failed', planId, targetId }) as const),
  ];
}
