import type { BackupRequest, PlannedBackup } from '#shared/backups.ts';
import { launchDelivery } from '../alerts/deliver.ts';
import { raiseTrouble } from '../alerts/raise.ts';
import { tellForgottenEnds } from './run-end.ts';
import { listPresent, readProof } from './catalogue.ts';
import { newId } from './keys.ts';
import { listPlans, type PlanRecord } from './plans.ts';
import { logLine } from '../core/machine.ts';
import { isRunning, listRuns, showRun, type RunRecord } from './runs.ts';
import { longestGapMinutes, nextRun } from './schedule.ts';
import { startRun, type Launcher } from './start.ts';
import { backupsFolder } from './work-of.ts';

/*
 * What is due: planned backups whose time has come since their last run, once also when the machine was off for long, and
 * restore tests of the newest sets. A target has one run at a time: what would have to wait for it is still due later.
 */

export const scheduleActor = 'schedule';
/** A failed run is tried again after this, not at once and not only at the next time. */
const retryMs = 30 * 60 * 1000;
const day = 24 * 60 * 60 * 1000;
const proofEvery = { weekly: 7 * day, monthly: 30 * day } as const;

/** Starts what is due, tells what went wrong and what is overdue; answers the ids of the runs. */
export async function startDue(machine: Launcher): Promise<string[]> {
  await tellTroubles(machine);
  try {
    return await startRuns(machine);
  } finally {
    await launchDelivery(machine);
  }
}

/** Never keeps a backup from being made. */
async function tellTroubles(machine: Launcher): Promise<void> {
  const folder = backupsFolder(machine.stateFolder);
  const now = machine.now();
  try {
    const runs = listRuns(folder);
    await tellForgottenEnds(folder, runs, now);
    for (const record of listPlans(folder)) {
      const at = overdueSince(folder, record, runsOf(runs, record.planId), now);
      if (at === undefined) continue;
      const dueAt = new Date(at).toISOString();
      const facts = { planId: record.planId, targetId: null, runId: null, what: 'create', check: null, reason: null };
      await raiseTrouble(folder, { event: 'overdue', ...facts, recoveredFrom: null, dueAt }, now);
    }
  } catch (error) {
    logLine('error', 'what is overdue was not told', { error: String(error) });
  }
}

async function startRuns(machine: Launcher): Promise<string[]> {
  const folder = backupsFolder(machine.stateFolder);
  const now = machine.now();
  const runs = listRuns(folder);
  const requests = listPlans(folder).flatMap((record): BackupRequest[] => [
    ...(isBackupDue(folder, record, runs, now) ? [{ kind: 'create', planId: record.planId } as const] : []),
    ...proofsDue(folder, record, runs, now),
  ]);
  const busy = new Set(runs.filter(isRunning).flatMap(({ request }) => targetsOf(folder, request)));
  const started: string[] = [];
  for (const request of requests) {
    const targets = targetsOf(folder, request);
    if (targets.some((targetId) => busy.has(targetId))) continue;
    for (const targetId of targets) busy.add(targetId);
    const run = await startRun(machine, { runId: newId(), request, actorName: scheduleActor });
    started.push(run.runId);
  }
  return started;
}

function targetsOf(folder: string, request: BackupRequest): readonly string[] {
  if (request.kind !== 'create') return [request.targetId];
  return listPlans(folder).find(({ planId }) => planId === request.planId)?.plan.targetIds ?? [];
}

const runsOf = (runs: readonly RunRecord[], planId: string): RunRecord[] =>
  runs.filter(({ request }) => request.kind === 'create' && request.planId === planId);

const startOf = ({ startedAt }: RunRecord): number => Date.parse(startedAt);

