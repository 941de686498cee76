import type { Readable } from 'node:stream';
import { CommandError, type CommandContext } from './command.ts';
import type { TextKey } from './texts.ts';

/** Longer than any password the panel accepts. */
const maxBytes = 4_096;

type Terminal = Readable & { isTTY?: boolean; setRawMode?(isRaw: boolean): unknown };

/**
 * A new password: typed twice and invisibly at a terminal, otherwise the first line of standard input. Never from the
 * command line, where every user of the machine could read it.
 */
export async function readNewPassword(
  ctx: CommandContext,
  input: Terminal,
  [first, second]: readonly [TextKey, TextKey] = ['newPassword', 'repeatPassword'],
): Promise<string> {
  if (input.isTTY !== true) return requirePassword(ctx, firstLine(await readAll(input)));
  const password = requirePassword(ctx, await ask(ctx, input, ctx.text(first)));
  const again = await ask(ctx, input, ctx.text(second));
  if (again !== password) throw new CommandError(ctx.text('passwordsDiffer'));
  return password;
}

/** A secret that exists already: invisibly at a terminal, otherwise the first line of standard input. */
export async function readSecretLine(ctx: CommandContext, input: Terminal, prompt: string): Promise<string> {
  return input.isTTY === true ? ask(ctx, input, prompt) : firstLine(await readAll(input));
}

function requirePassword(ctx: CommandContext, password: string): string {
  if (password === '') throw new CommandError(ctx.text('passwordMissing'));
  return password;
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}

async function readAll(input: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of input) {
    const bytes = Buffer.from(part as Buffer | string);
    size += bytes.length;
    if (size > maxBytes) break;
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Reads one line without echo. Ctrl-C ends the command with code 1. */
function ask(ctx: CommandContext, input: Terminal, prompt: string): Promise<string> {
  process.stderr.write(prompt);
  input.setEncoding('utf8');
  input.setRawMode?.(true);
  input.resume();
  return new Promise((resolve, reject) => {
    let typed = '';
    const finish = (act: () => void) => {
      input.off('data', onData);
      input.setRawMode?.(false);
      input.pause();
      process.stderr.write('\n');
      act();
    };
    const onData = (chunk: Buffer | string) => {
      for (const letter of chunk.toString()) {
        if (letter === '\r' || letter === '\n') return finish(() => resolve(typed));
        if (letter === '\u0003' || letter === '\u0004') {
          return finish(() => reject(new CommandError(ctx.text('passwordMissing'))));
        }
        const isErase = letter === '\u007f' || letter === '\b';
        typed = isErase ? Array.from(typed).slice(0, -1).join('') : typed + letter;
      }
    };
    input.on('data', onData);
  });
}
