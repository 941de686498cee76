import type { HookOutcome } from '#shared/backup-alerts.ts';
import { AppError } from '#shared/errors.ts';
import { look, makeFolders, openForAppend, removeFile } from '../core/files.ts';
import { launchOwn } from '../core/launch.ts';
import { takeLockFile } from '../core/lock.ts';
import { launcherOf, logLine, type AgentSettings } from '../core/machine.ts';
import type { Launcher } from '../backups/start.ts';
import { backupsFolder } from '../backups/work-of.ts';
import { withText } from './alert-texts.ts';
import { alertsFolder, getHook, listHooks, noteOutcome, type HookRecord } from './hooks.ts';
import { postAlert } from './post.ts';
import { dropOld, dropSent, isDue, listWaiting, postpone, type Waiting } from './queue.ts';
import { factsOf } from './raise.ts';

/*
 * Sending is the work of a process of its own (`main.ts --alerts`): the run has ended by then and waits for nobody, and
 * the timer that asks what is due has no network.
 */

/** No hook is waited for longer than this in one go; what is left goes the next time. */
const wholeMs = 60_000;
const lockPatienceMs = 90_000;
const maxLogBytes = 256 * 1024;

/** Starts the process when something is to be sent. Never throws. */
export async function launchDelivery(machine: Launcher): Promise<void> {
  try {
    const now = machine.now();
    const folder = backupsFolder(machine.stateFolder);
    if (!listWaiting(folder).some((each) => isDue(each, now))) return;
    await launchOwn(machine, {
      args: ['--alerts'],
      nodeFlags: ['--max-semi-space-size=1'],
      unit: `aapanel-alerts-${now}`,
      properties: ['UMask=0077', 'Nice=10', 'RuntimeMaxSec=300', 'TimeoutStopSec=5'],
      openOutput: () => openOutput(`${alertsFolder(folder)}/log`),
    });
  } catch (error) {
    logLine('error', 'alerts could not be sent now', { error: messageOf(error) });
  }
}

/** Where no systemd takes what it says; begun anew before it grows. */
function openOutput(path: string): number {
  const found = look(path);
  if (found.type === 'file' && found.size > maxLogBytes) removeFile(path);
  return openForAppend(path);
}

/** `main.ts --alerts`. One at a time: who comes second finds what came in meanwhile. */
export async function runDelivery(settings: AgentSettings): Promise<void> {
  const { stateFolder, now } = launcherOf(settings);
  const folder = backupsFolder(stateFolder);
  makeFolders(alertsFolder(folder));
  const lock = await takeLockFile(`${alertsFolder(folder)}/lock`, lockPatienceMs);
  try {
    await deliverWaiting(folder, now);
  } finally {
    lock.release();
  }
}

/** Sends what is due, to all hooks at the same time. One that does not answer is tried once and keeps its other messages. */
export async function deliverWaiting(folder: string, now: () => number): Promise<void> {
  dropOld(folder, now());
  const endsAt = performance.now() + wholeMs;
  const hooks = new Map(listHooks(folder).map((hook) => [hook.hookId, hook]));
  const due = listWaiting(folder).filter((each) => isDue(each, now()));
  for (const each of due) if (hooks.get(each.hookId)?.isEnabled !== true) dropSent(folder, each);
  await Promise.all(
    [...hooks.values()].map(async (hook) => {
      if (!hook.isEnabled) return;
      for (const waiting of due.filter(({ hookId }) => hookId === hook.hookId)) {
        if (performance.now() > endsAt || !(await deliver(folder, hook, waiting, now))) return;
      }
    }),
  );
}

/** Answers whether it arrived. */
async function deliver(folder: string, hook: HookRecord, waiting: Waiting, now: () => number): Promise<boolean> {
  try {
    const outcome = await postAlert(hook, withText(waiting.alert, hook.language), now);
    if (outcome.isDelivered) dropSent(folder, waiting);
    else await postpone(folder, waiting, now());
    await noteOutcome(folder, hook.hookId, outcome);
    const { event, isDelivered, status, reason } = outcome;
    logLine(isDelivered ? 'info' : 'error', 'an alert was sent', {
      hookId: hook.hookId,
      event,
      isDelivered,
      status,
      reason,
    });
    return isDelivered;
  } catch (error) {
    // A full disk: it is still waiting then.
    logLine('error', 'an alert failed', { hookId: hook.hookId, error: messageOf(error) });
    return false;
  }
}

/** A message that says it is a test, now; answers how it went. Throws `backup_hook_unknown`. */
export async function testHook(folder: string, hookId: string, now: () => number): Promise<HookOutcome> {
  const hook = getHook(folder, hookId);
  const none = { planId: null, targetId: null, runId: null, what: null, check: null, reason: null };
  const facts = factsOf(folder, { event: 'test', ...none, recoveredFrom: null, dueAt: null }, now());
  const outcome = await postAlert(hook, withText(facts, hook.language), now);
  await noteOutcome(folder, hookId, outcome);
  return outcome;
}

function messageOf(error: unknown): string {
  if (error instanceof AppError) return error.reason ?? error.code;
  return error instanceof Error ? error.message : String(error);
}
