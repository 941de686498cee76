import type { BackupRequest, BackupRun, BackupSet, BackupSource } from '#shared/backups.ts';
import { newId } from '../id.ts';
import { findFakeMember, partsOf, type FakeBackupState, type FakeRun } from './backups-data.ts';

/*
 * What the runs of the fake agent come to. A run ends when its time is over; what it does happens at that moment.
 */

type Failure = NonNullable<BackupRun['failure']>;

const mismatch = 'backup_mismatch';

/** Names with a meaning, as the domains of the fake sites: `fail-disk`, `fail-proof` and `fail-target` in a name or path. */
function plannedFailure(state: FakeBackupState, { request }: FakeRun): Failure | undefined {
  const names = [...namesOf(state, request)];
  const has = (word: string) => names.some((name) => name.includes(word));
  if (has('fail-target')) return { code: 'agent_unavailable', reason: 'backup_target_unreachable', params: {} };
  if (has('fail-disk')) return { code: 'internal', reason: 'disk_full', params: {} };
  if (has('fail-proof') && request.kind === 'prove')
    return { code: 'internal', reason: 'backup_proof_failed', params: { reason: mismatch } };
  if (has('fail-proof') && ['verify', 'restore'].includes(request.kind))
    return { code: 'internal', reason: mismatch, params: { subject: 'manifest' } };
  return missingFailure(state, request);
}

/** What is only seen once the set is open. */
function missingFailure(state: FakeBackupState, request: BackupRequest): Failure | undefined {
  if (request.kind !== 'fetch' && request.kind !== 'restore') return undefined;
  const set = state.sets.find(({ setId, targetId }) => setId === request.setId && targetId === request.targetId);
  const wanted = request.kind === 'fetch' ? [request.part] : (request.parts ?? []);
  const part = wanted.find((name) => set?.parts.every((one) => one.name !== name));
  if (part !== undefined) return { code: 'not_found', reason: 'backup_part_unknown', params: { part } };
  const { member } = request;
  const found = member === null ? undefined : findFakeMember(member);
  const isThere = member === null || (found !== undefined && (request.kind === 'restore' || found.type === 'file'));
  return isThere ? undefined : { code: 'not_found', reason: 'backup_member_unknown', params: { member } };
}

function* namesOf(state: FakeBackupState, request: BackupRequest): Generator<string> {
  const plan = state.plans.find(({ id }) => 'planId' in request && id === request.planId)?.plan;
  const targetIds = request.kind === 'create' ? (plan?.targetIds ?? []) : [request.targetId];
  for (const target of state.targets) if (targetIds.includes(target.id)) yield target.name;
  if (plan !== undefined) yield plan.name;
  if ('path' in request) yield request.path;
  for (const source of sourcesOf(state, request)) yield JSON.stringify(source);
}

export function sourcesOf(state: FakeBackupState, request: BackupRequest): readonly BackupSource[] {
  if (request.kind === 'create_now') return request.sources;
  if (request.kind !== 'create') return [];
  return state.plans.find(({ id }) => id === request.planId)?.plan.sources ?? [];
}

/** The targets that a run works on: one run at a time in each. */
export function targetsOf(state: FakeBackupState, request: BackupRequest): readonly string[] {
  if (request.kind !== 'create') return [request.targetId];
  return state.plans.find(({ id }) => id === request.planId)?.plan.targetIds ?? [];
}

/** Ends each run whose time is over. Answers whether one did. */
export function endRuns(state: FakeBackupState, now: number): boolean {
  const over = state.runs.filter((run) => run.state === 'running' && now - Date.parse(run.startedAt) >= run.durationMs);
  for (const run of over) end(state, run);
  return over.length > 0;
}

function end(state: FakeBackupState, run: FakeRun): void {
  const at = new Date(Date.parse(run.startedAt) + run.durationMs).toISOString();
  const failure = plannedFailure(state, run);
  Object.assign(run, { endedAt: at, phase: null, progress: failure === undefined ? 100 : run.progress });
  for (const target of state.targets) {
    if (!targetsOf(state, run.request).includes(target.id)) continue;
    const isAway = failure?.reason === 'backup_target_unreachable';
    Object.assign(target, { isReachable: !isAway, checkedAt: at, reason: isAway ? failure.reason : null });
  }
  if (failure !== undefined) {
    run.state = 'failed';
    run.failure = failure;
    // A restore test says what it met; the proof is about that.
    const { reason: met = failure.reason } = failure.params;
    noteProof(state, run, at, String(met));
    return;
  }
  run.state = 'succeeded';
  carryOut(state, run, at);
}

function carryOut(state: FakeBackupState, run: FakeRun, at: string): void {
  const { request } = run;
  switch (request.kind) {
    case 'create':
    case 'create_now':
      for (const targetId of targetsOf(state, request)) addSet(state, run, { targetId, at });
      return;
    case 'verify':
    case 'prove':
      noteProof(state, run, at, null);
      return;
    case 'restore':
      if (!request.isDryRun) addSet(state, run, { targetId: request.targetId, at, kind: 'safety' });
      run.report = restoreReport(request.isDryRun);
      return;
    case 'prune':
      run.report = prune(state, request);
      return;
    case 'remove':
      state.sets = state.sets.filter(({ setId, isPinned }) => isPinned || !request.setIds.includes(setId));
      return;
    case 'import':
      addSet(state, run, { targetId: request.targetId, at, kind: 'imported' });
      return;
    default:
  }
}

