import { openDatabaseOf } from './registry.ts';
import type { Db } from './schema.ts';

export type DatabaseHealth = { readonly isHealthy: boolean; readonly latencyMs: number; readonly error?: unknown };

/**
 * Asks `select 1` over a connection of its own, so that a full pool does not look like a dead database. Always answers
 * within `limitMs`, never throws.
 */
export async function checkDatabase(db: Db, limitMs: number): Promise<DatabaseHealth> {
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), limitMs);
  });
  const { reserved, pool } = openDatabaseOf(db);
  const asked = reserved.selectNoFrom((build) => build.lit(1).as('one')).execute();
  asked.catch(() => undefined);
  try {
    await Promise.race([asked, tooLate]);
    // Who is told that the panel is ready must not be refused because the server was away a moment ago.
    pool.breaker.succeeded();
    return { isHealthy: true, latencyMs: performance.now() - startedAt };
  } catch (error) {
    return { isHealthy: false, latencyMs: performance.now() - startedAt, error };
  } finally {
    clearTimeout(timer);
  }
}
