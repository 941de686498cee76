import { resolve } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError, type CommandContext } from './command.ts';

/** `strings`: may be given several times. */
type OptionTypes = Readonly<Record<string, 'boolean' | 'string' | 'strings'>>;
type OptionValue = { readonly boolean: boolean; readonly string: string; readonly strings: string[] };
type OptionValues<T extends OptionTypes> = { [Name in keyof T]?: OptionValue[T[Name]] };

/**
 * Strict parsing: an unknown option, a missing value or one word too many is a UsageError. `-q` is `--quiet`, the only
 * short option.
 */
export function parseOptions<const T extends OptionTypes>(
  args: readonly string[],
  types: T,
  maxWords = 0,
): { options: OptionValues<T>; words: string[] } {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, type] of Object.entries(types)) {
    if (type === 'strings') options[name] = { type: 'string', multiple: true };
    else options[name] = name === 'quiet' ? { type, short: 'q' } : { type };
  }
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: maxWords > 0, strict: true });
    if (parsed.positionals.length > maxWords) throw new UsageError(parsed.positionals[maxWords] ?? '');
    // parseArgs in strict mode gives each option the type it was declared with.
    return { options: parsed.values as OptionValues<T>, words: parsed.positionals };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : '');
  }
}

/** A path as somebody typed it. The installed command has left the folder in which it was called. */
export function typedPath({ input }: Pick<CommandContext, 'input'>, word: string): string {
  return resolve(input.env['AAPANEL_CALLED_IN'] ?? input.cwd, word);
}
