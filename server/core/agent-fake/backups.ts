import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Permission } from '#shared/access.ts';
import type { BackupRequest, BackupState, PlannedBackup } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import { newId, newToken } from '../id.ts';
import type { FakeActions, FakeCall } from '../agent-fake.ts';
import { fakeHooks, shownHook } from './backup-hooks.ts';
import {
  fakeBytes,
  fakeLog,
  fakeMembers,
  fakePhase,
  fakeSources,
  minutesBetween,
  noBackups,
  partsOf,
  type FakeBackupState,
  type FakePlan,
  type FakeRun,
  type FakeTarget,
} from './backups-data.ts';
import { endRuns, previewRetention, shownRun, sourcesOf, targetsOf } from './backups-runs.ts';

type BackupActionName = Extract<keyof FakeActions, `backups.${string}`>;

export type FakeBackupsParts = {
  /** Where it is kept over a restart; undefined: in memory only. */
  readonly path: string | undefined;
  readonly now: () => number;
  /** How long a run takes; default 2000. */
  readonly runMs: number | undefined;
  readonly requireTicket: (call: FakeCall, permission?: Permission) => void;
};

const hourMs = 3_600_000;
const pieceBytes = 256 * 1024;

/**
 * The part of the fake agent that makes backups: everything but the bytes. Names with a meaning are in backups-runs.ts;
 * a target whose path has `fail-target` in it cannot be reached either.
 */
