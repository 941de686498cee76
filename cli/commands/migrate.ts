import { loadConfig, type Config } from '#server/config.ts';
import { CommandError, exitCodes, UsageError, type Command, type CommandContext } from '../command.ts';
import { guardOf } from '../migrate-safety.ts';
import { inWords, problemText } from '../migrate-words.ts';
import { parseOptions } from '../options.ts';

/** `aapanel migrate [up]`: brings the database up to date, `--to` up to one migration. `--status` is `migrate status`. */
export const migrate: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, { status: 'boolean', json: 'boolean', to: 'string' });
  if (options.status === true) return await status(ctx, options.json === true);
  const config = loadConfig(ctx.input);
  const applied = await migrateDatabase(ctx, config, { isJson: options.json === true, to: options.to });
  if (options.json === true) ctx.out(JSON.stringify({ applied }));
  return exitCodes.success;
};

/** `aapanel migrate down [--to NAME | --to 0] --yes`: undoes the newest one, or all after `--to`. */
export const migrateDownCommand: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, { to: 'string', yes: 'boolean', json: 'boolean' });
  if (options.yes !== true) throw new UsageError(ctx.text('downNeedsYes'));
  const config = loadConfig(ctx.input);
  const { migrateDown } = await import('#server/db/migrate.ts');
  const quiet = options.json === true ? { ...ctx, out: () => undefined } : ctx;
  const undone = await withDatabase(config, async (db) => {
    const { safety, copy } = await guardOf(quiet, config);
    const to = options.to === undefined ? {} : { to: options.to === '0' ? null : options.to };
    return await inWords(ctx, () => migrateDown(db, { ...(safety && { safety }), ...to }), copy);
  });
  if (options.json === true) ctx.out(JSON.stringify({ undone }));
  else if (undone.length === 0) ctx.out(ctx.text('nothingToUndo'));
  else ctx.out(ctx.text('migratedDown', { names: undone.join(', ') }));
  return exitCodes.success;
};

/** `aapanel migrate status [--json]`: changes nothing; ends with 1 while something is pending or does not fit. */
export const migrateStatus: Command = (ctx) => {
  const { options } = parseOptions(ctx.args, { json: 'boolean' });
  return status(ctx, options.json === true);
};

async function status(ctx: CommandContext, isJson: boolean): Promise<number> {
  const { migrationStatus } = await import('#server/db/migrate.ts');
  const config = loadConfig(ctx.input);
  const { applied, pending, problems, holder } = await withDatabase(config, (db) => migrationStatus(db));
  const isFine = pending.length === 0 && problems.length === 0;
  const code = isFine ? exitCodes.success : exitCodes.failure;
  if (isJson) {
    const engine = config.database.type;
    ctx.out(JSON.stringify({ engine, applied: applied.map(shown), pending, problems, holder }, null, 2));
    return code;
  }
  for (const problem of problems) ctx.out(problemText(ctx, problem));
  for (const { name, isHalfDone } of pending) if (isHalfDone) ctx.out(ctx.text('migrationHalfDone', { name }));
  if (holder !== null) ctx.out(ctx.text('migrationLocked'));
  const names = pending.map(({ name }) => name).join(', ');
  if (pending.length > 0) ctx.out(ctx.text('pendingMigrations', { names }));
  if (isFine) ctx.out(ctx.text('nothingToMigrate'));
  return code;
}

type Row = {
  name: string;
  timestamp: string;
  checksum: string | null;
  duration_ms: unknown;
  tool_version: string | null;
};

function shown({ name, timestamp, checksum, duration_ms, tool_version }: Row) {
  return { name, executedAt: timestamp, checksum, durationMs: duration_ms, toolVersion: tool_version };
}

/** `aapanel migrate dry-run [--engine E] [--json]`: the SQL of what is pending, its locks and findings. Changes nothing. */
export const migrateDryRun: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, { engine: 'string', json: 'boolean' });
  const config = loadConfig(ctx.input);
  const [{ pendingMigrations }, { engines, planMigrations }, { migrations }] = await Promise.all([
    import('#server/db/migrate.ts'),
    import('#server/db/migrate-plan.ts'),
    import('#server/db/migrations/list.ts'),
  ]);
  const engine = engines.find((name) => name === (options.engine ?? config.database.type));
  if (engine === undefined) throw new UsageError(options.engine ?? '');
  const pending = await withDatabase(config, (db) => pendingMigrations(db));
  const steps = await planMigrations(migrations, pending, engine);
  if (options.json === true) {
    ctx.out(JSON.stringify({ engine, steps }, null, 2));
    return exitCodes.success;
  }
  const effects = { safe: 'effectSafe', needs_window: 'effectNeedsWindow', destructive: 'effectDestructive' } as const;
  const locks = {
    none: 'lockNone',
    short: 'lockShort',
    writes: 'lockWrites',
    all: 'lockAll',
    database: 'lockDatabase',
    rows: 'lockRows',
  } as const;
  for (const { name, effect, rules, statements } of steps) {
    ctx.out(`-- ${ctx.text('planStep', { name, effect: ctx.text(effects[effect]) })}`);
    if (rules.length > 0) ctx.out(`-- ${ctx.text('planRules', { rules: rules.join(', ') })}`);
    for (const { sql, lock } of statements) ctx.out(`${sql};  -- ${ctx.text(locks[lock])}`);
  }
  ctx.out(`-- ${ctx.text(steps.length === 0 ? 'nothingToMigrate' : 'planNothingChanged')}`);
  return exitCodes.success;
};

/** Applies what is pending, after a copy of the database, and says how much that was. Returns the names. */
export async function migrateDatabase(
  ctx: CommandContext,
  config: Config,
  { isJson = false, to }: { readonly isJson?: boolean; readonly to?: string | undefined } = {},
): Promise<string[]> {
  const { migrateToLatest } = await import('#server/db/migrate.ts');
  const quiet = isJson ? { ...ctx, out: () => undefined } : ctx;
  const applied = await withDatabase(config, async (db) => {
    const { safety, copy } = await guardOf(quiet, config);
    const options = { ...(safety && { safety }), ...(to !== undefined && { to }) };
    return await inWords(ctx, () => migrateToLatest(db, options), copy);
  });
  quiet.out(applied.length === 0 ? ctx.text('nothingToMigrate') : ctx.text('migrated', { count: applied.length }));
  return applied;
}

/** `migrateDatabase` before the panel starts: while another process migrates it starts all the same, and is not ready. */
export async function migrateBeforeStart(ctx: CommandContext, config: Config): Promise<void> {
  try {
    await migrateDatabase(ctx, config);
  } catch (error) {
    if (!(error instanceof CommandError) || error.message !== ctx.text('migrationLocked')) throw error;
    ctx.err(ctx.text('migrationLockedStart'));
  }
}

type Db = Awaited<ReturnType<typeof import('#server/db/connect.ts').openDatabase>>;

async function withDatabase<T>(config: Config, work: (db: Db) => Promise<T>): Promise<T> {
  const { openDatabase } = await import('#server/db/connect.ts');
  const db = await openDatabase(config, undefined, { isMaintenance: true });
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}
