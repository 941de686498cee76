import { isProcessGone, processIdentity } from '../../core/process-identity.ts';
import { settleRow, type ChangeContext } from './site-changes.ts';
import { isSiteLocked, withSiteLock } from './site-locks.ts';
import { listUnsettled, type SiteRow } from './sites.store.ts';

/** A change of a process that cannot be looked at (another machine) counts as left behind after this long. */
const abandonedAfterMs = 3 * 60 * 1000;
const firstDelayMs = 2_000;
const maxDelayMs = 60_000;

/**
 * Finishes or flags what a crash or a lost answer left open: at start, when the agent comes back, and as long as
 * something is open. With nothing open it does nothing at all. Returns a function that stops it.
 */
export function startSettling(ctx: ChangeContext): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;
  let isStopped = false;
  let delayMs = firstDelayMs;

  const runSoon = (afterMs: number) => {
    clearTimeout(timer);
    if (isStopped) return;
    timer = setTimeout(() => void run(), afterMs);
    timer.unref();
  };

  async function run(): Promise<void> {
    if (isRunning || isStopped) return;
    isRunning = true;
    try {
      const open = await settleAll(ctx);
      if (open > 0) {
        runSoon(delayMs);
        delayMs = Math.min(delayMs * 2, maxDelayMs);
      } else delayMs = firstDelayMs;
    } catch (error) {
      ctx.log.error({ err: error }, 'open changes of sites could not be settled');
      runSoon(maxDelayMs);
    } finally {
      isRunning = false;
    }
  }

  const offState = ctx.agent.onState((state) => runSoon(state === 'up' ? 0 : firstDelayMs));
  const offEvents = ctx.events.subscribe({
    topics: [],
    // A row that was flagged in this process announces itself as an updated site.
    isAllowed: (event) => event.type === 'site' && event.change === 'updated',
    wake() {
      offEvents.take();
      if (timer === undefined || delayMs === firstDelayMs) runSoon(firstDelayMs);
    },
  });
  runSoon(0);
  return () => {
    isStopped = true;
    clearTimeout(timer);
    offState();
    offEvents.close();
  };
}

/** Settles every open change that nobody is carrying out. Returns how many are still open. */
export async function settleAll(ctx: ChangeContext): Promise<number> {
  let open = 0;
  for (const row of await listUnsettled(ctx.db)) {
    if (!isAbandoned(ctx, row)) {
      open += 1;
      continue;
    }
    const isSettled = await withSiteLock(ctx.db, row.id, () => settleRow(ctx, row));
    if (!isSettled) open += 1;
  }
  return open;
}

function isAbandoned(ctx: ChangeContext, row: SiteRow): boolean {
  if (isSiteLocked(ctx.db, row.id)) return false;
  if (row.worker === null || row.worker === processIdentity) return true;
  return isProcessGone(row.worker) || row.state === 'failed' || ctx.clock.now() - row.updated_at > abandonedAfterMs;
}
