import { setTimeout as wait } from 'node:timers/promises';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import { isPhpExtensionName } from '#shared/php-extensions.ts';
import {
  isDatabaseServer,
  isNode,
  isTool,
  phpVersionOf,
  type InstallableName,
  type RemovableName,
} from '#shared/software.ts';
import { selfProcess } from '../core/alive.ts';
import type { Call } from '../core/call.ts';
import { append, closeFile } from '../core/files.ts';
import type { Handlers } from '../core/handlers.ts';
import type { Machine } from '../core/machine.ts';
import { databasesLock } from '../databases/records.ts';
import { askNginx, findNginx } from '../nginx/nginx.check.ts';
import { nginxPaths } from '../nginx/nginx.files.ts';
import { majorOf, sitesWithNode, storedNodes } from '../apps/node-store.ts';
import { findMaster, findPortHolder } from '../nginx/nginx.process.ts';
import { findFpm, sitesWith, versionMissing } from '../php/php.versions.ts';
import { allRecords, type SiteRecord } from '../sites/site-records.ts';
import { nginxLock } from '../sites/sites.apply.ts';
import { launch } from './launch.ts';
import { startDatabaseServer, verifyDatabaseServer } from './database-steps.ts';
import { configureNginx, nginxVersion, startModule, startNginx, verifyBrotli, verifyNginx } from './nginx-steps.ts';
import { configureExtension, verifyExtension } from './php-extension-steps.ts';
import { configurePhp, startPhp, verifyPhp } from './php-steps.ts';
import {
  askToCancel,
  folderOf,
  isAnyRunning,
  isCancelled,
  isKnown,
  makeOperation,
  maxAttempts,
  newRecord,
  openStepLog,
  putJson,
  readRecord,
  readStepLog,
  stateOf,
  writeRecord,
  type PublicStep,
  type StepRecord,
  type StepState,
} from './operations.ts';
import { readRemoved } from './runner.ts';
import { writeScope } from './upgrade-steps.ts';
import { configureTool, readTools, startTool, verifyTool } from './tools.ts';

type Name =
  | 'software.cancel'
  | 'software.install'
  | 'software.operation'
  | 'software.plan'
  | 'software.remove'
  | 'software.status'
  | 'software.uninstall'
  | 'software.updates'
  | 'software.upgrade';

export const softwareHandlers: Pick<Handlers, Name> = {
  'software.cancel': (machine, params, call) => cancel(machine, params, call),
  // One at a time per operation: two who ask at once must find one run.
  'software.install': (machine, params, call) =>
    machine.locks.hold(`operation ${params.operationId}`, call.deadlineAt, () => install(machine, params)),
  'software.operation': (machine, params) => Promise.resolve(observe(machine, params)),
  // One after another, as the question for updates: each costs APT seconds of the processor.
  'software.plan': (machine, { name }, call) =>
    machine.locks.hold('updates', call.deadlineAt, async () => (await import('./plan.ts')).readPlanOf(machine, name)),
  'software.remove': (machine, params, call) =>
    machine.locks.hold(`operation ${params.operationId}`, call.deadlineAt, () => remove(machine, params)),
  'software.status': (machine) => status(machine),
  'software.uninstall': (machine, params, call) =>
    machine.locks.hold(`operation ${params.operationId}`, call.deadlineAt, () => uninstall(machine, params, call)),
  // Loaded with the first question: few ask it. One after another: each costs APT seconds of the processor.
  'software.updates': ({ prefix, locks }, _params, call) =>
    locks.hold('updates', call.deadlineAt, async () => (await import('./updates.ts')).readUpdates(prefix)),
  'software.upgrade': (machine, params, call) =>
    machine.locks.hold(`operation ${params.operationId}`, call.deadlineAt, () => startUpgrade(machine, params)),
};

async function status(machine: Machine): Promise<ActionResult<AgentActions['software.status']>> {
  const { prefix } = machine;
  const isInstalled = findNginx(prefix) !== undefined;
  const [version, complaint] = await Promise.all([
    nginxVersion(prefix),
    isInstalled ? askNginx(prefix, nginxPaths(prefix).main, 6_000) : undefined,
  ]);
  const isolated = [...allRecords(machine).values()].flatMap(({ slug, isolated: set }) =>
    set === null ? [] : [{ slug, reason: set.reason.slice(0, 1_000) }],
  );
  return {
    items: [
      {
        name: 'nginx',
        isInstalled,
        isRunning: findMaster(prefix) !== undefined,
        version: version ?? null,
        isConfigOk: isInstalled ? complaint === undefined : null,
        configError: complaint?.message.slice(0, 4_096) ?? null,
      },
    ],
    isolated: isolated.slice(0, 80),
    port80Owner: findPortHolder(80, prefix) ?? null,
    tools: await readTools(machine),
  };
}

type Started = ActionResult<AgentActions['software.install']>;

