import { closeSync, readFileSync } from 'node:fs';
import { tokenPattern } from '#shared/tokens.ts';
import { readGiven } from './backup-console.ts';
import { CommandError, UsageError, type CommandContext } from './command.ts';
import { readNewPassword, readSecretLine } from './password.ts';

/*
 * Secrets of `aapanel site`: from a file, standard input (`-`), a variable, or typed invisibly. Never from the command line,
 * where every user of the machine could read them.
 */

export type SecretOptions = { readonly 'token-file'?: string; readonly 'passphrase-file'?: string };

export const secretOptions = { 'token-file': 'string', 'passphrase-file': 'string' } as const;

/** Throws UsageError when both would be read from the same input. */
export function checkInputs(options: SecretOptions): void {
  if (options['token-file'] === '-' && options['passphrase-file'] === '-')
    throw new UsageError('--token-file - --passphrase-file -');
}

/** The API token that the panel is asked with. */
export async function readToken(ctx: CommandContext, options: SecretOptions): Promise<string> {
  const file = options['token-file'];
  const given = file === undefined ? variablesOf(ctx).token : readGiven(ctx, file);
  const isAsked = given === undefined && process.stdin.isTTY;
  const token = (isAsked ? await readSecretLine(ctx, process.stdin, ctx.text('siteAskToken')) : (given ?? '')).trim();
  if (tokenPattern.test(token)) return token;
  throw new CommandError(ctx.text(token === '' ? 'siteTokenMissing' : 'siteTokenWrong'));
}

/** undefined: none was given in a file or variable. */
export function givenPassphrase(ctx: CommandContext, options: SecretOptions): string | undefined {
  const file = options['passphrase-file'];
  return file === undefined ? variablesOf(ctx).passphrase : readGiven(ctx, file);
}

type Variables = { readonly token: string | undefined; readonly passphrase: string | undefined };
let handedOver: Variables | undefined;

/** `AAPANEL_TOKEN` and `AAPANEL_PASSPHRASE`; the installed command hands them over through a pipe, one line each. */
function variablesOf({ input: { env } }: CommandContext): Variables {
  if (env['AAPANEL_SECRETS_FD'] !== '3') return { token: env['AAPANEL_TOKEN'], passphrase: env['AAPANEL_PASSPHRASE'] };
  if (handedOver === undefined) {
    const [token = '', passphrase = ''] = readFileSync(3, 'utf8').split('\n');
    // No program that is started later inherits it.
    closeSync(3);
    const orNone = (text: string): string | undefined => (text === '' ? undefined : text);
    handedOver = { token: orNone(token), passphrase: orNone(passphrase) };
  }
  return handedOver;
}

/** Typed twice at a terminal, otherwise the first line of standard input. */
export async function askNewPassphrase(ctx: CommandContext): Promise<string> {
  return await readNewPassword(ctx, process.stdin, ['siteNewPassphrase', 'siteRepeatPassphrase']);
}

export async function askPassphrase(ctx: CommandContext): Promise<string> {
  return await readSecretLine(ctx, process.stdin, ctx.text('siteAskPassphrase'));
}
