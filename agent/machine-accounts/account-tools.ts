import { AppError } from '#shared/errors.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run, startProgram } from '../core/run.ts';
import { runOutside } from '../machine-settings/outside.ts';
import type { accountTools } from './read-accounts.ts';

/*
 * The distribution's own tools (shadow): they know the files, lock them, and keep the copies that end in `-`. Arguments are
 * checked before; what is secret goes by standard input.
 */

type Tool = (typeof accountTools)[number];
type Where = Pick<Machine, 'prefix' | 'hasSystemd'>;

/** They wait for somebody else's lock for a quarter of a minute by themselves. */
const timeoutMs = 30_000;

type Options = {
  /** Works on homes, which our own unit does not see. */
  readonly isOutside?: boolean;
};

/** Throws `accounts_locked` or `account_tool_failed`. */
export async function runTool(
  machine: Where,
  tool: Tool,
  args: readonly string[],
  options: Options = {},
): Promise<void> {
  const program = programOf(tool);
  const all = [...prefixArgs(tool, machine.prefix), ...args];
  const { code, stderr } =
    options.isOutside === true
      ? await runOutside(machine, program, all, timeoutMs)
      : await run(program, all, { timeoutMs });
  if (code !== 0) throw toolFailure(tool, stderr);
}

/** By chpasswd(8), which asks PAM: its rules hold. Throws `account_password_refused` when they say no. */
export async function givePassword({ prefix }: Where, name: string, password: string): Promise<void> {
  const program = startProgram(programOf('chpasswd'), prefixArgs('chpasswd', prefix), { stdin: 'pipe', timeoutMs });
  program.stdout.resume();
  program.stdin.end(`${name}:${password}\n`);
  const { code, stderr } = await program.ended;
  if (code === 0) return;
  const failure = toolFailure('chpasswd', stderr);
  if (failure.code === 'busy') throw failure;
  throw new AppError('invalid_request', 'The machine refuses this password.', {
    reason: 'account_password_refused',
    params: { message: lastWords(stderr) },
  });
}

function programOf(tool: Tool): string {
  const program = findProgram(tool);
  if (program === undefined) throw new AppError('in_use', `${tool} is missing.`, { reason: 'account_tools_missing' });
  return program;
}

/** Behind a prefix these two know only another root, where PAM has no files. */
function prefixArgs(tool: Tool, prefix: string): string[] {
  if (prefix === '') return [];
  if (tool === 'gpasswd') return ['-Q', prefix];
  if (tool === 'chpasswd') return ['-R', prefix, '-c', 'SHA512'];
  return ['--prefix', prefix];
}

const lastWords = (stderr: string): string => stderr.trim().slice(-300);

export function toolFailure(tool: Tool, stderr: string): AppError {
  if (/cannot lock|unable to lock|lock file|try again later/i.test(stderr))
    return new AppError('busy', 'Somebody else is changing the accounts of this machine.', {
      reason: 'accounts_locked',
    });
  return new AppError('internal', `${tool} failed.`, {
    reason: 'account_tool_failed',
    params: { tool, message: lastWords(stderr) },
  });
}
