import { loadConfig, type Config } from '#server/config.ts';
import { exitCodes, type Command, type CommandContext } from '../command.ts';
import { parseOptions } from '../options.ts';

/** `aapanel migrate`: brings the database up to date. With `--status` it changes nothing and ends with 1 if it should. */
export const migrate: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, { status: 'boolean' });
  const config = loadConfig(ctx.input);
  if (options.status !== true) {
    await migrateDatabase(ctx, config);
    return exitCodes.success;
  }
  const { openDatabase, pendingMigrations } = await loadDatabase();
  const db = await openDatabase(config);
  try {
    const names = await pendingMigrations(db);
    if (names.length === 0) {
      ctx.out(ctx.text('nothingToMigrate'));
      return exitCodes.success;
    }
    ctx.out(ctx.text('pendingMigrations', { names: names.join(', ') }));
    return exitCodes.failure;
  } finally {
    await db.destroy();
  }
};

/** Applies what is pending and says how much that was. */
export async function migrateDatabase(ctx: CommandContext, config: Config): Promise<void> {
  const { openDatabase, migrateToLatest } = await loadDatabase();
  const db = await openDatabase(config);
  try {
    const applied = await migrateToLatest(db);
    ctx.out(applied.length === 0 ? ctx.text('nothingToMigrate') : ctx.text('migrated', { count: applied.length }));
  } finally {
    await db.destroy();
  }
}

async function loadDatabase() {
  const [connect, migrations] = await Promise.all([import('#server/db/connect.ts'), import('#server/db/migrate.ts')]);
  return { ...connect, ...migrations };
}
