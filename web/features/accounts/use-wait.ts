import { useEffect, useState } from 'react';
import { toApiError } from '../../api/errors.ts';

/** Seconds that the panel asks to wait; 0 when the error does not say. */
export function waitOf(error: unknown): number {
  const { code, params } = toApiError(error);
  const seconds = params['retryAfterSeconds'];
  return code === 'rate_limited' && typeof seconds === 'number' ? Math.max(0, Math.ceil(seconds)) : 0;
}

/** Counts down after a "too many tries"; 0 when one may try. `failedAt` is when the error came, in ms. */
export function useWait(error: unknown, failedAt: number): number {
  const [now, setNow] = useState(Date.now);
  const end = failedAt + waitOf(error) * 1000;
  const left = error === null ? 0 : Math.max(0, Math.ceil((end - Math.max(now, failedAt)) / 1000));
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
      if (Date.now() >= end) clearInterval(timer);
    }, 500);
    return () => clearInterval(timer);
  }, [end]);
  return left;
}

/** `4:05`; short enough for a button. */
export function clockOf(seconds: number, format: (value: number) => string): string {
  const rest = seconds % 60;
  return `${format(Math.floor(seconds / 60))}:${rest < 10 ? format(0) : ''}${format(rest)}`;
}
