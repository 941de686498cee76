import type { BackupProof, BackupSet, BackupState, PlannedBackup } from '#shared/backups.ts';
import { isSameMachine } from './backup-names.ts';

/** What stands against "I am safe", worst first. */
export type Concern =
  | { readonly key: 'noRecovery' | 'noRestic' | 'sameMachine' | 'noScheduler' | 'panelScheduler' }
  | { readonly key: 'overdue' | 'runFailed' | 'paused' | 'byHand'; readonly plan: PlannedBackup }
  | { readonly key: 'proofFailed' | 'unproven' | 'neverRan'; readonly plan: PlannedBackup }
  | { readonly key: 'unreachable'; readonly targetName: string; readonly reason: string | null };

export type ConcernKey = Concern['key'];
export const concernTones = {
  runFailed: 'bad',
  overdue: 'bad',
  proofFailed: 'bad',
  unreachable: 'bad',
  noRestic: 'bad',
  noRecovery: 'bad',
  noScheduler: 'warn',
  sameMachine: 'warn',
  neverRan: 'warn',
  unproven: 'warn',
  byHand: 'warn',
  paused: 'warn',
  panelScheduler: 'info',
} as const satisfies Record<ConcernKey, 'bad' | 'warn' | 'info'>;

const order = Object.keys(concernTones) as readonly ConcernKey[];

/** A plan's newest backups, newest first, as far as they are known here. */
export type History = readonly BackupSet[];

/** The last word on whether this plan's backups restore: of its newest set that was tried. */
export function lastProofOf(sets: History): BackupProof | null {
  const tried = sets.flatMap(({ lastProof }) =>
    lastProof === null || lastProof.state === 'not_run' ? [] : [lastProof],
  );
  return tried[0] ?? sets[0]?.lastProof ?? null;
}

/** `histories`: by plan id; a plan that is not in it is not loaded yet, and nothing is said about its sets. */
export function concernsOf(state: BackupState, histories: ReadonlyMap<string, History>): Concern[] {
  const found: Concern[] = [];
  const { targets, plans, recovery, resticVersion, scheduler } = state;
  if (targets.length > 0 && resticVersion === null) found.push({ key: 'noRestic' });
  if (targets.length > 0 && recovery === null) found.push({ key: 'noRecovery' });
  if (targets.length > 0 && targets.every(({ place }) => isSameMachine(place))) found.push({ key: 'sameMachine' });
  const isScheduled = plans.some(({ plan }) => plan.schedule !== null && !plan.isPaused);
  if (isScheduled && scheduler === 'none') found.push({ key: 'noScheduler' });
  if (isScheduled && scheduler === 'panel') found.push({ key: 'panelScheduler' });
  for (const { name, state: target } of targets)
    if (target.isReachable === false) found.push({ key: 'unreachable', targetName: name, reason: target.reason });
  for (const plan of plans) found.push(...planConcerns(plan, histories.get(plan.id)));
  return found.sort((one, other) => order.indexOf(one.key) - order.indexOf(other.key));
}

function planConcerns(plan: PlannedBackup, sets: History | undefined): Concern[] {
  const found: Concern[] = [];
  if (plan.lastRun?.state === 'failed') found.push({ key: 'runFailed', plan });
  if (plan.isOverdue) found.push({ key: 'overdue', plan });
  if (plan.plan.isPaused) found.push({ key: 'paused', plan });
  else if (plan.plan.schedule === null) found.push({ key: 'byHand', plan });
  if (sets === undefined) return found;
  if (sets.length === 0) return plan.lastRun === null ? [...found, { key: 'neverRan', plan }] : found;
  const proof = lastProofOf(sets);
  if (proof?.state === 'failed') found.push({ key: 'proofFailed', plan });
  else if (proof?.state !== 'proven') found.push({ key: 'unproven', plan });
  return found;
}

/** The one answer at the top of the page. */
export type Verdict = 'safe' | 'warn' | 'bad';
export function verdictOf(concerns: readonly Concern[]): Verdict {
  const tones = new Set<string>(concerns.map(({ key }) => concernTones[key]));
  return tones.has('bad') ? 'bad' : tones.has('warn') ? 'warn' : 'safe';
}

/** What is still missing before anything is saved; null: nothing. */
export function nextStep({ targets, recovery, plans }: BackupState): 'target' | 'recovery' | 'plan' | null {
  if (targets.length === 0) return 'target';
  if (recovery === null) return 'recovery';
  return plans.length === 0 ? 'plan' : null;
}
