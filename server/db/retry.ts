import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

/** Time and chance, so that a test can hold both. */
export type RetryParts = {
  readonly wait: (milliseconds: number) => Promise<unknown>;
  /** From 0 up to 1. */
  readonly random: () => number;
};

/** From 0 up to 1. */
export const chance = (): number => randomInt(1_000_000) / 1_000_000;

const realParts: RetryParts = { wait: (milliseconds) => wait(milliseconds), random: chance };

export type RetryOptions = {
  /** Default 3. */
  readonly attempts?: number;
  /** Default 500; the pauses are 0.5 s, 1 s, 2 s … each shortened by up to a tenth. */
  readonly firstDelayMs?: number;
  /** Only what this says yes to is tried again. */
  readonly isTransient: (error: unknown) => boolean;
  readonly onRetry?: () => void;
  readonly parts?: RetryParts;
};

/**
 * Runs `work` again after a passing fault. For work only that may run twice: a read, or a step before anything was sent.
 * Throws what the last attempt threw.
 */
export async function withRetry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { attempts = 3, firstDelayMs = 500, isTransient, onRetry, parts = realParts } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !isTransient(error)) throw error;
      onRetry?.();
      await parts.wait(firstDelayMs * 2 ** (attempt - 1) * (1 - parts.random() / 10));
    }
  }
}

export type CircuitBreaker = {
  /** False: fail at once, it was tried often enough. While half open one caller alone may try. */
  mayTry(): boolean;
  succeeded(): void;
  failed(): void;
  readonly isOpen: boolean;
};

/** Opens after `threshold` failures in a row and lets one try pass after `openMs`. */
export function createBreaker(
  now: () => number,
  { threshold = 5, openMs = 1_000 }: { readonly threshold?: number; readonly openMs?: number } = {},
): CircuitBreaker {
  let failures = 0;
  let openUntil = 0;
  let isTrying = false;
  return {
    mayTry() {
      if (failures < threshold) return true;
      if (now() < openUntil || isTrying) return false;
      isTrying = true;
      return true;
    },
    succeeded() {
      failures = 0;
      isTrying = false;
    },
    failed() {
      failures += 1;
      isTrying = false;
      if (failures >= threshold) openUntil = now() + openMs;
    },
    get isOpen() {
      return failures >= threshold;
    },
  };
}
