import type { BackupRun, BackupSet, BackupState, PlannedBackup } from '#shared/backups.ts';
import { sample, type Sample } from '../../core/metrics/series.ts';

export type BackupFigures = {
  /** When they were read. */
  readonly at: number;
  readonly state: BackupState;
  /** The newest complete set of each plan in each target. */
  readonly newest: readonly BackupSet[];
  /** Newest first. */
  readonly runs: readonly BackupRun[];
};

/** More than these are taken together as `other`, so that a panel with hundreds of plans does not make thousands of series. */
export const maxPlans = 40;
export const maxTargets = 20;
export const maxPairs = 100;

/** What phase 4 promises (P4.2-10): at most an hour is lost, a restore takes less than a quarter of one. */
const rpoGoalMinutes = 60;
const rtoGoalMs = 15 * 60_000;

const runStates = ['not_run', 'running', 'succeeded', 'failed', 'cancelled'] as const;
const proofStates = ['not_run', 'proven', 'failed'] as const;
type ProofState = (typeof proofStates)[number];

export function pairsOf({ plans, targets }: BackupState): { planId: string; targetId: string }[] {
  const shown = targets.slice(0, maxTargets).map(({ id }) => id);
  return plans
    .slice(0, maxPlans)
    .flatMap(({ id, plan }) =>
      plan.targetIds.filter((targetId) => shown.includes(targetId)).map((targetId) => ({ planId: id, targetId })),
    );
}

export function backupSamples(figures: BackupFigures, now: number): Sample[] {
  const { at, state } = figures;
  const { plans, targets } = state;
  return [
    sample('aapanel_backup_look_timestamp_seconds', at / 1000, {}),
    sample('aapanel_backup_plans', plans.length, {}),
    sample('aapanel_backup_targets', targets.length, {}),
    ...plans.slice(0, maxPlans).flatMap(planSamples),
    ...otherPlans(plans.slice(maxPlans)),
    ...targets.slice(0, maxTargets).flatMap((target) => targetSamples(target, figures.runs)),
    ...pairsOf(state)
      .slice(0, maxPairs)
      .flatMap(({ planId, targetId }) => {
        const newest = figures.newest.find((set) => set.planId === planId && set.targetId === targetId);
        return pairSamples({ plan: planId, target: targetId }, newest, now);
      }),
  ];
}

function planSamples({ id, plan, lastRun, isOverdue, rpoMinutes, rtoMs }: PlannedBackup): Sample[] {
  const labels = { plan: id };
  const found = [
    sample('aapanel_backup_plan_info', 1, { plan: id, name: plan.name }),
    sample('aapanel_backup_plan_paused', Number(plan.isPaused), labels),
    sample('aapanel_backup_overdue', Number(isOverdue), labels),
    ...runStateSamples(id, lastRun?.state ?? 'not_run'),
  ];
  if (lastRun !== null) {
    found.push(sample('aapanel_backup_last_run_timestamp_seconds', Date.parse(lastRun.at) / 1000, labels));
  }
  if (rpoMinutes !== null) {
    found.push(sample('aapanel_backup_rpo_seconds', rpoMinutes * 60, labels));
    found.push(sample('aapanel_backup_rpo_met', Number(rpoMinutes <= rpoGoalMinutes), labels));
  }
  // What was never measured is no promise kept.
  if (rtoMs !== null) {
    found.push(sample('aapanel_backup_rto_seconds', rtoMs / 1000, labels));
    found.push(sample('aapanel_backup_rto_met', Number(rtoMs <= rtoGoalMs), labels));
  }
  return found;
}

/** The worst of those that have no series of their own. */
function otherPlans(plans: readonly PlannedBackup[]): Sample[] {
  if (plans.length === 0) return [];
  const states = plans.map(({ lastRun }) => lastRun?.state ?? 'not_run');
  const order = ['failed', 'not_run', 'cancelled', 'running', 'succeeded'] as const;
  return [
    sample('aapanel_backup_overdue', Number(plans.some(({ isOverdue }) => isOverdue)), { plan: 'other' }),
    ...runStateSamples('other', order.find((state) => states.includes(state)) ?? 'not_run'),
  ];
}

function runStateSamples(plan: string, present: (typeof runStates)[number]): Sample[] {
  return runStates.map((state) => sample('aapanel_backup_last_run_state', Number(state === present), { plan, state }));
}

function pairSamples(
  labels: { readonly plan: string; readonly target: string },
  newest: BackupSet | undefined,
  now: number,
): Sample[] {
  const missing = sample('aapanel_backup_missing', Number(newest === undefined), labels);
  if (newest === undefined) return [missing];
  const madeAt = Date.parse(newest.at);
  return [
    missing,
    sample('aapanel_backup_last_success_timestamp_seconds', madeAt / 1000, labels),
    sample('aapanel_backup_age_seconds', Math.max(0, now - madeAt) / 1000, labels),
    sample('aapanel_backup_duration_seconds', newest.durationMs / 1000, labels),
    sample('aapanel_backup_size_bytes', newest.bytes, labels),
    sample('aapanel_backup_added_bytes', newest.addedBytes, labels),
  ];
}

function targetSamples(
  { id, name, place, state }: BackupState['targets'][number],
  runs: readonly BackupRun[],
): Sample[] {
  const labels = { target: id };
  const found = [
    sample('aapanel_backup_target_info', 1, { target: id, name, kind: place.kind }),
    sample('aapanel_backup_target_sets', state.setCount, labels),
  ];
  if (state.isReachable !== null) {
    found.push(sample('aapanel_backup_target_reachable', Number(state.isReachable), labels));
  }
  if (state.storedBytes !== null) found.push(sample('aapanel_backup_target_stored_bytes', state.storedBytes, labels));
  for (const kind of ['verify', 'restore_test'] as const) {
    const { state: present, at } = lastProof(kind, id, state.lastProof, runs);
    for (const each of proofStates) {
      found.push(sample('aapanel_backup_proof_state', Number(each === present), { target: id, kind, state: each }));
    }
    if (at !== null) {
      found.push(sample('aapanel_backup_proof_timestamp_seconds', at / 1000, { target: id, kind }));
    }
  }
  return found;
}

/** The target knows its last proof of any kind; of the other kind the list of runs knows, as far as it goes back. */
function lastProof(
  kind: 'verify' | 'restore_test',
  targetId: string,
  known: BackupState['targets'][number]['state']['lastProof'],
  runs: readonly BackupRun[],
): { readonly state: ProofState; readonly at: number | null } {
  if (known !== null && known.state !== 'not_run' && (known.kind === 'restore') === (kind === 'restore_test')) {
    return { state: known.state, at: Date.parse(known.at) };
  }
  const wanted = kind === 'verify' ? 'verify' : 'prove';
  const run = runs.find(
    ({ request, state }) =>
      request.kind === wanted && request.targetId === targetId && (state === 'succeeded' || state === 'failed'),
  );
  if (run === undefined) return { state: 'not_run', at: null };
  return {
    state: run.state === 'succeeded' ? 'proven' : 'failed',
    at: Date.parse(run.endedAt ?? run.startedAt),
  };
}
