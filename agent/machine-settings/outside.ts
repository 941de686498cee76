import type { Machine } from '../core/machine.ts';
import { findProgram, run, type RunResult } from '../core/run.ts';

/**
 * Program and arguments that run another one outside the sandbox of our own unit, which has a UTS namespace to itself, may not
 * swap and does not see homes; without systemd it is run as it is.
 */
export function outsideArgs(
  { hasSystemd }: Pick<Machine, 'hasSystemd'>,
  program: string,
  args: readonly string[],
  timeoutMs: number,
): readonly [string, ...string[]] {
  const systemdRun = hasSystemd ? findProgram('systemd-run') : undefined;
  if (systemdRun === undefined) return [program, ...args];
  const unit = ['--quiet', '--pipe', '--wait', '--collect', `--property=RuntimeMaxSec=${Math.ceil(timeoutMs / 1_000)}`];
  // systemd puts variables in place of their names otherwise (systemd.service(5), command lines).
  return [systemdRun, ...unit, '--', program, ...args.map((each) => each.replaceAll('$', '$$$$'))];
}

/** Runs a program of the system's to its end outside our own unit. */
export async function runOutside(
  machine: Pick<Machine, 'hasSystemd'>,
  program: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<RunResult> {
  const [first, ...rest] = outsideArgs(machine, program, args, timeoutMs);
  return await run(first, rest, { timeoutMs: timeoutMs + (first === program ? 0 : 5_000) });
}
