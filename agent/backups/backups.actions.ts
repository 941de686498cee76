import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { Permission } from '#shared/access.ts';
import type { BackupRequest } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import { requireTicket, type Call } from '../core/call.ts';
import type { Handlers } from '../core/handlers.ts';
import type { Machine } from '../core/machine.ts';
import { testHook } from '../alerts/deliver.ts';
import { putHook, removeHook } from '../alerts/hooks.ts';
import { browseList, fetchList, findList, getTreePart } from './browse.ts';
import { getKnown, listPresent, setPin, showSet } from './catalogue.ts';
import { changeKeys } from './change-keys.ts';
import { startDue } from './due.ts';
import { readDownload } from './fetch-member.ts';
import { newId } from './keys.ts';
import { withTarget } from './open-target.ts';
import { getPlan, listPlans, putPlan, removePlan } from './plans.ts';
import { previewRetention } from './prune.ts';
import { askToCancelRun, findRun, isRunning, listRuns, readReport, readRunLog, showRun } from './runs.ts';
import { startRun } from './start.ts';
import { showState } from './state.ts';
import { getTarget, listTargets, putTarget, removeTarget } from './targets.ts';
import { backupsFolder, endWork, makeWork } from './work-of.ts';
import type { BackupWork } from './work.ts';

type Name = Extract<keyof Handlers, `backups.${string}`>;
type Params<N extends Name> = ActionParams<AgentActions[N]>;
type Result<N extends Name> = Promise<ActionResult<AgentActions[N]>>;

const lock = 'backups';
const held = async <T>(machine: Machine, call: Call, work: () => Promise<T>): Promise<T> =>
  await machine.locks.hold(lock, call.deadlineAt, work);
const folderOf = (machine: Pick<Machine, 'stateFolder'>): string => backupsFolder(machine.stateFolder);

/** What reaches into sites and databases is loaded when it is called: the console starts a process for each question. */
export const backupsHandlers: Pick<Handlers, Name> = {
  'backups.cancel': (machine, params) => Promise.resolve(cancel(machine, params)),
  'backups.due': (machine, _, call) => held(machine, call, async () => await due(machine)),
  'backups.keys': (machine, params, call) => held(machine, call, async () => await keys(machine, params, call)),
  'backups.members': (machine, params, call) => members(machine, params, call),
  'backups.pin': (machine, params) => pin(machine, params),
  'backups.preview_retention': (machine, params) => Promise.resolve(preview(machine, params)),
  'backups.put_hook': (machine, { hookId, ...hook }, call) =>
    held(machine, call, async () => {
      await putHook(folderOf(machine), hookId, hook, machine.now());
      return await showState(machine);
    }),
  'backups.put_plan': (machine, params, call) => held(machine, call, async () => await addPlan(machine, params)),
  'backups.put_target': (machine, params, call) => held(machine, call, async () => await addTarget(machine, params)),
  'backups.read_download': (machine, params) => Promise.resolve(readDownload(folderOf(machine), machine.now(), params)),
  'backups.remove_hook': (machine, { hookId }, call) =>
    held(machine, call, async () => {
      await removeHook(folderOf(machine), hookId);
      return await showState(machine);
    }),
  'backups.remove_plan': (machine, { planId }, call) =>
    held(machine, call, async () => {
      await removePlan(folderOf(machine), planId);
      return await showState(machine);
    }),
  'backups.remove_target': (machine, params, call) =>
    held(machine, call, async () => await dropTarget(machine, params)),
  'backups.revive_sites': async (...given) => await (await import('./restore/revive.ts')).reviveSites(...given),
  'backups.run': (machine, params) => Promise.resolve(observe(machine, params)),
  'backups.runs': (machine, { offset, limit }) => {
    const folder = folderOf(machine);
    const runs = listRuns(folder);
    return Promise.resolve({
      items: runs.slice(offset, offset + limit).map((record) => showRun(folder, record)),
      total: runs.length,
    });
  },
  'backups.sets': (machine, params) => Promise.resolve(sets(machine, params)),
  'backups.sources': (machine, _, call) =>
    withWork(machine, call, async (work) => {
      const { listDatabases } = await import('./dumps/databases.ts');
      const { listSites } = await import('./sources/list.ts');
      const { databases, engines } = await listDatabases(work);
      return { sites: listSites(work), databases: [...databases], engines };
    }),
  'backups.start': (machine, params, call) => held(machine, call, async () => await start(machine, params, call)),
  'backups.state': (machine) => showState(machine),
  'backups.test_hook': async (machine, { hookId }) => ({
    outcome: await testHook(folderOf(machine), hookId, machine.now),
  }),
};

/** Short work on backups inside the agent itself, ended with the call. */
async function withWork<T>(machine: Machine, call: Call, use: (work: BackupWork) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(Math.max(1_000, call.deadlineAt - Date.now() - 500));
  const work = makeWork(machine, `call-${newId()}`, signal);
  try {
    return await use(work);
  } catch (error) {
    if (signal.aborted) throw new AppError('timeout', 'It took too long.', { reason: 'action_timeout', cause: error });
    throw error;
  } finally {
    endWork(work);
  }
}

/** What a request needs besides `backups.create`; undefined: nothing, and no ticket. */
export function neededFor(request: BackupRequest): Permission | undefined {
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
    case 'create':
    case 'create_now':
    case 'verify':
    case 'prove':
    case 'check_target':
      return undefined;
  }
}

/** A dry restore shows names of files: as much as looking into a set does. */
function checkMay(request: BackupRequest, call: Call): void {
  const needed = neededFor(request);
  if (needed !== undefined) requireTicket(call, needed);
  if (request.kind === 'restore' && !call.may('backups.restore'))
    throw new AppError('not_allowed', 'This needs the permission backups.restore.');
}

