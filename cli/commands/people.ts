import { z } from 'zod';
import { newPassword, userName } from '#shared/accounts.ts';
import { isCommonPassword } from '#server/core/auth/common-passwords.ts';
import { CommandError, exitCodes, UsageError, type Command, type CommandContext } from '../command.ts';
import { parseOptions } from '../options.ts';
import { withDatabase } from '../panel-database.ts';
import { readNewPassword } from '../password.ts';
import { openRegister, removableFactors } from '../register.ts';
import { runSelf } from '../rescue-process.ts';

/*
 * What needs root: the register is the agent's. Root never opens the panel's database, which another user could swap; that
 * part is done by this command once more, as the panel's user.
 */

/** `aapanel people`: who there is, with which factors. */
export const people: Command = async (ctx) => {
  parseOptions(ctx.args, {});
  const found = await openRegister(ctx).list();
  if (found.length === 0) ctx.out(ctx.text('nobodyYet'));
  for (const person of found) {
    const factors = [
      person.hasPassword ? ctx.text('factorPassword') : undefined,
      person.hasTotp ? ctx.text('factorTotp') : undefined,
      person.passkeyCount > 0 ? `${ctx.text('factorPasskeys')}: ${person.passkeyCount}` : undefined,
    ].filter((text) => text !== undefined);
    const marks = [person.isOwner ? ctx.text('isOwner') : '', person.isDisabled ? ctx.text('isDisabled') : ''];
    const words = [...marks.filter((text) => text !== ''), ...factors];
    ctx.out(`${person.name.padEnd(24)}${words.join(ctx.text('comma'))}`);
  }
  return exitCodes.success;
};

/** `aapanel reset-password <name>`: the password comes from the terminal or from standard input. */
export const resetPassword: Command = async (ctx) => {
  const name = nameOf(ctx, 'reset-password <name>');
  const register = openRegister(ctx);
  const password = newPassword.safeParse(await readNewPassword(ctx, process.stdin));
  if (!password.success || isCommonPassword(password.data, name)) throw new CommandError(ctx.text('passwordRefused'));
  if (!(await register.setPassword(name, password.data))) {
    // The register may have lost an owner whom the database still knows.
    const ownerId = register.isFake ? undefined : await findOwnerId(ctx, name);
    if (ownerId === undefined) throw new CommandError(ctx.text('accountMissing', { name }));
    await register.setPassword(name, password.data, ownerId);
  }
  await tellDatabase(ctx, ['account', 'changed', name, 'resetPassword']);
  ctx.out(ctx.text('passwordChanged', { name }));
  return exitCodes.success;
};

/** `aapanel remove-factor <name> [totp|passkeys|all]`: for somebody who lost theirs. Their sessions end. */
export const removeFactor: Command = async (ctx) => {
  const { words } = parseOptions(ctx.args, {}, 2);
  const name = readName(ctx, words[0], 'remove-factor <name> [totp|passkeys|all]');
  const factor = removableFactors.find((each) => each === (words[1] ?? 'all'));
  if (factor === undefined) throw new UsageError('remove-factor <name> [totp|passkeys|all]');
  await openRegister(ctx).removeFactor(name, factor);
  await tellDatabase(ctx, ['account', 'changed', name, 'removeFactor']);
  ctx.out(ctx.text('factorRemoved', { name }));
  return exitCodes.success;
};

/** `aapanel enable <name>`: somebody who was disabled may come in again. */
export const enable: Command = async (ctx) => {
  const name = nameOf(ctx, 'enable <name>');
  await openRegister(ctx).enable(name);
  await tellDatabase(ctx, ['account', 'enable', name]);
  ctx.out(ctx.text('personEnabled', { name }));
  return exitCodes.success;
};

/** `aapanel account changed|enable|owner-id <name>`: the database's half of the commands above; called by them. */
export const account: Command = async (ctx) => {
  const { words } = parseOptions(ctx.args, {}, 3);
  const [what, name, action = ''] = words;
  if (name === undefined) throw new UsageError('account');
  return withDatabase(ctx, async ({ db, sessions, clock, record }) => {
    const person = await db.selectFrom('person').selectAll().where('name', '=', name).executeTakeFirst();
    if (person === undefined) return;
    if (what === 'owner-id') {
      if (person.role === 'owner') ctx.out(person.id);
      return;
    }
    if (what === 'enable') {
      await db
        .updateTable('person')
        .set({ is_disabled: 0, updated_at: clock.now() })
        .where('id', '=', person.id)
        .execute();
      await record('enablePerson', name);
      return;
    }
    await sessions.endAllOf(person.id);
    await db.deleteFrom('sign_in_step').where('person_id', '=', person.id).execute();
    await record(/^[a-zA-Z]{1,40}$/.test(action) ? action : 'resetPassword', name);
  });
};

function nameOf(ctx: CommandContext, usage: string): string {
  const { words } = parseOptions(ctx.args, {}, 1);
  return readName(ctx, words[0], usage);
}

function readName(ctx: CommandContext, word: string | undefined, usage: string): string {
  if (word === undefined) throw new UsageError(usage);
  const name = userName.safeParse(word.toLowerCase());
  if (!name.success) throw new CommandError(ctx.text('accountMissing', { name: word }));
  return name.data;
}

async function findOwnerId(ctx: CommandContext, name: string): Promise<string | undefined> {
  const { code, out } = await runSelf(ctx, ['account', 'owner-id', name]);
  const id = z
    .string()
    .regex(/^[a-z2-7]{16}$/)
    .safeParse(out.trim());
  return code === 0 && id.success ? id.data : undefined;
}

/** The factor is changed already; what is left is said, and can be done again. */
async function tellDatabase(ctx: CommandContext, args: readonly string[]): Promise<void> {
  const { code } = await runSelf(ctx, args);
  if (code !== 0) ctx.err(ctx.text('sessionsNotEnded'));
}
