import { newPassword } from '#shared/accounts.ts';
import { AppError } from '#shared/errors.ts';
import { loadConfig } from '#server/config.ts';
import { createSessions } from '#server/core/auth/sessions.ts';
import { systemClock } from '#server/core/clock.ts';
import { openDatabase } from '#server/db/connect.ts';
import { pendingMigrations } from '#server/db/migrate.ts';
import { firstRunLink, newSignInLink, resetPassword as setPassword } from '#server/features/accounts/accounts.logic.ts';
import { CommandError, exitCodes, UsageError, type Command, type CommandContext } from '../command.ts';
import { parseOptions } from '../options.ts';
import { readNewPassword } from '../password.ts';

/** `aapanel link`: creates the owner on a new panel, signs the owner in on any other. Works once. */
export const link: Command = async (ctx) => {
  parseOptions(ctx.args, {});
  return withAccounts(ctx, async (accounts) => {
    const first = await firstRunLink(accounts);
    const url = first ?? (await newSignInLink(accounts));
    if (url === null) throw new CommandError(ctx.text('noDatabaseYet'));
    ctx.err(ctx.text(first === null ? 'linkSignIn' : 'linkFirstRun'));
    ctx.out(url);
  });
};

/** `aapanel reset-password <name>`: the password comes from the terminal or from standard input. */
export const resetPassword: Command = async (ctx) => {
  const { words } = parseOptions(ctx.args, {}, 1);
  const [name] = words;
  if (name === undefined) throw new UsageError('reset-password <name>');
  return withAccounts(ctx, async (accounts) => {
    const password = newPassword.safeParse(await readNewPassword(ctx, process.stdin));
    if (!password.success) throw new CommandError(ctx.text('passwordRefused'));
    const changed = await setPassword(accounts, { name, password: password.data }).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      throw new CommandError(
        error.code === 'not_found' ? ctx.text('accountMissing', { name }) : ctx.text('passwordRefused'),
      );
    });
    ctx.out(ctx.text('passwordChanged', { name: changed }));
  });
};

type Accounts = Parameters<typeof setPassword>[0];

/** Works on the database itself: these commands are for when nobody can sign in, the panel need not run. */
async function withAccounts(ctx: CommandContext, work: (accounts: Accounts) => Promise<void>): Promise<number> {
  const config = loadConfig(ctx.input);
  const db = await openDatabase(config);
  try {
    if ((await pendingMigrations(db)).length > 0) throw new CommandError(ctx.text('noDatabaseYet'));
    const base = { db, config, clock: systemClock };
    await work({ ...base, sessions: createSessions(base) });
    return exitCodes.success;
  } finally {
    await db.destroy();
  }
}
