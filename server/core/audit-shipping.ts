import type { Context } from '../context.ts';

const everyMs = 60_000;

type Parts = Pick<Context, 'agent' | 'audit' | 'db' | 'log'>;

/**
 * Hands the agent the audit rows that wait for it: when it comes back, and once a minute while there are any. With
 * nothing waiting it asks only the database. Returns a function that stops it.
 */
export function startAuditShipping({ agent, audit, log }: Parts): () => void {
  let running: Promise<void> | undefined;
  const run = () => {
    running ??= audit
      .ship()
      .then((count) => {
        if (count > 0) log.info({ count }, 'audit rows that waited were handed to the agent');
      })
      .catch((error: unknown) => {
        log.warn({ err: error }, 'audit rows wait for the agent');
      })
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(run, everyMs);
  timer.unref();
  const off = agent.onState((state) => {
    if (state === 'up') run();
  });
  return () => {
    clearInterval(timer);
    off();
  };
}
