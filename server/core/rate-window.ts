import { AppError } from '#shared/errors.ts';

const maxKeys = 10_000;

/** Lets `most` things of each key happen within a time that slides; throws `rate_limited` for the next one. */
export function createRateWindow({ most, windowMs }: { readonly most: number; readonly windowMs: number }) {
  const seen = new Map<string, number[]>();
  return (key: string, now: number): void => {
    const recent = (seen.get(key) ?? []).filter((at) => at > now - windowMs);
    if (recent.length >= most)
      throw new AppError('rate_limited', 'Too often; wait a little.', {
        params: { retryAfterSeconds: Math.max(1, Math.ceil(((recent[0] ?? now) + windowMs - now) / 1000)) },
      });
    seen.delete(key);
    seen.set(key, [...recent, now]);
    const [oldest] = seen.keys();
    if (seen.size > maxKeys && oldest !== undefined) seen.delete(oldest);
  };
}
