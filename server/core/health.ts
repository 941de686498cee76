import type { Log } from './log.ts';

export type CheckStatus = 'healthy' | 'unhealthy' | 'skipped' | 'warn';
/** `message` is shown to signed-in people and the console, never to strangers. */
export type CheckResult = { readonly status: CheckStatus; readonly message: string };

export type HealthCheck = {
  readonly name: string;
  /** After this long the check counts as unhealthy with the message `timeout`. */
  readonly timeoutMs: number;
  /** Not required: it can be `warn` at worst, and the panel stays ready. */
  readonly isRequired: boolean;
  run(): Promise<CheckResult>;
};

export type Readiness = { readonly isReady: boolean; readonly checks: Readonly<Record<string, CheckResult>> };

export type Health = {
  readonly startedAt: number;
  /** Throws when the name is taken. */
  add(check: HealthCheck): void;
  /** All checks in parallel; never run more often than once a second, however many ask. */
  readiness(): Promise<Readiness>;
  /** From here on `/health/startup` answers 200. */
  markStarted(): void;
  readonly isStarted: boolean;
  /** From here on the panel is not ready; streams are asked to close. Does not wait. */
  drain(): void;
  readonly isDraining: boolean;
  /** Called once when draining begins; returns a function that takes it back. */
  onDrain(callback: () => void): () => void;
};

const keptMs = 1_000;

export function createHealth({ log }: { readonly log: Log }): Health {
  const checks = new Map<string, HealthCheck>();
  const drainCallbacks = new Set<() => void>();
  const startedAt = performance.now();
  let isStarted = false;
  let isDraining = false;
  let last: { readonly at: number; readonly result: Promise<Readiness> } | undefined;

  async function runAll(): Promise<Readiness> {
    const results = await Promise.all(
      [...checks.values()].map(async (check) => [check, await runOne(check, log)] as const),
    );
    return {
      isReady: results.every(([check, { status }]) => !check.isRequired || status !== 'unhealthy'),
      checks: Object.fromEntries(results.map(([{ name }, result]) => [name, result])),
    };
  }

  return {
    startedAt,
    add(check) {
      if (checks.has(check.name)) throw new Error(`the health check ${check.name} exists twice`);
      checks.set(check.name, check);
    },
    async readiness() {
      const now = performance.now();
      if (last === undefined || now - last.at > keptMs) last = { at: now, result: runAll() };
      const { isReady, checks: results } = await last.result;
      return { isReady: isReady && isStarted && !isDraining, checks: results };
    },
    markStarted() {
      isStarted = true;
    },
    get isStarted() {
      return isStarted;
    },
    drain() {
      if (isDraining) return;
      isDraining = true;
      for (const callback of drainCallbacks) callback();
      drainCallbacks.clear();
    },
    get isDraining() {
      return isDraining;
    },
    onDrain(callback) {
      drainCallbacks.add(callback);
      return () => drainCallbacks.delete(callback);
    },
  };
}

async function runOne(check: HealthCheck, log: Log): Promise<CheckResult> {
  const worst: CheckStatus = check.isRequired ? 'unhealthy' : 'warn';
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(resolve, check.timeoutMs, { status: worst, message: 'timeout' });
  });
  try {
    const result = await Promise.race([check.run(), timeout]);
    return result.status === 'unhealthy' ? { ...result, status: worst } : result;
  } catch (error) {
    log.debug({ err: error, check: check.name }, 'a health check failed');
    return { status: worst, message: 'failed' };
  } finally {
    clearTimeout(timer);
  }
}
