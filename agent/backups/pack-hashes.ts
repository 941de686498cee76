import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { AppError } from '#shared/errors.ts';

/*
 * Every pack of a local repository against its name, which is its SHA-256: all stored bytes, as fast as the disk gives
 * them, without the keys. One thread cannot hash as fast as a good disk reads.
 */

const maxReaders = 4;

type Order = { readonly packs: readonly string[]; readonly next: SharedArrayBuffer };
/** Of one pack: bytes read; undefined: it is not what its name says, or cannot be read. */
type Answer = { readonly path: string; readonly bytes: number | undefined };

/** Throws `backup_repository_damaged` naming one that differs. Answers how many bytes were read. */
export async function checkPacks(
  repository: string,
  signal: AbortSignal,
  onProgress: (percent: number) => void,
): Promise<number> {
  const packs = listPacks(`${repository}/data`);
  if (packs.length === 0) return 0;
  let done = 0;
  let bytes = 0;
  const take = (answer: Answer): void => {
    if (answer.bytes === undefined) throw damaged(answer.path);
    bytes += answer.bytes;
    onProgress((++done / packs.length) * 100);
  };
  const order: Order = { packs, next: new SharedArrayBuffer(4) };
  const count = Math.min(maxReaders, availableParallelism(), packs.length);
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const readers = Array.from({ length: count }, async () => {
    try {
      await runReader(order, either, take);
    } catch (error) {
      stop.abort();
      throw error;
    }
  });
  // All have ended before anything is said: nobody reads on behind the caller's back.
  const failed = (await Promise.allSettled(readers)).filter(({ status }) => status === 'rejected');
  signal.throwIfAborted();
  const [worst] = failed.map((each) => (each as PromiseRejectedResult).reason as unknown);
  if (worst !== undefined) throw worst;
  if (done !== packs.length) throw new Error(`${done} of ${packs.length} packs were read`);
  return bytes;
}

function listPacks(data: string): string[] {
  return readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .sort();
}

async function runReader(order: Order, signal: AbortSignal, take: (answer: Answer) => void): Promise<void> {
  // The text of the function: in a release there is no file of its own that a thread could load.
  const reader = new Worker(`(${readPacks.toString()})()`, { eval: true, workerData: order });
  const end = (): void => void reader.terminate();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    await new Promise<void>((resolve, reject) => {
      reader.on('message', (answer: Answer) => {
        try {
          take(answer);
        } catch (error) {
          reject(error as Error);
        }
      });
      reader.once('error', reject);
      reader.once('exit', () => resolve());
    });
  } finally {
    signal.removeEventListener('abort', end);
    await reader.terminate();
  }
}

/** Runs in a thread of its own, from its text alone: it uses nothing from outside itself. */
function readPacks(): void {
  const { closeSync, constants, openSync, readSync } = process.getBuiltinModule('node:fs');
  const { createHash } = process.getBuiltinModule('node:crypto');
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  const { packs, next } = workerData as Order;
  const counter = new Int32Array(next);
  // Larger pieces keep the kernel from reading ahead: half the speed.
  const piece = Buffer.allocUnsafeSlow(256 * 1024);
  const check = (path: string): number | undefined => {
    let fd: number | undefined;
    try {
      fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
      const hash = createHash('sha256');
      let bytes = 0;
      for (let read = -1; read !== 0; bytes += read) {
        read = readSync(fd, piece, 0, piece.length, null);
        hash.update(piece.subarray(0, read));
      }
      return hash.digest('hex') === path.slice(path.lastIndexOf('/') + 1) ? bytes : undefined;
    } catch {
      return undefined;
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  };
  for (;;) {
    const path = packs[Atomics.add(counter, 0, 1)];
    if (path === undefined) return;
    parentPort?.postMessage({ path, bytes: check(path) });
  }
}

function damaged(cause: unknown): AppError {
  return new AppError('internal', 'A pack of the repository is damaged.', {
    reason: 'backup_repository_damaged',
    cause,
  });
}
