import { setTimeout as wait } from 'node:timers/promises';
import type { AppEnd } from '#shared/apps.ts';
import { markOf, selfProcess } from '../core/alive.ts';
import { notRunnable, withoutNewRights } from '../core/apart.ts';
import { closeFile, openForAppend, putFile, readText, removeFile, Unsynced } from '../core/files.ts';
import { launchOwn } from '../core/launch.ts';
import { findGroup, launcherOf, listAccounts, makeStateFolder, type AgentSettings } from '../core/machine.ts';
import { startService, type Service } from '../core/run.ts';
import { restartTimer, unitOwner, unitPath } from './apps.paths.ts';
import { readEnvironment } from './apps.render.ts';
import { killSession, measureSession, processesOf } from './apps.sessions.ts';
import { notePath, type SupervisorNote } from './apps.supervised.ts';
import { watchTimer } from './apps.timers.ts';
import { readUnit, type UnitFacts } from './apps.unit-file.ts';

/*
 * Looks after one application where systemd is not, by the same unit file: starts it as its user, starts it again as its
 * policy says and never for ever, ends it when it uses more memory or processes than it may. Processor time cannot be
 * limited without control groups.
 */

const lookMs = 300;

export async function runSupervisor(settings: AgentSettings, [unit = '']: readonly string[]): Promise<void> {
  const owner = unitOwner(unit);
  if (owner === undefined) throw new Error('not a unit of an application');
  const stateFolder = makeStateFolder(settings);
  const text = readText(settings.rootPrefix + unitPath(unit));
  if (text === undefined) throw new Error(`${unit} is not there`);
  const facts = readUnit(text);
  const told = Promise.withResolvers<'told'>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => told.resolve('told'));
  process.on('SIGHUP', () => undefined);
  const supervisor = selfProcess();
  // One of them is enough to have all of the application started anew.
  const isFirst = owner.worker === null && owner.instance === 1;
  const watch = isFirst ? watchOwnTimer(settings, owner.slug) : undefined;
  const starts: number[] = [];
  let restarts = 0;
  let end: AppEnd | null = null;

  const note = (phase: SupervisorNote['phase'], service: Service | undefined): void => {
    const child = service === undefined ? null : (markOf(service.pid) ?? null);
    const content: SupervisorNote = { supervisor, child, phase, since: Date.now(), restarts, end };
    const unsynced = new Unsynced();
    putFile(notePath(stateFolder, unit), Buffer.from(JSON.stringify(content)), { mode: 0o600 }, 'note', unsynced);
    unsynced.drop();
  };

  try {
    await liveOn();
  } finally {
    watch?.stop();
  }

  async function liveOn(): Promise<void> {
    for (;;) {
      starts.push(Date.now());
      const lived = await liveOnce(facts, (service) => note('running', service), told.promise);
      if (lived.isTold) return note('stopped', undefined);
      end = lived.end;
      const recent = starts.filter((at) => at > Date.now() - facts.startLimitMs).length;
      const isWanted = facts.restart === 'always' || (facts.restart === 'on-failure' && !isClean(end));
      if (!isWanted || recent >= facts.startLimitBurst) return note(isClean(end) ? 'stopped' : 'failed', undefined);
      restarts++;
      note('waiting', undefined);
      if ((await Promise.race([told.promise, wait(facts.restartMs)])) === 'told') return note('stopped', undefined);
    }
  }
}

/** A process of its own asks the agent, which then ends this one. */
function watchOwnTimer(settings: AgentSettings, slug: string): { readonly stop: () => void } {
  const where = launcherOf(settings);
  return watchTimer({
    read: () => readText(where.prefix + unitPath(restartTimer(slug))),
    now: () => where.now(),
    launch: (siteId) =>
      launchOwn(
        { ...where, hasSystemd: false },
        {
          args: ['--app-restart', siteId],
          unit: '',
          properties: [],
          openOutput: () => openForAppend(`${where.stateFolder}/apps/supervisor.log`),
        },
      ),
  });
}

function isClean(end: AppEnd | null): boolean {
  return end === null || (end.kind === 'exit' && end.code === 0);
}

type Lived = { readonly isTold: boolean; readonly end: AppEnd };

/** From one start to the end of everything that was started. */
async function liveOnce(facts: UnitFacts, onStart: (service: Service) => void, told: Promise<'told'>): Promise<Lived> {
  const outputFd = openForAppend(facts.log, 0o640);
  let service: Service;
  try {
    if (facts.variables['SOCKET'] !== undefined) removeFile(facts.variables['SOCKET']);
    process.umask(facts.umask);
    // As every unit of an application says it.
    const [program = '', ...args] = [...withoutNewRights(), facts.program, ...facts.args];
    service = startService(program, args, {
      cwd: facts.folder,
      environment: { ...facts.variables, ...ownVariables(facts) },
      outputFd,
      ...ownerOf(facts),
    });
  } catch {
    return { isTold: false, end: { kind: 'start', code: null } };
  } finally {
    process.umask(0o077);
    closeFile(outputFd);
  }
  const started = await service.started;
  if (!started) return { isTold: false, end: { kind: 'start', code: notRunnable } };
  onStart(service);
  const session = { pid: service.pid, startedTicks: '' };
  let isOverMemory = false;
  const looked = new AbortController();
  const looking = (async () => {
    while (!looked.signal.aborted) {
      const { memoryBytes, tasks } = measureSession(service.pid);
      if (memoryBytes > facts.memoryBytes || tasks > facts.tasks) {
        isOverMemory ||= memoryBytes > facts.memoryBytes;
        await killSession(session);
      }
      await wait(lookMs, undefined, { signal: looked.signal }).catch(() => undefined);
    }
  })();
  const first = await Promise.race([told, service.ended]);
  if (first === 'told') {
    service.kill('SIGTERM');
    await Promise.race([service.ended, wait(facts.stopMs)]);
  }
  looked.abort();
  // What it started ends with it.
  if (processesOf(service.pid).length > 0) await killSession(session);
  await looking;
  if (first === 'told') return { isTold: true, end: { kind: 'exit', code: 0 } };
  if (isOverMemory) return { isTold: false, end: { kind: 'memory', code: null } };
  if (first.code === notRunnable) return { isTold: false, end: { kind: 'start', code: notRunnable } };
  return {
    isTold: false,
    end: first.signal === null ? { kind: 'exit', code: first.code } : { kind: 'signal', code: first.signal },
  };
}

function ownVariables({ environmentFile }: UnitFacts): Record<string, string> {
  const text = readText(environmentFile, 4 * 1024 * 1024) ?? '';
  return Object.fromEntries(readEnvironment(text).map(({ name, value }) => [name, value]));
}

function ownerOf({ user, group }: UnitFacts): { uid: number; gid: number } | Record<never, never> {
  if (user === null || process.getuid?.() !== 0) return {};
  const account = listAccounts().find(({ name }) => name === user);
  if (account === undefined) throw new Error(`the user ${user} is not there`);
  return { uid: account.uid, gid: (group === null ? undefined : findGroup(group)) ?? account.gid };
}
