import { existsSync } from 'node:fs';
import type { BackupState } from '#shared/backups.ts';
import { panelActor } from '../../core/agent-client.ts';
import type { CheckResult } from '../../core/health.ts';
import type { App } from '../../core/route.ts';

const minute = 60_000;
/**
 * Where systemd has the timer, looking wakes an agent that sleeps, and a backup counts as late after an hour: seldom is
 * enough. Where the panel is the timer, plans count in minutes.
 */
const calm = { firstMs: 10 * minute, everyMs: 30 * minute } as const;
const asTimer = { firstMs: minute, everyMs: minute } as const;

/** People who have the panel open ask for news every few minutes; the agent is asked once for all of them. */
const freshMs = 2 * minute;

export type BackupsWatch = {
  /** What somebody has just looked at is news here too. */
  note(seen: BackupState): void;
  /** What was seen last; looked at again when that is a while ago. undefined: nothing was seen yet. */
  recent(): Promise<BackupState | undefined>;
};

const options = { actor: panelActor, requestId: 'backups-watch' };

/**
 * Looks at the backups now and then: for the health check, which never makes the panel unready, and to start what is due
 * on machines without systemd. Any number of panels may do so: the agent starts nothing twice.
 */
export function watchBackups({ ctx, server }: App): BackupsWatch {
  const { agent, health, log } = ctx;
  const pace = existsSync('/run/systemd/system') ? calm : asTimer;
  let state: BackupState | undefined;
  let seenAt = 0;

  function note(seen: BackupState): void {
    state = seen;
    seenAt = Date.now();
  }
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  async function look(): Promise<void> {
    try {
      const seen = await agent.call('backups.state', {}, options);
      note(seen);
      if (seen.scheduler === 'panel') {
        await agent.call('backups.due', {}, options);
        await agent.call('certificates.renew_due', {}, options);
      }
    } catch (error) {
      log.debug({ err: error }, 'the backups could not be looked at');
    }
    plan(pace.everyMs);
  }

  function plan(ms: number): void {
    if (isClosed) return;
    timer = setTimeout(() => void look(), ms);
    timer.unref();
  }

  server.addHook('onReady', (done) => {
    health.add({ name: 'backups', timeoutMs: 500, isRequired: false, run: () => Promise.resolve(healthOf(state)) });
    plan(pace.firstMs);
    done();
  });
  server.addHook('onClose', (_server, done) => {
    isClosed = true;
    clearTimeout(timer);
    done();
  });
  return {
    note,
    async recent() {
      if (state !== undefined && Math.abs(Date.now() - seenAt) < freshMs) return state;
      try {
        note(await agent.call('backups.state', {}, options));
      } catch (error) {
        log.debug({ err: error }, 'the backups could not be looked at');
      }
      return state;
    },
  };
}

/** Late, failed or disproved backups are a warning. Names of plans are theirs who read health signed in. */
export function healthOf(state: BackupState | undefined): CheckResult {
  if (state === undefined) return { status: 'skipped', message: 'not looked at yet' };
  const plans = state.plans.filter(({ plan }) => !plan.isPaused);
  if (plans.length === 0) return { status: 'skipped', message: 'no plans' };
  const late = plans.filter(({ isOverdue }) => isOverdue).length;
  const failed = plans.filter(({ lastRun }) => lastRun?.state === 'failed').length;
  const disproved = state.targets.filter(({ state: { lastProof } }) => lastProof?.state === 'failed').length;
  const away = state.targets.filter(({ state: { isReachable } }) => isReachable === false).length;
  const counts = { overdue: late, failed, 'restore test failed': disproved, 'target away': away };
  const wrong = Object.entries(counts).filter(([, count]) => count > 0);
  if (wrong.length === 0) return { status: 'healthy', message: 'all plans on time' };
  return { status: 'warn', message: wrong.map(([what, count]) => `${what}: ${count}`).join(', ') };
}
