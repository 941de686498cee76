import { existsSync } from 'node:fs';
import { loadConfig, type Config } from '#server/config.ts';
import { createAudit } from '#server/core/audit.ts';
import { createSessions, type Sessions } from '#server/core/auth/sessions.ts';
import { systemClock } from '#server/core/clock.ts';
import { actingConfig, actingDoors, readDoors, type DoorsRow, type StoredDoors } from '#server/core/doors-rows.ts';
import { openDatabase } from '#server/db/connect.ts';
import { pendingMigrations, refuseNewerDatabase } from '#server/db/migrate.ts';
import type { Db } from '#server/db/schema.ts';
import { CommandError, exitCodes, type CommandContext } from './command.ts';
import { inWords } from './migrate-words.ts';

/*
 * The panel's own database, opened by the command itself: it works while the web process is down.
 */

export type PanelDatabase = {
  readonly db: Db;
  /** As it acts: with what the doors say. */
  readonly config: Config;
  readonly clock: typeof systemClock;
  readonly sessions: Sessions;
  readonly row: DoorsRow;
  readonly acting: StoredDoors;
  /** Writes what was done into the audit log; the web process hands it on to the agent. */
  readonly record: (action: string, target: string, detail?: Record<string, unknown>) => Promise<void>;
};

/** Throws CommandError when the database is not there or not up to date. */
export async function withDatabase(
  ctx: CommandContext,
  work: (panel: PanelDatabase) => Promise<void>,
): Promise<number> {
  const config = loadConfig(ctx.input);
  const db = await openDatabase(config);
  try {
    await inWords(
      ctx,
      () => refuseNewerDatabase(db),
      () => undefined,
    );
    if ((await pendingMigrations(db)).length > 0) throw new CommandError(ctx.text('noDatabaseYet'));
    const row = await readDoors(db, config);
    const acting = actingDoors(row.stored, systemClock.now());
    const acted = actingConfig(config, row.text === undefined ? undefined : acting);
    const audit = createAudit({ db, clock: systemClock });
    await work({
      db,
      config: acted,
      clock: systemClock,
      sessions: createSessions({ db, config, clock: systemClock }),
      row,
      acting,
      record: (action, target, detail = {}) =>
        audit.record(
          { actor: { id: null, name: 'console' }, action, target, address: '', requestId: '', detail, mayWait: true },
          'done',
        ),
    });
    return exitCodes.success;
  } finally {
    await db.destroy();
  }
}

/** A probe must not wait for a database that is away. */
const patienceMs = 2_000;

/** The configuration with what the doors changed; as it is where the database does not answer soon. */
export async function loadActingConfig(config: Config): Promise<Config> {
  // Opening would make the file.
  if (config.database.type === 'sqlite' && !existsSync(config.database.path)) return config;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Config>((resolve) => {
    timer = setTimeout(resolve, patienceMs, config);
  });
  const asked = readActingConfig(config).catch(() => config);
  try {
    return await Promise.race([asked, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

async function readActingConfig(config: Config): Promise<Config> {
  const db = await openDatabase(config);
  try {
    const { text, stored } = await readDoors(db, config);
    return actingConfig(config, text === undefined ? undefined : actingDoors(stored, systemClock.now()));
  } finally {
    await db.destroy();
  }
}
