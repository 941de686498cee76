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

/** A token that is over is still shown for this long, so that nobody wonders where it went. */
const tokenKeptMs = 30 * 24 * 60 * 60 * 1000;
/** A browser that did not come back for this long is new again. */
const deviceMs = 400 * 24 * 60 * 60 * 1000;

/** Sessions, one-time links, links to files, steps of signing in, idempotency keys, tokens, devices. */
export async function deleteExpired({ db, clock, sessions }: Omit<Parts, 'log'>): Promise<void> {
  await sessions.purge();
  await db.deleteFrom('idempotency').where('expires_at', '<=', clock.now()).execute();
  await db.deleteFrom('one_time_link').where('expires_at', '<=', clock.now()).execute();
  await db.deleteFrom('file_link').where('expires_at', '<=', clock.now()).execute();
  await db.deleteFrom('sign_in_step').where('expires_at', '<=', clock.now()).execute();
  await db
    .deleteFrom('api_token')
    .where('expires_at', '<=', clock.now() - tokenKeptMs)
    .execute();
  await db
    .deleteFrom('known_device')
    .where('last_seen_at', '<=', clock.now() - deviceMs)
    .execute();
}