export function createFakeBackups({
  path,
  now,
  runMs = 2_000,
  requireTicket,
}: FakeBackupsParts): Pick<FakeActions, BackupActionName> {
  const state = read(path);

  function save(): void {
    if (path === undefined) return;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  function settle(): void {
    if (endRuns(state, now())) save();
  }

  function start(runId: string, request: BackupRequest, actor: FakeCall['actor']): FakeRun {
    const isBusy = state.runs.some(
      (run) =>
        run.state === 'running' &&
        targetsOf(state, run.request).some((targetId) => targetsOf(state, request).includes(targetId)),
    );
    const run: FakeRun = {
      runId,
      request,
      state: 'running',
      progress: 0,
      phase: fakePhase(request),
      startedAt: new Date(now()).toISOString(),
      endedAt: null,
      actorName: actor.name,
      actorId: actor.id,
      failure: null,
      setIds: [],
      report: [],
      durationMs: runMs,
    };
    // One at a time in each target: the second one is there, and has failed.
    if (isBusy)
      Object.assign(run, {
        state: 'failed',
        endedAt: run.startedAt,
        phase: null,
        failure: { code: 'busy', reason: 'backup_target_busy', params: {} },
      });
    state.runs.unshift(run);
    save();
    return run;
  }

  function stateOf(): BackupState {
    settle();
    return {
      resticVersion: state.targets.length === 0 ? null : '0.18.0',
      scheduler: 'panel',
      recovery: state.recovery,
      keys: state.keys,
      targets: state.targets.map((target) => targetOf(state, target)),
      plans: state.plans.map((plan) => plannedOf(state, plan, now())),
      hooks: (state.hooks ?? []).map(shownHook),
    };
  }

  return {
    ...fakeHooks({ state, now, save, stateOf }),
    'backups.state': async () => stateOf(),
    'backups.sources': async () => fakeSources,

    async 'backups.sets'({ targetId, planId, setId, part, offset, limit }) {
      settle();
      const found = state.sets.filter(
        (set) =>
          (targetId === null || set.targetId === targetId) &&
          (planId === null || set.planId === planId) &&
          (setId === null || set.setId === setId) &&
          (part === null || set.parts.some(({ name }) => name === part)),
      );
      return { items: found.slice(offset, offset + limit), total: found.length };
    },

    async 'backups.members'({ targetId, setId, part, folder, offset, limit }) {
      settle();
      getPart(state, targetId, setId, part);
      const found = fakeMembers(folder);
      if (found === undefined) throw memberUnknown(folder);
      return { items: found.slice(offset, offset + limit), total: found.length };
    },

    async 'backups.start'({ runId, request }, call) {
      settle();
      const known = state.runs.find((run) => run.runId === runId);
      if (known !== undefined) return { run: shownRun(known, now()) };
      const permission = ticketPermission(request);
      if (permission !== undefined) requireTicket(call, permission);
      checkRequest(state, request);
      return { run: shownRun(start(runId, request, call.actor), now()) };
    },

    async 'backups.run'({ runId, offset }) {
      settle();
      const run = state.runs.find((one) => one.runId === runId);
      if (run === undefined) return { run: null, text: '', nextOffset: offset, report: [], isReportCut: false };
      const text = Buffer.from(logOf(state, run, now()));
      const from = Math.min(offset, text.length);
      return {
        run: shownRun(run, now()),
        text: text.subarray(from).toString('utf8'),
        nextOffset: text.length,
        report: run.report,
        isReportCut: false,
      };
    },

    async 'backups.runs'({ offset, limit }) {
      settle();
      const items = state.runs.slice(offset, offset + limit).map((run) => shownRun(run, now()));
      return { items, total: state.runs.length };
    },

    async 'backups.cancel'({ runId }) {
      settle();
      const run = state.runs.find((one) => one.runId === runId);
      if (run === undefined) throw new AppError('not_found', 'There is no such run.', { reason: 'backup_run_unknown' });
      if (run.state !== 'running') return { wasRunning: false };
      Object.assign(run, { state: 'cancelled', endedAt: new Date(now()).toISOString(), phase: null });
      save();
      return { wasRunning: true };
    },

    async 'backups.read_download'({ runId, offset }) {
      settle();
      const run = state.runs.find((one) => one.runId === runId && one.state === 'succeeded');
      const isKept = run?.endedAt != null && now() - Date.parse(run.endedAt) < hourMs;
      if (run?.request.kind !== 'fetch' || !isKept) {
        throw new AppError('not_found', 'It is not kept any more.', { reason: 'backup_download_gone' });
      }
      const { member, part } = run.request;
      const bytes = fakeBytes(member);
      const piece = bytes.subarray(offset, offset + pieceBytes);
      return {
        fileName: member.slice(member.lastIndexOf('/') + 1) || part,
        bytes: bytes.length,
        base64: piece.toString('base64'),
        isEnd: offset + piece.length >= bytes.length,
      };
    },

    async 'backups.put_target'({ targetId, name, place, limits, secret }) {
      settle();
      const before = state.targets.find(({ id }) => id === targetId);
      if (state.keys.length === 0) addKey(state, now());
      const target: FakeTarget = {
        id: targetId,
        isReachable: null,
        checkedAt: null,
        reason: null,
        lastProof: null,
        ...before,
        name,
        place,
        limits,
        hasSecret: secret === null ? (before?.hasSecret ?? false) : secret.kind !== 'none',
      };
      state.targets = [...state.targets.filter(({ id }) => id !== targetId), target];
      save();
      return stateOf();
    },

    'backups.revive_sites': async () => await Promise.resolve({ sites: [] }),
    async 'backups.remove_target'({ targetId }) {
      settle();
      const using = state.plans.find(({ plan }) => plan.targetIds.includes(targetId));
      if (using !== undefined) {
        const params = { plan: using.plan.name };
        throw new AppError('in_use', 'A plan saves to it.', { reason: 'backup_target_in_use', params });
      }
      state.targets = state.targets.filter(({ id }) => id !== targetId);
      state.sets = state.sets.filter((set) => set.targetId !== targetId);
      save();
      return stateOf();
    },

    async 'backups.put_plan'({ planId, plan }) {
      settle();
      for (const targetId of plan.targetIds) getTarget(state, targetId);
      const before = state.plans.find(({ id }) => id === planId);
      const entry: FakePlan = { id: planId, plan, since: before?.since ?? now(), rtoMs: before?.rtoMs ?? null };
      state.plans = [...state.plans.filter(({ id }) => id !== planId), entry];
      save();
      return stateOf();
    },

    async 'backups.remove_plan'({ planId }) {
      settle();
      state.plans = state.plans.filter(({ id }) => id !== planId);
      save();
      return stateOf();
    },

    async 'backups.pin'({ targetId, setId, isPinned }) {
      settle();
      const set = getSet(state, targetId, setId);
      set.isPinned = isPinned;
      save();
      return set;
    },

    async 'backups.keys'(change) {
      settle();
      let recoveryKey: string | null = null;
      if (change.operation === 'new_recovery') {
        if (state.keys.length === 0) addKey(state, now());
        state.recovery = { keyId: newId(), createdAt: new Date(now()).toISOString() };
        recoveryKey = newRecoveryKey();
      } else if (change.operation === 'rotate') {
        for (const key of state.keys) if (key.state === 'active') key.state = 'verify_only';
        addKey(state, now());
      } else retire(state, change.keyId);
      save();
      return { state: stateOf(), recoveryKey };
    },

    async 'backups.preview_retention'({ targetId, planId, retention }) {
      settle();
      getTarget(state, targetId);
      const sets = state.sets.filter((set) => set.targetId === targetId && (planId === null || set.planId === planId));
      return previewRetention(sets, retention);
    },

    async 'backups.due'() {
      settle();
      const due = state.plans.filter((plan) => {
        const { nextRunAt } = plannedOf(state, plan, now());
        return nextRunAt !== null && Date.parse(nextRunAt) <= now();
      });
      const runs = due.map(({ id }) =>
        start(newId(), { kind: 'create', planId: id }, { id: 'panel', name: 'schedule' }),
      );
      return { runIds: runs.map(({ runId }) => runId) };
    },
  };
}

function read(path: string | undefined): FakeBackupState {
  if (path === undefined) return structuredClone(noBackups);
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as FakeBackupState;
  } catch {
    return structuredClone(noBackups);
  }
}

