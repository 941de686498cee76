import type { Context } from '../context.ts';

const everyMs = 10 * 60 * 1000;

type Parts = Pick<Context, 'db' | 'clock' | 'log' | 'sessions'>;

/** Deletes what has expired every ten minutes. Returns a function that stops it. */
export function startHousekeeping(parts: Parts): () => void {
  const timer = setInterval(() => {
    deleteExpired(parts).catch((error: unknown) => {
      parts.log.warn({ err: error }, 'expired rows could not be deleted');
    });
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Sessions, one-time links, idempotency keys. */
export async function deleteExpired({ db, clock, sessions }: Omit<Parts, 'log'>): Promise<void> {
  await sessions.purge();
  await db.deleteFrom('idempotency').where('expires_at', '<=', clock.now()).execute();
  await db.deleteFrom('one_time_link').where('expires_at', '<=', clock.now()).execute();
}
