import { stat, statfs } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Config } from '../config.ts';
import { whyNotMigrated } from '../db/migrate.ts';
import { databaseFigures } from '../db/figures.ts';
import { checkDatabase } from '../db/health.ts';
import { openDatabaseOf } from '../db/registry.ts';
import type { Db } from '../db/schema.ts';
import type { CheckResult, Health } from './health.ts';

/** Below this the panel still serves, and warns. */
const minFreeBytes = 200 * 1024 * 1024;
/** A p99 above this means that answers wait for the process itself. */
const maxLoopDelayMs = 1_000;

/** The checks of what every installation uses. Redis is not part of this version: `skipped`. */
export function addCoreChecks(health: Health, { config, db }: { readonly config: Config; readonly db: Db }): void {
  health.add({
    name: 'database',
    timeoutMs: 500,
    isRequired: true,
    async run() {
      try {
        const { isHealthy, error } = await checkDatabase(db, 450);
        if (!isHealthy) throw error;
        // Not only whether it answers: the panel's own data must be readable.
        await openDatabaseOf(db).reserved.selectFrom('setting').select('name').limit(1).execute();
        return { status: 'healthy', message: 'Database connected' };
      } catch {
        return { status: 'unhealthy', message: 'Database connection failed' };
      }
    },
  });
  health.add({ name: 'pool', timeoutMs: 500, isRequired: false, run: () => Promise.resolve(poolCheck(db)) });
  health.add({
    name: 'migrations',
    timeoutMs: 500,
    isRequired: true,
    async run() {
      const why = await whyNotMigrated(openDatabaseOf(db).reserved);
      return why === undefined ? { status: 'healthy', message: 'up to date' } : { status: 'unhealthy', message: why };
    },
  });
  health.add({ name: 'disk', timeoutMs: 500, isRequired: false, run: () => checkDisk(config.dataDir) });
  health.add({ name: 'agent', timeoutMs: 500, isRequired: false, run: () => checkAgent(config) });
  const delay = monitorEventLoopDelay({ resolution: 50 });
  delay.enable();
  health.onDrain(() => delay.disable());
  health.add({
    name: 'load',
    timeoutMs: 500,
    isRequired: true,
    run() {
      const p99Ms = delay.percentile(99) / 1e6;
      delay.reset();
      const isOverloaded = p99Ms > maxLoopDelayMs;
      const result: CheckResult = isOverloaded
        ? { status: 'unhealthy', message: 'the process cannot keep up' }
        : { status: 'healthy', message: 'keeps up' };
      return Promise.resolve(result);
    },
  });
  health.add({
    name: 'redis',
    timeoutMs: 500,
    isRequired: false,
    run: () => Promise.resolve<CheckResult>({ status: 'skipped', message: 'not configured' }),
  });
}

/** A full pool is seen here and does not make the panel unready. */
function poolCheck(db: Db): CheckResult {
  const { active, idle, waiting, size, leaksTotal, timeoutsTotal, isBreakerOpen } = databaseFigures(db);
  const isStrained = waiting > 0 || isBreakerOpen;
  const counts = { size, active, idle, waiting, timeouts: timeoutsTotal, leaks: leaksTotal };
  const message = Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
  return { status: isStrained ? 'warn' : 'healthy', message };
}

async function checkDisk(folder: string): Promise<CheckResult> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= minFreeBytes) return { status: 'healthy', message: 'enough free space' };
  return { status: 'warn', message: 'little free space is left' };
}

/** Looks at the socket only: asking would start the agent, which ends when nobody needs it. */
async function checkAgent({ agent }: Config): Promise<CheckResult> {
  if (agent.mode === 'fake') return { status: 'skipped', message: 'the fake agent is in use' };
  const isThere = (await stat(agent.socketPath).catch(() => undefined))?.isSocket() === true;
  return isThere
    ? { status: 'healthy', message: 'socket present' }
    : { status: 'unhealthy', message: 'socket missing' };
}
