import { setTimeout as wait } from 'node:timers/promises';
import { logLine, type Machine } from './core/machine.ts';
import type { Actions } from './requests.ts';
import type { AgentServer } from './server.ts';

/** Below systemd's TimeoutStopSec, so that the end is ours and not a kill. */
const longestDrainMs = 40_000;

export type Lifetime = {
  /** Something was asked or ended just now. */
  touch(): void;
  /** Ends when the process may end: idle for long enough, or told by a signal and all work done. */
  over(): Promise<'idle' | 'signal'>;
};

/** `isBusy`: work is under way that must not be cut off. */
export function createLifetime(idleMs: number, isBusy: () => boolean): Lifetime {
  let lastAt = performance.now();
  const told = Promise.withResolvers<'signal'>();
  // Two signals are one: Ctrl-C reaches the whole process group.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => told.resolve('signal'));

  async function idle(): Promise<'idle'> {
    for (;;) {
      if (isBusy()) lastAt = performance.now();
      const restMs = lastAt + idleMs - performance.now();
      if (restMs <= 0) return 'idle';
      // Looks again now and then: work that began without a request is found within a second.
      await wait(Math.min(restMs, 1_000), undefined, { ref: false });
    }
  }

  return {
    touch: () => void (lastAt = performance.now()),
    over: async () => (idleMs === 0 ? await told.promise : await Promise.race([told.promise, idle()])),
  };
}

/** Answers what is open, lets started work end, and closes the state. */
export async function drain(machine: Machine, server: AgentServer, actions: Actions): Promise<void> {
  const endsAt = performance.now() + longestDrainMs;
  await Promise.race([server.stop(), wait(longestDrainMs, undefined, { ref: false })]);
  while ((actions.activeCount > 0 || machine.laterCount > 0) && performance.now() < endsAt) await wait(20);
  const left = actions.activeCount + machine.laterCount;
  // The journal makes even this safe: the next start takes back what was not committed.
  if (left > 0) logLine('error', 'ended with work under way', { left });
  machine.close();
}
