import { firstRunLink, newSignInLink } from '#server/features/accounts/accounts.logic.ts';
import { CommandError, type Command } from '../command.ts';
import { parseOptions } from '../options.ts';
import { withDatabase } from '../panel-database.ts';

/** `aapanel link`: creates the owner on a new panel, signs the owner in on any other. Works once. */
export const link: Command = async (ctx) => {
  parseOptions(ctx.args, {});
  return withDatabase(ctx, async (panel) => {
    const first = await firstRunLink(panel);
    const url = first ?? (await newSignInLink(panel));
    if (url === null) throw new CommandError(ctx.text('noDatabaseYet'));
    ctx.err(ctx.text(first === null ? 'linkSignIn' : 'linkFirstRun'));
    ctx.out(url);
  });
};
