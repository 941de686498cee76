import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import { closeFile, openLog } from './files.ts';
import { findProgram, run } from './run.ts';

/** One at a time per resource, in the order of asking. */
export type Locks = {
  /** Throws `timeout` when the turn comes after `deadlineAt` (epoch ms): nothing has been done then. */
  hold<T>(resource: string, deadlineAt: number, work: () => Promise<T>): Promise<T>;
  readonly heldCount: number;
};

export function createLocks(now: () => number = Date.now): Locks {
  const tails = new Map<string, Promise<void>>();
  return {
    get heldCount() {
      return tails.size;
    },
    async hold(resource, deadlineAt, work) {
      const before = tails.get(resource) ?? Promise.resolve();
      const done = Promise.withResolvers<void>();
      const mine = before.then(() => done.promise);
      tails.set(resource, mine);
      await before;
      try {
        if (now() >= deadlineAt)
          throw new AppError('timeout', 'Other changes took too long; nothing was done.', { reason: 'queue_too_long' });
        return await work();
      } finally {
        done.resolve();
        if (tails.get(resource) === mine) tails.delete(resource);
      }
    },
  };
}

/**
 * Takes the lock file of the agent's state: the kernel's own lock, gone with the process however it ends. Node cannot
 * call flock(2); the program of that name locks the open file that we share with it, and the lock stays ours.
 */
export async function takeLockFile(path: string, patienceMs: number): Promise<{ release: () => void }> {
  const flock = findProgram('flock');
  if (flock === undefined) throw new Error('flock (util-linux) is missing');
  const fd = openLog(path);
  const endsAt = Date.now() + patienceMs;
  for (;;) {
    const { code } = await run(flock, ['-x', '-n', '3'], { timeoutMs: 5_000, extraFd: fd });
    if (code === 0) return { release: () => closeFile(fd) };
    if (Date.now() >= endsAt) {
      closeFile(fd);
      throw new AppError('busy', 'Another agent works on this state folder.', { reason: 'agent_already_running' });
    }
    await wait(50);
  }
}
