import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createLocks, takeLockFile } from './lock.ts';

it('FAULT-8 JOB-2 work on one resource goes one after another in the order of asking, on two side by side', async () => {
  const locks = createLocks();
  const seen: string[] = [];
  const work = (resource: string, name: string, ms: number) =>
    locks.hold(resource, Date.now() + 5_000, async () => {
      seen.push(`${name} begins`);
      await wait(ms);
      seen.push(`${name} ends`);
    });
  await Promise.all([work('a', '1', 40), work('a', '2', 1), work('b', '3', 1)]);
  expect(seen).toEqual(['1 begins', '3 begins', '3 ends', '1 ends', '2 begins', '2 ends']);
  expect(locks.heldCount).toBe(0);
});

it('a failure lets the next one in', async () => {
  const locks = createLocks();
  const failing = locks.hold('a', Date.now() + 5_000, () => Promise.reject(new Error('no')));
  const next = locks.hold('a', Date.now() + 5_000, () => Promise.resolve('next'));
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('next');
});

it('whose turn comes too late has done nothing', async () => {
  const locks = createLocks();
  let isDone = false;
  const first = locks.hold('a', Date.now() + 5_000, () => wait(50));
  const late = locks.hold('a', Date.now() + 10, () => Promise.resolve((isDone = true)));
  await expect(late).rejects.toMatchObject({ code: 'timeout', reason: 'queue_too_long' });
  await first;
  expect(isDone).toBe(false);
});

it('the lock file keeps a second agent away and is free at once after a kill -9', async () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'aapanel-lock-'));
  const path = join(folder, 'lock');
  const code = `import { takeLockFile } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
    await takeLockFile(${JSON.stringify(path)}, 0); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await expect(takeLockFile(path, 0)).rejects.toMatchObject({ code: 'busy', reason: 'agent_already_running' });
  child.kill('SIGKILL');
  const lock = await takeLockFile(path, 2_000);
  lock.release();
  (await takeLockFile(path, 0)).release();
  rmSync(folder, { recursive: true });
});