function addSet(
  state: FakeBackupState,
  run: FakeRun,
  { targetId, at, kind }: { targetId: string; at: string; kind?: 'safety' | 'imported' },
): void {
  const { request } = run;
  const planned = state.plans.find(({ id }) => request.kind === 'create' && id === request.planId);
  const sources = sourcesOf(state, request);
  const parts = (sources.length > 0 ? sources : [{ kind: 'panel' } as const]).flatMap(partsOf);
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const isFirst = !state.sets.some((set) => set.targetId === targetId);
  const usual = planned === undefined ? 'manual' : 'planned';
  const set: BackupSet = {
    setId: newId(),
    targetId,
    planId: planned?.id ?? null,
    planName: planned?.plan.name ?? '',
    kind: kind ?? usual,
    at,
    durationMs: run.durationMs,
    bytes,
    addedBytes: isFirst ? Math.round(bytes * 0.6) : Math.round(bytes * 0.02),
    parts,
    isPinned: false,
    lastProof: null,
  };
  state.sets.unshift(set);
  run.setIds.push(set.setId);
  const [key] = state.keys.filter(({ state: keyState }) => keyState === 'active');
  if (key !== undefined) key.setCount += 1;
}

function noteProof(state: FakeBackupState, { request, durationMs }: FakeRun, at: string, reason: string | null): void {
  if (request.kind !== 'verify' && request.kind !== 'prove') return;
  const { targetId, setId } = request;
  const kind = request.kind === 'prove' ? 'restore' : request.isFull ? 'full' : 'quick';
  const isTried = reason !== 'backup_target_unreachable';
  const proof = {
    state: reason === null ? 'proven' : isTried ? 'failed' : 'not_run',
    kind,
    at,
    durationMs,
    reason,
  } as const;
  const set = state.sets.find((one) => one.targetId === targetId && (setId === null || one.setId === setId));
  if (set !== undefined) set.lastProof = proof;
  const target = state.targets.find(({ id }) => id === targetId);
  if (target !== undefined) target.lastProof = proof;
  const plan = state.plans.find(({ id }) => id === set?.planId);
  if (plan !== undefined && request.kind === 'prove' && reason === null) plan.rtoMs = durationMs;
}

function restoreReport(isDryRun: boolean): BackupRunReport {
  return [
    { what: 'changed', subject: 'index.html', reason: null, params: {} },
    { what: 'created', subject: 'assets/app.css', reason: null, params: {} },
    { what: isDryRun ? 'kept' : 'removed', subject: 'assets/old.css', reason: null, params: {} },
  ];
}
type BackupRunReport = FakeRun['report'];

function prune(state: FakeBackupState, request: Extract<BackupRequest, { kind: 'prune' }>): BackupRunReport {
  const plans = state.plans.filter(({ id }) => request.planId === null || id === request.planId);
  const going = plans.flatMap(({ id, plan }) =>
    previewRetention(
      state.sets.filter((set) => set.targetId === request.targetId && set.planId === id),
      plan.retention,
    ).remove.map(({ setId }) => setId),
  );
  if (!request.isDryRun) state.sets = state.sets.filter(({ setId }) => !going.includes(setId));
  return going.map((subject) => ({ what: 'removed', subject, reason: null, params: {} }));
}

type Retention = FakeBackupState['plans'][number]['plan']['retention'];
type Preview = {
  keep: { setId: string; at: string; reasons: string[] }[];
  remove: { setId: string; at: string }[];
};

/** Characters of an instant that name its hour, day, month and year; weeks by number. */
const periods: Readonly<Record<Exclude<keyof Retention, 'last'>, (at: string) => string>> = {
  hourly: (at) => at.slice(0, 13),
  daily: (at) => at.slice(0, 10),
  weekly: (at) => String(Math.floor((Date.parse(at) / 86_400_000 + 3) / 7)),
  monthly: (at) => at.slice(0, 7),
  yearly: (at) => at.slice(0, 4),
};

/** The newest of each period stays, as often as the retention says; pinned ones, the newest and the last proven always. */
export function previewRetention(sets: readonly BackupSet[], retention: Retention): Preview {
  const newestFirst = sets.toSorted((one, other) => (one.at < other.at ? 1 : -1));
  const reasons = new Map(newestFirst.map(({ setId, isPinned }) => [setId, isPinned ? ['pinned'] : ([] as string[])]));
  const keep = (set: BackupSet | undefined, why: string) => set !== undefined && reasons.get(set.setId)?.push(why);
  keep(newestFirst[0], 'newest');
  keep(
    newestFirst.find(({ lastProof }) => lastProof?.state === 'proven'),
    'proven',
  );
  for (const set of newestFirst.slice(0, retention.last)) keep(set, 'last');
  for (const [name, periodOf] of Object.entries(periods) as [keyof typeof periods, (at: string) => string][]) {
    const seen = new Set<string>();
    for (const set of newestFirst) {
      if (seen.size >= retention[name] || seen.has(periodOf(set.at))) continue;
      seen.add(periodOf(set.at));
      keep(set, name);
    }
  }
  const isKept = ({ setId }: BackupSet) => (reasons.get(setId)?.length ?? 0) > 0;
  return {
    keep: newestFirst.filter(isKept).map(({ setId, at }) => ({ setId, at, reasons: reasons.get(setId) ?? [] })),
    remove: newestFirst.filter((set) => !isKept(set)).map(({ setId, at }) => ({ setId, at })),
  };
}

/** The run as it is answered: without what only the fake knows, and as far as it is now. */
export function shownRun({ actorId: _actor, report: _report, durationMs, ...run }: FakeRun, now: number): BackupRun {
  if (run.state !== 'running') return run;
  const share = Math.min(0.99, Math.max(0, now - Date.parse(run.startedAt)) / durationMs);
  return { ...run, progress: Math.floor(share * 100) };
}
