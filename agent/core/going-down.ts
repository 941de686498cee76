import type { Machine } from './machine.ts';
import { findProgram, run } from './run.ts';

/**
 * Whether the machine is being shut down or restarted. systemd ends all units side by side: a program of a run's, in a unit
 * of its own, may be gone before the run itself is told, and nothing new is started any more. What fails meanwhile has not
 * failed by itself: it is left as it is and taken up again at the next start. `stopping`: systemctl(1), is-system-running.
 */
export async function isGoingDown({ hasSystemd }: Pick<Machine, 'hasSystemd'>): Promise<boolean> {
  const systemctl = hasSystemd ? findProgram('systemctl') : undefined;
  if (systemctl === undefined) return false;
  const { stdout } = await run(systemctl, ['is-system-running'], { timeoutMs: 5_000 });
  return stdout.trim() === 'stopping';
}
