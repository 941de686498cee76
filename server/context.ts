import { join } from 'node:path';
import { doorsApi } from '#shared/doors.ts';
import type { Config } from './config.ts';
import { createAgentClient, type AgentClient } from './core/agent-client.ts';
import { createAudit, type Audit } from './core/audit.ts';
import { startAuditShipping } from './core/audit-shipping.ts';
import { createApiTokens, type ApiTokens } from './core/auth/api-tokens.ts';
import { createBans, type Bans } from './core/auth/bans.ts';
import { noteKnownNetwork, readKnownNetworks } from './core/auth/bans.store.ts';
import { createSessions, type Sessions } from './core/auth/sessions.ts';
import { createSignInLimits, knownMs, type SignInLimits } from './core/auth/sign-in-limits.ts';
import { systemClock, type Clock } from './core/clock.ts';
import { createDoors, type PanelDoors } from './core/doors.ts';
import { createEvents, type Events } from './core/events.ts';
import { createHealth, type Health } from './core/health.ts';
import { addCoreChecks } from './core/health-checks.ts';
import { startHousekeeping } from './core/housekeeping.ts';
import { createJobs, type Jobs } from './core/jobs.ts';
import type { JobHandler } from './core/jobs/handler.ts';
import { createLog, type Log } from './core/log.ts';
import { createMetrics, type Metrics } from './core/metrics.ts';
import { countAgentCalls } from './core/metrics/agent.ts';
import { openDatabase } from './db/connect.ts';
import { migrateToLatest, MigrationLockedError, pendingMigrations, refuseNewerDatabase } from './db/migrate.ts';
import { refuseUnfinishedMove } from './db/move-mark.ts';
import { refuseTooManyConnections } from './db/pool-limit.ts';
import type { Db } from './db/schema.ts';

/** Everything the logic of a feature may use. Made once per process and handed down; there is no other container. */
export type Context = {
  readonly config: Config;
  readonly log: Log;
  readonly db: Db;
  readonly audit: Audit;
  /** Root's half of the panel; the only way to change the machine. */
  readonly agent: AgentClient;
  readonly events: Events;
  readonly jobs: Jobs;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly sessions: Sessions;
  readonly apiTokens: ApiTokens;
  readonly bans: Bans;
  readonly doors: PanelDoors;
  readonly signInLimits: SignInLimits;
  readonly clock: Clock;
  /** Ends timers, jobs and the database connection. Safe to call twice. */
  close(): Promise<void>;
};

/** Replacements for tests. */
export type ContextParts = {
  readonly log?: Log;
  readonly clock?: Clock;
  readonly agent?: AgentClient;
  readonly jobHandlers?: readonly JobHandler[];
};

/**
 * Opens everything. In development and tests the database is brought up to date; in production that is a step of its
 * own (`aapanel migrate`), and until it is done the panel is not ready. Throws when the database cannot be opened.
 */
export async function createContext(config: Config, parts: ContextParts = {}): Promise<Context> {
  const log = parts.log ?? createLog(config);
  const clock = parts.clock ?? systemClock;
  const db = await openDatabase(config, log);
  try {
    const handlers = parts.jobHandlers ?? (await import('./job-handlers.ts')).jobHandlers;
    return await build(config, db, log, clock, handlers, parts.agent);
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

async function build(
  config: Config,
  db: Db,
  log: Log,
  clock: Clock,
  jobHandlers: readonly JobHandler[],
  givenAgent?: AgentClient,
): Promise<Context> {
  await refuseNewerDatabase(db);
  if (!config.isProduction) await migrateOrWait(db, log);
  const pending = await pendingMigrations(db);
  if (pending.length > 0) log.error({ pending }, 'the database is not up to date: run aapanel migrate');
  await refuseTooManyConnections(db, config.environment);
  if (pending.length === 0) await refuseUnfinishedMove(db, config.environment);
  const health = createHealth({ log });
  const sessions = createSessions({ db, config, clock });
  const stopHousekeeping = startHousekeeping({ db, clock, log, sessions });
  addCoreChecks(health, { config, db });
  const events = createEvents(log);
  const metrics = createMetrics({ log });
  const agent = countAgentCalls(
    givenAgent ?? (config.agent.mode === 'fake' ? await fakeAgentOf(config, clock) : createAgentClient(config, log)),
    metrics,
  );
  agent.onState((state) => events.publish({ type: 'agent', state }));
  const audit = createAudit({ db, clock, agent, log });
  const stopShipping = startAuditShipping({ agent, audit, db, log });
  const apiTokens = createApiTokens({ db, clock, agent });
  const isReady = pending.length === 0;
  const bans = await createBans({ db, clock, log, isReady });
  const doors = await createDoors({
    db,
    config,
    clock,
    log,
    isReady,
    onBansChanged: () => bans.reload(),
    onExpired: ({ before, after }) =>
      audit.record(
        {
          actor: null,
          action: doorsApi.revert.id,
          target: '',
          address: '',
          requestId: '',
          detail: { isAutomatic: true, before: after, after: before },
          mayWait: true,
        },
        'done',
      ),
  });
  const jobs = createJobs({ agent, apiTokens, clock, db, doors, events, log, sessions }, jobHandlers);
  let closing: Promise<void> | undefined;
  const ctx: Context = {
    config,
    log,
    db,
    audit,
    agent,
    events,
    jobs,
    health,
    metrics,
    sessions,
    apiTokens,
    bans,
    doors,
    signInLimits: createSignInLimits({
      clock,
      bans,
      known: isReady ? await readKnownNetworks(db, clock.now() - knownMs) : new Map(),
      isTrustedProxy: (address) => doors.isTrustedProxy(address),
      noteKnown(account, network, at) {
        noteKnownNetwork(db, account, network, at).catch((error: unknown) => {
          log.warn({ err: error }, 'a network could not be noted as known');
        });
      },
    }),
    clock,
    close() {
      closing ??= (async () => {
        health.drain();
        stopHousekeeping();
        stopShipping();
        doors.close();
        await jobs.close();
        await bans.flush();
        agent.close();
        await db.destroy();
      })();
      return closing;
    },
  };
  if (pending.length === 0) health.markStarted();
  return ctx;
}

/** Another process may be migrating for longer than a start waits: then this one serves its readiness only. */
async function migrateOrWait(db: Db, log: Log): Promise<void> {
  try {
    await migrateToLatest(db);
  } catch (error) {
    if (!(error instanceof MigrationLockedError)) throw error;
    log.error({ err: error }, 'another process is migrating the database');
  }
}

/**
 * Its people are kept beside the database, so that a development panel knows them again after a restart. Loaded only there:
 * with a real agent none of it is needed.
 */
async function fakeAgentOf({ dataDir }: Config, clock: Clock): Promise<AgentClient> {
  const { createFakeAgent } = await import('./core/agent-fake.ts');
  return createFakeAgent({ statePath: join(dataDir, 'fake-agent.json'), now: () => clock.now() });
}
