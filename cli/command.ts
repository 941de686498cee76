import type { ConfigInput } from '#server/config.ts';
import type { Language, TextKey } from './texts.ts';

/** Exit codes of every command. */
export const exitCodes = { success: 0, failure: 1, usage: 64 } as const;

/** What a command may touch. */
export type CommandContext = {
  /** Arguments after the command's own words, without `--lang`. */
  readonly args: readonly string[];
  /** Input of `loadConfig`. */
  readonly input: ConfigInput;
  readonly language: Language;
  /** One line on standard output. */
  readonly out: (line: string) => void;
  /** One line on standard error. */
  readonly err: (line: string) => void;
  readonly text: (key: TextKey, params?: Readonly<Record<string, string | number>>) => string;
};

/** Resolves to the exit code. */
export type Command = (ctx: CommandContext) => Promise<number>;

/** The person typed something the command does not know: exit code 64. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** A sentence for the person, already in their language: exit code 1. */
export class CommandError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandError';
  }
}
