import { setTimeout as wait } from 'node:timers/promises';
import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import { guardOf } from '../services/guards.ts';
import type { OwnTaskOf } from './run-own-work.ts';
import { notRun, type TaskEnd } from './run-script.ts';

/** A service that ends right after its start has not started. */
const settleMs = 1_000;

type Where = Pick<Machine, 'hasSystemd'>;

export type KnownService = { readonly isKnown: boolean; readonly isOurs: boolean };

/** `isOurs`: of the panel or of a site, which are led elsewhere. By its name, before anything is asked. */
export async function lookAtService(where: Where, unit: string): Promise<KnownService> {
  const guard = guardOf(unit);
  if (guard === 'panel' || guard === 'site') return { isKnown: true, isOurs: true };
  const { load } = await stateOf(where, unit);
  return { isKnown: load === 'loaded', isOurs: false };
}

async function stateOf(
  { hasSystemd }: Where,
  unit: string,
): Promise<{ readonly load: string; readonly active: string }> {
  const program = hasSystemd ? findProgram('systemctl') : undefined;
  if (program === undefined) return { load: 'not-found', active: 'inactive' };
  const { stdout } = await run(program, ['show', '--property=LoadState,ActiveState', '--', unit], {
    timeoutMs: 10_000,
  });
  const said = new Map(stdout.split('\n').map((each) => [each.split('=')[0] ?? '', each.split('=')[1] ?? '']));
  return { load: said.get('LoadState') ?? 'not-found', active: said.get('ActiveState') ?? 'unknown' };
}

/** Restarts or reloads a service. One whose configuration does not pass its own test goes on as it is. */
export async function runService(where: Where, task: OwnTaskOf<'service'>): Promise<TaskEnd> {
  const { work, timeoutMs, output } = task;
  const { unit, verb } = work;
  const { isKnown, isOurs } = await lookAtService(where, unit);
  const program = findProgram('systemctl');
  if (!isKnown || isOurs || program === undefined) return { ...notRun, cause: 'cron_service_gone' };
  const timer = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([task.signal, timer]);
  const failed = (code: number | null, cause: TaskEnd['cause']): TaskEnd => ({
    ...notRun,
    code,
    isTimedOut: timer.aborted,
    cause,
  });
  const test = configTestOf(unit);
  if (test !== undefined) {
    const tested = await run(...test, { timeoutMs, signal });
    output.say(tested.stderr.trim());
    if (tested.code !== 0) return failed(tested.code, 'cron_service_config');
  }
  const done = await run(program, ['--no-ask-password', verb, '--', unit], { timeoutMs, signal });
  if (done.stderr !== '') output.say(done.stderr.trim());
  if (done.code !== 0) return failed(done.code, 'cron_service_failed');
  await wait(settleMs);
  const { active } = await stateOf(where, unit);
  output.say(`systemctl ${verb} ${unit}: ${active}`);
  // One that does its work and ends is inactive afterwards.
  return failed(0, active === 'failed' ? 'cron_service_failed' : null);
}

/** Restarting one with a broken configuration would end it. */
function configTestOf(unit: string): [string, string[]] | undefined {
  const [, php] = /^php(\d\.\d)-fpm\.service$/.exec(unit) ?? [];
  const name = unit === 'nginx.service' ? 'nginx' : php === undefined ? undefined : `php-fpm${php}`;
  const program = name === undefined ? undefined : findProgram(name);
  return program === undefined ? undefined : [program, ['-t']];
}
