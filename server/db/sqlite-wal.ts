import { statSync } from 'node:fs';
import type { Log } from '../core/log.ts';
import type { Pool } from './pool.ts';
import { maxWalBytes } from './sqlite.ts';

const watchMs = 10_000;

/** Size of the log that SQLite writes ahead; 0 when there is none. */
export function walBytesOf(path: string): number {
  return statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * SQLite brings its log into the file by itself, unless a reader that stays long keeps it from doing so: then the log
 * grows. Looks every ten seconds and cuts one that is too long. Returns a function that ends the watch.
 */
export function watchWal(path: string, pool: Pool, log: Log | undefined): () => void {
  const timer = setInterval(() => void cutWal(path, pool, log), watchMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Resolves to the bytes left; does nothing below the limit. */
export async function cutWal(
  path: string,
  pool: Pool,
  log: Log | undefined,
  limitBytes: number = maxWalBytes,
): Promise<number> {
  if (walBytesOf(path) <= limitBytes) return walBytesOf(path);
  try {
    const lease = await pool.acquire();
    try {
      await lease.query('pragma wal_checkpoint(truncate)', []);
    } finally {
      lease.release();
    }
  } catch (error) {
    log?.warn({ err: error }, 'the write-ahead log of the database could not be cut');
  }
  const bytes = walBytesOf(path);
  if (bytes > limitBytes) log?.warn({ bytes }, 'the write-ahead log of the database stays long: a reader holds it');
  return bytes;
}