/** Needs a ticket and this permission; undefined: neither. */
function ticketPermission(request: BackupRequest): Permission | undefined {
  switch (request.kind) {
    case 'restore':
      return request.isDryRun ? undefined : 'backups.restore';
    case 'fetch':
      return 'backups.restore';
    case 'prune':
      return request.isDryRun ? undefined : 'backups.manage';
    case 'remove':
    case 'export':
    case 'import':
      return 'backups.manage';
    default:
      return undefined;
  }
}

function checkRequest(state: FakeBackupState, request: BackupRequest): void {
  if ('planId' in request && request.planId !== null) getPlan(state, request.planId);
  if ('targetId' in request) getTarget(state, request.targetId);
  if (request.kind === 'remove') for (const setId of request.setIds) getSet(state, request.targetId, setId);
  if ('setId' in request && request.setId !== null) getSet(state, request.targetId, request.setId);
}

function getTarget(state: FakeBackupState, targetId: string): FakeTarget {
  const found = state.targets.find(({ id }) => id === targetId);
  if (found !== undefined) return found;
  throw new AppError('not_found', 'There is no such target.', { reason: 'backup_target_unknown' });
}

function getPlan(state: FakeBackupState, planId: string): FakePlan {
  const found = state.plans.find(({ id }) => id === planId);
  if (found !== undefined) return found;
  throw new AppError('not_found', 'There is no such plan.', { reason: 'backup_plan_unknown' });
}

function getSet(state: FakeBackupState, targetId: string, setId: string): FakeBackupState['sets'][number] {
  const found = state.sets.find((set) => set.targetId === targetId && set.setId === setId);
  if (found !== undefined) return found;
  throw new AppError('not_found', 'There is no such backup.', { reason: 'backup_set_unknown' });
}

function getPart(state: FakeBackupState, targetId: string, setId: string, part: string): void {
  if (getSet(state, targetId, setId).parts.some(({ name }) => name === part)) return;
  throw new AppError('not_found', 'There is no such part.', { reason: 'backup_part_unknown', params: { part } });
}

function memberUnknown(member: string): AppError {
  return new AppError('not_found', 'There is no such file.', { reason: 'backup_member_unknown', params: { member } });
}

function targetOf(state: FakeBackupState, target: FakeTarget): BackupState['targets'][number] {
  const { isReachable, checkedAt, reason, lastProof, ...facts } = target;
  const sets = state.sets.filter(({ targetId }) => targetId === target.id);
  return {
    ...facts,
    state: {
      isReachable,
      checkedAt,
      reason,
      setCount: sets.length,
      storedBytes: sets.reduce((sum, { addedBytes }) => sum + addedBytes, 0),
      lastSetAt: sets[0]?.at ?? null,
      lastProof,
    },
  };
}

function plannedOf(state: FakeBackupState, { id, plan, since, rtoMs }: FakePlan, now: number): PlannedBackup {
  const last = state.runs.find(({ request }) => request.kind === 'create' && request.planId === id);
  const rpoMinutes = minutesBetween(plan);
  const before = last === undefined ? since : Date.parse(last.startedAt);
  const nextAt = rpoMinutes === null ? null : before + rpoMinutes * 60_000;
  return {
    id,
    plan,
    nextRunAt: nextAt === null || plan.isPaused ? null : new Date(nextAt).toISOString(),
    lastRun: last === undefined ? null : { runId: last.runId, at: last.startedAt, state: last.state },
    isOverdue: nextAt !== null && !plan.isPaused && now > nextAt + 2 * hourMs,
    rpoMinutes,
    rtoMs,
  };
}

function logOf(state: FakeBackupState, run: FakeRun, now: number): string {
  const parts = sourcesOf(state, run.request).flatMap(partsOf);
  const lines = fakeLog(run.request, parts.length === 0 ? ['panel'] : parts.map(({ name }) => name));
  const endsAt = run.endedAt === null ? now : Date.parse(run.endedAt);
  const share = Math.min(1, (endsAt - Date.parse(run.startedAt)) / run.durationMs);
  const shown = run.state === 'succeeded' ? lines : lines.slice(0, Math.ceil(share * (lines.length - 1)));
  return shown.map((line) => `${line}\n`).join('');
}

function addKey(state: FakeBackupState, now: number): void {
  state.keys.push({ keyId: newId(), state: 'active', createdAt: new Date(now).toISOString(), setCount: 0 });
}

function retire(state: FakeBackupState, keyId: string): void {
  const key = state.keys.find((one) => one.keyId === keyId);
  if (key === undefined) throw new AppError('not_found', 'There is no such key.', { reason: 'backup_key_unknown' });
  if (key.state === 'active') throw new AppError('in_use', 'It signs.', { reason: 'backup_key_active' });
  key.state = 'retired';
}

/** As the real one is printed: `AAPR-` and 14 groups of four. */
function newRecoveryKey(): string {
  const letters = `${newToken()}${newToken()}${newToken()}`.toUpperCase().replaceAll(/[^A-Z2-7]/g, '');
  return `AAPR-${letters.slice(0, 56).padEnd(56, 'A').match(/.{4}/g)?.join('-') ?? ''}`;
}
