import { expect, it } from 'vitest';
import type { BackupProof, BackupSet, BackupState, PlannedBackup } from '#shared/backups.ts';
import { concernsOf, lastProofOf, nextStep, verdictOf } from './safety.ts';

const proof = (state: BackupProof['state']): BackupProof => ({
  state,
  kind: 'restore',
  at: '2026-03-01T00:00:00.000Z',
  durationMs: 1,
  reason: null,
});
const set = (lastProof: BackupProof | null) => ({ lastProof }) as BackupSet;
const plan = (change: Partial<PlannedBackup> & { isPaused?: boolean; schedule?: object | null } = {}) =>
  ({
    id: 'p',
    isOverdue: false,
    lastRun: { runId: 'r', at: '', state: 'succeeded' },
    ...change,
    plan: {
      name: 'x',
      isPaused: change.isPaused ?? false,
      schedule: change.schedule === undefined ? {} : change.schedule,
    },
  }) as unknown as PlannedBackup;
const away = {
  name: 'away',
  place: { kind: 'rest', url: 'https://b.example' },
  state: { isReachable: true, reason: null },
};
const here = { name: 'here', place: { kind: 'local', path: '/b' }, state: { isReachable: true, reason: null } };
const state = (change: object = {}) =>
  ({
    resticVersion: '0.18',
    scheduler: 'systemd',
    recovery: { keyId: 'k', createdAt: '' },
    keys: [],
    targets: [away],
    plans: [plan()],
    ...change,
  }) as unknown as BackupState;
const proven = new Map([['p', [set(proof('proven'))]]]);
const keys = (change: object, histories = proven) => concernsOf(state(change), histories).map(({ key }) => key);

it('safe is only what ran on time, lies elsewhere, can be opened by the recovery key and was shown to restore', () => {
  expect(keys({})).toEqual([]);
  expect(verdictOf([])).toBe('safe');
});

it('a backup that was never tried is a warning, one that did not restore is bad', () => {
  expect(keys({}, new Map([['p', [set(null)]]]))).toEqual(['unproven']);
  expect(keys({}, new Map([['p', [set(proof('not_run'))]]]))).toEqual(['unproven']);
  const failed = concernsOf(state(), new Map([['p', [set(null), set(proof('failed'))]]]));
  expect(failed.map(({ key }) => key)).toEqual(['proofFailed']);
  expect(verdictOf(failed)).toBe('bad');
});

it('the last word on a plan is of its newest backup that was tried', () => {
  expect(lastProofOf([set(null), set(proof('proven')), set(proof('failed'))])?.state).toBe('proven');
  expect(lastProofOf([set(proof('not_run'))])?.state).toBe('not_run');
  expect(lastProofOf([])).toBeNull();
});

it('what fails stands before what is missing, and nothing is said of sets that are not loaded', () => {
  expect(keys({ targets: [here], recovery: null, plans: [plan({ isOverdue: true })] }, new Map())).toEqual([
    'overdue',
    'noRecovery',
    'sameMachine',
  ]);
  expect(keys({ plans: [plan({ isPaused: true })] })).toEqual(['paused']);
  expect(keys({ plans: [plan({ schedule: null })] })).toEqual(['byHand']);
  expect(keys({ scheduler: 'none' })).toEqual(['noScheduler']);
});

it('the way in leads from a target over the recovery key to a plan', () => {
  expect(nextStep(state({ targets: [], recovery: null, plans: [] }))).toBe('target');
  expect(nextStep(state({ recovery: null, plans: [] }))).toBe('recovery');
  expect(nextStep(state({ plans: [] }))).toBe('plan');
  expect(nextStep(state())).toBeNull();
});
