import { AppError } from '#shared/errors.ts';

/** The agent's own limit for people it knows (agent/factors/limits.ts). */
const windowMs = 5 * 60 * 1000;
const mostInWindow = 10;
const maxNames = 10_000;

const triesOf = new WeakMap<object, Map<string, number[]>>();

/**
 * Counts wrong passwords of names that nobody has as the agent counts those of people, so that its limit does not tell
 * who exists. `of`: whose memory it is. Throws `rate_limited` exactly when the agent would.
 */
export function countUnknownName(of: object, name: string, now: number): void {
  const tries = triesOf.get(of) ?? new Map<string, number[]>();
  triesOf.set(of, tries);
  const recent = (tries.get(name) ?? []).filter((at) => at > now - windowMs);
  if (recent.length >= mostInWindow) throw tooManyTries(retryAfter(recent.at(-mostInWindow) ?? now, now));
  tries.delete(name);
  tries.set(name, [...recent, now]);
  const [oldest] = tries.keys();
  if (tries.size > maxNames && oldest !== undefined) tries.delete(oldest);
}

function retryAfter(first: number, now: number): number {
  return Math.max(1, Math.ceil((first + windowMs - now) / 1000));
}

/** One text for people and for nobody. */
export function tooManyTries(retryAfterSeconds: number): AppError {
  return new AppError('rate_limited', 'Too many wrong tries; wait a while.', {
    reason: 'sign_in_rate_limited',
    params: { retryAfterSeconds },
  });
}
