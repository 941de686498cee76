import type { Family } from './families.ts';

const ofPlan = ['plan'] as const;
const ofTarget = ['target'] as const;
const ofBoth = ['plan', 'target'] as const;
const from = 'backups';

/** `plan` and `target` are ids; names, which people change, stand in the two `_info` families only. */
export const backupFamilies = {
  aapanel_backup_look_timestamp_seconds: {
    type: 'gauge',
    help: 'When these figures were last read from the agent.',
    labels: [],
    from,
  },
  aapanel_backup_plans: { type: 'gauge', help: 'Backup plans, paused ones included.', labels: [], from },
  aapanel_backup_targets: { type: 'gauge', help: 'Backup targets.', labels: [], from },
  aapanel_backup_plan_info: { type: 'gauge', help: 'Always 1; the name of a plan.', labels: ['plan', 'name'], from },
  aapanel_backup_target_info: {
    type: 'gauge',
    help: 'Always 1; the name and kind of a target.',
    labels: ['target', 'name', 'kind'],
    from,
  },
  aapanel_backup_plan_paused: { type: 'gauge', help: '1 when the plan is paused.', labels: ofPlan, from },
  aapanel_backup_last_success_timestamp_seconds: {
    type: 'gauge',
    help: 'When the newest complete backup of the plan in the target was made.',
    labels: ofBoth,
    from,
  },
  aapanel_backup_age_seconds: {
    type: 'gauge',
    help: 'Age of the newest complete backup of the plan in the target.',
    labels: ofBoth,
    from,
  },
  aapanel_backup_missing: {
    type: 'gauge',
    help: '1 when the target holds no complete backup of the plan.',
    labels: ofBoth,
    from,
  },
  aapanel_backup_duration_seconds: {
    type: 'gauge',
    help: 'Time that the newest complete backup took.',
    labels: ofBoth,
    from,
  },
  aapanel_backup_size_bytes: { type: 'gauge', help: 'Size of what the newest backup holds.', labels: ofBoth, from },
  aapanel_backup_added_bytes: {
    type: 'gauge',
    help: 'What the newest backup added to the target, after deduplication.',
    labels: ofBoth,
    from,
  },
  aapanel_backup_overdue: { type: 'gauge', help: '1 when a run of the plan is late.', labels: ofPlan, from },
  aapanel_backup_last_run_state: {
    type: 'gauge',
    help: '1 for the state of the last run of the plan, 0 for the others; not_run before the first.',
    labels: ['plan', 'state'],
    from,
  },
  aapanel_backup_last_run_timestamp_seconds: {
    type: 'gauge',
    help: 'When the last run of the plan began.',
    labels: ofPlan,
    from,
  },
  aapanel_backup_rpo_seconds: {
    type: 'gauge',
    help: 'Longest time between two planned runs; absent for a plan without schedule.',
    labels: ofPlan,
    from,
  },
  aapanel_backup_rpo_met: {
    type: 'gauge',
    help: '1 when the schedule keeps the goal of one hour.',
    labels: ofPlan,
    from,
  },
  aapanel_backup_rto_seconds: {
    type: 'gauge',
    help: 'Time that the last restore test took; absent before the first.',
    labels: ofPlan,
    from,
  },
  aapanel_backup_rto_met: {
    type: 'gauge',
    help: '1 when the last restore test kept the goal of 15 minutes; absent before the first.',
    labels: ofPlan,
    from,
  },
  aapanel_backup_target_reachable: {
    type: 'gauge',
    help: '1 when the target answered the last time; absent when it was never asked.',
    labels: ofTarget,
    from,
  },
  aapanel_backup_target_sets: { type: 'gauge', help: 'Complete backups in the target.', labels: ofTarget, from },
  aapanel_backup_target_stored_bytes: { type: 'gauge', help: 'Space used in the target.', labels: ofTarget, from },
  aapanel_backup_proof_state: {
    type: 'gauge',
    help: '1 for the outcome of the last verify or restore_test in the target, 0 for the others.',
    labels: ['target', 'kind', 'state'],
    from,
  },
  aapanel_backup_proof_timestamp_seconds: {
    type: 'gauge',
    help: 'When the last verify or restore_test in the target ended.',
    labels: ['target', 'kind'],
    from,
  },
} as const satisfies Record<`aapanel_backup_${string}`, Family>;
