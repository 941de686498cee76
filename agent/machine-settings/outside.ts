import type { Machine } from '../core/machine.ts';
import { findProgram, run, type RunResult } from '../core/run.ts';

/**
 * Runs a program of the system's to its end outside the sandbox of our own unit, which has a UTS namespace to itself and
 * may not swap; without systemd it is run as it is.
 */
export async function runOutside(
  { hasSystemd }: Pick<Machine, 'hasSystemd'>,
  program: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<RunResult> {
  const systemdRun = hasSystemd ? findProgram('systemd-run') : undefined;
  if (systemdRun === undefined) return await run(program, args, { timeoutMs });
  const unit = ['--quiet', '--pipe', '--wait', '--collect', `--property=RuntimeMaxSec=${Math.ceil(timeoutMs / 1_000)}`];
  return await run(systemdRun, [...unit, '--', program, ...args], { timeoutMs: timeoutMs + 5_000 });
}