/** When it runs next; a moment that is past when it is overdue. undefined: never by itself. */
function dueAt(
  folder: string,
  { plan, since }: PlanRecord,
  last: RunRecord | undefined,
  now: number,
): number | undefined {
  if (plan.schedule === null || plan.isPaused) return undefined;
  // A clock that was set back: what lies ahead of now is no reason to wait until then.
  const from = Math.min(now, Math.max(since, last === undefined ? 0 : startOf(last)));
  const planned = nextRun(plan.schedule, from);
  if (last === undefined || showRun(folder, last).state !== 'failed') return planned;
  return Math.min(planned ?? Number.POSITIVE_INFINITY, startOf(last) + retryMs);
}

const overdueMs = 60 * 60 * 1000;

/** The time that passed without a backup, when it is more than an hour ago and none is being made. */
function overdueSince(folder: string, record: PlanRecord, own: readonly RunRecord[], now: number): number | undefined {
  const at = dueAt(folder, record, own[0], now);
  return at !== undefined && at + overdueMs < now && !own.some(isRunning) ? at : undefined;
}

function isBackupDue(folder: string, record: PlanRecord, runs: readonly RunRecord[], now: number): boolean {
  const own = runsOf(runs, record.planId);
  if (own.some(isRunning)) return false;
  const at = dueAt(folder, record, own[0], now);
  return at !== undefined && at <= now;
}

/** Restore tests of the newest set of the plan in each of its targets, by the time of the last real one. */
function proofsDue(
  folder: string,
  { planId, plan }: PlanRecord,
  runs: readonly RunRecord[],
  now: number,
): BackupRequest[] {
  if (plan.proof === 'never' || plan.isPaused) return [];
  const every = proofEvery[plan.proof];
  return plan.targetIds.flatMap((targetId): BackupRequest[] => {
    const sets = listPresent(folder, targetId).filter(({ manifest }) => manifest.planId === planId);
    const newest = sets.at(-1);
    if (newest === undefined) return [];
    const tries = runs.filter(({ request }) => request.kind === 'prove' && request.targetId === targetId);
    if (tries.some(isRunning) || tries.some((run) => startOf(run) <= now && startOf(run) + day > now)) return [];
    const lastAt = Math.max(
      0,
      ...sets.flatMap(({ manifest: { setId } }) => {
        const proof = readProof(folder, targetId, setId);
        return proof?.kind === 'restore' && proof.state !== 'not_run' ? [Date.parse(proof.at)] : [];
      }),
    );
    const firstAt = Date.parse(sets[0]?.manifest.startedAt ?? '');
    const isDue = lastAt === 0 ? now - firstAt >= day : now - lastAt >= every;
    return isDue ? [{ kind: 'prove', targetId, setId: newest.manifest.setId }] : [];
  });
}

/** A plan with what is known of its time. */
export function showPlan(folder: string, record: PlanRecord, runs: readonly RunRecord[], now: number): PlannedBackup {
  const { planId, plan } = record;
  const own = runsOf(runs, planId);
  const [last] = own;
  const at = dueAt(folder, record, last, now);
  const shown = last === undefined ? undefined : showRun(folder, last);
  return {
    id: planId,
    plan,
    nextRunAt: at === undefined ? null : new Date(Math.max(at, now)).toISOString(),
    lastRun: shown === undefined ? null : { runId: shown.runId, at: shown.startedAt, state: shown.state },
    isOverdue: overdueSince(folder, record, own, now) !== undefined,
    rpoMinutes: plan.schedule === null ? null : (longestGapMinutes(plan.schedule, now) ?? null),
    rtoMs: measuredRto(folder, record),
  };
}

function measuredRto(folder: string, { planId, plan }: PlanRecord): number | null {
  const proofs = plan.targetIds.flatMap((targetId) =>
    listPresent(folder, targetId)
      .filter(({ manifest }) => manifest.planId === planId)
      .flatMap(({ manifest }) => readProof(folder, targetId, manifest.setId) ?? []),
  );
  const restores = proofs.filter(({ kind, state }) => kind === 'restore' && state === 'proven');
  return restores.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0]?.durationMs ?? null;
}