async function install(
  machine: Machine,
  { name, operationId, step }: ActionParams<AgentActions['software.install']>,
): Promise<Started> {
  if (isPhpExtensionName(name) && findFpm(machine.prefix, phpVersionOf(name)) === undefined)
    throw versionMissing(phpVersionOf(name));
  const folder = makeOperation(machine.stateFolder, operationId);
  const record = readRecord(folder, step);
  const state = record === undefined ? undefined : seen(folder, record);
  if (state === 'running' || state === 'succeeded' || state === 'failed') return { state };
  if (isCancelled(folder)) return { state: 'failed' };
  const attempt = (record?.attempt ?? 0) + 1;
  await putJson(`${folder}/name.json`, name);
  // Its package starts it at once, with a file that lets every user in without TLS: ours stands there before.
  if (name === 'vsftpd' && step === 'install') await configureTool(machine, name, () => undefined);
  if (step === 'refresh' || step === 'install') await launch(machine, folder, operationId, step, attempt);
  else await startHere(machine, folder, name, step, attempt);
  return { state: 'running' };
}

/** `unknown`: asking for the step again takes it up where it was cut off. */
function seen(folder: string, record: StepRecord): Exclude<StepState, 'died'> | 'unknown' {
  const state = stateOf(record);
  if (state !== 'died') return state;
  return record.attempt >= maxAttempts || isCancelled(folder) ? 'failed' : 'unknown';
}

type OwnStep = 'configure' | 'start' | 'verify';
type Work = (machine: Machine, say: (text: string) => void) => Promise<number>;

function workOf(name: InstallableName, step: OwnStep): Work {
  if (name === 'nginx') return { configure: configureNginx, start: startNginx, verify: verifyNginx }[step];
  if (name === 'nginx-brotli') return { configure: configureNginx, start: startModule, verify: verifyBrotli }[step];
  if (isTool(name))
    return {
      configure: (machine: Machine, say: (text: string) => void) => configureTool(machine, name, say),
      start: (machine: Machine, say: (text: string) => void) => startTool(machine, name, say),
      verify: (machine: Machine, say: (text: string) => void) => verifyTool(machine, name, say),
    }[step];
  if (isDatabaseServer(name))
    return {
      configure: nothing,
      start: (machine: Machine, say: (text: string) => void) => startDatabaseServer(machine, name, say),
      verify: (machine: Machine, say: (text: string) => void) => verifyDatabaseServer(machine, name, say),
    }[step];
  if (isNode(name)) return (machine, say) => Promise.resolve(sayNode(machine, name, step, say));
  const version = phpVersionOf(name);
  if (isPhpExtensionName(name) && step !== 'start') {
    const own = { configure: configureExtension, verify: verifyExtension }[step];
    return (machine, say) => own(machine, name, say);
  }
  const php = { configure: configurePhp, start: startPhp, verify: verifyPhp }[step];
  return (machine, say) => php(machine, version, say);
}

/** Neither git nor a database server gets a configuration of ours, and git has no service. */
const nothing: Work = () => Promise.resolve(0);

/** A version in the store needs neither configuration nor start. */
function sayNode({ prefix }: Machine, name: InstallableName, step: OwnStep, say: (text: string) => void): number {
  if (step !== 'verify') return 0;
  const found = storedNodes(prefix).find((version) => majorOf(version) === Number(name.slice('node'.length)));
  say(found === undefined ? 'It is not there.' : `Node ${found}`);
  return found === undefined ? 1 : 0;
}

async function startHere(
  machine: Machine,
  folder: string,
  name: InstallableName,
  step: OwnStep,
  attempt: number,
): Promise<void> {
  const first: StepRecord = { ...newRecord(attempt), state: 'running', process: selfProcess() };
  await writeRecord(folder, step, first);
  machine.later(`operation step ${step}`, async () => {
    const log = openStepLog(folder, step);
    let exitCode = 1;
    try {
      // A server of databases takes its time to start: sites are changed meanwhile.
      const lock = isDatabaseServer(name) ? databasesLock : nginxLock;
      exitCode = await machine.locks.hold(lock, Number.POSITIVE_INFINITY, () =>
        workOf(name, step)(machine, (text) => append(log, `${text}\n`)),
      );
    } catch (error) {
      append(log, `${textOf(error)}\n`);
    } finally {
      closeFile(log);
    }
    const state = exitCode === 0 ? 'succeeded' : 'failed';
    await writeRecord(folder, step, { ...first, state, exitCode, progress: exitCode === 0 ? 100 : null });
  });
}

function textOf(error: unknown): string {
  if (!(error instanceof AppError)) return error instanceof Error ? error.message : String(error);
  const facts = Object.entries(error.params).map(([name, value]) => `${name}: ${value}`);
  return [error.message, ...facts].join('\n');
}