/** Throws for what is not there, so that no run starts in vain. */
export function checkRequest(folder: string, request: BackupRequest): void {
  if ('targetId' in request) getTarget(folder, request.targetId);
  if (request.kind === 'create') getPlan(folder, request.planId);
  if (request.kind === 'prune' && request.planId !== null) getPlan(folder, request.planId);
  if (request.kind === 'remove') for (const setId of request.setIds) getKnown(folder, request.targetId, setId);
  else if ('setId' in request && request.setId !== null) getKnown(folder, request.targetId, request.setId);
}

async function start(
  machine: Machine,
  { runId, request }: Params<'backups.start'>,
  call: Call,
): Result<'backups.start'> {
  checkMay(request, call);
  const folder = folderOf(machine);
  const known = findRun(folder, runId);
  if (known === undefined) checkRequest(folder, request);
  return {
    run:
      known === undefined
        ? await startRun(machine, { runId, request, actorName: call.actor.name })
        : showRun(folder, known),
  };
}

function observe(machine: Machine, { runId, offset }: Params<'backups.run'>): Awaited<Result<'backups.run'>> {
  const folder = folderOf(machine);
  const record = findRun(folder, runId);
  if (record === undefined) return { run: null, text: '', nextOffset: offset, report: [], isReportCut: false };
  const run = showRun(folder, record);
  const { text, next } = readRunLog(folder, runId, offset, run.state !== 'running');
  return { run, text, nextOffset: next, ...readReport(folder, runId) };
}

function cancel(machine: Machine, { runId }: Params<'backups.cancel'>): Awaited<Result<'backups.cancel'>> {
  const folder = folderOf(machine);
  const record = findRun(folder, runId);
  if (record === undefined) throw new AppError('not_found', 'There is no such run.', { reason: 'backup_run_unknown' });
  if (!isRunning(record)) return { wasRunning: false };
  askToCancelRun(folder, runId);
  return { wasRunning: true };
}

function sets(machine: Machine, params: Params<'backups.sets'>): Awaited<Result<'backups.sets'>> {
  const folder = folderOf(machine);
  const { targetId, planId, setId, part, offset, limit } = params;
  const found = listTargets(folder)
    .filter((target) => targetId === null || target.targetId === targetId)
    .flatMap((target) => listPresent(folder, target.targetId).map((set) => ({ set, target: target.targetId })))
    .filter(({ set: { manifest } }) => {
      const isPart = part === null || manifest.parts.some(({ name }) => name === part);
      return isPart && (planId === null || manifest.planId === planId) && (setId === null || manifest.setId === setId);
    })
    .sort((a, b) => (a.set.manifest.startedAt < b.set.manifest.startedAt ? 1 : -1));
  return {
    items: found.slice(offset, offset + limit).map(({ set, target }) => showSet(folder, target, set)),
    total: found.length,
  };
}

async function members(machine: Machine, params: Params<'backups.members'>, call: Call): Result<'backups.members'> {
  const folder = folderOf(machine);
  const part = getTreePart(folder, params);
  const path =
    findList(folder, part) ??
    (await withWork(machine, call, async (work) =>
      withTarget(work, params.targetId, async (open) => await fetchList(work, open, params.setId, part)),
    ));
  return browseList(path, params.folder, params.offset, params.limit);
}

async function pin(machine: Machine, { targetId, setId, isPinned }: Params<'backups.pin'>): Result<'backups.pin'> {
  const folder = folderOf(machine);
  const set = getKnown(folder, targetId, setId);
  await setPin(folder, targetId, setId, isPinned);
  return showSet(folder, targetId, set);
}

function preview(
  machine: Machine,
  params: Params<'backups.preview_retention'>,
): Awaited<Result<'backups.preview_retention'>> {
  const { keep, remove } = previewRetention(folderOf(machine), params);
  const at = (ms: number): string => new Date(ms).toISOString();
  return {
    keep: keep.map(({ set, reasons }) => ({ setId: set.setId, at: at(set.at), reasons: [...reasons] })),
    remove: remove.map((set) => ({ setId: set.setId, at: at(set.at) })),
  };
}

async function addPlan(machine: Machine, { planId, plan }: Params<'backups.put_plan'>): Result<'backups.put_plan'> {
  await putPlan(folderOf(machine), planId, plan, machine.now());
  return await showState(machine);
}

async function addTarget(machine: Machine, params: Params<'backups.put_target'>): Result<'backups.put_target'> {
  const { targetId, name, place, limits, secret } = params;
  const folder = folderOf(machine);
  const { checkPlace } = await import('./target-rules.ts');
  checkPlace({ folder, prefix: machine.prefix, stateFolder: machine.stateFolder }, place, secret);
  await putTarget(folder, { targetId, name, place, limits }, secret);
  return await showState(machine);
}

async function dropTarget(
  machine: Machine,
  { targetId }: Params<'backups.remove_target'>,
): Result<'backups.remove_target'> {
  const folder = folderOf(machine);
  const user = listPlans(folder).find(({ plan }) => plan.targetIds.includes(targetId));
  if (user !== undefined)
    throw new AppError('in_use', 'A plan saves to this target.', {
      reason: 'backup_target_in_use',
      params: { plan: user.plan.name },
    });
  await removeTarget(folder, targetId);
  return await showState(machine);
}

async function keys(machine: Machine, change: Params<'backups.keys'>, call: Call): Result<'backups.keys'> {
  const recoveryKey = await withWork(machine, call, async (work) => await changeKeys(work, change));
  return { state: await showState(machine), recoveryKey };
}

async function due(machine: Machine): Result<'backups.due'> {
  const { scheduler } = await showState(machine);
  return { runIds: scheduler === 'systemd' ? [] : await startDue(machine) };
}
