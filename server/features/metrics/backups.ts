import { existsSync } from 'node:fs';
import type { BackupRun, BackupSet, BackupState } from '#shared/backups.ts';
import type { Context } from '../../context.ts';
import { panelActor } from '../../core/agent-client.ts';
import type { Collector } from '../../core/metrics.ts';
import { backupSamples, maxPairs, pairsOf, type BackupFigures } from './backup-samples.ts';

/** Where systemd starts the agent on demand, each look may wake it: seldom is enough for figures that change nightly. */
const keptMs = existsSync('/run/systemd/system') ? 300_000 : 30_000;
/** An agent that did not answer is left alone for as long. */
const pauseMs = 10_000;
/** A scrape waits this long for news when it has older figures. */
const patienceMs = 300;

const options = { actor: panelActor, requestId: 'metrics' };

export type BackupsCollector = Collector & {
  /** The next scrape asks the agent anew: a run has ended. */
  expire(): void;
};

/** Reads the backups from the agent, seldom; between two looks only the ages go on. */
export function createBackupsCollector({ agent, clock }: Pick<Context, 'agent' | 'clock'>): BackupsCollector {
  let kept: BackupFigures | undefined;
  let looking: Promise<void> | undefined;
  /** Monotonic: a clock that is set back must not stop the looking. */
  let nextLookAt = 0;

  async function look(): Promise<void> {
    // Before asking: what ends meanwhile wants another look.
    nextLookAt = performance.now() + keptMs;
    try {
      kept = await readFigures(agent, clock.now());
    } catch (error) {
      nextLookAt = performance.now() + pauseMs;
      throw error;
    }
  }

  function lookOnce(): Promise<void> {
    looking ??= look().finally(() => (looking = undefined));
    return looking;
  }

  return {
    name: 'backups',
    async collect() {
      const isDue = performance.now() >= nextLookAt;
      if (kept === undefined && !isDue && looking === undefined) throw new Error('the agent did not answer');
      if (kept === undefined) await lookOnce();
      else if (isDue) await withPatience(lookOnce());
      return kept === undefined ? [] : backupSamples(kept, clock.now());
    },
    expire() {
      nextLookAt = 0;
    },
  };
}

async function readFigures(agent: Context['agent'], at: number): Promise<BackupFigures> {
  const state: BackupState = await agent.call('backups.state', {}, options);
  const newest: BackupSet[] = [];
  // Newest first over all plans: what changed last night is nearly always among them.
  const { items, total } = await agent.call('backups.sets', setsOf(null, null, 200), options);
  for (const { planId, targetId } of pairsOf(state).slice(0, maxPairs)) {
    const known = items.find((set) => set.planId === planId && set.targetId === targetId);
    if (known !== undefined) newest.push(known);
    else if (total > items.length) {
      const found = await agent.call('backups.sets', setsOf(planId, targetId, 1), options);
      newest.push(...found.items);
    }
  }
  const { items: runs }: { items: BackupRun[] } = await agent.call('backups.runs', { offset: 0, limit: 200 }, options);
  return { at, state, newest, runs };
}

function setsOf(planId: string | null, targetId: string | null, limit: number) {
  return { planId, targetId, setId: null, part: null, offset: 0, limit };
}

/** Older figures are better than a scrape that waits; a look that fails shows in the time of the last one. */
async function withPatience(look: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs);
  });
  await Promise.race([look.catch(() => undefined), enough]);
  clearTimeout(timer);
}