function observe(
  machine: Machine,
  { operationId, step, offset }: ActionParams<AgentActions['software.operation']>,
): ActionResult<AgentActions['software.operation']> {
  const folder = folderOf(machine.stateFolder, operationId);
  // The record first: what is written to the log before the end is then in what follows.
  const record = isKnown(machine.stateFolder, operationId) ? readRecord(folder, step) : undefined;
  if (record === undefined) return { state: 'unknown', exitCode: null, text: '', nextOffset: offset, progress: null };
  const state = seen(folder, record);
  const { text, next } = readStepLog(folder, step, offset, state !== 'running');
  return { state, exitCode: record.exitCode, text, nextOffset: next, progress: record.progress };
}

const installSteps: readonly PublicStep[] = ['refresh', 'install', 'configure', 'start', 'verify', 'upgrade'];
/** dpkg is never interrupted: when it takes longer the wish is kept, and the step ends as failed when dpkg is done. */
const cancelPatienceMs = 12_000;

async function cancel(
  machine: Machine,
  { operationId }: ActionParams<AgentActions['software.cancel']>,
  { deadlineAt }: Call,
): Promise<ActionResult<AgentActions['software.cancel']>> {
  if (!isKnown(machine.stateFolder, operationId)) return { wasRunning: false };
  const folder = folderOf(machine.stateFolder, operationId);
  const wasRunning = isAnyRunning(folder, installSteps);
  await askToCancel(folder);
  await untilEnded(folder, Math.min(Date.now() + cancelPatienceMs, deadlineAt - 1_000));
  return { wasRunning };
}

async function untilEnded(folder: string, endsAt: number): Promise<boolean> {
  while (isAnyRunning(folder)) {
    if (Date.now() >= endsAt) return false;
    await wait(100);
  }
  return true;
}

function usersOf(machine: Machine, name: RemovableName): readonly { readonly slug: string }[] {
  if (isNode(name)) return sitesWithNode(machine, (version) => majorOf(version) === Number(name.slice('node'.length)));
  if (name === 'nginx-brotli') {
    const isPacked = ({ settings }: SiteRecord) =>
      (settings?.behaviour?.compression?.brotli ?? 'default') !== 'default';
    return [...allRecords(machine).values()].filter(isPacked);
  }
  return isTool(name) || isPhpExtensionName(name) ? [] : sitesWith(machine, phpVersionOf(name));
}

/** Refused while a site needs it, also one that is switched off: it could not be switched on again. */
async function remove(
  machine: Machine,
  { name, operationId }: ActionParams<AgentActions['software.remove']>,
): Promise<Started> {
  const folder = makeOperation(machine.stateFolder, operationId);
  const record = readRecord(folder, 'remove');
  const state = record === undefined ? undefined : seen(folder, record);
  if (state === 'running' || state === 'succeeded' || state === 'failed') return { state };
  const [user] = usersOf(machine, name);
  if (user !== undefined)
    throw new AppError('in_use', 'A site needs this version.', {
      reason: 'software_in_use',
      params: { name, site: user.slug },
    });
  await putJson(`${folder}/name.json`, name);
  await launch(machine, folder, operationId, 'remove', (record?.attempt ?? 0) + 1);
  return { state: 'running' };
}

async function startUpgrade(
  machine: Machine,
  { scope, operationId, step }: ActionParams<AgentActions['software.upgrade']>,
): Promise<Started> {
  const folder = makeOperation(machine.stateFolder, operationId);
  const record = readRecord(folder, step);
  const state = record === undefined ? undefined : seen(folder, record);
  if (state === 'running' || state === 'succeeded' || state === 'failed') return { state };
  if (isCancelled(folder)) return { state: 'failed' };
  await writeScope(folder, scope);
  await launch(machine, folder, operationId, step, (record?.attempt ?? 0) + 1);
  return { state: 'running' };
}

async function uninstall(
  machine: Machine,
  { operationId }: ActionParams<AgentActions['software.uninstall']>,
  { deadlineAt }: Call,
): Promise<ActionResult<AgentActions['software.uninstall']>> {
  if (!isKnown(machine.stateFolder, operationId)) return { removed: [] };
  const folder = folderOf(machine.stateFolder, operationId);
  await askToCancel(folder);
  const busy = new AppError('busy', 'The package manager is still at work.', { reason: 'operation_running' });
  if (!(await untilEnded(folder, deadlineAt - 2_000))) throw busy;
  const record = readRecord(folder, 'uninstall');
  if (record === undefined || stateOf(record) !== 'succeeded') {
    await launch(machine, folder, operationId, 'uninstall', ((record?.attempt ?? 0) % 9) + 1);
    if (!(await untilEnded(folder, deadlineAt - 2_000))) throw busy;
  }
  const exitCode = readRecord(folder, 'uninstall')?.exitCode ?? null;
  if (exitCode === 2)
    throw new AppError('in_use', 'Other packages need what would be removed.', { reason: 'packages_needed' });
  if (exitCode !== 0)
    throw new AppError('internal', 'The packages could not be removed.', {
      reason: 'uninstall_failed',
      params: exitCode === null ? {} : { exitCode },
    });
  return { removed: readRemoved(folder) };
}
